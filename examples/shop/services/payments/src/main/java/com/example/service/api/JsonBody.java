package com.example.service.api;

import com.example.service.problem.Problem;
import com.example.service.problem.ProblemException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.springframework.http.HttpStatus;

/** Reads a body that is JSON, whatever it says. */
final class JsonBody {
    static final int MAX_BYTES = 64 * 1024;

    /** For the whole body. Tomcat's own limit is for a pause within it. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    // The size of the body bounds all that Jackson has limits of its own for, but the depth.
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(10_000)
                            .maxNumberLength(MAX_BYTES)
                            .maxNameLength(MAX_BYTES)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonBody() {}

    static JsonNode read(HttpServletRequest request) {
        if (!isJson(request.getContentType())) {
            throw refusal(HttpStatus.UNSUPPORTED_MEDIA_TYPE, "The body must be application/json.");
        }
        return parse(readAll(request));
    }

    /** Parameters do not matter: JSON is UTF-8. */
    private static boolean isJson(String contentType) {
        return contentType != null && contentType.split(";", 2)[0].trim().equalsIgnoreCase("application/json");
    }

    private static byte[] readAll(HttpServletRequest request) {
        long begin = System.nanoTime();
        var body = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        try {
            InputStream in = request.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                body.write(buffer, 0, count);
                if (body.size() > MAX_BYTES) {
                    throw refusal(
                                    HttpStatus.PAYLOAD_TOO_LARGE,
                                    "The body must not be larger than " + MAX_BYTES + " bytes.")
                            .with("Connection", "close");
                }
                if (System.nanoTime() - begin > PATIENCE.toNanos()) {
                    throw tooSlow();
                }
            }
        } catch (SocketTimeoutException e) {
            throw tooSlow();
        } catch (IOException e) {
            throw e.getCause() instanceof SocketTimeoutException
                    ? tooSlow()
                    : refusal(HttpStatus.BAD_REQUEST, "The body ended too early.");
        }
        return body.toByteArray();
    }

    private static JsonNode parse(byte[] body) {
        try {
            // Jackson reads wrong UTF-8 as something; this decoder does not.
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body))
                    .toString();
            JsonNode node = MAPPER.readTree(text);
            if (!node.isMissingNode() && !text.startsWith("\uFEFF")) {
                return node;
            }
        } catch (CharacterCodingException | JsonProcessingException e) {
            // said below
        }
        throw refusal(HttpStatus.BAD_REQUEST, "The body is not JSON.");
    }

    private static ProblemException tooSlow() {
        return refusal(HttpStatus.REQUEST_TIMEOUT, "The body did not arrive in time.")
                .with("Connection", "close");
    }

    private static ProblemException refusal(HttpStatus status, String detail) {
        return new ProblemException(Problem.of(status, detail));
    }
}
