// Package problem writes errors as application/problem+json (RFC 9457).
package problem

import (
	"encoding/json"
	"net/http"
)

// ContentType is the media type of every error that the service answers.
const ContentType = "application/problem+json"

// Problem describes one failed request. Type is about:blank: the status says what went wrong, detail
// and errors say what to change.
type Problem struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Status int     `json:"status"`
	Detail string  `json:"detail,omitempty"`
	Errors []Field `json:"errors,omitempty"`
}

// Field is one wrong value: in the body (Pointer, RFC 6901) or in the query (Parameter).
type Field struct {
	Pointer   string `json:"pointer,omitempty"`
	Parameter string `json:"parameter,omitempty"`
	Detail    string `json:"detail"`
}

// New makes a problem whose title is the status's own text.
func New(status int, detail string, fields ...Field) *Problem {
	return &Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Errors: fields,
	}
}

// Error makes a problem an error, so that helpers can return it.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// Write answers the request with the problem.
func (p *Problem) Write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", ContentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	// The client may be gone; there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(p)
}
