package api

import (
	"context"
	"net/http"

	"example.com/orders/internal/items"
	"example.com/orders/internal/problem"
)

// Inventory knows how many things of a name are in stock.
type Inventory interface {
	InStock(ctx context.Context, name string) (int, error)
}

// Catalogue knows whether the shop sells things of a name.
type Catalogue interface {
	Lists(ctx context.Context, name string) (bool, error)
}

// availability is the body of GET /items/{id}/availability.
type availability struct {
	Name      string `json:"name"`
	Ordered   int    `json:"ordered"`
	InStock   int    `json:"inStock"`
	Listed    bool   `json:"listed"`
	Available bool   `json:"available"`
}

// getAvailability asks the needs whether an order can be met.
func (a *api) getAvailability(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if !items.ValidID(id) {
		a.fail(w, r, items.ErrNotFound)
		return
	}
	order, err := a.Store.Get(r.Context(), id)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	inStock, err := a.Inventory.InStock(r.Context(), order.Name)
	if err != nil {
		a.needFailed(w, r, "inventory", err)
		return
	}
	listed, err := a.Catalogue.Lists(r.Context(), order.Name)
	if err != nil {
		a.needFailed(w, r, "catalogue", err)
		return
	}
	writeJSON(w, http.StatusOK, availability{
		Name: order.Name, Ordered: order.Quantity, InStock: inStock, Listed: listed,
		Available: listed && inStock >= order.Quantity,
	})
}

// needFailed answers that a service behind this one is away: not the caller's fault, and worth another try.
func (a *api) needFailed(w http.ResponseWriter, r *http.Request, need string, err error) {
	a.Log.WarnContext(r.Context(), "need not available", "need", need, "error", err.Error())
	w.Header().Set("Retry-After", "1")
	problem.New(http.StatusServiceUnavailable, "The service "+need+" does not answer at the moment.").Write(w)
}
