package api

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"example.com/orders/internal/items"
	"example.com/orders/internal/problem"
)

const home = `{"address":"Harbour Street 1","recipient":"ann@example.com"}`

// ordered is a shop that sells lamps, and an order for three of them.
func ordered(t *testing.T) (*fixture, string) {
	s := newFixture(t)
	s.shelf.stock, s.shelf.price = map[string]int{"lamp": 5}, 1250
	return s, s.create(`{"name":"lamp","quantity":3}`).ID
}

func (s *fixture) wantProgress(order string, paid, shipped bool) {
	s.t.Helper()
	answer := s.call("GET", "/items/"+order+"/progress", "")
	if got := decode[progress](s.t, answer); got != (progress{Order: order, Paid: paid, Shipped: shipped}) {
		s.t.Errorf("progress = %+v", got)
	}
}

func TestACheckoutPaysAndShipsOnce(t *testing.T) {
	s, order := ordered(t)
	s.wantProgress(order, false, false)
	want := checkout{Order: order, Amount: 3750, Payment: "payment of " + order, Shipment: "shipment of " + order}
	for i := 0; i < 2; i++ {
		answer := s.call("POST", "/items/"+order+"/checkout", home)
		if answer.Code != http.StatusOK || decode[checkout](t, answer) != want {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
	}
	if s.shelf.stock["lamp"] != 2 {
		t.Errorf("in stock: %d", s.shelf.stock["lamp"])
	}
	if got := s.dock.shipments[order]; got != (destination{"Harbour Street 1", "ann@example.com"}) {
		t.Errorf("shipped to %+v", got)
	}
	s.wantProgress(order, true, false)
	s.dock.shipped = true
	s.wantProgress(order, true, true)
}

func TestWhatKeepsAnOrderFromBeingPaidIsTold(t *testing.T) {
	for detail, spoil := range map[string]func(*fixture){
		"not list":       func(s *fixture) { s.shelf.stock = nil },
		"3000000 cents":  func(s *fixture) { s.shelf.price = 1_000_000 },
		"comes to 0":     func(s *fixture) { s.shelf.price = 0 },
		"too little":     func(s *fixture) { s.shelf.stock["lamp"] = 2 },
		"3750 cents was": func(s *fixture) { s.till.declines = true },
	} {
		s, order := ordered(t)
		spoil(s)
		refused := wantProblem(t, s.call("POST", "/items/"+order+"/checkout", home), http.StatusConflict)
		if !strings.Contains(refused.Detail, detail) {
			t.Errorf("%q does not say %q", refused.Detail, detail)
		}
		if len(s.dock.shipments) > 0 {
			t.Errorf("%s: shipped all the same", detail)
		}
		s.wantProgress(order, false, false)
	}
}

func TestACheckoutGoesOnWhereItFailed(t *testing.T) {
	s, order := ordered(t)
	path := "/items/" + order + "/checkout"
	for _, c := range []struct {
		need   string
		broken *error
	}{{"catalogue", &s.shelf.broken}, {"payments", &s.till.broken}, {"shipping", &s.dock.broken}} {
		*c.broken = errors.New("connection refused")
		answer := s.call("POST", path, home)
		refused := wantProblem(t, answer, http.StatusServiceUnavailable)
		if !strings.Contains(refused.Detail, c.need) || answer.Header().Get("Retry-After") == "" {
			t.Errorf("%s: %q, Retry-After %q", c.need, refused.Detail, answer.Header().Get("Retry-After"))
		}
		*c.broken = nil
	}
	if answer := s.call("POST", path, home); answer.Code != http.StatusOK || s.shelf.stock["lamp"] != 2 {
		t.Errorf("%d %s, in stock: %d", answer.Code, answer.Body, s.shelf.stock["lamp"])
	}
}

func TestWhatIsPaidIsShippedWhateverBecameOfTheThing(t *testing.T) {
	s, order := ordered(t)
	s.dock.broken = errors.New("connection refused")
	wantProblem(t, s.call("POST", "/items/"+order+"/checkout", home), http.StatusServiceUnavailable)
	wantProblem(t, s.call("GET", "/items/"+order+"/progress", ""), http.StatusServiceUnavailable)
	s.dock.broken, s.shelf.stock, s.shelf.price = nil, nil, 9999
	answer := s.call("POST", "/items/"+order+"/checkout", home)
	if answer.Code != http.StatusOK || decode[checkout](t, answer).Amount != 3750 {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestCheckoutAndProgressOfAnUnknownOrder(t *testing.T) {
	s := newFixture(t)
	for _, id := range []string{unknownID, "1"} {
		wantProblem(t, s.call("POST", "/items/"+id+"/checkout", home), http.StatusNotFound)
		wantProblem(t, s.call("GET", "/items/"+id+"/progress", ""), http.StatusNotFound)
	}
}

func TestCheckoutAndProgressWithoutAStore(t *testing.T) {
	s, order := ordered(t)
	s.store.err = items.ErrUnavailable
	wantProblem(t, s.call("POST", "/items/"+order+"/checkout", home), http.StatusServiceUnavailable)
	wantProblem(t, s.call("GET", "/items/"+order+"/progress", ""), http.StatusServiceUnavailable)
}

func TestEveryWrongValueOfACheckoutIsNamed(t *testing.T) {
	s, order := ordered(t)
	for body, want := range map[string]string{
		`{}`: "/address /recipient",
		`[]`: "",
		`{"address":"","recipient":"ann","a/b":1}`:                         "/address /recipient /a~1b",
		`{"address":1,"recipient":null}`:                                   "/address /recipient",
		`{"address":"x","recipient":"a@b@c"}`:                              "/recipient",
		`{"address":"x","recipient":"ä@b"}`:                                "/recipient",
		`{"address":"x","recipient":"a b@c"}`:                              "/recipient",
		`{"address":"x","recipient":"` + strings.Repeat("a", 253) + `@b"}`: "/recipient",
		`{"address":"` + strings.Repeat("é", 201) + `","recipient":"a@b"}`: "/address",
	} {
		refused := wantProblem(t, s.call("POST", "/items/"+order+"/checkout", body), http.StatusUnprocessableEntity)
		if got := pointers(refused); got != want {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
	wantProblem(t, s.call("POST", "/items/"+order+"/checkout", "{"), http.StatusBadRequest)
	wantProblem(t, s.call("POST", "/items/"+order+"/checkout", home, "Content-Type", "text/plain"),
		http.StatusUnsupportedMediaType)
	longest := `{"address":"` + strings.Repeat("é", 200) + `","recipient":"` + strings.Repeat("a", 252) + `@b"}`
	if answer := s.call("POST", "/items/"+order+"/checkout", longest); answer.Code != http.StatusOK {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func pointers(p problem.Problem) string {
	var all []string
	for _, field := range p.Errors {
		all = append(all, field.Pointer)
	}
	return strings.Join(all, " ")
}
