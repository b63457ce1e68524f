package clients

import (
	"context"
	"net/http"

	"example.com/orders/internal/items"
)

// Payments calls the service payments.
type Payments struct {
	client *Client
}

// NewPayments takes the address from PAYMENTS_URL.
func NewPayments(getenv func(string) string) (*Payments, error) {
	client, err := newClient("payments", "PAYMENTS_URL", getenv)
	if err != nil {
		return nil, err
	}
	return &Payments{client: client}, nil
}

// Pay pays for an order, once: an order that has a payment already is answered with that. False: declined.
func (s *Payments) Pay(ctx context.Context, order string, cents int) (items.Payment, bool, error) {
	var answer struct {
		ID     string `json:"id"`
		Amount int    `json:"amount"`
		State  string `json:"state"`
	}
	body := map[string]any{"order": order, "amount": cents}
	if err := s.client.Repeatable(ctx, http.MethodPost, "/items", body, &answer); err != nil {
		return items.Payment{}, false, err
	}
	return items.Payment{ID: answer.ID, Amount: answer.Amount}, answer.State == "captured", nil
}
