package dev.freshet.deploy.cli.terminal;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.LoggerFactory;

/** Sends the log to {@code logs/freshet.log} of the project, where dbt's users look for it: at most 4 files of 10 MB. */
public final class LogFile {

    private LogFile() {}

    /** {@code --log-path}, said before the project was known. */
    private static final AtomicReference<Path> CHOSEN = new AtomicReference<>(Path.of("logs"));

    /** Where it was opened last, else in {@code logs}. */
    public static void open(Path project) {
        open(project, CHOSEN.get());
    }

    /** @param path below the project, or anywhere */
    public static void open(Path project, Path path) {
        CHOSEN.set(path);
        Path directory = project.resolve(path);
        try {
            Files.createDirectories(directory);
        } catch (IOException ignored) {
            return; // a read-only project still runs, without a log
        }
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern("%d{HH:mm:ss.SSS} %-5level [%thread] %logger{20}: %msg%n");
        encoder.start();
        RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
        file.setContext(context);
        file.setName("project");
        file.setFile(directory.resolve("freshet.log").toString());
        file.setEncoder(encoder);
        FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
        window.setContext(context);
        window.setParent(file);
        window.setFileNamePattern(directory.resolve("freshet.%i.log").toString());
        window.setMinIndex(1);
        window.setMaxIndex(3);
        window.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(FileSize.valueOf("10MB"));
        size.start();
        file.setRollingPolicy(window);
        file.setTriggeringPolicy(size);
        file.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.detachAppender("project");
        root.addAppender(file);
        root.setLevel(Level.INFO);
    }
}
