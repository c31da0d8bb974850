package dev.freshet.publisher.duckdb;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

/** A program that holds a DuckDB file open until its input ends. */
final class FileHolder {

    private FileHolder() {}

    public static void main(String[] arguments) throws SQLException, IOException {
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:" + arguments[0])) {
            System.out.write((connection.isReadOnly() ? "reading\n" : "holding\n").getBytes(StandardCharsets.UTF_8));
            System.out.flush();
            System.in.transferTo(java.io.OutputStream.nullOutputStream());
        }
    }
}
