package clients

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"example.com/orders/internal/trace"
)

// testClient calls a server that answers with handler. Its waits are recorded, not waited.
func testClient(t *testing.T, handler http.HandlerFunc) (*Client, *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL)
}

func clientOf(t *testing.T, url string) (*Client, *[]time.Duration) {
	t.Helper()
	client, err := newClient("lamps", "LAMPS_URL", func(string) string { return url })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.http.CloseIdleConnections)
	var waits []time.Duration
	client.wait = func(_ context.Context, d time.Duration) error {
		waits = append(waits, d)
		return nil
	}
	client.random = func() float64 { return 0.5 }
	return client, &waits
}

// answers replies with each status in turn, and with the last one from then on.
func answers(calls *atomic.Int32, statuses ...int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		n := int(calls.Add(1))
		w.WriteHeader(statuses[min(n, len(statuses))-1])
		_, _ = io.WriteString(w, `{"ok":true}`)
	}
}

func TestNewClientRefusesWhatIsNoURL(t *testing.T) {
	for _, url := range []string{"", "localhost:80", "redis://x", "http://", "://"} {
		if _, err := newClient("lamps", "LAMPS_URL", func(string) string { return url }); err == nil {
			t.Errorf("%q was taken", url)
		}
	}
}

func TestJSONSendsAndDecodes(t *testing.T) {
	client, _ := testClient(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method != "POST" || r.URL.Path != "/a" || r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
		}
		_, _ = w.Write(body)
	})
	var out map[string]int
	if err := client.JSON(context.Background(), "POST", "/a", map[string]int{"n": 1}, &out); err != nil || out["n"] != 1 {
		t.Errorf("%v, %v", out, err)
	}
}

