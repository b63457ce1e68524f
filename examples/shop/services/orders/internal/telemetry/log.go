// Package telemetry holds the service's log and metrics.
package telemetry

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"example.com/orders/internal/trace"
)

const timeFormat = "2006-01-02T15:04:05.000Z07:00" // RFC 3339 with milliseconds

// NewLogger writes one JSON object a line: time, level, message, service, and the trace of the request
// on whose behalf the line was logged.
func NewLogger(out io.Writer, service string, level slog.Level) *slog.Logger {
	handler := slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level, ReplaceAttr: rename})
	return slog.New(traceHandler{handler}).With("service", service)
}

func rename(groups []string, attr slog.Attr) slog.Attr {
	switch {
	case len(groups) > 0:
		return attr
	case attr.Key == slog.TimeKey && attr.Value.Kind() == slog.KindTime:
		return slog.String("time", attr.Value.Time().UTC().Format(timeFormat))
	case attr.Key == slog.LevelKey:
		return slog.String("level", strings.ToLower(attr.Value.String()))
	case attr.Key == slog.MessageKey:
		return slog.Attr{Key: "message", Value: attr.Value}
	}
	return attr
}

// traceHandler adds the trace that a record's context carries.
type traceHandler struct{ slog.Handler }

func (h traceHandler) Handle(ctx context.Context, record slog.Record) error {
	if t, ok := trace.From(ctx); ok {
		record.AddAttrs(slog.String("trace_id", t.TraceID), slog.String("span_id", t.SpanID))
		if t.RequestID != "" {
			record.AddAttrs(slog.String("request_id", t.RequestID))
		}
	}
	return h.Handler.Handle(ctx, record)
}

func (h traceHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return traceHandler{h.Handler.WithAttrs(attrs)}
}

func (h traceHandler) WithGroup(name string) slog.Handler {
	return traceHandler{h.Handler.WithGroup(name)}
}
