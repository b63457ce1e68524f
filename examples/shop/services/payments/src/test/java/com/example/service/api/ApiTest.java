package com.example.service.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.service.config.Settings;
import com.example.service.config.SettingsException;
import com.example.service.payments.Payment;
import com.example.service.server.Draining;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;

/** The whole interface, over HTTP, on a store in memory. It is started once for all tests that extend this. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "service.name=test")
@Import(ApiTest.Parts.class)
abstract class ApiTest {
    static final String UNKNOWN_ID = "0190163d-8694-739b-aea5-966c26f8ad91";
    static final String PAYMENT = payment("a", 1299);

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @LocalServerPort
    private int port;

    @Autowired
    MemoryStore store;

    @Autowired
    AtomicBoolean draining;

    @TestConfiguration
    static class Parts {
        @Bean
        Settings settings() throws SettingsException {
            return Settings.from(Map.of("PORT", "0", "REDIS_URL", "redis://127.0.0.1:1"));
        }

        @Bean
        @Primary
        MemoryStore memoryStore() {
            return new MemoryStore();
        }

        @Bean
        AtomicBoolean draining() {
            return new AtomicBoolean();
        }

        @Bean
        @Primary
        Draining processThatIsDraining(AtomicBoolean draining) {
            return draining::get;
        }
    }

    @BeforeEach
    void begin() {
        store.reset();
        draining.set(false);
    }

    /** Sends a request; headers come in pairs. A body is JSON unless a header says otherwise. */
    HttpResponse<String> call(String method, String target, byte[] body, String... headers) {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + target))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (body != null) {
            request.setHeader("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        try {
            return HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(method + " " + target, e);
        }
    }

    HttpResponse<String> call(String method, String target, String body, String... headers) {
        return call(method, target, body.getBytes(StandardCharsets.UTF_8), headers);
    }

    HttpResponse<String> call(String method, String target) {
        return call(method, target, (byte[]) null);
    }

    HttpResponse<String> get(String target) {
        return call("GET", target);
    }

    static String payment(String order, int amount) {
        return "{\"order\":\"%s\",\"amount\":%d}".formatted(order, amount);
    }

    /** Makes a payment and returns it. */
    Payment create(String body) {
        HttpResponse<String> answer = call("POST", "/items", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return read(answer, Payment.class);
    }

    static <T> T read(HttpResponse<String> answer, Class<T> type) {
        try {
            return MAPPER.readValue(answer.body(), type);
        } catch (IOException e) {
            throw new AssertionError(answer.body(), e);
        }
    }

    static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    /** Checks that the answer is a problem of this status and returns it. */
    static JsonNode problem(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
        JsonNode problem = read(answer, JsonNode.class);
        assertThat(problem.path("type").textValue()).isEqualTo("about:blank");
        assertThat(problem.path("title").textValue()).isNotEmpty();
        assertThat(problem.path("status").intValue()).isEqualTo(status);
        assertThat(problem.path("detail").textValue()).isNotEmpty();
        return problem;
    }
}
