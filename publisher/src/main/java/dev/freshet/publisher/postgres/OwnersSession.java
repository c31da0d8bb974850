package dev.freshet.publisher.postgres;

import dev.freshet.state.Ownership;
import dev.freshet.state.PipelineId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sessions carry their pipeline and its owner's epoch in their name, so that a new owner can end those of the one before: a process that stands
 * still in the middle of a delivery keeps its locks for as long as it stands.
 */
final class OwnersSession {

    private static final Logger LOG = LoggerFactory.getLogger(OwnersSession.class);

    private OwnersSession() {}

    /** What {@code pg_stat_activity} shows. PostgreSQL keeps 63 bytes, and a number that is cut off would be another. */
    static String name(Ownership owner) {
        return prefix(owner.pipeline()) + owner.epoch();
    }

    private static String prefix(PipelineId pipeline) {
        String slug = pipeline.slug();
        String shortened = slug.length() <= 33
                ? slug
                : slug.substring(0, 24) + "_"
                        + String.format(Locale.ROOT, "%08x", pipeline.toString().hashCode());
        return "freshet " + shortened + " ";
    }

    /**
     * Ends the sessions of the pipeline's earlier owners. They are this user's own, which needs no right.
     *
     * @return whether there were any
     */
    static boolean endEarlier(Connection connection, Ownership owner) throws SQLException {
        String prefix = prefix(owner.pipeline());
        try (PreparedStatement statement = connection.prepareStatement(
                "select pid, application_name, pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity"
                        + " where usename = session_user and datname = current_database() and pid <> pg_backend_pid()"
                        + " and case when application_name ~ ('^' || ? || '[0-9]{1,18}$')"
                        + " then substr(application_name, ?)::int8 < ? else false end")) {
            statement.setString(1, prefix);
            statement.setInt(2, prefix.length() + 1);
            statement.setLong(3, owner.epoch());
            boolean any = false;
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    any = true;
                    LOG.warn(
                            "ended session {} ('{}') of an earlier owner of the pipeline at the target",
                            row.getLong(1),
                            row.getString(2));
                }
            }
            return any;
        }
    }
}
