package com.example.service.trace;

import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of a request's trace, as told by its headers. It is W3C Trace Context for a service that continues
 * traces and records no spans of its own.
 *
 * @param traceId 32 hex digits
 * @param spanId 16 hex digits: the span of who called
 * @param flags 2 hex digits
 * @param state tracestate, passed on as it came; empty if there was none
 * @param requestId X-Request-Id, empty if the caller sent none
 */
public record Trace(String traceId, String spanId, String flags, String state, String requestId) {
    // A version that is not known yet is read as version 00, with more fields allowed after it, as the
    // specification asks.
    private static final Pattern TRACEPARENT =
            Pattern.compile("(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final ThreadLocal<Trace> CURRENT = new ThreadLocal<>();

    /** Continues the caller's trace, or begins a new one if traceparent is absent or invalid. */
    public static Trace fromHeaders(List<String> traceparent, List<String> tracestate, String requestId) {
        String request = requestId == null ? "" : requestId;
        if (traceparent.size() == 1) {
            Matcher match = TRACEPARENT.matcher(traceparent.get(0));
            if (match.matches() && (match.group(5) == null || !match.group(1).equals("00"))) {
                return new Trace(match.group(2), match.group(3), match.group(4), String.join(",", tracestate), request);
            }
        }
        return begin(request);
    }

    /** Begins a trace, marked as sampled. */
    public static Trace begin(String requestId) {
        return new Trace(randomHex(16), randomHex(8), "01", "", requestId);
    }

    /** The trace of the request that this thread works on. */
    public static Optional<Trace> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    /** Makes this the current trace of this thread, until {@link #leave}. */
    public void enter() {
        CURRENT.set(this);
    }

    /** Ends what {@link #enter} began. A pool's thread must not keep the trace of a request that is over. */
    public static void leave() {
        CURRENT.remove();
    }

    /** The headers of a call that belongs to this trace. Each call gets a span id of its own. */
    public Map<String, String> headers() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("traceparent", "00-" + traceId + "-" + randomHex(8) + "-" + flags);
        if (!state.isEmpty()) {
            headers.put("tracestate", state);
        }
        if (!requestId.isEmpty()) {
            headers.put("X-Request-Id", requestId);
        }
        return headers;
    }

    private static String randomHex(int length) {
        byte[] bytes = new byte[length];
        RANDOM.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
