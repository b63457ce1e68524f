package clients

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestInventoryItem(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.EscapedPath() != "/items/a%2Fb" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, `{"id":"a/b","name":"lamp","quantity":3}`)
	}))
	defer server.Close()
	need, err := NewInventory(func(name string) string {
		return map[string]string{"INVENTORY_URL": server.URL}[name]
	})
	if err != nil {
		t.Fatal(err)
	}

	item, err := need.Item(context.Background(), "a/b")
	if err != nil || item != (InventoryItem{ID: "a/b", Name: "lamp", Quantity: 3}) {
		t.Errorf("Item = %+v, %v", item, err)
	}
	_, err = need.Item(context.Background(), "unknown")
	var status *StatusError
	if !errors.As(err, &status) || status.Status != http.StatusNotFound {
		t.Errorf("unknown item: %v", err)
	}
}

func TestInventoryNamesTheVariableThatIsMissing(t *testing.T) {
	_, err := NewInventory(func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "INVENTORY_URL") {
		t.Errorf("error = %v", err)
	}
}
