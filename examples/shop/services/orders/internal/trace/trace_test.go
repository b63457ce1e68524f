package trace

import (
	"net/http"
	"strings"
	"testing"
)

const valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return h
}

func TestFromHeaderContinuesATrace(t *testing.T) {
	got := FromHeader(header("traceparent", valid, "tracestate", "a=1", "tracestate", "b=2", "x-request-id", "r1"))
	want := Context{
		TraceID: "0af7651916cd43dd8448eb211c80319c", SpanID: "b7ad6b7169203331", Flags: "01", State: "a=1,b=2",
		RequestID: "r1",
	}
	if got != want {
		t.Errorf("got %+v", got)
	}
}

func TestFromHeaderBeginsANewTraceOnInvalidInput(t *testing.T) {
	for _, value := range []string{
		"", "00", valid + "-more", "ff" + valid[2:], strings.ToUpper(valid),
		"00-00000000000000000000000000000000-b7ad6b7169203331-01",
		"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
		"00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
		"01" + valid[2:] + "more",
	} {
		got := FromHeader(header("traceparent", value, "tracestate", "a=1"))
		if got.TraceID == "0af7651916cd43dd8448eb211c80319c" || len(got.TraceID) != 32 || len(got.SpanID) != 16 {
			t.Errorf("%q gave %+v", value, got)
		}
		if got.State != "" {
			t.Errorf("%q: tracestate of an invalid trace was kept", value)
		}
	}
}

func TestFromHeaderReadsLaterVersions(t *testing.T) {
	if got := FromHeader(header("traceparent", "01"+valid[2:]+"-more")); got.SpanID != "b7ad6b7169203331" {
		t.Errorf("got %+v", got)
	}
}

func TestFromHeaderRefusesTwoTraceparents(t *testing.T) {
	if got := FromHeader(header("traceparent", valid, "traceparent", valid)); got.SpanID == "b7ad6b7169203331" {
		t.Error("one of two headers was taken")
	}
}

func TestInjectKeepsTheTraceAndMakesASpan(t *testing.T) {
	from := FromHeader(header("traceparent", valid, "tracestate", "a=1", "x-request-id", "r1"))
	out := http.Header{}
	from.Inject(out)
	got := FromHeader(out)
	if got.TraceID != from.TraceID || got.Flags != "01" || got.State != "a=1" || got.RequestID != "r1" {
		t.Errorf("got %+v", got)
	}
	if got.SpanID == from.SpanID {
		t.Error("the caller's span id was passed on")
	}
}
