package com.example.service.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import com.example.service.trace.Trace;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.slf4j.event.KeyValuePair;
import org.springframework.boot.json.JsonWriter;
import org.springframework.boot.logging.structured.StructuredLogFormatter;
import org.springframework.core.env.Environment;

/**
 * The form of the log, named in application.properties: one JSON object a line with time, level, message, service, the
 * line's own values, and the trace of the request on whose behalf it was logged.
 */
public final class LogFormat implements StructuredLogFormatter<ILoggingEvent> {
    // RFC 3339 with milliseconds
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

    private final JsonWriter<ILoggingEvent> writer;

    public LogFormat(Environment environment) {
        String service = environment.getProperty("service.name");
        writer = JsonWriter.<ILoggingEvent>of(members -> {
                    members.add("time", event -> TIME.format(event.getInstant()));
                    members.add("level", event -> event.getLevel().toString().toLowerCase(Locale.ROOT));
                    members.add("message", ILoggingEvent::getFormattedMessage);
                    members.add("service", service);
                    members.add().usingPairs(LogFormat::addValues);
                    members.add().usingPairs(LogFormat::addFailure);
                    members.add().usingPairs(LogFormat::addTrace);
                })
                .withNewLineAtEnd();
    }

    @Override
    public String format(ILoggingEvent event) {
        return writer.writeToString(event);
    }

    private static void addValues(ILoggingEvent event, BiConsumer<String, Object> to) {
        if (event.getKeyValuePairs() != null) {
            for (KeyValuePair pair : event.getKeyValuePairs()) {
                to.accept(pair.key, pair.value);
            }
        }
    }

    private static void addFailure(ILoggingEvent event, BiConsumer<String, Object> to) {
        var failure = event.getThrowableProxy();
        if (failure != null) {
            to.accept("error", firstCause(failure));
            to.accept("stack", ThrowableProxyUtil.asString(failure));
        }
    }

    private static String firstCause(IThrowableProxy failure) {
        return failure.getCause() != null
                ? firstCause(failure.getCause())
                : failure.getClassName() + ": " + failure.getMessage();
    }

    private static void addTrace(ILoggingEvent event, BiConsumer<String, Object> to) {
        Trace.current().ifPresent(trace -> {
            to.accept("trace_id", trace.traceId());
            to.accept("span_id", trace.spanId());
            if (!trace.requestId().isEmpty()) {
                to.accept("request_id", trace.requestId());
            }
        });
    }
}
