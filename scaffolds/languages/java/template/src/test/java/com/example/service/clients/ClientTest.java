package com.example.service.clients;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.example.service.trace.Trace;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientTest {
    private final List<Duration> waits = new ArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private Client client(Limits limits) {
        return new Client("lamps", url(), limits, new Retry(limits, waits::add, () -> 0.5));
    }

    private Client client() {
        return client(Limits.defaults());
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "localhost:80", "redis://x", "http://", "://"})
    void whatIsNoUrlIsRefused(String url) {
        assertThatThrownBy(() -> new Client("lamps", "LAMPS_URL", Map.of("LAMPS_URL", url)))
                .hasMessageStartingWith("LAMPS_URL: ");
    }

    @Test
    void bodiesAreSentAndRead() {
        server.createContext("/a", exchange -> {
            byte[] body = exchange.getRequestBody().readAllBytes();
            boolean json =
                    "application/json".equals(exchange.getRequestHeaders().getFirst("Content-Type"));
            answer(exchange, json && exchange.getRequestMethod().equals("POST") ? 200 : 400, body);
        });
        assertThat(client().json("POST", "/a", Map.of("n", 1), JsonNode.class)
                        .path("n")
                        .intValue())
                .isEqualTo(1);
    }

    @Test
    void otherStatusesAreExceptions() {
        server.createContext("/", exchange -> answer(exchange, 404, "gone".getBytes(UTF_8)));
        assertThatThrownBy(() -> client().json("GET", "/", null, Void.class))
                .isInstanceOfSatisfying(StatusException.class, e -> {
                    assertThat(e.status()).isEqualTo(404);
                    assertThat(e.body()).asString().isEqualTo("gone");
                });
        assertThat(waits).isEmpty();
    }

    @Test
    void theTraceIsForwardedWithASpanForEachAttempt() {
        List<Trace> seen = new ArrayList<>();
        server.createContext("/", exchange -> {
            var headers = exchange.getRequestHeaders();
            seen.add(Trace.fromHeaders(headers.get("traceparent"), List.of(), headers.getFirst("X-Request-Id")));
            answer(exchange, seen.size() == 1 ? 503 : 204, new byte[0]);
        });
        Trace caller = Trace.begin("r1");
        caller.enter();
        client().json("GET", "/", null, Void.class);
        Trace.leave();
        assertThat(seen)
                .hasSize(2)
                .allMatch(trace -> trace.traceId().equals(caller.traceId()))
                .allMatch(trace -> trace.requestId().equals("r1"));
        assertThat(List.of(caller.spanId(), seen.get(0).spanId(), seen.get(1).spanId()))
                .doesNotHaveDuplicates();
    }

    @Test
    void nobodyListening() {
        server.stop(0);
        assertThatThrownBy(() -> client().json("GET", "/", null, Void.class)).isInstanceOf(CallException.class);
        assertThat(waits).hasSize(2);
        assertThatThrownBy(() -> client().json("POST", "/", null, Void.class)).isInstanceOf(CallException.class);
        assertThat(waits).hasSize(2);
    }

    @Test
    void aTimeOutEndsTheCallAndIsNotTriedAgain() {
        var release = new CountDownLatch(1);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 2); // the head comes, the body does not
            exchange.getResponseBody().flush();
            try {
                release.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Limits defaults = Limits.defaults();
        Limits limits = new Limits(
                Duration.ofMillis(50),
                defaults.totalTimeout(),
                defaults.retries(),
                defaults.backoffBase(),
                defaults.backoffMax(),
                defaults.maxBodyBytes(),
                defaults.maxRetryAfter());
        assertThatThrownBy(() -> client(limits).json("GET", "/", null, Void.class))
                .hasCauseInstanceOf(HttpTimeoutException.class);
        assertThat(waits).isEmpty();
        release.countDown();
    }

    @Test
    void answersThatAreTooLargeAreRefused() {
        server.createContext("/", exchange -> answer(exchange, 200, new byte[(1 << 20) + 1]));
        assertThatThrownBy(() -> client().json("GET", "/", null, Void.class)).hasMessageContaining("larger than");
    }

    @Test
    void answersThatAreNotAsExpectedAreRefused() {
        server.createContext("/", exchange -> answer(exchange, 200, "lamp".getBytes(UTF_8)));
        assertThatThrownBy(() -> client().json("GET", "/", null, Map.class)).hasMessageContaining("not as expected");
    }
}
