package com.example.service.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.example.service.trace.Trace;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;
import org.springframework.mock.env.MockEnvironment;

class LogFormatTest {
    private final LogFormat format = new LogFormat(new MockEnvironment().withProperty("service.name", "lamps"));

    @AfterEach
    void leave() {
        Trace.leave();
    }

    private JsonNode line(Throwable failure) throws IOException {
        var logger = new LoggerContext().getLogger("test");
        var event = new LoggingEvent("", logger, Level.WARN, "two\nlines", failure, null);
        event.setInstant(Instant.ofEpochMilli(1_700_000_000_005L));
        event.setKeyValuePairs(List.of(new KeyValuePair("n", 3)));
        String text = format.format(event);
        assertThat(text).endsWith("}\n").containsOnlyOnce("\n");
        return new ObjectMapper().readTree(text);
    }

    @Test
    void aLineIsJsonWithTheTrace() throws IOException {
        new Trace("t1", "s1", "01", "", "r1").enter();
        assertThat(line(null)).isEqualTo(new ObjectMapper().readTree("""
                                {"time": "2023-11-14T22:13:20.005Z", "level": "warn", "message": "two\\nlines",
                                 "service": "lamps", "n": 3, "trace_id": "t1", "span_id": "s1", "request_id": "r1"}
                                """));
    }

    @Test
    void outsideARequestThereIsNoTrace() throws IOException {
        assertThat(line(null).has("trace_id")).isFalse();
    }

    @Test
    void aFailureIsToldWithItsStack() throws IOException {
        JsonNode line = line(new IllegalStateException("broken"));
        assertThat(line.path("error").textValue()).isEqualTo("java.lang.IllegalStateException: broken");
        assertThat(line.path("stack").textValue()).contains("LogFormatTest");
    }
}
