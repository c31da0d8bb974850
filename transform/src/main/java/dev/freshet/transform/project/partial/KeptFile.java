package dev.freshet.transform.project.partial;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The file of {@link KeptRenderings}: a line with the format, the circumstances, a checksum of the rest; then the reads, the lists of them, and the
 * renderings.
 */
final class KeptFile {

    private static final String FORMAT = "freshet partial parse 1";

    /** No header is longer. */
    private static final int LONGEST_HEADER = 256;

    record Content(Map<Read, String> meanings, Map<String, KeptRenderings.Kept> kept) {}

    private KeptFile() {}

    /** Empty when there is none, or one of other circumstances, or a damaged one. */
    static Optional<Content> read(Path file, String circumstances) throws IOException {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        byte[] all = Files.readAllBytes(file);
        int end = 0;
        while (end < all.length && end < LONGEST_HEADER && all[end] != '\n') {
            end++;
        }
        byte[] body = Arrays.copyOfRange(all, Math.min(end + 1, all.length), all.length);
        byte[] header = Arrays.copyOf(all, end);
        return Arrays.equals(header, header(circumstances, body)) ? Optional.of(decoded(body)) : Optional.empty();
    }

    private static byte[] header(String circumstances, byte[] body) {
        CRC32 checksum = new CRC32();
        checksum.update(body);
        return (FORMAT + " " + circumstances + " " + Long.toHexString(checksum.getValue()))
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Content decoded(byte[] body) {
        ValueReader reader = new ValueReader(body);
        Read.Kind[] kinds = Read.Kind.values();
        List<Read> reads = new ArrayList<>();
        Map<Read, String> meanings = new HashMap<>();
        for (int left = reader.count(); left > 0; left--) {
            Read read = new Read(kinds[reader.count()], reader.text(), reader.text());
            reads.add(read);
            meanings.put(read, reader.text());
        }
        List<List<Read>> lists = new ArrayList<>();
        for (int left = reader.count(); left > 0; left--) {
            List<Read> list = new ArrayList<>();
            for (int more = reader.count(); more > 0; more--) {
                list.add(reads.get(reader.count()));
            }
            lists.add(list);
        }
        Map<String, KeptRenderings.Kept> kept = new HashMap<>();
        for (int left = reader.count(); left > 0; left--) {
            String key = reader.text();
            List<Read> list = lists.get(reader.count());
            kept.put(key, new KeptRenderings.Kept(reader.value(), list));
        }
        if (!reader.isAtEnd()) {
            throw new IllegalArgumentException("more than was written");
        }
        return new Content(meanings, kept);
    }

    /** A reader sees the old file or the new one, never half of one. */
    static void write(Path file, String circumstances, Content content) throws IOException {
        ValueWriter writer = ValueWriter.pooled();
        Map<Read, Integer> numbers = new LinkedHashMap<>();
        writer.number(content.meanings().size());
        content.meanings().forEach((read, meaning) -> {
            numbers.put(read, numbers.size());
            writer.number(read.kind().ordinal())
                    .text(read.scope())
                    .text(read.name())
                    .text(meaning);
        });
        Map<List<Read>, Integer> lists = new LinkedHashMap<>();
        content.kept().values().forEach(kept -> lists.putIfAbsent(kept.reads(), lists.size()));
        writer.number(lists.size());
        lists.keySet().forEach(list -> {
            writer.number(list.size());
            list.forEach(read -> writer.number(Objects.requireNonNull(numbers.get(read))));
        });
        writer.number(content.kept().size());
        content.kept().forEach((key, kept) -> writer.text(key)
                .number(Objects.requireNonNull(lists.get(kept.reads())))
                .value(kept.value()));
        byte[] body = writer.bytes();
        byte[] header = header(circumstances, body);
        ByteBuffer whole = ByteBuffer.allocate(header.length + 1 + body.length);
        whole.put(header).put((byte) '\n').put(body);
        Path directory = file.toAbsolutePath().getParent();
        if (directory == null) {
            throw new IOException("'" + file + "' has no directory");
        }
        Files.createDirectories(directory);
        Path written = Files.createTempFile(directory, KeptRenderings.FILE, ".new");
        try {
            Files.write(written, whole.array());
            Files.move(written, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }
}
