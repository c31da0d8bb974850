package dev.freshet.publisher.kafka;

import dev.freshet.state.ErrorKind;
import dev.freshet.state.FreshetException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;

/** What Kafka's errors mean for whoever has to act. */
final class KafkaErrors {

    private KafkaErrors() {}

    /** Whether a producer with our transactional id came after ours. */
    static boolean isFenced(Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                return true;
            }
        }
        return false;
    }

    /** Whether the same request may succeed by itself in a while. */
    static boolean isTransient(@Nullable Throwable error) {
        return error instanceof RetriableException
                || error instanceof InterruptException
                || error instanceof InterruptedException;
    }

    /** Whether the fault lies with one topic, so that others could be delivered without it. */
    static boolean concernsOneTopic(Throwable error) {
        return error instanceof TopicAuthorizationException
                || error instanceof RecordTooLargeException
                || error instanceof InvalidRecordException
                || error instanceof PolicyViolationException;
    }

    /** Nothing of the delivery under way can be seen. */
    static FreshetException translate(Throwable error, String doing, KafkaSettings settings) {
        Throwable cause = error instanceof ExecutionException && error.getCause() != null ? error.getCause() : error;
        String where = " output '" + settings.output() + "' at '" + settings.bootstrapServers() + "'";
        if (cause instanceof InterruptException || cause instanceof WakeupException) {
            return new FreshetException(
                    ErrorKind.RETRYABLE, "output '" + settings.output() + "' was closed while " + doing, cause);
        }
        if (cause instanceof AuthenticationException) {
            return new FreshetException(
                    ErrorKind.TARGET,
                    "Kafka does not accept who Freshet says it is for" + where
                            + ": check the security settings under 'kafka:' in profiles.yml. Kafka says: "
                            + message(cause),
                    cause);
        }
        if (cause instanceof AuthorizationException) {
            return new FreshetException(
                    ErrorKind.TARGET,
                    "a right is missing while " + doing + " to" + where
                            + ": allow Freshet's user to create, read and write the topics with the output's prefix"
                            + " and to use transactional ids that start with 'freshet.'. Kafka says: " + message(cause),
                    cause);
        }
        if (cause instanceof RetriableException) {
            return new FreshetException(
                    ErrorKind.TARGET,
                    "the connection was refused or lost while " + doing + " to" + where
                            + "; nothing of it can be seen, Freshet tries again. Kafka says: " + message(cause),
                    cause);
        }
        return new FreshetException(
                ErrorKind.TARGET,
                doing + " to" + where + " failed; nothing of it can be seen, Freshet tries again. Kafka says: "
                        + message(cause),
                cause);
    }

    static FreshetException outcomeUnknown(KafkaException error, KafkaSettings settings) {
        return new FreshetException(
                ErrorKind.OUTCOME_UNKNOWN,
                "the connection to output '" + settings.output() + "' at '" + settings.bootstrapServers()
                        + "' broke while a delivery was committed: whether it happened is not known, its ledger decides. Kafka says: "
                        + message(error),
                error);
    }

    static String message(Throwable error) {
        String message = error.getMessage();
        return error.getClass().getSimpleName() + (message == null ? "" : ": " + message.strip());
    }
}
