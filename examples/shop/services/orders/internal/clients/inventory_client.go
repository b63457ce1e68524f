package clients

import (
	"context"
	"errors"
	"net/http"

	"example.com/orders/internal/items"
)

// Inventory calls the service inventory.
type Inventory struct {
	client *Client
}

// NewInventory takes the address from INVENTORY_URL.
func NewInventory(getenv func(string) string) (*Inventory, error) {
	client, err := newClient("inventory", "INVENTORY_URL", getenv)
	if err != nil {
		return nil, err
	}
	return &Inventory{client: client}, nil
}

// InStock is how many things of this name there are.
func (s *Inventory) InStock(ctx context.Context, name string) (int, error) {
	found, err := s.client.named(ctx, name)
	quantity := 0
	for _, item := range found {
		quantity += item.Quantity
	}
	return quantity, err
}

// Reserve takes an order's things from stock, once; false: there are too few.
func (s *Inventory) Reserve(ctx context.Context, order items.Item) (bool, error) {
	body := map[string]any{"order": order.ID, "name": order.Name, "quantity": order.Quantity}
	err := s.client.Repeatable(ctx, http.MethodPost, "/reservations", body, nil)
	var status *StatusError
	if errors.As(err, &status) && status.Status == http.StatusConflict {
		return false, nil
	}
	return err == nil, err
}
