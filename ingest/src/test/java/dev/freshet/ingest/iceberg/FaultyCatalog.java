package dev.freshet.ingest.iceberg;

import java.util.Map;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.apache.iceberg.jdbc.JdbcCatalog;

/** The default catalog with commits that fail on demand. */
public class FaultyCatalog extends JdbcCatalog {

    @Override
    protected TableOperations newTableOps(TableIdentifier identifier) {
        return new FaultyOperations(super.newTableOps(identifier), Faults.of(properties()));
    }

    @Override
    protected Map<String, String> properties() {
        return super.properties();
    }

    private record FaultyOperations(TableOperations real, Faults faults) implements TableOperations {

        @Override
        public TableMetadata current() {
            return real.current();
        }

        @Override
        public TableMetadata refresh() {
            faults.requireReachable();
            return real.refresh();
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            faults.commit(() -> real.commit(base, metadata));
        }

        @Override
        public FileIO io() {
            return real.io();
        }

        @Override
        public String metadataFileLocation(String fileName) {
            return real.metadataFileLocation(fileName);
        }

        @Override
        public LocationProvider locationProvider() {
            return LocationProviders.locationsFor(
                    real.current().location(), real.current().properties());
        }

        @Override
        public boolean requireStrictCleanup() {
            return real.requireStrictCleanup();
        }
    }
}
