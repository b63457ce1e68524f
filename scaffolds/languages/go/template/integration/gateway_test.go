//go:build integration

// Package integration asks the running service through the gateway at GATEWAY_URL. Successive requests may go
// to different replicas, and the store may hold items of others.
package integration

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"example.com/sample-service/internal/items"
	"example.com/sample-service/internal/problem"
)

const itemsPath = "/sample-service/items"

var (
	gateway = strings.TrimSuffix(os.Getenv("GATEWAY_URL"), "/")
	client  = &http.Client{Timeout: 10 * time.Second}
)

func TestMain(m *testing.M) {
	if gateway == "" {
		fmt.Fprintln(os.Stderr, "GATEWAY_URL is not set: msctl test --integration sets it")
		os.Exit(1)
	}
	os.Exit(m.Run())
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request; headers come in pairs. A body is JSON unless a header says otherwise.
func send(method, path, body string, headers ...string) (answer, error) {
	request, err := http.NewRequest(method, gateway+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, read}, err
}

// call is send for a test's own goroutine, which it may end.
func call(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	got, err := send(method, path, body, headers...)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func decode[T any](t *testing.T, from answer) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(from.body, &value); err != nil {
		t.Fatalf("%v in %s", err, from.body)
	}
	return value
}

// wantItem checks that the answer is an item, with this status, and returns it.
func wantItem(t *testing.T, got answer, status int) items.Item {
	t.Helper()
	if got.status != status {
		t.Fatalf("status = %d, want %d; body %s", got.status, status, got.body)
	}
	return decode[items.Item](t, got)
}

// wantProblem checks that the answer is a problem of this status and returns it.
func wantProblem(t *testing.T, got answer, status int) problem.Problem {
	t.Helper()
	if got.status != status {
		t.Fatalf("status = %d, want %d; body %s", got.status, status, got.body)
	}
	if mediaType := got.header.Get("Content-Type"); mediaType != problem.ContentType {
		t.Errorf("content type = %s", mediaType)
	}
	return decode[problem.Problem](t, got)
}

// deleteAtEnd leaves the store as the test found it, however the test ends.
func deleteAtEnd(t *testing.T, item items.Item) {
	t.Helper()
	t.Cleanup(func() {
		if got := call(t, "DELETE", itemsPath+"/"+item.ID, ""); got.status != http.StatusNoContent {
			t.Errorf("delete: %d %s", got.status, got.body)
		}
	})
}

// listed returns all items, page by page.
func listed(t *testing.T, limit int) []items.Item {
	t.Helper()
	var found []items.Item
	first := fmt.Sprintf("%s?limit=%d", itemsPath, limit)
	for path := first; path != ""; {
		got := call(t, "GET", path, "")
		if got.status != http.StatusOK {
			t.Fatalf("list: %d %s", got.status, got.body)
		}
		page := decode[struct {
			Items      []items.Item `json:"items"`
			NextCursor string       `json:"nextCursor"`
		}](t, got)
		found = append(found, page.Items...)
		path = ""
		if page.NextCursor != "" {
			path = first + "&cursor=" + page.NextCursor
		}
	}
	return found
}
