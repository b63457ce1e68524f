// Package redisstore keeps items and their payments in Redis.
//
// Each item is a JSON string under its own key. A sorted set holds all ids with equal scores, so
// that it is ordered by id, which is the order of creation; a page of the list is a range of it.
package redisstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"example.com/orders/internal/items"
)

const (
	itemPrefix    = "orders:item:"
	paymentPrefix = "orders:payment:"
	indexKey      = "orders:items"
)

// Store implements items.Store.
type Store struct {
	client *redis.Client
}

var _ items.Store = (*Store)(nil)

// New prepares a store for redis://host:port[/db]. It does not connect yet: the service starts, and
// says that it is not ready, while Redis is away.
func New(url string, log *slog.Logger) (*Store, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	// A request should learn within about a second that Redis is away, rather than wait for it.
	options.DialTimeout = time.Second
	options.ReadTimeout = time.Second
	options.WriteTimeout = time.Second
	options.PoolTimeout = time.Second
	options.DialerRetries = 1
	options.DialerRetryTimeout = 10 * time.Millisecond
	options.MaxRetries = 1
	options.ContextTimeoutEnabled = true
	// Notices of a managed Redis about its own upgrades; a plain server does not have them.
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(redisLogger{log})
	return &Store{client: redis.NewClient(options)}, nil
}

// Close gives the connections back.
func (s *Store) Close() error { return s.client.Close() }

// Ping says whether Redis answers.
func (s *Store) Ping(ctx context.Context) error {
	return unavailable(s.client.Ping(ctx).Err())
}

// Create stores a new item.
func (s *Store) Create(ctx context.Context, item items.Item) error {
	value, err := json.Marshal(item)
	if err != nil {
		return err
	}
	_, err = s.client.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		tx.Set(ctx, itemPrefix+item.ID, value, 0)
		tx.ZAdd(ctx, indexKey, redis.Z{Member: item.ID})
		return nil
	})
	return unavailable(err)
}

// Get returns one item.
func (s *Store) Get(ctx context.Context, id string) (items.Item, error) {
	value, err := s.client.Get(ctx, itemPrefix+id).Result()
	if errors.Is(err, redis.Nil) {
		return items.Item{}, items.ErrNotFound
	}
	if err != nil {
		return items.Item{}, unavailable(err)
	}
	return decode(value)
}

// List returns the page after the cursor.
func (s *Store) List(ctx context.Context, cursor string, limit int) (items.Page, error) {
	after := "-"
	if cursor != "" {
		after = "(" + cursor
	}
	// One more than asked for tells whether there is a next page.
	ids, err := s.client.ZRangeByLex(ctx, indexKey, &redis.ZRangeBy{
		Min: after, Max: "+", Count: int64(limit) + 1,
	}).Result()
	if err != nil {
		return items.Page{}, unavailable(err)
	}
	page := items.Page{}
	if len(ids) > limit {
		ids = ids[:limit]
		page.Next = ids[limit-1]
	}
	page.Items, err = s.fetch(ctx, ids)
	return page, err
}

// fetch leaves out items that were deleted since their ids were read.
func (s *Store) fetch(ctx context.Context, ids []string) ([]items.Item, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = itemPrefix + id
	}
	values, err := s.client.MGet(ctx, keys...).Result()
	if err != nil {
		return nil, unavailable(err)
	}
	found := make([]items.Item, 0, len(values))
	for _, value := range values {
		text, ok := value.(string)
		if !ok {
			continue
		}
		item, err := decode(text)
		if err != nil {
			return nil, err
		}
		found = append(found, item)
	}
	return found, nil
}

// Replace overwrites an item. SET XX does it only if the item is there, in one step: an item that is
// deleted at the same time does not come back.
func (s *Store) Replace(ctx context.Context, item items.Item) error {
	value, err := json.Marshal(item)
	if err != nil {
		return err
	}
	replaced, err := s.client.SetXX(ctx, itemPrefix+item.ID, value, 0).Result()
	if err != nil {
		return unavailable(err)
	}
	if !replaced {
		return items.ErrNotFound
	}
	return nil
}

// Delete removes an item.
func (s *Store) Delete(ctx context.Context, id string) error {
	var removed *redis.IntCmd
	_, err := s.client.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		removed = tx.Del(ctx, itemPrefix+id)
		tx.Del(ctx, paymentPrefix+id)
		tx.ZRem(ctx, indexKey, id)
		return nil
	})
	if err != nil {
		return unavailable(err)
	}
	if removed.Val() == 0 {
		return items.ErrNotFound
	}
	return nil
}

// RecordPayment keeps an item's payment.
func (s *Store) RecordPayment(ctx context.Context, id string, payment items.Payment) error {
	value, err := json.Marshal(payment)
	if err != nil {
		return err
	}
	return unavailable(s.client.Set(ctx, paymentPrefix+id, value, 0).Err())
}

// Payment returns an item's payment, if there is one.
func (s *Store) Payment(ctx context.Context, id string) (items.Payment, bool, error) {
	value, err := s.client.Get(ctx, paymentPrefix+id).Result()
	if errors.Is(err, redis.Nil) {
		return items.Payment{}, false, nil
	}
	if err != nil {
		return items.Payment{}, false, unavailable(err)
	}
	var payment items.Payment
	if err := json.Unmarshal([]byte(value), &payment); err != nil {
		return items.Payment{}, false, fmt.Errorf("stored payment is not readable: %w", err)
	}
	return payment, true, nil
}

func decode(value string) (items.Item, error) {
	var item items.Item
	if err := json.Unmarshal([]byte(value), &item); err != nil {
		return items.Item{}, fmt.Errorf("stored item is not readable: %w", err)
	}
	return item, nil
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", items.ErrUnavailable, err)
}

// redisLogger puts the client library's own messages into the service's log.
type redisLogger struct{ log *slog.Logger }

func (l redisLogger) Printf(ctx context.Context, format string, args ...any) {
	l.log.DebugContext(ctx, "redis: "+fmt.Sprintf(format, args...))
}
