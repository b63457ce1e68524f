package com.example.service.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.service.payments.StoreUnavailableException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Health, the log and metrics. */
@ExtendWith(OutputCaptureExtension.class)
class ObserveTest extends ApiTest {
    private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

    private int begin;

    @BeforeEach
    void forgetWhatWasLogged(CapturedOutput output) {
        begin = output.getOut().length();
    }

    private String logged(CapturedOutput output) {
        return output.getOut().substring(begin);
    }

    private void wantHealth(String path, int status, String body) {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).isEqualTo(body);
    }

    @Test
    void readinessFollowsTheStoreAndTheShutdown() {
        wantHealth("/health/ready", 200, "{\"status\":\"ready\"}");
        store.failWith(new StoreUnavailableException(new IllegalStateException("away")));
        wantHealth("/health/ready", 503, "{\"status\":\"unready\",\"failed\":\"redis\"}");
        wantHealth("/health/live", 200, "{\"status\":\"live\"}");
        store.reset();
        draining.set(true);
        wantHealth("/health/ready", 503, "{\"status\":\"unready\",\"failed\":\"shutdown\"}");
        wantHealth("/health/live", 200, "{\"status\":\"live\"}");
    }

    @Test
    void answersCloseTheConnectionWhileDraining() {
        for (String path : new String[] {"/items", "/nothing", "/health/live"}) {
            draining.set(false);
            assertThat(header(get(path), "Connection")).isEmpty();
            draining.set(true);
            assertThat(header(get(path), "Connection")).isEqualTo("close");
        }
    }

    @Test
    void requestsAreLoggedWithTheirTrace(CapturedOutput output) throws IOException {
        String parent = "00-" + TRACE_ID + "-b7ad6b7169203331-01";
        call("GET", "/items/nothing?q=secret", (byte[]) null, "traceparent", parent, "X-Request-Id", "r1");
        JsonNode line = new ObjectMapper().readTree(logged(output));
        assertThat(line.path("level").textValue()).isEqualTo("info");
        assertThat(line.path("message").textValue()).isEqualTo("request");
        assertThat(line.path("service").textValue()).isEqualTo("test");
        assertThat(line.path("method").textValue()).isEqualTo("GET");
        assertThat(line.path("path").textValue()).isEqualTo("/items/nothing");
        assertThat(line.path("status").intValue()).isEqualTo(404);
        assertThat(line.path("duration_ms").isNumber()).isTrue();
        assertThat(line.path("trace_id").textValue()).isEqualTo(TRACE_ID);
        assertThat(line.path("span_id").textValue()).isEqualTo("b7ad6b7169203331");
        assertThat(line.path("request_id").textValue()).isEqualTo("r1");
    }

    @Test
    void probesAreLoggedOnlyWhenTheyFail(CapturedOutput output) {
        get("/health/live");
        get("/health/ready");
        assertThat(logged(output)).isEmpty();
        draining.set(true);
        get("/health/ready");
        assertThat(logged(output)).contains("\"path\":\"/health/ready\"");
    }

    @Test
    void metricsCountByPattern() {
        get("/items/" + UNKNOWN_ID);
        get("/nothing/at/all");
        call("BREW", "/items");
        HttpResponse<String> answer = get("/metrics");
        assertThat(header(answer, "Content-Type")).startsWith("text/plain");
        assertThat(answer.body())
                .contains("http_requests_total{method=\"GET\",route=\"/items/{id}\",status=\"404\"}")
                .contains("http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"}")
                .contains("http_requests_total{method=\"other\",route=\"/items\",status=\"405\"}")
                .contains("http_request_duration_seconds_count{method=\"GET\",route=\"/items/{id}\"}")
                .contains("http_request_duration_seconds_bucket{method=\"GET\",route=\"/items/{id}\",le=\"0.005\"}")
                .contains("process_cpu_seconds_total");
    }

    @Test
    void whatIsNotExpectedIsLoggedWhole(CapturedOutput output) {
        store.failWith(new IllegalStateException("broken"));
        problem(get("/items"), 500);
        assertThat(logged(output))
                .contains("\"error\":\"java.lang.IllegalStateException: broken\"")
                .contains("\"stack\":\"java.lang.IllegalStateException: broken\\n");
    }
}
