package com.example.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.service.payments.PaymentIds;
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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The running service behind its gateway at GATEWAY_URL: mvn test-compile failsafe:integration-test failsafe:verify.
 *
 * <p>Each request may reach another replica, and others may work on the store at the same time. The gateway takes 120 payments a minute
 * from one address: one run of these tests makes about 50.
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

    /** An order is paid once, so that each test needs orders of its own. */
    private static String newOrder() {
        return UUID.randomUUID().toString();
    }

    private static String payment(String order, int amount) {
        return "{\"order\":\"%s\",\"amount\":%d}".formatted(order, amount);
    }

    private static String create() throws IOException, InterruptedException {
        return json(call("POST", "", payment(newOrder(), 1)), 201).path("id").textValue();
    }

    private static List<HttpResponse<String>> callAtOnce(int times, Supplier<String> body) throws Exception {
        List<CompletableFuture<HttpResponse<String>>> calls = Stream.generate(
                        () -> request("POST", "", body.get()).build())
                .limit(times)
                .map(request -> HTTP.sendAsync(request, BodyHandlers.ofString()))
                .toList();
        List<HttpResponse<String>> answers = new ArrayList<>();
        for (var call : calls) {
            answers.add(call.get());
        }
        return answers;
    }

    @Test
    void aPaymentIsTakenAndRead() throws Exception {
        String order = "ördér " + newOrder();
        HttpResponse<String> created = call("POST", "", payment(order, 1299));
        JsonNode made = json(created, 201);
        assertThat(made.path("order").textValue()).isEqualTo(order);
        assertThat(made.path("amount").intValue()).isEqualTo(1299);
        assertThat(made.path("state").textValue()).isEqualTo("captured");
        String path = "/" + made.path("id").textValue();
        assertThat(created.headers().firstValue("Location").orElse("")).endsWith(PATH + path);
        assertThat(json(get(path), 200)).isEqualTo(made);
    }

    @Test
    void largeAmountsAreDeclined() throws Exception {
        JsonNode made = json(call("POST", "", payment(newOrder(), 500_001)), 201);
        assertThat(made.path("state").textValue()).isEqualTo("declined");
    }

    @Test
    void anOrderIsPaidOnce() throws Exception {
        String order = newOrder();
        JsonNode first = json(call("POST", "", payment(order, 1299)), 201);
        assertThat(json(call("POST", "", payment(order, 1299)), 200)).isEqualTo(first);
        assertThat(json(call("POST", "", payment(order, 1300)), 409)
                        .path("title")
                        .textValue())
                .isEqualTo("Conflict");
    }

    @Test
    void ofManyAtTheSameTimeOneIsTaken() throws Exception {
        String order = newOrder();
        List<HttpResponse<String>> answers = callAtOnce(10, () -> payment(order, 1299));
        assertThat(answers.stream().filter(answer -> answer.statusCode() == 201))
                .hasSize(1);
        assertThat(answers.stream().filter(answer -> answer.statusCode() == 200))
                .hasSize(9);
        assertThat(answers.stream().map(HttpResponse::body).distinct()).hasSize(1);
    }

    @Test
    void paymentsAreNotEdited() throws Exception {
        String path = "/" + create();
        for (String method : List.of("PUT", "DELETE")) {
            HttpResponse<String> answer = call(method, path, payment(newOrder(), 1));
            json(answer, 405);
            assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD");
        }
    }

    @Test
    void unknownPaymentsAreNotFound() throws Exception {
        HttpResponse<String> answer = get("/0190163d-8694-739b-aea5-966c26f8ad91");
        assertThat(json(answer, 404).path("status").intValue()).isEqualTo(404);
        assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
    }

    @Test
    void everyWrongValueIsNamed() throws Exception {
        JsonNode errors = json(call("POST", "", payment("", 0)), 422).path("errors");
        assertThat(errors.findValuesAsText("pointer")).containsExactly("/order", "/amount");
    }

    @Test
    void otherMediaTypesAreRefused() throws Exception {
        json(call(request("POST", "", payment(newOrder(), 1)).setHeader("Content-Type", "text/plain")), 415);
    }

    @Test
    void otherMethodsAreRefusedWithAllow() throws Exception {
        HttpResponse<String> answer = call("PATCH", "", "{}");
        json(answer, 405);
        assertThat(answer.headers().firstValue("Allow")).contains("GET, HEAD, POST");
    }

    @Test
    void pagesHoldEachPaymentOnce() throws Exception {
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < 7; i++) {
            seen.put(create(), 0);
        }
        // A cursor is an id. Ids begin with the time: what others left in the store before is not looked at.
        for (String cursor = PaymentIds.next(Instant.now().minusSeconds(60)); cursor != null; ) {
            JsonNode page = json(get("?limit=3&cursor=" + cursor), 200);
            page.path("items")
                    .forEach(payment -> seen.computeIfPresent(payment.path("id").textValue(), (id, n) -> n + 1));
            cursor = page.path("nextCursor").textValue();
        }
        assertThat(seen.values()).containsOnly(1);
    }

    @Test
    void paymentsMadeSideBySideCanAllBeRead() throws Exception {
        for (var answer : callAtOnce(20, () -> payment(newOrder(), 100))) {
            JsonNode made = json(answer, 201);
            assertThat(json(get("/" + made.path("id").textValue()), 200)).isEqualTo(made);
        }
    }

    @Test
    void headIsAnsweredWithoutABody() throws Exception {
        HttpResponse<String> answer = call("HEAD", "/" + create(), null);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void aTraceIsAccepted() throws Exception {
        String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        json(call(request("GET", "", null).header("traceparent", parent)), 200);
    }
}
