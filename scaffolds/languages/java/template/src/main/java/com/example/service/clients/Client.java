package com.example.service.clients;

import com.example.service.trace.Trace;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls one need. It may be used by any number of threads; make one at the start and keep it. A call belongs to the trace
 * of the request that its thread works on.
 */
final class Client {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final String need;
    private final String base;
    private final Limits limits;
    private final Retry retry;
    private final HttpClient http;

    /** Takes the need's address from a variable of the environment. */
    Client(String need, String variable, Map<String, String> environment) {
        this(need, address(variable, environment), Limits.defaults(), new Retry(Limits.defaults()));
    }

    Client(String need, String base, Limits limits, Retry retry) {
        this.need = need;
        this.base = base;
        this.limits = limits;
        this.retry = retry;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    private static String address(String variable, Map<String, String> environment) {
        String text = environment.getOrDefault(variable, "");
        if (text.isEmpty()) {
            throw new IllegalArgumentException(variable + ": is not set");
        }
        try {
            URI uri = new URI(text);
            if (uri.getHost() != null && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))) {
                return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new IllegalArgumentException(variable + ": \"" + text + "\" is not an http URL");
    }

    /** Text as one segment of a path. */
    static String segment(String text) {
        // URLEncoder is for forms, which write a space in their own way.
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * Sends a body (null: none) and reads the answer as a type (Void: it is dropped). The path begins with a slash and is
     * escaped already.
     *
     * @throws StatusException for an answer other than 2xx
     */
    <T> T json(String method, String path, Object body, Class<T> type) {
        try {
            byte[] sent = body == null ? null : MAPPER.writeValueAsBytes(body);
            Answer answer = retry.call(method, remaining -> attempt(method, path, sent, remaining));
            if (answer.status() / 100 != 2) {
                throw new StatusException(need, answer);
            }
            return type == Void.class ? null : MAPPER.readValue(answer.body(), type);
        } catch (JsonProcessingException e) {
            throw new CallException(what(method, path) + "the answer is not as expected", e);
        } catch (IOException e) {
            throw new CallException(what(method, path) + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CallException(what(method, path) + "interrupted", e);
        }
    }

    private String what(String method, String path) {
        return need + ": " + method + " " + path + ": ";
    }

    private Answer attempt(String method, String path, byte[] body, Duration remaining)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(base + path)).header("Accept", "application/json");
        if (body == null) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.method(method, BodyPublishers.ofByteArray(body)).header("Content-Type", "application/json");
        }
        Trace.current().orElseGet(() -> Trace.begin("")).headers().forEach(request::header);

        // The client's own time-out ends with the answer's head; this one covers the body too.
        Duration timeout = remaining.compareTo(limits.tryTimeout()) < 0 ? remaining : limits.tryTimeout();
        CompletableFuture<HttpResponse<byte[]>> response =
                http.sendAsync(request.build(), head -> new LimitedBody(limits.maxBodyBytes()));
        try {
            return answer(response.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no answer within " + timeout.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } finally {
            response.cancel(true); // of no effect on one that is complete
        }
    }

    private static Answer answer(HttpResponse<byte[]> response) {
        String retryAfter = response.headers().firstValue("Retry-After").orElse("");
        return new Answer(response.statusCode(), retryAfter, response.body());
    }
}
