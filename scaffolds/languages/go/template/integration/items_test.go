//go:build integration

package integration

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"example.com/sample-service/internal/items"
)

const (
	unknownPath = itemsPath + "/0190163d-8694-739b-aea5-966c26f8ad91"
	lamp        = `{"name":"lamp","quantity":3}`
)

func TestAnItemIsCreatedReadListedReplacedAndDeleted(t *testing.T) {
	created := call(t, "POST", itemsPath, lamp)
	made := wantItem(t, created, http.StatusCreated)
	if want := (items.Item{ID: made.ID, Name: "lamp", Quantity: 3}); made != want {
		t.Errorf("made %+v", made)
	}
	path := created.header.Get("Location")
	if path != itemsPath+"/"+made.ID {
		t.Fatalf("Location = %q", path)
	}
	if got := wantItem(t, call(t, "GET", path, ""), http.StatusOK); got != made {
		t.Errorf("read %+v", got)
	}
	if n := count(listed(t, 100), made); n != 1 {
		t.Errorf("%d times in the list", n)
	}

	want := items.Item{ID: made.ID, Name: "light", Quantity: 4}
	replaced := call(t, "PUT", path, `{"name":"light","quantity":4}`)
	if got := wantItem(t, replaced, http.StatusOK); got != want {
		t.Errorf("replaced %+v", got)
	}
	if got := wantItem(t, call(t, "GET", path, ""), http.StatusOK); got != want {
		t.Errorf("after it was replaced: %+v", got)
	}

	if got := call(t, "DELETE", path, ""); got.status != http.StatusNoContent || len(got.body) > 0 {
		t.Errorf("delete: %d %s", got.status, got.body)
	}
	wantProblem(t, call(t, "GET", path, ""), http.StatusNotFound)
	wantProblem(t, call(t, "DELETE", path, ""), http.StatusNotFound)
}

func TestUnknownItemsAreNotFound(t *testing.T) {
	for _, path := range []string{unknownPath, itemsPath + "/1"} {
		wantProblem(t, call(t, "GET", path, ""), http.StatusNotFound)
		wantProblem(t, call(t, "PUT", path, lamp), http.StatusNotFound)
		wantProblem(t, call(t, "DELETE", path, ""), http.StatusNotFound)
	}
}

func TestWrongValuesAreNamedAllAtOnce(t *testing.T) {
	got := call(t, "POST", itemsPath, `{"name":"","quantity":-1,"x":1}`)
	var pointers []string
	for _, field := range wantProblem(t, got, http.StatusUnprocessableEntity).Errors {
		pointers = append(pointers, field.Pointer)
	}
	if strings.Join(pointers, " ") != "/name /quantity /x" {
		t.Errorf("pointers = %q", pointers)
	}
	wantProblem(t, call(t, "GET", itemsPath+"?limit=0", ""), http.StatusUnprocessableEntity)
}

func TestMalformedBodiesAreRefused(t *testing.T) {
	wantProblem(t, call(t, "POST", itemsPath, "{"), http.StatusBadRequest)
}

func TestOtherMediaTypesAreRefused(t *testing.T) {
	got := call(t, "POST", itemsPath, lamp, "Content-Type", "text/plain")
	wantProblem(t, got, http.StatusUnsupportedMediaType)
}

func TestOtherMethodsAreRefusedWithAllow(t *testing.T) {
	got := call(t, "PATCH", itemsPath, lamp)
	wantProblem(t, got, http.StatusMethodNotAllowed)
	if allow := got.header.Get("Allow"); allow != "GET, HEAD, POST" {
		t.Errorf("Allow = %q", allow)
	}
}

func TestPagesHoldEachItemExactlyOnce(t *testing.T) {
	var made []items.Item
	for quantity := 1; quantity <= 7; quantity++ {
		body := fmt.Sprintf(`{"name":"page","quantity":%d}`, quantity)
		item := wantItem(t, call(t, "POST", itemsPath, body), http.StatusCreated)
		deleteAtEnd(t, item)
		made = append(made, item)
	}
	found := listed(t, 3)
	for _, item := range made {
		if n := count(found, item); n != 1 {
			t.Errorf("%+v: %d times in the list", item, n)
		}
	}
}

func TestWhatIsCreatedAtTheSameTimeCanAllBeRead(t *testing.T) {
	answers := make([]answer, 20)
	errs := make([]error, len(answers))
	var creating sync.WaitGroup
	for i := range answers {
		creating.Add(1)
		go func() {
			defer creating.Done()
			answers[i], errs[i] = send("POST", itemsPath, fmt.Sprintf(`{"name":"many","quantity":%d}`, i))
		}()
	}
	creating.Wait()

	ids := map[string]bool{}
	for i, created := range answers {
		if errs[i] != nil {
			t.Error(errs[i])
			continue
		}
		made := wantItem(t, created, http.StatusCreated)
		deleteAtEnd(t, made)
		ids[made.ID] = true
		if want := (items.Item{ID: made.ID, Name: "many", Quantity: i}); made != want {
			t.Errorf("made %+v, want %+v", made, want)
		}
		if got := wantItem(t, call(t, "GET", itemsPath+"/"+made.ID, ""), http.StatusOK); got != made {
			t.Errorf("read %+v, want %+v", got, made)
		}
	}
	if len(ids) != len(answers) {
		t.Errorf("%d ids", len(ids))
	}
}

func TestHeadIsAnsweredWhereGetIs(t *testing.T) {
	if got := call(t, "HEAD", itemsPath, ""); got.status != http.StatusOK || len(got.body) > 0 {
		t.Errorf("head: %d %s", got.status, got.body)
	}
}

func TestACallersTraceIsAcceptedAndABrokenOneIgnored(t *testing.T) {
	for _, trace := range []string{"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "nonsense"} {
		if got := call(t, "GET", itemsPath, "", "Traceparent", trace); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", trace, got.status, got.body)
		}
	}
}

func count(in []items.Item, item items.Item) int {
	n := 0
	for _, each := range in {
		if each == item {
			n++
		}
	}
	return n
}
