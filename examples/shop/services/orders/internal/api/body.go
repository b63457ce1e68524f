package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/orders/internal/items"
	"example.com/orders/internal/problem"
)

const maxBodyBytes = 64 * 1024

// draft is what a client says about an item.
type draft struct {
	Name     string
	Quantity int
}

// destination is where an order goes: the body of a checkout. Its limits are those of shipping.
type destination struct {
	Address   string
	Recipient string
}

const (
	maxAddressLength   = 200
	maxRecipientLength = 254
)

// email is what can be an address; whether it is one, only a mail to it tells.
var email = regexp.MustCompile("^[!-?A-~]+@[!-?A-~]+$")

// readDraft reads and checks the body of POST and PUT.
func readDraft(w http.ResponseWriter, r *http.Request) (draft, *problem.Problem) {
	c, refused := readObject(w, r)
	if refused != nil {
		return draft{}, refused
	}
	d := draft{
		Name:     c.text("name", 1, items.MaxNameLength),
		Quantity: c.integer("quantity", 0, items.MaxQuantity),
	}
	return d, c.refused("name", "quantity")
}

// readDestination reads and checks the body of a checkout.
func readDestination(w http.ResponseWriter, r *http.Request) (destination, *problem.Problem) {
	c, refused := readObject(w, r)
	if refused != nil {
		return destination{}, refused
	}
	d := destination{
		Address:   c.text("address", 1, maxAddressLength),
		Recipient: c.email("recipient", maxRecipientLength),
	}
	return d, c.refused("address", "recipient")
}

// readObject does not unmarshal into a struct: that stops at the first wrong value, and takes {"NAME": …} for
// {"name": …}.
func readObject(w http.ResponseWriter, r *http.Request) (*checker, *problem.Problem) {
	body, refused := readJSON(w, r)
	if refused != nil {
		return nil, refused
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil || fields == nil {
		return nil, invalid(problem.Field{Pointer: "", Detail: "must be an object"})
	}
	return &checker{fields: fields}, nil
}

func invalid(fields ...problem.Field) *problem.Problem {
	return problem.New(http.StatusUnprocessableEntity, "The body has values that are not allowed.", fields...)
}

// readJSON returns a body that is JSON, whatever it says.
func readJSON(w http.ResponseWriter, r *http.Request) ([]byte, *problem.Problem) {
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mediaType != "application/json" {
		return nil, problem.New(http.StatusUnsupportedMediaType, "The body must be application/json.")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, problem.New(http.StatusRequestEntityTooLarge,
			fmt.Sprintf("The body must not be larger than %d bytes.", maxBodyBytes))
	case errors.Is(err, os.ErrDeadlineExceeded):
		w.Header().Set("Connection", "close")
		return nil, problem.New(http.StatusRequestTimeout, "The body did not arrive in time.")
	case err != nil:
		return nil, problem.New(http.StatusBadRequest, "The body ended too early.")
	case !utf8.Valid(body) || !json.Valid(body):
		return nil, problem.New(http.StatusBadRequest, "The body is not JSON.")
	}
	return body, nil
}

// checker takes values out of an object and collects what is wrong with them.
type checker struct {
	fields map[string]json.RawMessage
	wrong  []problem.Field
}

func (c *checker) fail(name, detail string) {
	c.wrong = append(c.wrong, problem.Field{Pointer: pointer(name), Detail: detail})
}

func (c *checker) text(name string, least, most int) string {
	raw, ok := c.fields[name]
	if !ok {
		c.fail(name, "is required")
		return ""
	}
	var text *string
	if err := json.Unmarshal(raw, &text); err != nil || text == nil {
		c.fail(name, "must be a string")
		return ""
	}
	if length := utf8.RuneCountInString(*text); length < least || length > most {
		c.fail(name, fmt.Sprintf("must have %d to %d characters", least, most))
		return ""
	}
	return *text
}

func (c *checker) email(name string, most int) string {
	text := c.text(name, 1, most)
	if text != "" && !email.MatchString(text) {
		c.fail(name, "must be an e-mail address")
	}
	return text
}

func (c *checker) integer(name string, least, most int) int {
	raw, ok := c.fields[name]
	if !ok {
		c.fail(name, "is required")
		return 0
	}
	// JSON has one kind of number: 3.0 and 3e0 are integers too. Doubles are exact far beyond any limit here.
	number, err := strconv.ParseFloat(string(bytes.TrimSpace(raw)), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) || number != math.Trunc(number) {
		c.fail(name, "must be an integer")
		return 0
	}
	if number < float64(least) || number > float64(most) {
		c.fail(name, fmt.Sprintf("must be from %d to %d", least, most))
		return 0
	}
	return int(number)
}

// refused is the problem to answer with: what is wrong with these fields, and any others. Nil: nothing.
func (c *checker) refused(known ...string) *problem.Problem {
	var others []string
	for name := range c.fields {
		if !slices.Contains(known, name) {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	for _, name := range others {
		c.fail(name, "is not a known field")
	}
	if c.wrong == nil {
		return nil
	}
	return invalid(c.wrong...)
}

// pointer makes a JSON Pointer (RFC 6901) to a field of the body.
func pointer(name string) string {
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}
