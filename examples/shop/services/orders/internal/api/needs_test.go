package api

import (
	"context"

	"example.com/orders/internal/items"
)

// shelf stands for inventory and catalogue: what is on it is listed, at the price or without one.
type shelf struct {
	stock    map[string]int
	price    int
	reserved map[string]bool
	broken   error
}

func (s *shelf) InStock(_ context.Context, name string) (int, error) { return s.stock[name], s.broken }

func (s *shelf) Reserve(_ context.Context, order items.Item) (bool, error) {
	if s.reserved[order.ID] || s.broken != nil {
		return s.broken == nil, s.broken
	}
	if s.stock[order.Name] < order.Quantity {
		return false, nil
	}
	s.stock[order.Name] -= order.Quantity
	if s.reserved == nil {
		s.reserved = map[string]bool{}
	}
	s.reserved[order.ID] = true
	return true, nil
}

func (s *shelf) Lists(_ context.Context, name string) (bool, error) {
	_, found := s.stock[name]
	return found, s.broken
}

func (s *shelf) Price(ctx context.Context, name string) (int, bool, error) {
	found, err := s.Lists(ctx, name)
	return s.price, found, err
}

// till stands for payments.
type till struct {
	payments map[string]items.Payment
	declines bool
	broken   error
}

func (p *till) Pay(_ context.Context, order string, cents int) (items.Payment, bool, error) {
	if p.broken != nil {
		return items.Payment{}, false, p.broken
	}
	if p.payments == nil {
		p.payments = map[string]items.Payment{}
	}
	if _, found := p.payments[order]; !found {
		p.payments[order] = items.Payment{ID: "payment of " + order, Amount: cents}
	}
	return p.payments[order], !p.declines, nil
}

// dock stands for shipping.
type dock struct {
	shipments map[string]destination
	shipped   bool
	broken    error
}

func (d *dock) Ship(_ context.Context, order, address, recipient string) (string, error) {
	if d.broken != nil {
		return "", d.broken
	}
	if d.shipments == nil {
		d.shipments = map[string]destination{}
	}
	if _, found := d.shipments[order]; !found {
		d.shipments[order] = destination{Address: address, Recipient: recipient}
	}
	return "shipment of " + order, nil
}

func (d *dock) Shipped(context.Context, string) (bool, error) { return d.shipped, d.broken }
