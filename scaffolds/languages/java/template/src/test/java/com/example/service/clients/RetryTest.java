package com.example.service.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {
    private final List<Duration> waits = new ArrayList<>();
    private int attempts;

    private Retry retry(Limits limits) {
        return new Retry(limits, waits::add, () -> 0.5);
    }

    /** Answers with each status in turn, and with the last one from then on. */
    private Retry.Attempt answers(int... statuses) {
        return remaining -> answer(statuses[Math.min(attempts++, statuses.length - 1)], "");
    }

    private static Answer answer(int status, String retryAfter) {
        return new Answer(status, retryAfter, new byte[0]);
    }

    @ParameterizedTest
    @ValueSource(ints = {502, 503, 504})
    void passingFailuresAreTriedAgain(int failure) throws Exception {
        var answer = retry(Limits.defaults()).call("GET", answers(failure, failure, 200));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(waits).containsExactly(Duration.ofMillis(25), Duration.ofMillis(50));
    }

    @Test
    void itEndsWithTheLastRetry() throws Exception {
        assertThat(retry(Limits.defaults()).call("PUT", answers(503)).status()).isEqualTo(503);
        assertThat(attempts).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource({"POST,503", "PATCH,502", "GET,500", "GET,429", "PUT,409"})
    void whatIsNotIdempotentOrDoesNotPassIsNotTriedAgain(String method, int status) throws Exception {
        assertThat(retry(Limits.defaults()).call(method, answers(status)).status())
                .isEqualTo(status);
        assertThat(attempts).isEqualTo(1);
    }

    @Test
    void brokenConnectionsAreTriedAgainAndTimeOutsAreNot() {
        assertThatThrownBy(() -> retry(Limits.defaults()).call("GET", remaining -> {
                    throw new IOException(new ConnectException("refused"));
                }))
                .hasCauseInstanceOf(ConnectException.class);
        assertThat(waits).hasSize(2);
        assertThatThrownBy(() -> retry(Limits.defaults()).call("GET", remaining -> {
                    throw new HttpTimeoutException("slow");
                }))
                .isInstanceOf(HttpTimeoutException.class);
        assertThat(waits).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"1,2,1000", "3600,1,0", "soon,2,25"})
    void retryAfterIsHonouredWithinBounds(String header, int calls, int waited) throws Exception {
        retry(Limits.defaults()).call("GET", remaining -> answer(attempts++ == 0 ? 503 : 200, header));
        assertThat(attempts).isEqualTo(calls);
        assertThat(waits).hasSize(calls - 1).allMatch(wait -> wait.toMillis() == waited);
    }

    @Test
    void retryAfterMayBeADate() {
        Instant now = Instant.parse("2025-01-02T03:04:05Z");
        assertThat(Retry.retryAfter("Thu, 2 Jan 2025 03:04:15 GMT", now)).hasSeconds(10);
        assertThat(Retry.retryAfter("Thu, 02 Jan 2025 03:04:00 GMT", now)).isZero();
    }

    @Test
    void itDoesNotWaitBeyondTheTotalTimeout() throws Exception {
        Duration hour = Duration.ofHours(1);
        var limits = new Limits(hour, Duration.ofSeconds(5), 2, hour, hour, 1, hour);
        assertThat(retry(limits).call("GET", answers(503)).status()).isEqualTo(503);
        assertThat(waits).isEmpty();
    }
}
