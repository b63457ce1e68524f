// Package server runs an HTTP server from its start to a shutdown that cuts no request.
package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// ErrGracePeriodExceeded says that requests were cut because they took longer than the grace period.
var ErrGracePeriodExceeded = errors.New("the grace period ended before the requests did")

// Serve listens on address and answers until ctx ends, then shuts down as the lifecycle says.
func Serve(ctx context.Context, address string, handler http.Handler, l *Lifecycle, log *slog.Logger) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	log.Info("listening", "address", listener.Addr().String())
	return serve(ctx, listener, handler, l, log)
}

func serve(ctx context.Context, listener net.Listener, handler http.Handler, l *Lifecycle, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		ConnState:         l.connections.observe,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       40 * time.Second, // 10 for the header, 30 for the body
		WriteTimeout:      60 * time.Second,
		// Longer than gateways keep idle connections (mostly 60 to 75 s): the side that sends should close,
		// or a request may meet a connection that is just being closed.
		IdleTimeout:    90 * time.Second,
		MaxHeaderBytes: 32 * 1024,
	}

	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}

	log.Info("shutting down", "grace_period_s", l.gracePeriod.Seconds())
	if err := l.shutDown(srv, listener); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}
