package clients

import (
	"context"
	"net/http"
	"net/url"
)

// Catalogue calls the service catalogue.
type Catalogue struct {
	client *Client
}

// CatalogueItem is an item of catalogue, as far as this service looks at it.
type CatalogueItem struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
}

// NewCatalogue takes the address from CATALOGUE_URL.
func NewCatalogue(getenv func(string) string) (*Catalogue, error) {
	client, err := newClient("catalogue", "CATALOGUE_URL", getenv)
	if err != nil {
		return nil, err
	}
	return &Catalogue{client: client}, nil
}

// Item returns one item; a *StatusError with status 404 if there is none with this id.
func (s *Catalogue) Item(ctx context.Context, id string) (CatalogueItem, error) {
	var item CatalogueItem
	err := s.client.JSON(ctx, http.MethodGet, "/items/"+url.PathEscape(id), nil, &item)
	return item, err
}
