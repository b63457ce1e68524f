package clients

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"example.com/orders/internal/items"
)

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

func TestInventoryReserves(t *testing.T) {
	for _, c := range []struct {
		status int
		want   bool
		failed bool
	}{{http.StatusCreated, true, false}, {http.StatusOK, true, false}, {http.StatusConflict, false, false},
		{http.StatusInternalServerError, false, true}} {
		need := newNeed(t, c.status, `{}`)
		inventory, err := NewInventory(need.getenv)
		if err != nil {
			t.Fatal(err)
		}
		order := items.Item{ID: "o1", Name: "lamp", Quantity: 3}
		if got, err := inventory.Reserve(context.Background(), order); got != c.want || (err != nil) != c.failed {
			t.Errorf("%d: Reserve = %v, %v", c.status, got, err)
		}
		need.want("POST /reservations", `{"name":"lamp","order":"o1","quantity":3}`)
	}
}

func TestInventoryNamesTheVariableThatIsMissing(t *testing.T) {
	_, err := NewInventory(func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "INVENTORY_URL") {
		t.Errorf("error = %v", err)
	}
}
