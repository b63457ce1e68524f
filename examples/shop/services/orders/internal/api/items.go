package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"example.com/orders/internal/items"
	"example.com/orders/internal/problem"
)

const (
	defaultPageSize = 50
	maxPageSize     = 100
)

// itemList is the body of GET /items.
type itemList struct {
	Items      []items.Item `json:"items"`
	NextCursor string       `json:"nextCursor,omitempty"`
}

func (a *api) createItem(w http.ResponseWriter, r *http.Request) {
	draft, refused := readDraft(w, r)
	if refused != nil {
		refused.Write(w)
		return
	}
	item := items.Item{ID: a.newID(), Name: draft.Name, Quantity: draft.Quantity}
	if err := a.Store.Create(r.Context(), item); err != nil {
		a.fail(w, r, err)
		return
	}
	w.Header().Set("Location", publicPrefix(r)+"/items/"+item.ID)
	writeJSON(w, http.StatusCreated, item)
}

func (a *api) getItem(w http.ResponseWriter, r *http.Request) {
	item, err := a.order(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, item)
}

func (a *api) listItems(w http.ResponseWriter, r *http.Request) {
	cursor, limit, refused := pageQuery(r.URL.Query())
	if refused != nil {
		refused.Write(w)
		return
	}
	page, err := a.Store.List(r.Context(), cursor, limit)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	list := itemList{Items: page.Items, NextCursor: page.Next}
	if list.Items == nil {
		list.Items = []items.Item{} // an empty list is [], not null
	}
	writeJSON(w, http.StatusOK, list)
}

func (a *api) replaceItem(w http.ResponseWriter, r *http.Request) {
	draft, refused := readDraft(w, r)
	if refused != nil {
		refused.Write(w)
		return
	}
	item := items.Item{ID: r.PathValue("id"), Name: draft.Name, Quantity: draft.Quantity}
	if !items.ValidID(item.ID) {
		a.fail(w, r, items.ErrNotFound)
		return
	}
	if err := a.Store.Replace(r.Context(), item); err != nil {
		a.fail(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, item)
}

func (a *api) deleteItem(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	if !items.ValidID(id) {
		a.fail(w, r, items.ErrNotFound)
		return
	}
	if err := a.Store.Delete(r.Context(), id); err != nil {
		a.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// order returns the item that the path names.
func (a *api) order(r *http.Request) (items.Item, error) {
	id := r.PathValue("id")
	if !items.ValidID(id) {
		return items.Item{}, items.ErrNotFound
	}
	return a.Store.Get(r.Context(), id)
}

// fail answers with the problem that belongs to an error of the store.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, items.ErrNotFound):
		problem.New(http.StatusNotFound, "There is no item with this id.").Write(w)
	case errors.Is(err, items.ErrUnavailable):
		a.Log.WarnContext(r.Context(), "store not available", "error", err.Error())
		w.Header().Set("Retry-After", "1")
		problem.New(http.StatusServiceUnavailable, "The service's store does not answer at the moment.").Write(w)
	default:
		a.Log.ErrorContext(r.Context(), "store failed", "error", err.Error())
		problem.New(http.StatusInternalServerError, "The service failed to answer this request.").Write(w)
	}
}

// pageQuery reads ?limit= and ?cursor=. A cursor is the id of the last item of the page before.
func pageQuery(query url.Values) (cursor string, limit int, refused *problem.Problem) {
	var wrong []problem.Field
	limit = defaultPageSize
	if query.Has("limit") {
		number, err := strconv.Atoi(query.Get("limit"))
		if err != nil || number < 1 || number > maxPageSize {
			wrong = append(wrong, problem.Field{
				Parameter: "limit", Detail: "must be an integer from 1 to " + strconv.Itoa(maxPageSize),
			})
		}
		limit = number
	}
	cursor = query.Get("cursor")
	if query.Has("cursor") && !items.ValidID(cursor) {
		wrong = append(wrong, problem.Field{Parameter: "cursor", Detail: "must be the nextCursor of a list"})
	}
	if wrong != nil {
		return "", 0, problem.New(http.StatusUnprocessableEntity, "The query has values that are not allowed.", wrong...)
	}
	return cursor, limit, nil
}

var plainPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)+$`)

// publicPrefix is the part of the public path that a gateway took off. What is not a plain path is ignored:
// it would let a caller send others to an address of its choice.
func publicPrefix(r *http.Request) string {
	prefix := strings.TrimSuffix(r.Header.Get("X-Forwarded-Prefix"), "/")
	if !plainPath.MatchString(prefix) || strings.Contains(prefix+"/", "/../") {
		return ""
	}
	return prefix
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client may be gone; there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(body)
}
