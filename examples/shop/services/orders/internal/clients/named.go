package clients

import (
	"context"
	"net/http"
	"net/url"
)

// mostPages bounds how much of a need's list one call reads.
const mostPages = 20

// quantityOf walks a need's items and adds up the quantities of those with this name. found: there is one.
func (c *Client) quantityOf(ctx context.Context, name string) (quantity int, found bool, err error) {
	path := "/items?limit=100"
	for page := 0; page < mostPages; page++ {
		var list struct {
			Items []struct {
				Name     string `json:"name"`
				Quantity int    `json:"quantity"`
			} `json:"items"`
			NextCursor string `json:"nextCursor"`
		}
		if err := c.JSON(ctx, http.MethodGet, path, nil, &list); err != nil {
			return 0, false, err
		}
		for _, item := range list.Items {
			if item.Name == name {
				quantity += item.Quantity
				found = true
			}
		}
		if list.NextCursor == "" {
			break
		}
		path = "/items?limit=100&cursor=" + url.QueryEscape(list.NextCursor)
	}
	return quantity, found, nil
}

// InStock is how many things of this name there are.
func (s *Inventory) InStock(ctx context.Context, name string) (int, error) {
	quantity, _, err := s.client.quantityOf(ctx, name)
	return quantity, err
}

// Lists says whether the shop sells things of this name.
func (s *Catalogue) Lists(ctx context.Context, name string) (bool, error) {
	_, found, err := s.client.quantityOf(ctx, name)
	return found, err
}
