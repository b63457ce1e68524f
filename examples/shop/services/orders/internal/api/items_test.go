package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/orders/internal/items"
)

const unknownID = "0190163d-8694-739b-aea5-966c26f8ad91"

func TestCreateThenGet(t *testing.T) {
	s := newFixture(t)
	answer := s.call("POST", "/items", `{"name":"lämp","quantity":3}`)
	if answer.Code != http.StatusCreated {
		t.Fatalf("status = %d: %s", answer.Code, answer.Body)
	}
	made := decode[items.Item](t, answer)
	if !items.ValidID(made.ID) || made.Name != "lämp" || made.Quantity != 3 {
		t.Errorf("made %+v", made)
	}
	if got := answer.Header().Get("Location"); got != "/items/"+made.ID {
		t.Errorf("Location = %s", got)
	}
	if got := s.call("GET", "/items/"+made.ID, ""); got.Code != http.StatusOK || decode[items.Item](t, got) != made {
		t.Errorf("get: %d %s", got.Code, got.Body)
	}
}

func TestLocationHasThePublicPrefix(t *testing.T) {
	s := newFixture(t)
	for prefix, want := range map[string]string{
		"/shop/lamps": "/shop/lamps/items/", "/shop/": "/shop/items/",
		"//evil.example": "/items/", "https://evil.example": "/items/", "/a/../b": "/items/", "shop": "/items/",
		"/a?b": "/items/", "": "/items/",
	} {
		answer := s.call("POST", "/items", `{"name":"lamp","quantity":0}`, "X-Forwarded-Prefix", prefix)
		id := decode[items.Item](t, answer).ID
		if got := answer.Header().Get("Location"); got != want+id {
			t.Errorf("prefix %q: Location = %s", prefix, got)
		}
	}
}

func TestReplace(t *testing.T) {
	s := newFixture(t)
	made := s.create(`{"name":"lamp","quantity":3}`)
	answer := s.call("PUT", "/items/"+made.ID, `{"name":"light","quantity":4}`)
	want := items.Item{ID: made.ID, Name: "light", Quantity: 4}
	if answer.Code != http.StatusOK || decode[items.Item](t, answer) != want {
		t.Errorf("put: %d %s", answer.Code, answer.Body)
	}
	if got := decode[items.Item](t, s.call("GET", "/items/"+made.ID, "")); got != want {
		t.Errorf("after put: %+v", got)
	}
	wantProblem(t, s.call("PUT", "/items/"+made.ID, `{"name":""}`), http.StatusUnprocessableEntity)
}

func TestDelete(t *testing.T) {
	s := newFixture(t)
	made := s.create(`{"name":"lamp","quantity":3}`)
	if answer := s.call("DELETE", "/items/"+made.ID, ""); answer.Code != http.StatusNoContent || answer.Body.Len() > 0 {
		t.Errorf("delete: %d %s", answer.Code, answer.Body)
	}
	wantProblem(t, s.call("GET", "/items/"+made.ID, ""), http.StatusNotFound)
	wantProblem(t, s.call("DELETE", "/items/"+made.ID, ""), http.StatusNotFound)
}

func TestUnknownItemsAreNotFound(t *testing.T) {
	s := newFixture(t)
	for _, id := range []string{unknownID, "1", "a%2Fb", "..%2F.."} {
		wantProblem(t, s.call("GET", "/items/"+id, ""), http.StatusNotFound)
		wantProblem(t, s.call("PUT", "/items/"+id, `{"name":"lamp","quantity":1}`), http.StatusNotFound)
		wantProblem(t, s.call("DELETE", "/items/"+id, ""), http.StatusNotFound)
	}
}

func TestAnEmptyListIsAnArray(t *testing.T) {
	if body := newFixture(t).call("GET", "/items", "").Body.String(); body != "{\"items\":[]}\n" {
		t.Errorf("body = %q", body)
	}
}

func TestPagesCoverTheListOnce(t *testing.T) {
	s := newFixture(t)
	for i := 0; i < 7; i++ {
		s.create(fmt.Sprintf(`{"name":"lamp %d","quantity":%d}`, i, i))
	}
	seen := map[string]bool{}
	sizes := []int{}
	for target := "/items?limit=3"; target != ""; {
		page := decode[itemList](t, s.call("GET", target, ""))
		for _, item := range page.Items {
			seen[item.ID] = true
		}
		sizes = append(sizes, len(page.Items))
		target = ""
		if page.NextCursor != "" {
			target = "/items?limit=3&cursor=" + page.NextCursor
		}
	}
	if len(seen) != 7 || fmt.Sprint(sizes) != "[3 3 1]" {
		t.Errorf("%d items in pages of %v", len(seen), sizes)
	}
}

func TestTheLastFullPageHasNoCursor(t *testing.T) {
	s := newFixture(t)
	s.create(`{"name":"lamp","quantity":1}`)
	if page := decode[itemList](t, s.call("GET", "/items?limit=1", "")); page.NextCursor != "" {
		t.Errorf("cursor = %s", page.NextCursor)
	}
}

