package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"example.com/orders/internal/items"
)

const (
	traceID     = "0af7651916cd43dd8448eb211c80319c"
	traceparent = "00-" + traceID + "-b7ad6b7169203331-01"
)

func TestReadinessFollowsTheStoreAndTheShutdown(t *testing.T) {
	s := newFixture(t)
	want := func(path string, status int, failed string) {
		t.Helper()
		answer := s.call("GET", path, "")
		if got := decode[health](t, answer); answer.Code != status || got.Failed != failed {
			t.Errorf("%s: %d %+v", path, answer.Code, got)
		}
	}
	want("/health/ready", 200, "")
	s.store.err = items.ErrUnavailable
	want("/health/ready", 503, "redis")
	want("/health/live", 200, "")
	s.store.err = nil
	s.draining = true
	want("/health/ready", 503, "shutdown")
	want("/health/live", 200, "")
}

func TestAnswersCloseTheConnectionWhileDraining(t *testing.T) {
	s := newFixture(t)
	for _, draining := range []bool{false, true} {
		s.draining = draining
		for _, path := range []string{"/items", "/nothing", "/health/live"} {
			got := s.call("GET", path, "").Header().Get("Connection")
			if (got == "close") != draining {
				t.Errorf("draining %v: %s has Connection %q", draining, path, got)
			}
		}
	}
}

func TestRequestsAreLoggedWithTheirTrace(t *testing.T) {
	s := newFixture(t)
	s.call("GET", "/items/nothing?q=secret", "", "traceparent", traceparent)
	var line map[string]any
	if err := json.Unmarshal(s.log.Bytes(), &line); err != nil {
		t.Fatalf("%v in %s", err, s.log)
	}
	for key, want := range map[string]any{
		"method": "GET", "path": "/items/nothing", "status": 404.0, "trace_id": traceID, "level": "info",
	} {
		if line[key] != want {
			t.Errorf("%s = %v, want %v", key, line[key], want)
		}
	}
	if took, ok := line["duration_ms"].(float64); !ok || took < 0 {
		t.Errorf("duration_ms = %v", line["duration_ms"])
	}
}

func TestProbesAreLoggedOnlyWhenTheyFail(t *testing.T) {
	s := newFixture(t)
	s.call("GET", "/health/live", "")
	s.call("GET", "/health/ready", "")
	if s.log.Len() > 0 {
		t.Errorf("logged: %s", s.log)
	}
	s.draining = true
	s.call("GET", "/health/ready", "")
	if !strings.Contains(s.log.String(), "/health/ready") {
		t.Errorf("logged: %q", s.log)
	}
}

func TestMetricsCountByPattern(t *testing.T) {
	s := newFixture(t)
	s.call("GET", "/items/"+unknownID, "")
	s.call("GET", "/items/other", "")
	s.call("GET", "/nothing/at/all", "")
	s.call("BREW", "/items", "")
	body := s.call("GET", "/metrics", "").Body.String()
	for _, line := range []string{
		`http_requests_total{method="GET",route="/items/{id}",status="404"} 2`,
		`http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`http_requests_total{method="other",route="/items",status="405"} 1`,
		`http_request_duration_seconds_count{method="GET",route="/items/{id}"} 2`,
		`process_cpu_seconds_total`,
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no line %s", line)
		}
	}
}

// brokenStore panics in every call: there is no store inside.
type brokenStore struct{ items.Store }

func TestAPanicIsAnsweredAndLogged(t *testing.T) {
	s := newFixture(t)
	s.serve(brokenStore{})
	wantProblem(t, s.call("GET", "/items", ""), http.StatusInternalServerError)
	if log := s.log.String(); !strings.Contains(log, `"panic"`) || !strings.Contains(log, "listItems") {
		t.Errorf("log: %s", log)
	}
}
