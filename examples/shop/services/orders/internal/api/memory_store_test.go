package api

import (
	"context"
	"slices"
	"strings"
	"sync"

	"example.com/orders/internal/items"
)

// memoryStore is the store of these tests. A service keeps nothing in memory: its replicas share a store.
type memoryStore struct {
	mutex sync.Mutex
	items []items.Item
	paid  map[string]items.Payment
	err   error // returned by every call, if set
}

func (m *memoryStore) find(id string) int {
	return slices.IndexFunc(m.items, func(i items.Item) bool { return i.ID == id })
}

func (m *memoryStore) Create(_ context.Context, item items.Item) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.err != nil {
		return m.err
	}
	m.items = append(m.items, item)
	slices.SortFunc(m.items, func(a, b items.Item) int { return strings.Compare(a.ID, b.ID) })
	return nil
}

func (m *memoryStore) Get(_ context.Context, id string) (items.Item, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.err != nil {
		return items.Item{}, m.err
	}
	if i := m.find(id); i >= 0 {
		return m.items[i], nil
	}
	return items.Item{}, items.ErrNotFound
}

func (m *memoryStore) List(_ context.Context, cursor string, limit int) (items.Page, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.err != nil {
		return items.Page{}, m.err
	}
	page := items.Page{}
	for _, item := range m.items {
		if item.ID <= cursor {
			continue
		}
		if len(page.Items) == limit {
			page.Next = page.Items[limit-1].ID
			break
		}
		page.Items = append(page.Items, item)
	}
	return page, nil
}

func (m *memoryStore) Replace(_ context.Context, item items.Item) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.err != nil {
		return m.err
	}
	i := m.find(item.ID)
	if i < 0 {
		return items.ErrNotFound
	}
	m.items[i] = item
	return nil
}

func (m *memoryStore) Delete(_ context.Context, id string) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.err != nil {
		return m.err
	}
	i := m.find(id)
	if i < 0 {
		return items.ErrNotFound
	}
	m.items = slices.Delete(m.items, i, i+1)
	return nil
}

func (m *memoryStore) RecordPayment(_ context.Context, id string, payment items.Payment) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.err != nil {
		return m.err
	}
	if m.paid == nil {
		m.paid = map[string]items.Payment{}
	}
	m.paid[id] = payment
	return nil
}

func (m *memoryStore) Payment(_ context.Context, id string) (items.Payment, bool, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	payment, paid := m.paid[id]
	return payment, paid, m.err
}

func (m *memoryStore) Ping(context.Context) error { return m.err }
