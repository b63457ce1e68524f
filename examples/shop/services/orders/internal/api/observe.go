package api

import (
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"example.com/orders/internal/problem"
	"example.com/orders/internal/trace"
)

// logRule says which requests of a route are logged. Probes ask every few seconds: only their failures
// are worth a line.
type logRule int

const (
	logAlways logRule = iota
	logFailures
)

// observe puts around a handler what every route has: the trace, the request's log line, its metrics, and
// an answer where the handler panics.
func (a *api) observe(route string, rule logRule, handler http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		r = r.WithContext(trace.With(r.Context(), trace.FromHeader(r.Header)))
		answer := &answer{ResponseWriter: w, draining: a.Draining}

		a.withRecovery(answer, r, handler)

		took := time.Since(start)
		a.Metrics.Observe(r.Method, route, answer.Status(), took)
		if rule == logAlways || answer.Status() >= http.StatusInternalServerError {
			a.logRequest(r, answer.Status(), took)
		}
	})
}

func (a *api) withRecovery(w *answer, r *http.Request, handler http.HandlerFunc) {
	defer func() {
		cause := recover()
		if cause == nil {
			return
		}
		a.Log.ErrorContext(r.Context(), "panic", "error", fmt.Sprint(cause), "stack", string(debug.Stack()))
		if w.status != 0 {
			panic(http.ErrAbortHandler) // half an answer is out: cut it, so that nobody takes it for a whole one
		}
		problem.New(http.StatusInternalServerError, "The service failed to answer this request.").Write(w)
	}()
	handler(w, r)
}

func (a *api) logRequest(r *http.Request, status int, took time.Duration) {
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	a.Log.LogAttrs(r.Context(), level, "request",
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000))
}

// answer remembers the status, and tells the client to leave this connection while the service drains.
type answer struct {
	http.ResponseWriter
	draining func() bool
	status   int
}

func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
		if a.draining() {
			a.Header().Set("Connection", "close")
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(body []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(body)
}

// Status is what the client gets: net/http sends 200 for a handler that writes nothing.
func (a *answer) Status() int {
	if a.status == 0 {
		return http.StatusOK
	}
	return a.status
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
