package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"regexp"
	"testing"

	"example.com/orders/internal/trace"
)

func TestLogLinesAreJSONWithTheTrace(t *testing.T) {
	var out bytes.Buffer
	log := NewLogger(&out, "lamps", slog.LevelInfo)
	ctx := trace.With(context.Background(), trace.Context{TraceID: "t1", SpanID: "s1", RequestID: "r1"})
	log.DebugContext(ctx, "not shown")
	log.WarnContext(ctx, "two\nlines", "n", 3)

	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, out.String())
	}
	for key, want := range map[string]any{
		"level": "warn", "message": "two\nlines", "service": "lamps", "trace_id": "t1", "span_id": "s1",
		"request_id": "r1", "n": 3.0,
	} {
		if line[key] != want {
			t.Errorf("%s = %v, want %v", key, line[key], want)
		}
	}
	stamp, _ := line["time"].(string)
	if !regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`).MatchString(stamp) {
		t.Errorf("time = %q", stamp)
	}
}

func TestLogLinesOutsideARequestHaveNoTrace(t *testing.T) {
	var out bytes.Buffer
	NewLogger(&out, "lamps", slog.LevelInfo).Info("listening")
	if bytes.Contains(out.Bytes(), []byte("trace_id")) {
		t.Error(out.String())
	}
}
