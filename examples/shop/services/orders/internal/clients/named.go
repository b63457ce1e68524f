package clients

import (
	"context"
	"net/http"
	"net/url"
)

// mostPages bounds how much of a need's list one call reads.
const mostPages = 20

// namedItem is an item of inventory or catalogue, as far as this service looks at it.
type namedItem struct {
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
	Price    int    `json:"price"`
}

// named walks a need's items and returns those with this name, oldest first.
func (c *Client) named(ctx context.Context, name string) ([]namedItem, error) {
	var found []namedItem
	path := "/items?limit=100"
	for page := 0; page < mostPages; page++ {
		var list struct {
			Items      []namedItem `json:"items"`
			NextCursor string      `json:"nextCursor"`
		}
		if err := c.JSON(ctx, http.MethodGet, path, nil, &list); err != nil {
			return nil, err
		}
		for _, item := range list.Items {
			if item.Name == name {
				found = append(found, item)
			}
		}
		if list.NextCursor == "" {
			break
		}
		path = "/items?limit=100&cursor=" + url.QueryEscape(list.NextCursor)
	}
	return found, nil
}
