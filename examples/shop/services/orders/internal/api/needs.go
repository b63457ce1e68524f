package api

import (
	"context"
	"net/http"

	"example.com/orders/internal/items"
	"example.com/orders/internal/problem"
)

// Inventory knows what is in stock.
type Inventory interface {
	// InStock is how many things of a name there are.
	InStock(ctx context.Context, name string) (int, error)
	// Reserve takes an order's things from stock, once; false: there are too few.
	Reserve(ctx context.Context, order items.Item) (bool, error)
}

// Catalogue knows what the shop sells.
type Catalogue interface {
	Lists(ctx context.Context, name string) (bool, error)
	// Price is that of one thing of a name, in cents; listed: the shop sells it.
	Price(ctx context.Context, name string) (cents int, listed bool, err error)
}

// Payments takes the money.
type Payments interface {
	// Pay pays for an order, once, and answers with the first payment from then on; false: declined.
	Pay(ctx context.Context, order string, cents int) (items.Payment, bool, error)
}

// Shipping brings orders to their recipients.
type Shipping interface {
	// Ship asks for an order's shipment, once, and returns the id of the first one from then on.
	Ship(ctx context.Context, order, address, recipient string) (string, error)
	// Shipped says whether an order is on its way.
	Shipped(ctx context.Context, order string) (bool, error)
}

// needError says which need did not do its part.
type needError struct {
	need string
	err  error
}

func (e *needError) Error() string { return e.need + ": " + e.err.Error() }

func (e *needError) Unwrap() error { return e.err }

// needFailed answers that a service behind this one is away: not the caller's fault, and worth another try.
func (a *api) needFailed(w http.ResponseWriter, r *http.Request, need string, err error) {
	a.Log.WarnContext(r.Context(), "need not available", "need", need, "error", err.Error())
	w.Header().Set("Retry-After", "1")
	problem.New(http.StatusServiceUnavailable, "The service "+need+" does not answer at the moment.").Write(w)
}
