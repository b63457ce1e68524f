// Package trace carries the identity of a request, as told by its headers, from the server to the log
// and to the calls that the request makes. It implements W3C Trace Context for a service that continues
// traces and records no spans of its own.
package trace

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
)

// Context is what is known of a request's trace.
type Context struct {
	TraceID string // 32 hex digits
	SpanID  string // 16 hex digits: the span of who called
	Flags   string // 2 hex digits
	State   string // tracestate, passed on as it came
	// RequestID is X-Request-Id, empty if the caller sent none.
	RequestID string
}

type contextKey struct{}

// With returns a context that carries the trace.
func With(ctx context.Context, t Context) context.Context {
	return context.WithValue(ctx, contextKey{}, t)
}

// From returns the trace that the context carries.
func From(ctx context.Context) (Context, bool) {
	t, ok := ctx.Value(contextKey{}).(Context)
	return t, ok
}

// FromHeader continues the caller's trace, or begins a new one if traceparent is absent or invalid.
func FromHeader(header http.Header) Context {
	t, ok := parse(header.Values("Traceparent"))
	if ok {
		t.State = strings.Join(header.Values("Tracestate"), ",")
	} else {
		t = New()
	}
	t.RequestID = header.Get("X-Request-Id")
	return t
}

// New begins a trace, marked as sampled.
func New() Context {
	return Context{TraceID: randomHex(16), SpanID: randomHex(8), Flags: "01"}
}

// Inject adds the headers of a call that belongs to this trace. Each call gets a span id of its own.
func (t Context) Inject(header http.Header) {
	header.Set("Traceparent", "00-"+t.TraceID+"-"+randomHex(8)+"-"+t.Flags)
	if t.State != "" {
		header.Set("Tracestate", t.State)
	}
	if t.RequestID != "" {
		header.Set("X-Request-Id", t.RequestID)
	}
}

// parse reads version-traceid-parentid-flags. A version that is not known yet is read as version 00, with
// more fields allowed after it, as the specification asks.
func parse(values []string) (Context, bool) {
	if len(values) != 1 || len(values[0]) < 55 {
		return Context{}, false
	}
	value := values[0]
	version, rest := value[:2], value[55:]
	if value[2] != '-' || value[35] != '-' || value[52] != '-' {
		return Context{}, false
	}
	if !isHex(version) || version == "ff" || (version == "00" && rest != "") || (rest != "" && rest[0] != '-') {
		return Context{}, false
	}
	t := Context{TraceID: value[3:35], SpanID: value[36:52], Flags: value[53:55]}
	if !isHex(t.TraceID) || !isHex(t.SpanID) || !isHex(t.Flags) || isZero(t.TraceID) || isZero(t.SpanID) {
		return Context{}, false
	}
	return t, true
}

func isHex(text string) bool { return strings.Trim(text, "0123456789abcdef") == "" }

func isZero(text string) bool { return strings.Trim(text, "0") == "" }

func randomHex(bytes int) string {
	buffer := make([]byte, bytes)
	if _, err := rand.Read(buffer); err != nil {
		panic(err) // the operating system has no randomness: nothing sensible is left to do
	}
	return hex.EncodeToString(buffer)
}
