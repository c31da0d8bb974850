package dev.freshet.deploy.demo;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/** Where one PostgreSQL database is and how to get in. */
public record PostgresAddress(String host, int port, String user, String password, String database) {

    /** A new connection in auto-commit mode, closed by the caller. Gives up after a minute without an answer. */
    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("ApplicationName", "freshet-demo");
        return DriverManager.getConnection("jdbc:postgresql://" + host + ":" + port + "/" + database, properties);
    }

    /** Without the password. */
    @Override
    public String toString() {
        return database + " at " + host + ":" + port;
    }
}
