package dev.freshet.publisher;

import dev.freshet.state.Connection;
import dev.freshet.state.Ownership;

/** Plugs a kind of target in, through {@link java.util.ServiceLoader}. */
public interface TargetFactory {

    /** The {@code type} of a profile output that this factory understands. */
    String id();

    /** Opens nothing yet: the first {@link Target#publish} connects. */
    Target create(Connection connection, Ownership owner);

    /** Connects once and names everything that is missing, with statements to paste. Empty when all is well. */
    java.util.List<String> check(Connection connection, java.util.Collection<String> schemas);
}
