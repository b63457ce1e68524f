package com.example.service.api;

import com.example.service.server.Draining;
import com.example.service.telemetry.Metrics;
import com.example.service.trace.Trace;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.util.ContentCachingResponseWrapper;
import org.springframework.web.util.UriUtils;

/** Puts around a request what every route has: the trace, the request's log line and its metrics. */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE)
final class ObserveFilter extends OncePerRequestFilter {
    private static final Logger LOG = LoggerFactory.getLogger(ObserveFilter.class);

    private final Metrics metrics;
    private final Draining process;

    ObserveFilter(Metrics metrics, Draining process) {
        this.metrics = metrics;
        this.process = process;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        long start = System.nanoTime();
        // The answer is held back until it is whole: so it has a Content-Length, and can still tell the client to leave
        // this connection if the shutdown begins while the request is worked on.
        var answer = new ContentCachingResponseWrapper(response);
        traceOf(request).enter();
        try {
            chain.doFilter(request, answer);
        } finally {
            observe(request, answer.getStatus(), Duration.ofNanos(System.nanoTime() - start));
            Trace.leave();
        }
        if (process.isDraining()) {
            answer.setHeader("Connection", "close");
        }
        answer.copyBodyToResponse();
    }

    private static Trace traceOf(HttpServletRequest request) {
        return Trace.fromHeaders(
                Collections.list(request.getHeaders("traceparent")),
                Collections.list(request.getHeaders("tracestate")),
                request.getHeader("X-Request-Id"));
    }

    private void observe(HttpServletRequest request, int status, Duration took) {
        Object route = request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE);
        metrics.observe(request.getMethod(), route == null ? "unmatched" : route.toString(), status, took);
        boolean failed = status >= 500;
        // Probes ask every few seconds: only their failures are worth a line.
        if (failed || !request.getRequestURI().startsWith("/health/")) {
            LOG.atLevel(failed ? Level.ERROR : Level.INFO)
                    .addKeyValue("method", request.getMethod())
                    .addKeyValue("path", UriUtils.decode(request.getRequestURI(), StandardCharsets.UTF_8))
                    .addKeyValue("status", status)
                    .addKeyValue("duration_ms", Math.round(took.toNanos() / 1e3) / 1e3)
                    .log("request");
        }
    }
}
