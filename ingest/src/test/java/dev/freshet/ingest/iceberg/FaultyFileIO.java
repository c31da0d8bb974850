package dev.freshet.ingest.iceberg;

import java.io.IOException;
import java.util.Map;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;

/** Local files on a disk that is full when the test says so. */
public class FaultyFileIO extends LocalFileIO {

    private Faults faults = Faults.named("none");

    @Override
    public void initialize(Map<String, String> settings) {
        super.initialize(settings);
        faults = Faults.of(settings);
    }

    @Override
    public OutputFile newOutputFile(String location) {
        OutputFile real = super.newOutputFile(location);
        return new OutputFile() {
            @Override
            public PositionOutputStream create() {
                return limited(real.create());
            }

            @Override
            public PositionOutputStream createOrOverwrite() {
                return limited(real.createOrOverwrite());
            }

            @Override
            public String location() {
                return real.location();
            }

            @Override
            public InputFile toInputFile() {
                return real.toInputFile();
            }
        };
    }

    private PositionOutputStream limited(PositionOutputStream real) {
        faults.requireAlive();
        return new PositionOutputStream() {
            private void take(int bytes) throws IOException {
                if (faults.bytesLeft.addAndGet(-bytes) < 0) {
                    throw new IOException("No space left on device");
                }
            }

            @Override
            public long getPos() throws IOException {
                return real.getPos();
            }

            @Override
            public void write(int value) throws IOException {
                take(1);
                real.write(value);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                take(length);
                real.write(bytes, offset, length);
            }

            @Override
            public void flush() throws IOException {
                real.flush();
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }
}
