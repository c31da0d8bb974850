package dev.freshet.ingest;

import dev.freshet.state.Connection;
import dev.freshet.state.PipelineId;
import dev.freshet.state.PipelineOwner;
import dev.freshet.state.TableId;
import dev.freshet.state.Takeover;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Plugs a kind of source in, through {@link java.util.ServiceLoader}. */
public interface ChangeSourceFactory {

    /** The {@code type} of a profile output that this factory understands, {@code postgres} for example. */
    String id();

    ChangeSource create(Setup setup);

    /**
     * Connects once and looks, changing nothing.
     *
     * @return everything that would keep {@link ChangeSource#start} from working, each with its remedy
     */
    List<SourceProblem> check(Setup setup);

    /** One-time reads of whole tables, without slot, publication or anything else left behind in the source. */
    TableReader reader(Connection connection);

    /**
     * @param owner whose things in the source may be used; empty for whoever looks only
     * @param tables what to capture
     * @param declaredTypes per table the column types that the project declares ({@code data_type:}), in the source's own spelling
     * @param takeover whether a slot and publication that carry another owner's id may be taken
     * @param scratch a directory for what does not fit in memory, emptied at start
     * @param buffers where captured changes of a table are gathered: {@link StagingArea#buffer}
     */
    record Setup(
            Connection connection,
            PipelineId pipeline,
            Optional<PipelineOwner> owner,
            List<TableId> tables,
            Map<TableId, Map<String, String>> declaredTypes,
            Takeover takeover,
            Path scratch,
            Function<TableId, ChangeBuffer> buffers) {

        /** For whoever has no owner. */
        public Setup(
                Connection connection,
                PipelineId pipeline,
                List<TableId> tables,
                Map<TableId, Map<String, String>> declaredTypes,
                Takeover takeover,
                Path scratch,
                Function<TableId, ChangeBuffer> buffers) {
            this(connection, pipeline, Optional.empty(), tables, declaredTypes, takeover, scratch, buffers);
        }
    }
}