func TestWrongPagesAreUnprocessable(t *testing.T) {
	s := newFixture(t)
	for query, parameter := range map[string]string{
		"limit=0": "limit", "limit=101": "limit", "limit=x": "limit", "limit=": "limit", "cursor=x": "cursor",
	} {
		p := wantProblem(t, s.call("GET", "/items?"+query, ""), http.StatusUnprocessableEntity)
		if len(p.Errors) != 1 || p.Errors[0].Parameter != parameter {
			t.Errorf("%s: errors = %+v", query, p.Errors)
		}
	}
}

func TestWrongValuesAreUnprocessable(t *testing.T) {
	s := newFixture(t)
	for body, pointers := range map[string]string{
		`{}`:                                   "/name /quantity",
		`[]`:                                   "",
		`null`:                                 "",
		`"lamp"`:                               "",
		`{"name":"","quantity":1}`:             "/name",
		`{"name":null,"quantity":1}`:           "/name",
		`{"name":7,"quantity":1}`:              "/name",
		`{"name":"lamp","quantity":-1}`:        "/quantity",
		`{"name":"lamp","quantity":1000001}`:   "/quantity",
		`{"name":"lamp","quantity":1e400}`:     "/quantity",
		`{"name":"lamp","quantity":1.5}`:       "/quantity",
		`{"name":"lamp","quantity":"1"}`:       "/quantity",
		`{"name":"lamp","quantity":true}`:      "/quantity",
		`{"name":"lamp","quantity":null}`:      "/quantity",
		`{"name":"lamp","quantity":1,"a/b":2}`: "/a~1b",
		`{"Name":"lamp","quantity":1}`:         "/name /Name",
		`{"name":"lamp","quantity":1,"id":""}`: "/id",
		`{"name":"` + strings.Repeat("é", 101) + `","quantity":1}`: "/name",
	} {
		p := wantProblem(t, s.call("POST", "/items", body), http.StatusUnprocessableEntity)
		got := []string{}
		for _, field := range p.Errors {
			got = append(got, field.Pointer)
		}
		if strings.Join(got, " ") != pointers || len(p.Errors) == 0 {
			t.Errorf("%s: errors = %+v", body, p.Errors)
		}
	}
}

func TestValuesAtTheirLimitsAreTaken(t *testing.T) {
	s := newFixture(t)
	s.create(`{"name":"` + strings.Repeat("é", 100) + `","quantity":1000000}`)
	if made := s.create(`{"name":"x","quantity":2.0}`); made.Quantity != 2 {
		t.Errorf("2.0 became %d", made.Quantity)
	}
	s.create(" \r\n{\"name\":\"x\",\t\"quantity\":0} ")
}

func TestMalformedBodiesAreRefused(t *testing.T) {
	s := newFixture(t)
	for _, body := range []string{
		" ", "{", `{"name":"lamp","quantity":1}}`, `{"name":'lamp'}`, "{\"name\":\"\xff\",\"quantity\":1}",
		`{"name":"lamp","quantity":NaN}`, `{"name":"lamp","quantity":01}`,
	} {
		wantProblem(t, s.call("POST", "/items", body), http.StatusBadRequest)
	}
	wantProblem(t, s.call("POST", "/items", "", "Content-Type", "application/json"), http.StatusBadRequest)
}

func TestLargeBodiesAreRefused(t *testing.T) {
	s := newFixture(t)
	body := `{"name":"lamp","quantity":1}`
	s.create(body + strings.Repeat(" ", maxBodyBytes-len(body)))
	wantProblem(t, s.call("POST", "/items", body+strings.Repeat(" ", maxBodyBytes-len(body)+1)),
		http.StatusRequestEntityTooLarge)
}

func TestOtherMediaTypesAreRefused(t *testing.T) {
	s := newFixture(t)
	for _, mediaType := range []string{"", "text/plain", "application/xml", "application/jsonx", "application/"} {
		wantProblem(t, s.call("POST", "/items", `{"name":"lamp","quantity":1}`, "Content-Type", mediaType),
			http.StatusUnsupportedMediaType)
	}
	answer := s.call("POST", "/items", `{"name":"lamp","quantity":1}`, "Content-Type", "Application/JSON; charset=utf-8")
	if answer.Code != http.StatusCreated {
		t.Errorf("status = %d", answer.Code)
	}
}

func TestEveryRouteOfItemsSaysUnavailable(t *testing.T) {
	s := newFixture(t)
	s.store.err = fmt.Errorf("%w: connection refused", items.ErrUnavailable)
	body := `{"name":"lamp","quantity":1}`
	for _, c := range [][3]string{
		{"GET", "/items"}, {"POST", "/items", body}, {"GET", "/items/" + unknownID},
		{"PUT", "/items/" + unknownID, body}, {"DELETE", "/items/" + unknownID},
	} {
		answer := s.call(c[0], c[1], c[2])
		p := wantProblem(t, answer, http.StatusServiceUnavailable)
		if answer.Header().Get("Retry-After") == "" {
			t.Errorf("%s %s: no Retry-After", c[0], c[1])
		}
		if strings.Contains(p.Detail, "refused") {
			t.Errorf("the inner error is told to the client: %s", p.Detail)
		}
	}
}

func TestOtherFailuresOfTheStoreAreOurs(t *testing.T) {
	s := newFixture(t)
	s.store.err = fmt.Errorf("stored item is not readable")
	wantProblem(t, s.call("GET", "/items", ""), http.StatusInternalServerError)
}
