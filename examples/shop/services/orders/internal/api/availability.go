package api

import "net/http"

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
	order, err := a.order(r)
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
