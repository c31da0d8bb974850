package dev.freshet.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetractCommandTest {

    @TempDir
    Path directory;

    @Test
    void modelsAreDroppedChildrenFirstAndTheRestStays() {
        CommandFixture project = new CommandFixture(directory)
                .file("seeds/s.csv", "id\n1\n")
                .file("models/a.sql", "{{ config(materialized='table') }} select id from {{ ref('s') }}")
                .file("models/b.sql", "select id from {{ ref('a') }}")
                .file("models/inlined.sql", "{{ config(materialized='ephemeral') }} select 1 as id");
        assertThat(project.run("build")).isZero();
        project.lines();
        assertThat(project.run("retract")).isZero();
        assertThat(project.lines())
                .containsSubsequence(
                        "1 of 2 OK dropped view main.b [DROP]",
                        "2 of 2 OK dropped table main.a [DROP]",
                        "Dropped 2 of 2 models");
        assertThat(project.run("show", "--inline", "select count(*) as n from {{ ref('s') }}"))
                .isZero();
        project.lines();
        assertThat(project.run("retract", "-s", "a")).isZero();
        assertThat(project.lines()).contains("1 of 1 NO-OP main.a is not there [NO-OP]", "Dropped 0 of 1 model");
    }
}
