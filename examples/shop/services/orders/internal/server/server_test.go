package server

import (
	"bufio"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// running is a server on a port of its own, whose context stands for the signal.
type running struct {
	address   string
	lifecycle *Lifecycle
	signal    context.CancelFunc
	ended     chan error
}

func start(t *testing.T, grace, drain time.Duration, handler func(*Lifecycle) http.HandlerFunc) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	r := &running{
		address: listener.Addr().String(), lifecycle: NewLifecycle(grace, drain), signal: cancel,
		ended: make(chan error, 1),
	}
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	go func() { r.ended <- serve(ctx, listener, handler(r.lifecycle), r.lifecycle, log) }()
	return r
}

func (r *running) end(t *testing.T) error {
	t.Helper()
	select {
	case err := <-r.ended:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("the server did not end")
		return nil
	}
}

func ok(*Lifecycle) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") }
}

func TestShutdownFinishesRequestsInFlight(t *testing.T) {
	began, finish := make(chan struct{}), make(chan struct{})
	r := start(t, 10*time.Second, 0, func(l *Lifecycle) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			close(began)
			<-finish
			_, _ = io.WriteString(w, "whole")
		}
	})
	body := make(chan string, 1)
	go func() {
		response, err := http.Get("http://" + r.address)
		if err != nil {
			body <- err.Error()
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		body <- string(text)
	}()
	<-began
	r.signal()
	for !r.lifecycle.Draining() {
		time.Sleep(time.Millisecond)
	}
	close(finish)
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	if got := <-body; got != "whole" {
		t.Errorf("body = %q", got)
	}
}

func TestShutdownAnswersARequestThatIsOnItsWay(t *testing.T) {
	r := start(t, 10*time.Second, 0, ok)
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	for i := 0; i < 2; i++ { // the second request comes after the signal, on a connection that was idle
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		r.signal()
	}
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

func TestNewConnectionsAreTakenDuringTheDrainDelay(t *testing.T) {
	r := start(t, 10*time.Second, 300*time.Millisecond, ok)
	r.signal()
	for !r.lifecycle.Draining() {
		time.Sleep(time.Millisecond)
	}
	response, err := http.Get("http://" + r.address)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if err := r.end(t); err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", r.address); err == nil {
		t.Error("somebody still listens")
	}
}

func TestRequestsLongerThanTheGracePeriodAreAnError(t *testing.T) {
	began, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	r := start(t, 300*time.Millisecond, 0, func(*Lifecycle) http.HandlerFunc {
		return func(http.ResponseWriter, *http.Request) {
			close(began)
			<-finish
		}
	})
	go func() {
		if response, err := http.Get("http://" + r.address); err == nil {
			response.Body.Close()
		}
	}()
	<-began
	r.signal()
	if err := r.end(t); !errors.Is(err, ErrGracePeriodExceeded) {
		t.Errorf("error = %v", err)
	}
}

func TestASilentConnectionDoesNotFailTheShutdown(t *testing.T) {
	r := start(t, 600*time.Millisecond, 0, ok)
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	r.signal()
	if err := r.end(t); err != nil {
		t.Error(err)
	}
}

func TestServeSaysWhenThePortIsTaken(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	err = Serve(context.Background(), listener.Addr().String(), http.NotFoundHandler(), NewLifecycle(time.Second, 0), log)
	if err == nil || !strings.Contains(err.Error(), "address already in use") {
		t.Errorf("error = %v", err)
	}
}
