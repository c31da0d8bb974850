package dev.freshet.deploy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.junit.jupiter.api.Test;

/** The architecture as rules; each says why. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.freshet");

    @Test
    void everyModuleIsSeen() {
        for (String module : new String[] {"state", "ingest", "transform", "publisher", "deploy"}) {
            assertThat(CLASSES.stream().anyMatch(type -> type.getPackageName().startsWith("dev.freshet." + module)))
                    .as(module)
                    .isTrue();
        }
    }

    @Test
    void theLanguageKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage("dev.freshet.state..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "dev.freshet.ingest..",
                        "dev.freshet.transform..",
                        "dev.freshet.publisher..",
                        "dev.freshet.deploy..")
                .because("every module speaks state-store's types, so it can't know any of them")
                .check(CLASSES);
    }

    @Test
    void captureMaintenanceAndDeliveryAreStrangers() {
        String[] modules = {"ingest", "transform", "publisher"};
        for (String module : modules) {
            for (String other : modules) {
                if (!module.equals(other)) {
                    noClasses()
                            .that()
                            .resideInAPackage("dev.freshet." + module + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage("dev.freshet." + other + "..")
                            .because(
                                    "they meet in the state store's types only, so each can be replaced, tested and scaled alone")
                            .check(CLASSES);
                }
            }
        }
    }

    @Test
    void onlyDeploySeesEverything() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.freshet.deploy..", "dev.freshet.benchmarks..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.freshet.deploy..")
                .because("the assembly is the last thing to know")
                .check(CLASSES);
    }

    @Test
    void librariesStayInTheirAdapters() {
        adapter(
                "a connector must be replaceable without touching anything but its adapter",
                new String[] {"io.debezium..", "org.apache.kafka.connect.."},
                "dev.freshet.ingest.postgres..");
        adapter(
                "Kafka's client speaks for one target, and for Debezium, whose records are Kafka's",
                new String[] {"org.apache.kafka.."},
                "dev.freshet.ingest.postgres..",
                "dev.freshet.publisher.kafka..",
                "dev.freshet.deploy.demo..",
                "dev.freshet.testkit..");
        adapter(
                "the table format is staging's own business",
                new String[] {"org.apache.iceberg..", "org.apache.hadoop..", "org.apache.parquet.."},
                "dev.freshet.ingest.iceberg..");
        adapter(
                "the engine's traps are known in one place; the demo's verifier is an oracle and must not share our code",
                new String[] {"org.duckdb.."},
                "dev.freshet.state.duckdb..",
                "dev.freshet.publisher.duckdb..",
                "dev.freshet.deploy.demo..");
        adapter(
                "the driver's types are the dialect's business",
                new String[] {"org.postgresql.."},
                "dev.freshet.ingest.postgres..",
                "dev.freshet.publisher.postgres..",
                "dev.freshet.deploy.demo..");
        adapter(
                "what is answered has nothing to do with how HTTP is spoken",
                new String[] {"io.vertx..", "io.netty.."},
                "dev.freshet.deploy.service..");
        adapter(
                "counting is one listener among several",
                new String[] {"io.micrometer..", "io.prometheus.."},
                "dev.freshet.deploy.observe..");
        adapter("the command line is one of several ways in", new String[] {"picocli.."}, "dev.freshet.deploy.cli..");
        adapter(
                "only the demo runs servers of its own",
                new String[] {"io.zonky..", "kafka.."},
                "dev.freshet.deploy.demo..",
                "dev.freshet.testkit..");
    }

    @Test
    void theStoreIsEnteredByItsDoor() {
        String store = "dev.freshet.state.duckdb.";
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.freshet.state.duckdb..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        store + "sql..",
                        store + "session..",
                        store + "catalog..",
                        store + "mirror..",
                        store + "output..")
                .because("what others need of the store, its interfaces say")
                .check(CLASSES);
    }

    private static void adapter(String because, String[] libraries, String... packages) {
        noClasses()
                .that()
                .resideOutsideOfPackages(packages)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(libraries)
                .because(because)
                .check(CLASSES);
    }

    @Test
    void packagesFormNoCycles() {
        SlicesRuleDefinition.slices()
                .matching("dev.freshet.(**)")
                .should()
                .beFreeOfCycles()
                .because("data flows one way")
                .check(CLASSES);
    }
}
