package clients

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"example.com/orders/internal/items"
)

func TestPaymentsPay(t *testing.T) {
	for state, want := range map[string]bool{"captured": true, "declined": false} {
		need := newNeed(t, http.StatusCreated, `{"id":"p1","order":"o1","amount":500,"state":"`+state+`"}`)
		payments, err := NewPayments(need.getenv)
		if err != nil {
			t.Fatal(err)
		}
		payment, captured, err := payments.Pay(context.Background(), "o1", 500)
		if payment != (items.Payment{ID: "p1", Amount: 500}) || captured != want || err != nil {
			t.Errorf("Pay = %+v, %v, %v", payment, captured, err)
		}
		need.want("POST /items", `{"amount":500,"order":"o1"}`)
	}
}

func TestAPaymentThatFailedIsNone(t *testing.T) {
	payments, err := NewPayments(newNeed(t, http.StatusUnprocessableEntity, `{}`).getenv)
	if err != nil {
		t.Fatal(err)
	}
	if payment, captured, err := payments.Pay(context.Background(), "o1", 500); captured || err == nil {
		t.Errorf("Pay = %+v, %v, %v", payment, captured, err)
	}
}

func TestPaymentsNamesTheVariableThatIsMissing(t *testing.T) {
	_, err := NewPayments(func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "PAYMENTS_URL") {
		t.Errorf("error = %v", err)
	}
}
