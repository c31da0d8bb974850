package dev.freshet.publisher;

import dev.freshet.state.TableId;
import java.util.List;

/**
 * What a project says about delivering one model.
 *
 * @param table where it goes; also the model's id in the state store
 * @param uniqueKey the columns that identify a row, empty for a bag
 */
public record PublishedModel(TableId table, List<String> uniqueKey) {
    public PublishedModel {
        uniqueKey = List.copyOf(uniqueKey);
    }
}
