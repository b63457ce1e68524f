package clients

import (
	"context"
	"net/http"
	"net/url"
)

// Inventory calls the service inventory.
type Inventory struct {
	client *Client
}

// InventoryItem is an item of inventory, as far as this service looks at it.
type InventoryItem struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
}

// NewInventory takes the address from INVENTORY_URL.
func NewInventory(getenv func(string) string) (*Inventory, error) {
	client, err := newClient("inventory", "INVENTORY_URL", getenv)
	if err != nil {
		return nil, err
	}
	return &Inventory{client: client}, nil
}

// Item returns one item; a *StatusError with status 404 if there is none with this id.
func (s *Inventory) Item(ctx context.Context, id string) (InventoryItem, error) {
	var item InventoryItem
	err := s.client.JSON(ctx, http.MethodGet, "/items/"+url.PathEscape(id), nil, &item)
	return item, err
}
