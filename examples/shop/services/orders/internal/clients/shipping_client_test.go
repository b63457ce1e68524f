package clients

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

func TestShippingShips(t *testing.T) {
	need := newNeed(t, http.StatusCreated, `{"id":"s1","order":"o1","state":"preparing"}`)
	shipping, err := NewShipping(need.getenv)
	if err != nil {
		t.Fatal(err)
	}
	id, err := shipping.Ship(context.Background(), "o1", "Harbour Street 1", "ann@example.com")
	if id != "s1" || err != nil {
		t.Errorf("Ship = %s, %v", id, err)
	}
	need.want("POST /items", `{"address":"Harbour Street 1","order":"o1","recipient":"ann@example.com"}`)
}

func TestShippingSaysWhatIsShipped(t *testing.T) {
	for answer, want := range map[string]bool{
		`{"items":[]}`: false,
		`{"items":[{"id":"s1","state":"preparing"}]}`: false,
		`{"items":[{"id":"s1","state":"shipped"}]}`:   true,
	} {
		need := newNeed(t, http.StatusOK, answer)
		shipping, err := NewShipping(need.getenv)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := shipping.Shipped(context.Background(), "o&1"); got != want || err != nil {
			t.Errorf("%s: Shipped = %v, %v", answer, got, err)
		}
		need.want("GET /items?order=o%261", "")
	}
}

func TestShippingNamesTheVariableThatIsMissing(t *testing.T) {
	_, err := NewShipping(func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "SHIPPING_URL") {
		t.Errorf("error = %v", err)
	}
}