func TestJSONReturnsOtherStatusesAsErrors(t *testing.T) {
	var calls atomic.Int32
	client, _ := testClient(t, answers(&calls, 404))
	err := client.JSON(context.Background(), "GET", "/", nil, nil)
	var status *StatusError
	if !errors.As(err, &status) || status.Status != 404 || calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

func TestRetriesPassingFailures(t *testing.T) {
	for _, failure := range []int{502, 503, 504} {
		var calls atomic.Int32
		client, waits := testClient(t, answers(&calls, failure, failure, 200))
		if err := client.JSON(context.Background(), "GET", "/", nil, nil); err != nil || calls.Load() != 3 {
			t.Errorf("%d: %v after %d calls", failure, err, calls.Load())
		}
		if want := []time.Duration{25 * time.Millisecond, 50 * time.Millisecond}; len(*waits) != 2 ||
			(*waits)[0] != want[0] || (*waits)[1] != want[1] {
			t.Errorf("waits = %v", *waits)
		}
	}
}

func TestGivesUpAfterTheLastRetry(t *testing.T) {
	var calls atomic.Int32
	client, _ := testClient(t, answers(&calls, 503))
	var status *StatusError
	err := client.JSON(context.Background(), "GET", "/", nil, nil)
	if !errors.As(err, &status) || status.Status != 503 || calls.Load() != 3 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

func TestDoesNotRetryWhatIsNotIdempotentOrDoesNotPass(t *testing.T) {
	for _, c := range []struct {
		method string
		status int
	}{{"POST", 503}, {"PATCH", 502}, {"GET", 500}, {"GET", 429}, {"PUT", 409}} {
		var calls atomic.Int32
		client, _ := testClient(t, answers(&calls, c.status))
		if err := client.JSON(context.Background(), c.method, "/", nil, nil); err == nil || calls.Load() != 1 {
			t.Errorf("%s %d: %v after %d calls", c.method, c.status, err, calls.Load())
		}
	}
}

func TestRetriesWhatIsRepeatable(t *testing.T) {
	var calls atomic.Int32
	client, _ := testClient(t, answers(&calls, 503, 200))
	if err := client.Repeatable(context.Background(), "POST", "/", nil, nil); err != nil || calls.Load() != 2 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

func TestRetriesWhenNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	client, waits := clientOf(t, "http://"+listener.Addr().String())
	if err := client.JSON(context.Background(), "GET", "/", nil, nil); err == nil || len(*waits) != 2 {
		t.Errorf("%v after waits %v", err, *waits)
	}
	*waits = nil
	if err := client.JSON(context.Background(), "POST", "/", nil, nil); err == nil || len(*waits) != 0 {
		t.Errorf("POST: %v after waits %v", err, *waits)
	}
}

func TestHonoursRetryAfterWithinBounds(t *testing.T) {
	for header, want := range map[string]struct {
		calls int32
		wait  time.Duration
	}{"1": {2, time.Second}, "3600": {1, 0}, "soon": {2, 25 * time.Millisecond}} {
		var calls atomic.Int32
		client, waits := testClient(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", header)
			if calls.Add(1) == 1 {
				w.WriteHeader(503)
			}
		})
		_ = client.JSON(context.Background(), "GET", "/", nil, nil)
		if calls.Load() != want.calls || want.wait > 0 && (*waits)[0] != want.wait {
			t.Errorf("Retry-After %s: %d calls, waits %v", header, calls.Load(), *waits)
		}
	}
}

func TestRetryAfterReadsDates(t *testing.T) {
	now := time.Date(2025, 1, 2, 3, 4, 5, 0, time.UTC)
	if got := retryAfter("Thu, 02 Jan 2025 03:04:15 GMT", now); got != 10*time.Second {
		t.Errorf("got %v", got)
	}
	if got := retryAfter("Thu, 02 Jan 2025 03:04:00 GMT", now); got != 0 {
		t.Errorf("a date in the past gave %v", got)
	}
}

func TestTimeoutsEndTheCall(t *testing.T) {
	for name, limit := range map[string]func(*Limits){
		"try":   func(l *Limits) { l.TryTimeout = 20 * time.Millisecond },
		"total": func(l *Limits) { l.TotalTimeout = 20 * time.Millisecond },
	} {
		var calls atomic.Int32
		release := make(chan struct{})
		client, _ := testClient(t, func(http.ResponseWriter, *http.Request) {
			calls.Add(1)
			<-release
		})
		limit(&client.limits)
		err := client.JSON(context.Background(), "GET", "/", nil, nil)
		if !errors.Is(err, context.DeadlineExceeded) || calls.Load() != 1 {
			t.Errorf("%s: %v after %d calls", name, err, calls.Load())
		}
		close(release)
	}
}

func TestDoesNotWaitBeyondTheTotalTimeout(t *testing.T) {
	var calls atomic.Int32
	client, waits := testClient(t, answers(&calls, 503))
	client.limits.BackoffBase, client.limits.BackoffMax = time.Hour, time.Hour
	var status *StatusError
	if err := client.JSON(context.Background(), "GET", "/", nil, nil); !errors.As(err, &status) || len(*waits) != 0 {
		t.Errorf("%v after waits %v", err, *waits)
	}
}

func TestForwardsTheTraceWithASpanOfItsOwn(t *testing.T) {
	var seen []trace.Context
	client, _ := testClient(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, trace.FromHeader(r.Header))
		if len(seen) == 1 {
			w.WriteHeader(503)
		}
	})
	caller := trace.New()
	caller.RequestID = "r1"
	if err := client.JSON(trace.With(context.Background(), caller), "GET", "/", nil, nil); err != nil {
		t.Fatal(err)
	}
	for _, got := range seen {
		if got.TraceID != caller.TraceID || got.SpanID == caller.SpanID || got.RequestID != "r1" {
			t.Errorf("got %+v of %+v", got, caller)
		}
	}
	if len(seen) != 2 || seen[0].SpanID == seen[1].SpanID {
		t.Errorf("attempts share a span: %+v", seen)
	}
}

func TestRefusesAnswersThatAreTooLarge(t *testing.T) {
	client, _ := testClient(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 2000))
	})
	client.limits.MaxBodyBytes = 1000
	if err := client.JSON(context.Background(), "GET", "/", nil, nil); err == nil {
		t.Error("no error")
	}
}
