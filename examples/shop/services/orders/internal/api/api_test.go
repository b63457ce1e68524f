package api

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/orders/internal/items"
	"example.com/orders/internal/problem"
	"example.com/orders/internal/telemetry"
)

// fixture is the whole interface on a store in memory.
type fixture struct {
	t        *testing.T
	handler  http.Handler
	store    *memoryStore
	log      *bytes.Buffer
	draining bool
	shelf    *shelf
	till     *till
	dock     *dock
}

func newFixture(t *testing.T) *fixture {
	s := &fixture{t: t, store: &memoryStore{}, log: &bytes.Buffer{}, shelf: &shelf{}, till: &till{}, dock: &dock{}}
	s.serve(s.store)
	return s
}

func (s *fixture) serve(store items.Store) {
	s.handler = New(Dependencies{
		Store:     store,
		Log:       telemetry.NewLogger(s.log, "test", slog.LevelInfo),
		Metrics:   telemetry.NewMetrics(),
		Draining:  func() bool { return s.draining },
		Inventory: s.shelf,
		Catalogue: s.shelf,
		Payments:  s.till,
		Shipping:  s.dock,
	})
}

// call sends a request; headers come in pairs. A body is JSON unless a header says otherwise.
func (s *fixture) call(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	request := httptest.NewRequest(method, target, strings.NewReader(body))
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, request)
	return answer
}

// create makes an item and returns it.
func (s *fixture) create(body string) items.Item {
	s.t.Helper()
	answer := s.call("POST", "/items", body)
	if answer.Code != http.StatusCreated {
		s.t.Fatalf("create: %d %s", answer.Code, answer.Body)
	}
	return decode[items.Item](s.t, answer)
}

func decode[T any](t *testing.T, answer *httptest.ResponseRecorder) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(answer.Body.Bytes(), &value); err != nil {
		t.Fatalf("%v in %s", err, answer.Body)
	}
	return value
}

// wantProblem checks that the answer is a problem of this status and returns it.
func wantProblem(t *testing.T, answer *httptest.ResponseRecorder, status int) problem.Problem {
	t.Helper()
	if answer.Code != status {
		t.Fatalf("status = %d, want %d; body %s", answer.Code, status, answer.Body)
	}
	if got := answer.Header().Get("Content-Type"); got != problem.ContentType {
		t.Errorf("content type = %s", got)
	}
	p := decode[problem.Problem](t, answer)
	if p.Status != status || p.Title != http.StatusText(status) || p.Type == "" || p.Detail == "" {
		t.Errorf("problem = %+v", p)
	}
	return p
}

func TestUnknownPathsAreNotFound(t *testing.T) {
	s := newFixture(t)
	for _, path := range []string{"/", "/nothing", "/items/", "//items", "/items/1/2", "/./items", "/ITEMS"} {
		wantProblem(t, s.call("GET", path, ""), http.StatusNotFound)
	}
}

func TestOtherMethodsAreRefusedWithAllow(t *testing.T) {
	s := newFixture(t)
	for path, allow := range map[string]string{
		"/items":            "GET, HEAD, POST",
		"/items/1":          "DELETE, GET, HEAD, PUT",
		"/items/1/checkout": "POST",
		"/items/1/progress": "GET, HEAD",
		"/health/live":      "GET, HEAD",
	} {
		answer := s.call("PATCH", path, "{}")
		wantProblem(t, answer, http.StatusMethodNotAllowed)
		if got := answer.Header().Get("Allow"); got != allow {
			t.Errorf("%s: Allow = %q, want %q", path, got, allow)
		}
	}
}

func TestHeadIsAnsweredWhereGetIs(t *testing.T) {
	if answer := newFixture(t).call("HEAD", "/items", ""); answer.Code != http.StatusOK {
		t.Errorf("status = %d", answer.Code)
	}
}

// TestDocumentDescribesEveryRoute keeps openapi.yaml and the routes from drifting apart. The document is
// written in block style down to its methods, so lines are enough to find them.
func TestDocumentDescribesEveryRoute(t *testing.T) {
	s := newFixture(t)
	answer := s.call("GET", "/openapi.yaml", "")
	if answer.Code != http.StatusOK || !strings.HasPrefix(answer.Body.String(), "openapi: 3.1") {
		t.Fatalf("document: %d %.40s", answer.Code, answer.Body)
	}
	documented := map[string]bool{}
	_, paths, _ := strings.Cut(answer.Body.String(), "\npaths:\n")
	paths, _, _ = strings.Cut(paths, "\ncomponents:\n")
	path := ""
	for _, line := range strings.Split(paths, "\n") {
		key := strings.TrimSuffix(strings.TrimSpace(line), ":")
		switch {
		case strings.HasPrefix(line, "  /"):
			path = key
		case strings.HasPrefix(line, "    ") && line[4] != ' ' && key != "parameters":
			documented[strings.ToUpper(key)+" "+path] = true
		}
	}
	deps := Dependencies{Metrics: telemetry.NewMetrics()}
	for _, r := range (&api{Dependencies: deps}).routes() {
		if !documented[r.method+" "+r.path] {
			t.Errorf("%s %s is not in openapi.yaml", r.method, r.path)
		}
		delete(documented, r.method+" "+r.path)
	}
	for route := range documented {
		t.Errorf("%s is only in openapi.yaml", route)
	}
}
