package api

import (
	"errors"
	"net/http"
	"testing"
)

func TestAvailabilityComparesTheOrderWithStockAndCatalogue(t *testing.T) {
	s := newFixture(t)
	s.shelf.stock = map[string]int{"lamp": 3, "teapot": 1}
	for body, want := range map[string]availability{
		`{"name":"lamp","quantity":3}`:   {Name: "lamp", Ordered: 3, InStock: 3, Listed: true, Available: true},
		`{"name":"teapot","quantity":2}`: {Name: "teapot", Ordered: 2, InStock: 1, Listed: true},
		`{"name":"chair","quantity":0}`:  {Name: "chair"},
	} {
		answer := s.call("GET", "/items/"+s.create(body).ID+"/availability", "")
		if answer.Code != http.StatusOK || decode[availability](t, answer) != want {
			t.Errorf("%s: %d %s", body, answer.Code, answer.Body)
		}
	}
}

func TestAvailabilityOfAnUnknownOrder(t *testing.T) {
	s := newFixture(t)
	wantProblem(t, s.call("GET", "/items/"+unknownID+"/availability", ""), http.StatusNotFound)
	wantProblem(t, s.call("GET", "/items/1/availability", ""), http.StatusNotFound)
}

func TestANeedThatIsAwayIsToldAsSuch(t *testing.T) {
	s := newFixture(t)
	made := s.create(`{"name":"lamp","quantity":3}`)
	s.shelf.broken = errors.New("connection refused")
	answer := s.call("GET", "/items/"+made.ID+"/availability", "")
	wantProblem(t, answer, http.StatusServiceUnavailable)
	if answer.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}
