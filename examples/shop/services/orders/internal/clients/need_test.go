package clients

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// need answers every request alike, and keeps the last one.
type need struct {
	t       *testing.T
	url     string
	request string
	body    string
}

func newNeed(t *testing.T, status int, answer string) *need {
	n := &need{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n.request, n.body = r.Method+" "+r.RequestURI, string(body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	n.url = server.URL
	return n
}

func (n *need) getenv(string) string { return n.url }

// want checks the last request.
func (n *need) want(request, body string) {
	n.t.Helper()
	if n.request != request || n.body != body {
		n.t.Errorf("sent %s %s, want %s %s", n.request, n.body, request, body)
	}
}

// listing answers a list of items in two pages.
func listing(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("cursor") == "" {
			_, _ = io.WriteString(w, `{"items":[{"name":"lamp","quantity":3,"price":1250},
				{"name":"teapot","quantity":1}],"nextCursor":"c"}`)
			return
		}
		_, _ = io.WriteString(w, `{"items":[{"name":"lamp","quantity":4,"price":9}]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}
