//go:build integration

// Package integration tests the running shop behind the gateway at GATEWAY_URL, whose services may hold the
// things of others. Requests that follow one another may be answered by different replicas.
package integration

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const home = `{"address":"Harbour Street 1","recipient":"ann@example.com"}`

// object is any object of JSON.
type object map[string]any

// try returns the answer's status and body. A body is JSON.
func try(method, path, body string) (int, object, error) {
	address := os.Getenv("GATEWAY_URL")
	if address == "" {
		return 0, nil, errors.New("GATEWAY_URL tells where the gateway is")
	}
	request, err := http.NewRequest(method, strings.TrimSuffix(address, "/")+path, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	var answer object
	err = json.NewDecoder(response.Body).Decode(&answer)
	return response.StatusCode, answer, err
}

// want sends a request whose answer must have this status.
func want(t *testing.T, status int, method, path, body string) object {
	t.Helper()
	got, answer, err := try(method, path, body)
	if got != status || err != nil {
		t.Fatalf("%s %s: %d %v %v, want %d", method, path, got, answer, err, status)
	}
	return answer
}

// order is an order for a thing that the shop lists at a price and has in stock.
func order(t *testing.T, price, stock, quantity int) (id, stocked string) {
	t.Helper()
	name := "walk " + strconv.FormatInt(time.Now().UnixNano(), 36)
	thing := func(quantity int) string {
		return `{"name":"` + name + `","quantity":` + strconv.Itoa(quantity) + `}`
	}
	priced := strings.TrimSuffix(thing(1), "}") + `,"price":` + strconv.Itoa(price) + `}`
	want(t, http.StatusCreated, "POST", "/catalogue/items", priced)
	stocked = want(t, http.StatusCreated, "POST", "/inventory/items", thing(stock))["id"].(string)
	id = want(t, http.StatusCreated, "POST", "/orders/items", thing(quantity))["id"].(string)
	return id, stocked
}

func wantProgress(t *testing.T, id string, paid, shipped bool) {
	t.Helper()
	got := want(t, http.StatusOK, "GET", "/orders/items/"+id+"/progress", "")
	if got["order"] != id || got["paid"] != paid || got["shipped"] != shipped {
		t.Errorf("progress = %v, want paid %v, shipped %v", got, paid, shipped)
	}
}

func wantStock(t *testing.T, stocked string, quantity float64) {
	t.Helper()
	if got := want(t, http.StatusOK, "GET", "/inventory/items/"+stocked, "")["quantity"]; got != quantity {
		t.Errorf("in stock: %v, want %v", got, quantity)
	}
}

// notified returns the texts of an order's notifications.
func notified(t *testing.T, id string) []any {
	t.Helper()
	var texts []any
	query := "?limit=100"
	for {
		page := want(t, http.StatusOK, "GET", "/notifications/items"+query, "")
		for _, each := range page["items"].([]any) {
			if each := each.(map[string]any); each["order"] == id {
				texts = append(texts, each["text"])
			}
		}
		next, more := page["nextCursor"].(string)
		if !more {
			return texts
		}
		query = "?limit=100&cursor=" + url.QueryEscape(next)
	}
}

func TestAnOrderIsPaidShippedAndItsRecipientTold(t *testing.T) {
	id, stocked := order(t, 1250, 5, 2)
	wantProgress(t, id, false, false)
	checkout := "/orders/items/" + id + "/checkout"
	bill := want(t, http.StatusOK, "POST", checkout, home)
	if bill["order"] != id || bill["amount"] != 2500.0 {
		t.Errorf("checkout = %v", bill)
	}
	wantProgress(t, id, true, false)

	dispatch := "/shipping/items/" + bill["shipment"].(string) + "/dispatch"
	for i := 0; i < 2; i++ {
		if got := want(t, http.StatusOK, "POST", dispatch, ""); got["state"] != "shipped" {
			t.Errorf("shipment = %v", got)
		}
	}
	wantProgress(t, id, true, true)
	if texts := notified(t, id); len(texts) != 1 || texts[0] != "Your order "+id+" is on its way." {
		t.Errorf("notifications = %v", texts)
	}
	wantStock(t, stocked, 3)
}

func TestACheckoutThatIsSentManyTimesAtOnceHappensOnce(t *testing.T) {
	id, stocked := order(t, 1250, 5, 2)
	bills := make([]object, 8)
	var all sync.WaitGroup
	for i := range bills {
		all.Add(1)
		go func() {
			defer all.Done()
			status, bill, err := try("POST", "/orders/items/"+id+"/checkout", home)
			if status != http.StatusOK || err != nil {
				t.Errorf("checkout: %d %v %v", status, bill, err)
			}
			bills[i] = bill
		}()
	}
	all.Wait()
	for _, bill := range bills {
		if bill["payment"] != bills[0]["payment"] || bill["shipment"] != bills[0]["shipment"] {
			t.Errorf("bills = %v", bills)
			break
		}
	}
	wantStock(t, stocked, 3)
}

func TestWhatKeepsAnOrderFromBeingPaidIsTold(t *testing.T) {
	for detail, of := range map[string]struct{ price, stock, quantity int }{
		"too little":        {1250, 1, 2},
		"was declined":      {500_001, 1, 1},
		"comes to 0 cents":  {0, 5, 2},
		"to 3000000 cents;": {1_000_000, 5, 3},
	} {
		id, _ := order(t, of.price, of.stock, of.quantity)
		for i := 0; i < 2; i++ {
			refused := want(t, http.StatusConflict, "POST", "/orders/items/"+id+"/checkout", home)
			if !strings.Contains(refused["detail"].(string), detail) {
				t.Errorf("%v does not say %q", refused, detail)
			}
		}
		wantProgress(t, id, false, false)
	}
	id := want(t, http.StatusCreated, "POST", "/orders/items", `{"name":"not listed","quantity":1}`)["id"].(string)
	want(t, http.StatusConflict, "POST", "/orders/items/"+id+"/checkout", home)
}

func TestUnknownOrdersAndWrongDestinationsAreRefused(t *testing.T) {
	for _, id := range []string{"0190163d-8694-739b-aea5-966c26f8ad91", "1"} {
		want(t, http.StatusNotFound, "POST", "/orders/items/"+id+"/checkout", home)
		want(t, http.StatusNotFound, "GET", "/orders/items/"+id+"/progress", "")
		refused := want(t, http.StatusUnprocessableEntity, "POST", "/orders/items/"+id+"/checkout", `{"address":""}`)
		if errors := refused["errors"].([]any); len(errors) != 2 {
			t.Errorf("errors = %v", errors)
		}
	}
}
