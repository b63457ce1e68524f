package clients

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// listing answers two pages.
func listing(t *testing.T) string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("cursor") == "" {
			_, _ = io.WriteString(w, `{"items":[{"name":"lamp","quantity":3},{"name":"teapot","quantity":1}],"nextCursor":"c"}`)
			return
		}
		_, _ = io.WriteString(w, `{"items":[{"name":"lamp","quantity":4}]}`)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestStockIsAddedUpOverAllPages(t *testing.T) {
	url := listing(t)
	inventory, err := NewInventory(func(string) string { return url })
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int{"lamp": 7, "teapot": 1, "chair": 0} {
		if got, err := inventory.InStock(context.Background(), name); got != want || err != nil {
			t.Errorf("InStock(%s) = %d, %v", name, got, err)
		}
	}
}

func TestTheCatalogueListsByName(t *testing.T) {
	url := listing(t)
	catalogue, err := NewCatalogue(func(string) string { return url })
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"lamp": true, "chair": false} {
		if got, err := catalogue.Lists(context.Background(), name); got != want || err != nil {
			t.Errorf("Lists(%s) = %v, %v", name, got, err)
		}
	}
}
