package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/orders/internal/items"
	"example.com/orders/internal/problem"
)

// maxAmount is what payments takes at most, in cents.
const maxAmount = 1_000_000

// checkout is the answer to POST /items/{id}/checkout.
type checkout struct {
	Order    string `json:"order"`
	Amount   int    `json:"amount"`
	Payment  string `json:"payment"`
	Shipment string `json:"shipment"`
}

// checkOut has an order paid and shipped. Each step happens once an order, however often it is asked for: a
// checkout that failed in the middle goes on where it stopped when it is sent again.
func (a *api) checkOut(w http.ResponseWriter, r *http.Request) {
	to, refused := readDestination(w, r)
	if refused != nil {
		refused.Write(w)
		return
	}
	order, err := a.order(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	payment, err := a.pay(r.Context(), order)
	if err != nil {
		a.checkoutFailed(w, r, err)
		return
	}
	shipment, err := a.Shipping.Ship(r.Context(), order.ID, to.Address, to.Recipient)
	if err != nil {
		a.needFailed(w, r, "shipping", err)
		return
	}
	writeJSON(w, http.StatusOK, checkout{
		Order: order.ID, Amount: payment.Amount, Payment: payment.ID, Shipment: shipment,
	})
}

// pay takes an order's things from stock, and the money for them. What is paid is recorded here, too: from
// then on neither a new price nor a thing that is no longer listed keeps the order from being shipped.
func (a *api) pay(ctx context.Context, order items.Item) (items.Payment, error) {
	payment, paid, err := a.Store.Payment(ctx, order.ID)
	if err != nil || paid {
		return payment, err
	}
	price, listed, err := a.Catalogue.Price(ctx, order.Name)
	if err != nil {
		return payment, &needError{"catalogue", err}
	}
	if !listed {
		return payment, conflict("The shop does not list %q.", order.Name)
	}
	amount := price * order.Quantity
	// Before anything is taken from stock: payments would refuse it.
	if amount < 1 || amount > maxAmount {
		return payment, conflict("The order comes to %d cents; from 1 to %d can be paid.", amount, maxAmount)
	}
	reserved, err := a.Inventory.Reserve(ctx, order)
	if err != nil {
		return payment, &needError{"inventory", err}
	}
	if !reserved {
		return payment, conflict("There is too little of %q in stock.", order.Name)
	}
	payment, captured, err := a.Payments.Pay(ctx, order.ID, amount)
	if err != nil {
		return payment, &needError{"payments", err}
	}
	if !captured {
		return payment, conflict("The payment of %d cents was declined.", payment.Amount)
	}
	return payment, a.Store.RecordPayment(ctx, order.ID, payment)
}

func conflict(format string, args ...any) *problem.Problem {
	return problem.New(http.StatusConflict, fmt.Sprintf(format, args...))
}

func (a *api) checkoutFailed(w http.ResponseWriter, r *http.Request, err error) {
	var refused *problem.Problem
	var need *needError
	switch {
	case errors.As(err, &refused):
		refused.Write(w)
	case errors.As(err, &need):
		a.needFailed(w, r, need.need, need.err)
	default:
		a.fail(w, r, err)
	}
}

// progress is the body of GET /items/{id}/progress.
type progress struct {
	Order   string `json:"order"`
	Paid    bool   `json:"paid"`
	Shipped bool   `json:"shipped"`
}

// getProgress says how far an order is.
func (a *api) getProgress(w http.ResponseWriter, r *http.Request) {
	order, err := a.order(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	_, paid, err := a.Store.Payment(r.Context(), order.ID)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	shipped := false
	if paid { // nothing is shipped before
		if shipped, err = a.Shipping.Shipped(r.Context(), order.ID); err != nil {
			a.needFailed(w, r, "shipping", err)
			return
		}
	}
	writeJSON(w, http.StatusOK, progress{Order: order.ID, Paid: paid, Shipped: shipped})
}
