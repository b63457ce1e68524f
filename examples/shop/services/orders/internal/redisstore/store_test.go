package redisstore

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"testing"
	"time"

	"example.com/orders/internal/items"
)

var silent = slog.New(slog.NewJSONHandler(io.Discard, nil))

func TestNewRefusesOtherURLs(t *testing.T) {
	for _, url := range []string{"", "localhost:6379", "http://localhost", "redis://localhost/notanumber"} {
		if _, err := New(url, silent); err == nil {
			t.Errorf("%q was taken", url)
		}
	}
}

func TestEveryCallSaysUnavailableWhenRedisIsAway(t *testing.T) {
	store, err := New("redis://"+closedPort(t), silent)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ctx := context.Background()
	item := items.Item{ID: items.NewID(time.Now()), Name: "lamp", Quantity: 1}
	_, getErr := store.Get(ctx, item.ID)
	_, listErr := store.List(ctx, "", 10)
	_, _, paymentErr := store.Payment(ctx, item.ID)
	for name, err := range map[string]error{
		"Ping": store.Ping(ctx), "Create": store.Create(ctx, item), "Get": getErr, "List": listErr,
		"Replace": store.Replace(ctx, item), "Delete": store.Delete(ctx, item.ID),
		"RecordPayment": store.RecordPayment(ctx, item.ID, items.Payment{}), "Payment": paymentErr,
	} {
		if !errors.Is(err, items.ErrUnavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// closedPort returns an address where nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// TestAgainstRedis runs when TEST_REDIS_URL names a server whose items may be touched.
func TestAgainstRedis(t *testing.T) {
	url := os.Getenv("TEST_REDIS_URL")
	if url == "" {
		t.Skip("TEST_REDIS_URL is not set")
	}
	store, err := New(url, silent)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	ctx := context.Background()

	now := time.Now()
	var made []items.Item
	for i := 0; i < 3; i++ {
		item := items.Item{ID: items.NewID(now.Add(time.Duration(i) * time.Millisecond)), Name: "lämp", Quantity: i}
		if err := store.Create(ctx, item); err != nil {
			t.Fatal(err)
		}
		made = append(made, item)
	}

	if got, err := store.Get(ctx, made[1].ID); err != nil || got != made[1] {
		t.Errorf("Get = %+v, %v", got, err)
	}
	page, err := store.List(ctx, made[0].ID, 1)
	if err != nil || len(page.Items) != 1 || page.Items[0] != made[1] || page.Next != made[1].ID {
		t.Errorf("List = %+v, %v", page, err)
	}
	made[1].Quantity = 7
	if err := store.Replace(ctx, made[1]); err != nil {
		t.Error(err)
	}
	if got, err := store.Get(ctx, made[1].ID); err != nil || got.Quantity != 7 {
		t.Errorf("after Replace: %+v, %v", got, err)
	}
	if got, paid, err := store.Payment(ctx, made[0].ID); paid || err != nil {
		t.Errorf("Payment of what is not paid = %+v, %v, %v", got, paid, err)
	}
	payment := items.Payment{ID: "p1", Amount: 500}
	if err := store.RecordPayment(ctx, made[0].ID, payment); err != nil {
		t.Error(err)
	}
	if got, paid, err := store.Payment(ctx, made[0].ID); !paid || got != payment || err != nil {
		t.Errorf("Payment = %+v, %v, %v", got, paid, err)
	}
	for _, item := range made {
		if err := store.Delete(ctx, item.ID); err != nil {
			t.Error(err)
		}
	}
	if _, paid, err := store.Payment(ctx, made[0].ID); paid || err != nil {
		t.Errorf("a deleted item is paid: %v, %v", paid, err)
	}
	if err := store.Delete(ctx, made[0].ID); !errors.Is(err, items.ErrNotFound) {
		t.Errorf("second Delete: %v", err)
	}
	if err := store.Replace(ctx, made[0]); !errors.Is(err, items.ErrNotFound) {
		t.Errorf("Replace of a deleted item: %v", err)
	}
	if _, err := store.Get(ctx, made[0].ID); !errors.Is(err, items.ErrNotFound) {
		t.Errorf("Get of a deleted item: %v", err)
	}
}
