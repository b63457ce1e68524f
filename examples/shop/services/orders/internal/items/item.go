// Package items holds the service's resource: what an item is, and what keeps items.
package items

import (
	"context"
	"errors"
)

// Limits of an item's values. They are stated in openapi.yaml too.
const (
	MaxNameLength = 100
	MaxQuantity   = 1_000_000
)

// Item is one item as clients see it and as it is stored.
type Item struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
}

// Payment is what was paid for an item: an order that has one is paid.
type Payment struct {
	ID     string `json:"id"`
	Amount int    `json:"amount"` // in cents
}

// Page is a part of the list of items, oldest first.
type Page struct {
	Items []Item
	// Next is the cursor of the page after this one, empty on the last page.
	Next string
}

var (
	// ErrNotFound says that there is no item with this id.
	ErrNotFound = errors.New("no such item")
	// ErrUnavailable says that the store cannot be reached now; the same call may work later.
	ErrUnavailable = errors.New("the store is not available")
)

// Store keeps items. Every replica of the service works on the same store.
type Store interface {
	Create(ctx context.Context, item Item) error
	// Get returns ErrNotFound for an unknown id.
	Get(ctx context.Context, id string) (Item, error)
	// List returns at most limit items that follow the cursor (an item's id; empty: from the start).
	List(ctx context.Context, cursor string, limit int) (Page, error)
	// Replace returns ErrNotFound for an unknown id; it never creates an item.
	Replace(ctx context.Context, item Item) error
	// Delete returns ErrNotFound for an unknown id.
	Delete(ctx context.Context, id string) error
	// RecordPayment keeps the payment of the item with this id, until the item is deleted.
	RecordPayment(ctx context.Context, id string, payment Payment) error
	// Payment returns the payment of the item with this id; paid: there is one.
	Payment(ctx context.Context, id string) (payment Payment, paid bool, err error)
	// Ping says whether the store answers.
	Ping(ctx context.Context) error
}
