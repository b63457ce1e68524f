package clients

import (
	"context"
	"net/http"
	"net/url"
)

// SampleNeed calls the service sample-need.
type SampleNeed struct {
	client *Client
}

// SampleNeedItem is an item of sample-need, as far as this service looks at it.
type SampleNeedItem struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Quantity int    `json:"quantity"`
}

// NewSampleNeed takes the address from SAMPLE_NEED_URL.
func NewSampleNeed(getenv func(string) string) (*SampleNeed, error) {
	client, err := newClient("sample-need", "SAMPLE_NEED_URL", getenv)
	if err != nil {
		return nil, err
	}
	return &SampleNeed{client: client}, nil
}

// Item returns one item; a *StatusError with status 404 if there is none with this id.
func (s *SampleNeed) Item(ctx context.Context, id string) (SampleNeedItem, error) {
	var item SampleNeedItem
	err := s.client.JSON(ctx, http.MethodGet, "/items/"+url.PathEscape(id), nil, &item)
	return item, err
}
