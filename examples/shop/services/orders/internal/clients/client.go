// Package clients holds one client for each service that this one needs.
package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/orders/internal/trace"
)

// Limits bound what one call may take. See DefaultLimits.
type Limits struct {
	TryTimeout    time.Duration // one attempt, from connecting to the end of the body
	TotalTimeout  time.Duration // all attempts and the waits between them
	Retries       int           // attempts after the first
	BackoffBase   time.Duration // the first wait is random, up to this; each further one up to double
	BackoffMax    time.Duration // no wait is longer
	MaxBodyBytes  int64         // of an answer
	MaxRetryAfter time.Duration // a need that asks for more is not asked again
}

// DefaultLimits are what a call gets unless a client sets others.
func DefaultLimits() Limits {
	return Limits{
		TryTimeout: 2 * time.Second, TotalTimeout: 5 * time.Second, Retries: 2,
		BackoffBase: 50 * time.Millisecond, BackoffMax: time.Second,
		MaxBodyBytes: 1 << 20, MaxRetryAfter: 2 * time.Second,
	}
}

// Client calls one need. It is safe for concurrent use; make one at the start and keep it.
type Client struct {
	need   string
	base   string
	http   *http.Client
	limits Limits
	// wait and random are the clock and the dice, replaced in tests.
	wait   func(ctx context.Context, d time.Duration) error
	random func() float64
}

// StatusError is an answer that is not a success.
type StatusError struct {
	Need   string
	Status int
	Body   []byte
}

func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answered %d %s", e.Need, e.Status, http.StatusText(e.Status))
}

// newClient makes a client from the variable that holds the need's base URL.
func newClient(need, variable string, getenv func(string) string) (*Client, error) {
	base := getenv(variable)
	if base == "" {
		return nil, fmt.Errorf("%s is not set", variable)
	}
	parsed, err := url.Parse(base)
	if err != nil || parsed.Host == "" || (parsed.Scheme != "http" && parsed.Scheme != "https") {
		return nil, fmt.Errorf("%s: %q is not an http URL", variable, base)
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 32 // all calls go to one host; the default of 2 would keep reconnecting
	return &Client{
		need: need, base: strings.TrimSuffix(base, "/"), limits: DefaultLimits(),
		http: &http.Client{Transport: transport}, wait: wait, random: rand.Float64,
	}, nil
}

// JSON sends in as the body (nil: none) and decodes the answer into out (nil: the body is dropped). The path
// begins with a slash and is escaped already. Answers other than 2xx are a *StatusError.
func (c *Client) JSON(ctx context.Context, method, path string, in, out any) error {
	return c.call(ctx, method, path, in, out, idempotent(method))
}

// Repeatable is JSON for a request that has its effect once however often it is sent, whatever its method:
// it is tried again, too.
func (c *Client) Repeatable(ctx context.Context, method, path string, in, out any) error {
	return c.call(ctx, method, path, in, out, true)
}

func (c *Client) call(ctx context.Context, method, path string, in, out any, repeatable bool) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	status, answer, err := c.do(ctx, method, path, body, repeatable)
	if err != nil {
		return fmt.Errorf("%s: %s %s: %w", c.need, method, path, err)
	}
	if status < 200 || status > 299 {
		return &StatusError{Need: c.need, Status: status, Body: answer}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s: %s %s: the answer is not as expected: %w", c.need, method, path, err)
	}
	return nil
}

// try is one attempt.
func (c *Client) try(ctx context.Context, method, path string, body []byte) (*http.Response, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.TryTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Accept", "application/json")
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	current, ok := trace.From(ctx)
	if !ok {
		current = trace.New()
	}
	current.Inject(request.Header)

	response, err := c.http.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, c.limits.MaxBodyBytes+1))
	if err != nil {
		return nil, nil, err
	}
	if int64(len(answer)) > c.limits.MaxBodyBytes {
		return nil, nil, fmt.Errorf("the answer is larger than %d bytes", c.limits.MaxBodyBytes)
	}
	return response, answer, nil
}
