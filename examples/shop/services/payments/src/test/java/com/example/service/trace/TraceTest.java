package com.example.service.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceTest {
    private static final String TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
    private static final String VALID = "00-" + TRACE_ID + "-b7ad6b7169203331-01";

    @Test
    void aTraceIsContinued() {
        assertThat(Trace.fromHeaders(List.of(VALID), List.of("a=1", "b=2"), "r1"))
                .isEqualTo(new Trace(TRACE_ID, "b7ad6b7169203331", "01", "a=1,b=2", "r1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                VALID + "-more",
                "ff-" + TRACE_ID + "-b7ad6b7169203331-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-" + TRACE_ID + "-0000000000000000-01",
                "00-" + TRACE_ID + "_b7ad6b7169203331-01",
                "01-" + TRACE_ID + "-b7ad6b7169203331-01more"
            })
    void invalidInputBeginsANewTrace(String value) {
        Trace trace = Trace.fromHeaders(List.of(value), List.of("a=1"), null);
        assertThat(trace.traceId()).matches("[0-9a-f]{32}").isNotEqualTo(TRACE_ID);
        assertThat(trace.spanId()).matches("[0-9a-f]{16}");
        assertThat(trace.state()).isEmpty();
    }

    @Test
    void laterVersionsAreRead() {
        Trace trace = Trace.fromHeaders(List.of("01" + VALID.substring(2) + "-more"), List.of(), null);
        assertThat(trace.traceId()).isEqualTo(TRACE_ID);
    }

    @Test
    void oneOfTwoHeadersIsNotTaken() {
        assertThat(Trace.fromHeaders(List.of(VALID, VALID), List.of(), null).traceId())
                .isNotEqualTo(TRACE_ID);
    }

    @Test
    void aCallKeepsTheTraceAndHasASpanOfItsOwn() {
        Trace trace = Trace.fromHeaders(List.of(VALID), List.of("a=1"), "r1");
        Map<String, String> headers = trace.headers();
        assertThat(headers).containsEntry("tracestate", "a=1").containsEntry("X-Request-Id", "r1");
        Trace next = Trace.fromHeaders(List.of(headers.get("traceparent")), List.of(), null);
        assertThat(next.traceId()).isEqualTo(TRACE_ID);
        assertThat(next.flags()).isEqualTo("01");
        assertThat(next.spanId()).isNotEqualTo(trace.spanId());
    }

    @Test
    void theCurrentTraceIsTheOneThatWasEntered() {
        Trace trace = Trace.begin("");
        trace.enter();
        assertThat(Trace.current()).contains(trace);
        Trace.leave();
        assertThat(Trace.current()).isEmpty();
    }
}
