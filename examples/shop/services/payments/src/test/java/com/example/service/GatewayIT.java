package com.example.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.service.items.ItemIds;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The running service behind its gateway at GATEWAY_URL: mvn test-compile failsafe:integration-test failsafe:verify.
 *
 * <p>Each request may reach another replica, and others may work on the store at the same time.
 */
@Timeout(120)
class GatewayIT {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String PATH = "/payments/items";
    private static final String GATEWAY = System.getenv("GATEWAY_URL");

    @BeforeAll
    static void theGatewayIsKnown() {
        assertThat(GATEWAY).as("the variable GATEWAY_URL").isNotEmpty();
    }

    private static HttpRequest.Builder request(String method, String path, String body) {
        var content = body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body);
        var request = HttpRequest.newBuilder(URI.create(GATEWAY + PATH + path))
                .timeout(Duration.ofSeconds(30))
                .method(method, content);
        return body == null ? request : request.header("Content-Type", "application/json");
    }

    private static HttpResponse<String> call(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> call(String method, String path, String body)
            throws IOException, InterruptedException {
        return call(request(method, path, body));
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return call("GET", path, null);
    }

    private static JsonNode json(HttpResponse<String> answer, int status) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return MAPPER.readTree(answer.body());
    }

    private static String item(String name, int quantity) {
        return "{\"name\":\"%s\",\"quantity\":%d}".formatted(name, quantity);
    }

    private static String create(String name) throws IOException, InterruptedException {
        return json(call("POST", "", item(name, 1)), 201).path("id").textValue();
    }

    @Test
    void anItemIsCreatedReadReplacedAndDeleted() throws Exception {
        HttpResponse<String> created = call("POST", "", item("lämp", 3));
        JsonNode made = json(created, 201);
        String path = "/" + made.path("id").textValue();
        assertThat(created.headers().firstValue("Location").orElse("")).endsWith(PATH + path);
        assertThat(json(get(path), 200)).isEqualTo(made);

        JsonNode replaced = json(call("PUT", path, item("light", 4)), 200);
        assertThat(replaced.path("name").textValue()).isEqualTo("light");
        assertThat(json(get(path), 200)).isEqualTo(replaced);

        assertThat(call("DELETE", path, null).statusCode()).isEqualTo(204);
        json(get(path), 404);
        json(call("DELETE", path, null), 404);
    }

    @Test
    void unknownItemsAreNotFound() throws Exception {
        HttpResponse<String> answer = get("/0190163d-8694-739b-aea5-966c26f8ad91");
        assertThat(json(answer, 404).path("status").intValue()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    }

    @Test
    void everyWrongValueIsNamed() throws Exception {
        JsonNode errors = json(call("POST", "", item("", -1)), 422).path("errors");
        assertThat(errors.findValuesAsText("pointer")).containsExactly("/name", "/quantity");
    }

    @Test
    void otherMediaTypesAreRefused() throws Exception {
        json(call(request("POST", "", item("lamp", 1)).setHeader("Content-Type", "text/plain")), 415);
    }

    @Test
    void otherMethodsAreRefusedWithAllow() throws Exception {
        HttpResponse<String> answer = call("PATCH", "", "{}");
        json(answer, 405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD, POST");
    }

    @Test
    void pagesHoldEachItemOnce() throws Exception {
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < 7; i++) {
            seen.put(create("page " + i), 0);
        }
        // A cursor is an id. Ids begin with the time: what others left in the store before is not looked at.
        for (String cursor = ItemIds.next(Instant.now().minusSeconds(60)); cursor != null; ) {
            JsonNode page = json(get("?limit=3&cursor=" + cursor), 200);
            page.path("items")
                    .forEach(item -> seen.computeIfPresent(item.path("id").textValue(), (id, n) -> n + 1));
            cursor = page.path("nextCursor").textValue();
        }
        assertThat(seen.values()).containsOnly(1);
    }

    @Test
    void itemsCreatedSideBySideCanAllBeRead() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 40)
                .mapToObj(i -> request("POST", "", item("side by side", i)).build())
                .map(request -> HTTP.sendAsync(request, BodyHandlers.ofString()))
                .toList();
        for (var answer : answers) {
            JsonNode made = json(answer.get(), 201);
            assertThat(json(get("/" + made.path("id").textValue()), 200)).isEqualTo(made);
        }
    }

    @Test
    void headIsAnsweredWithoutABody() throws Exception {
        HttpResponse<String> answer = call("HEAD", "/" + create("head"), null);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void aTraceIsAccepted() throws Exception {
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        json(call(request("GET", "", null).header("traceparent", parent)), 200);
    }
}
