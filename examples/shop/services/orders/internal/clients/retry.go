package clients

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// do makes attempts until one gives an answer worth having, or the limits are reached.
//
// Only what is repeatable is tried again, and only after failures that pass: no connection, a connection
// that broke before the answer, 502, 503, 504. A time-out is not one of them: a need that is slow gets
// slower when it is asked twice.
func (c *Client) do(ctx context.Context, method, path string, body []byte, repeatable bool) (int, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, c.limits.TotalTimeout)
	defer cancel()
	for attempt := 0; ; attempt++ {
		response, answer, err := c.try(ctx, method, path, body)
		if attempt < c.limits.Retries && repeatable && ctx.Err() == nil && passes(response, err) {
			if pause, worthwhile := c.pause(ctx, attempt, response); worthwhile && c.wait(ctx, pause) == nil {
				continue
			}
		}
		if err != nil {
			return 0, nil, err
		}
		return response.StatusCode, answer, nil
	}
}

func idempotent(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}

// passes says whether the same attempt may well succeed a moment later.
func passes(response *http.Response, err error) bool {
	if err == nil {
		status := response.StatusCode
		return status == http.StatusBadGateway || status == http.StatusServiceUnavailable ||
			status == http.StatusGatewayTimeout
	}
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial" || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF)
}

// pause is how long to wait before the next attempt: "full jitter", so that callers who failed together do
// not come back together; never less than the need asked for. It is not worthwhile to wait longer than the
// call may take.
func (c *Client) pause(ctx context.Context, attempt int, response *http.Response) (time.Duration, bool) {
	longest := min(c.limits.BackoffBase<<attempt, c.limits.BackoffMax)
	pause := time.Duration(c.random() * float64(longest))
	if response != nil {
		asked := retryAfter(response.Header.Get("Retry-After"), time.Now())
		if asked > c.limits.MaxRetryAfter {
			return 0, false
		}
		pause = max(pause, asked)
	}
	deadline, _ := ctx.Deadline()
	return pause, time.Until(deadline) > pause
}

// retryAfter reads both forms of RFC 9110, section 10.2.3: seconds, and a date.
func retryAfter(value string, now time.Time) time.Duration {
	// 32 bits of seconds are more than anybody waits, and cannot overflow a duration.
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
