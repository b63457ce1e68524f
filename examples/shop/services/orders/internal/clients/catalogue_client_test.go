package clients

import (
	"context"
	"strings"
	"testing"
)

func TestTheCatalogueListsByName(t *testing.T) {
	url := listing(t)
	catalogue, err := NewCatalogue(func(string) string { return url })
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"lamp": true, "chair": false} {
		if got, err := catalogue.Lists(context.Background(), name); got != want || err != nil {
			t.Errorf("Lists(%s) = %v, %v", name, got, err)
		}
	}
	for name, want := range map[string]int{"lamp": 1250, "teapot": 0, "chair": 0} {
		price, listed, err := catalogue.Price(context.Background(), name)
		if price != want || listed != (name != "chair") || err != nil {
			t.Errorf("Price(%s) = %d, %v, %v", name, price, listed, err)
		}
	}
}

func TestCatalogueNamesTheVariableThatIsMissing(t *testing.T) {
	_, err := NewCatalogue(func(string) string { return "" })
	if err == nil || !strings.Contains(err.Error(), "CATALOGUE_URL") {
		t.Errorf("error = %v", err)
	}
}
