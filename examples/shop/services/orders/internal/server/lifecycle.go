package server

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// How a shutdown goes, from the signal on:
//
//  1. Draining is true at once: readiness fails, and every answer carries "Connection: close".
//  2. For the drain delay new connections are still taken, so that a balancer can notice.
//  3. The listener closes. Without a drain delay that comes first. What the kernel has queued and nobody
//     has accepted is reset then: with a delay, a balancer should have stopped connecting before it ends.
//  4. Open connections get a moment to send what is on its way. http.Server.Shutdown alone would close a
//     connection that looks idle although a request is already in the socket's buffer.
//  5. Shutdown closes idle connections and waits for the rest.
//
// All of it ends a little before the grace period does, because then a SIGKILL comes.
const (
	lingerTime    = 150 * time.Millisecond
	safetyMargin  = 200 * time.Millisecond
	pollingPeriod = 2 * time.Millisecond
)

// Lifecycle knows whether the process is about to end.
type Lifecycle struct {
	gracePeriod time.Duration
	drainDelay  time.Duration
	draining    atomic.Bool
	connections connections
}

// NewLifecycle takes the time from signal to end, and the part of it in which connections are still taken.
func NewLifecycle(gracePeriod, drainDelay time.Duration) *Lifecycle {
	return &Lifecycle{gracePeriod: gracePeriod, drainDelay: drainDelay}
}

// Draining says that the shutdown has begun.
func (l *Lifecycle) Draining() bool { return l.draining.Load() }

func (l *Lifecycle) shutDown(srv *http.Server, listener net.Listener) error {
	ctx, cancel := context.WithTimeout(context.Background(), l.gracePeriod-min(safetyMargin, l.gracePeriod/2))
	defer cancel()

	if l.drainDelay == 0 {
		// Before clients are told to leave: one that comes back at once is refused, not cut.
		_ = listener.Close()
	}
	l.draining.Store(true)
	time.Sleep(l.drainDelay)
	_ = listener.Close()
	l.connections.waitUntilNone(lingerTime)
	if err := srv.Shutdown(ctx); err == nil {
		return nil
	}

	// Shutdown also waits for connections on which nothing was ever sent; they are no request.
	requests := l.connections.active()
	_ = srv.Close()
	if requests > 0 {
		return ErrGracePeriodExceeded
	}
	return nil
}

// connections follows the state of each open connection.
type connections struct {
	mutex sync.Mutex
	open  map[net.Conn]http.ConnState
}

func (c *connections) observe(conn net.Conn, state http.ConnState) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.open == nil {
		c.open = map[net.Conn]http.ConnState{}
	}
	if state == http.StateClosed || state == http.StateHijacked {
		delete(c.open, conn)
	} else {
		c.open[conn] = state
	}
}

func (c *connections) active() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	count := 0
	for _, state := range c.open {
		if state == http.StateActive {
			count++
		}
	}
	return count
}

func (c *connections) none() bool {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.open) == 0
}

func (c *connections) waitUntilNone(limit time.Duration) {
	for end := time.Now().Add(limit); time.Now().Before(end) && !c.none(); {
		time.Sleep(pollingPeriod)
	}
}
