package clients

import "context"

// Catalogue calls the service catalogue.
type Catalogue struct {
	client *Client
}

// NewCatalogue takes the address from CATALOGUE_URL.
func NewCatalogue(getenv func(string) string) (*Catalogue, error) {
	client, err := newClient("catalogue", "CATALOGUE_URL", getenv)
	if err != nil {
		return nil, err
	}
	return &Catalogue{client: client}, nil
}

// Lists says whether the shop sells things of this name.
func (s *Catalogue) Lists(ctx context.Context, name string) (bool, error) {
	found, err := s.client.named(ctx, name)
	return len(found) > 0, err
}

// Price is what one thing of this name costs, in cents; listed: the shop sells it. Where it is listed more
// than once, the oldest counts.
func (s *Catalogue) Price(ctx context.Context, name string) (cents int, listed bool, err error) {
	found, err := s.client.named(ctx, name)
	if err != nil || len(found) == 0 {
		return 0, false, err
	}
	return found[0].Price, true, nil
}
