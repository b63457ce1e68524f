package com.example.service.telemetry;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Set;
import org.springframework.stereotype.Component;

/** Counts requests. Routes are patterns, never raw paths: each label value is a time series. */
@Component
public final class Metrics {
    public static final String CONTENT_TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

    // A method may be any word: others must not make time series at will.
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    // A registry of its own, so that two servers in one test do not share counts.
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    private final Counter requests = Counter.builder()
            .name("http_requests_total")
            .help("Requests answered.")
            .labelNames("method", "route", "status")
            .register(registry);
    private final Histogram duration = Histogram.builder()
            .name("http_request_duration_seconds")
            .help("Time from a request's head to the end of its answer.")
            .labelNames("method", "route")
            .classicOnly()
            .register(registry);

    public Metrics() {
        JvmMetrics.builder().register(registry);
    }

    /** Counts one answered request. */
    public void observe(String method, String route, int status, Duration took) {
        String known = METHODS.contains(method) ? method : "other";
        requests.labelValues(known, route, Integer.toString(status)).inc();
        duration.labelValues(known, route).observe(took.toNanos() / 1e9);
    }

    /** The metrics in Prometheus' text format. */
    public byte[] text() {
        var out = new ByteArrayOutputStream();
        try {
            writer.write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory does not fail
        }
        return out.toByteArray();
    }
}
