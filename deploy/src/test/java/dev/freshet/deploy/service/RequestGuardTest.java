package dev.freshet.deploy.service;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

/** No page of another site can make a browser pause a pipeline, nor read what it does. */
class RequestGuardTest {

    private final RequestGuard loopback = new RequestGuard(true, "127.0.0.1", "secret");
    private final RequestGuard open = new RequestGuard(false, "0.0.0.0", "secret");

    @Test
    void thisMachineMayLookByAnyOfItsNames() {
        for (String host : new String[] {"localhost:8642", "127.0.0.1:8642", "[::1]:8642", "LOCALHOST", "127.0.0.1"}) {
            assertThat(loopback.refusal(look(host))).as(host).isEmpty();
        }
    }

    @Test
    void aNameThatWasMadeToPointHereIsRefusedEvenForLooking() {
        assertThat(loopback.refusal(look("evil.example:8642")).orElse("")).contains("evil.example");
        assertThat(loopback.refusal(look("localhost.evil.example"))).isPresent();
        assertThat(loopback.refusal(look(""))).isPresent();
    }

    @Test
    void ourOwnPageAndACommandLineMayChangeThings() {
        assertThat(loopback.refusal(change("http://localhost:8642", "same-origin", "application/json", "")))
                .isEmpty();
        assertThat(loopback.refusal(change("", "", "application/json", ""))).isEmpty();
        assertThat(loopback.refusal(change("", "", "", "Bearer secret"))).isEmpty();
    }

    @Test
    void anotherSitesPageMayNot() {
        assertThat(loopback.refusal(change("http://evil.example", "cross-site", "application/json", ""))
                        .orElse(""))
                .contains("http://evil.example");
        assertThat(loopback.refusal(change("http://localhost:3000", "same-site", "application/json", "")))
                .as("another port of this machine is another site's page")
                .isPresent();
        assertThat(loopback.refusal(change("null", "", "application/json", ""))).isPresent();
        assertThat(loopback.refusal(change("", "cross-site", "application/json", "")))
                .isPresent();
        assertThat(loopback.refusal(change("", "", "text/plain", "")).orElse(""))
                .contains("application/json");
        assertThat(loopback.refusal(change("", "", "", ""))).isPresent();
    }

    @Test
    void aWrongTokenIsRefusedWhateverElseIsRight() {
        assertThat(loopback.refusal(change("", "", "application/json", "Bearer secreT"))
                        .orElse(""))
                .contains("service.json")
                .doesNotContain("secret");
    }

    @Test
    void fromOutsideLookingIsFreeAndChangingNeedsTheToken() {
        assertThat(open.refusal(look("freshet.internal"))).isEmpty();
        assertThat(open.refusal(change("http://localhost:8642", "same-origin", "application/json", ""))
                        .orElse(""))
                .contains("Authorization: Bearer");
        assertThat(open.refusal(change("", "", "application/json", "Bearer secret")))
                .isEqualTo(Optional.empty());
    }

    @Test
    void theTokenIsNeverPrinted() {
        assertThat(loopback.toString()).doesNotContain("secret");
    }

    private static RequestGuard.Request look(String host) {
        return new RequestGuard.Request(false, host, "", "", "", "");
    }

    private static RequestGuard.Request change(
            String origin, String fetchSite, String contentType, String authorization) {
        return new RequestGuard.Request(true, "localhost:8642", origin, fetchSite, contentType, authorization);
    }
}
