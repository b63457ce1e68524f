package clients

import (
	"context"
	"net/http"
	"net/url"
)

// Shipping calls the service shipping.
type Shipping struct {
	client *Client
}

// shipment is a shipment as far as this service looks at it.
type shipment struct {
	ID    string `json:"id"`
	State string `json:"state"`
}

// NewShipping takes the address from SHIPPING_URL.
func NewShipping(getenv func(string) string) (*Shipping, error) {
	client, err := newClient("shipping", "SHIPPING_URL", getenv)
	if err != nil {
		return nil, err
	}
	return &Shipping{client: client}, nil
}

// Ship asks for an order's shipment, once: an order that has one already is answered with that. It returns
// the shipment's id.
func (s *Shipping) Ship(ctx context.Context, order, address, recipient string) (string, error) {
	var answer shipment
	body := map[string]string{"order": order, "address": address, "recipient": recipient}
	err := s.client.Repeatable(ctx, http.MethodPost, "/items", body, &answer)
	return answer.ID, err
}

// Shipped says whether an order is on its way.
func (s *Shipping) Shipped(ctx context.Context, order string) (bool, error) {
	var list struct {
		Items []shipment `json:"items"`
	}
	err := s.client.JSON(ctx, http.MethodGet, "/items?order="+url.QueryEscape(order), nil, &list)
	return len(list.Items) > 0 && list.Items[0].State == "shipped", err
}
