// Package api is the service's HTTP interface; openapi.yaml describes it to others.
package api

import (
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	service "example.com/orders"
	"example.com/orders/internal/items"
	"example.com/orders/internal/problem"
	"example.com/orders/internal/telemetry"
)

// Dependencies is what the interface needs from outside.
type Dependencies struct {
	Store   items.Store
	Log     *slog.Logger
	Metrics *telemetry.Metrics
	// The services that this one needs.
	Inventory Inventory
	Catalogue Catalogue
	Payments  Payments
	Shipping  Shipping
	// Draining says that the process is about to end: new requests should go to another replica.
	Draining func() bool
}

type api struct {
	Dependencies
	newID func() string
}

type route struct {
	method  string
	path    string
	handler http.HandlerFunc
	log     logRule
}

// New returns the handler of all routes.
func New(deps Dependencies) http.Handler {
	a := &api{
		Dependencies: deps,
		newID:        func() string { return items.NewID(time.Now()) },
	}
	return a.handler()
}

func (a *api) routes() []route {
	return []route{
		{http.MethodGet, "/items", a.listItems, logAlways},
		{http.MethodPost, "/items", a.createItem, logAlways},
		{http.MethodGet, "/items/{id}", a.getItem, logAlways},
		{http.MethodPut, "/items/{id}", a.replaceItem, logAlways},
		{http.MethodDelete, "/items/{id}", a.deleteItem, logAlways},
		{http.MethodGet, "/items/{id}/availability", a.getAvailability, logAlways},
		{http.MethodPost, "/items/{id}/checkout", a.checkOut, logAlways},
		{http.MethodGet, "/items/{id}/progress", a.getProgress, logAlways},
		{http.MethodGet, "/health/live", a.live, logFailures},
		{http.MethodGet, "/health/ready", a.ready, logFailures},
		{http.MethodGet, "/metrics", a.Metrics.Handler().ServeHTTP, logAlways},
		{http.MethodGet, "/openapi.yaml", a.document, logAlways},
	}
}

// handler registers each path twice: with its methods, and without, which is where other methods end.
// The mux would answer both kinds of miss itself, but as plain text.
func (a *api) handler() http.Handler {
	mux := http.NewServeMux()
	methods := map[string][]string{}
	for _, r := range a.routes() {
		mux.Handle(r.method+" "+r.path, a.observe(r.path, r.log, r.handler))
		methods[r.path] = append(methods[r.path], r.method)
	}
	for pattern, allowed := range methods {
		mux.Handle(pattern, a.observe(pattern, logAlways, methodNotAllowed(allowed)))
	}
	unmatched := a.observe("unmatched", logAlways, notFound)
	mux.Handle("/", unmatched)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux redirects //items to /items; that address would lack the prefix that a gateway took off.
		if path.Clean(r.URL.Path) != r.URL.Path {
			unmatched.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func notFound(w http.ResponseWriter, _ *http.Request) {
	problem.New(http.StatusNotFound, "There is nothing at this path.").Write(w)
}

func methodNotAllowed(methods []string) http.HandlerFunc {
	allowed := slices.Clone(methods)
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(allowed, http.MethodHead) // the mux answers HEAD where it answers GET
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Allow", allow)
		problem.New(http.StatusMethodNotAllowed, "This path takes "+allow+".").Write(w)
	}
}

func (a *api) document(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(service.OpenAPI)
}
