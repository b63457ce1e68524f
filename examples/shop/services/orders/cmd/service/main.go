// Command service runs orders.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"example.com/orders/internal/api"
	"example.com/orders/internal/clients"
	"example.com/orders/internal/config"
	"example.com/orders/internal/redisstore"
	"example.com/orders/internal/server"
	"example.com/orders/internal/telemetry"
)

// Exit codes: see sysexits(3).
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 64
)

func main() {
	os.Exit(run(os.Getenv, os.Stdout, os.Stderr))
}

func run(getenv func(string) string, stdout, stderr io.Writer) int {
	cfg, err := config.Load(getenv)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}

	log := telemetry.NewLogger(stdout, cfg.ServiceName, cfg.LogLevel)
	store, err := redisstore.New(cfg.RedisURL, log)
	if err != nil {
		fmt.Fprintln(stderr, "REDIS_URL:", err)
		return exitUsage
	}
	defer store.Close()

	inventory, err := clients.NewInventory(getenv)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	catalogue, err := clients.NewCatalogue(getenv)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	payments, err := clients.NewPayments(getenv)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}
	shipping, err := clients.NewShipping(getenv)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitUsage
	}

	lifecycle := server.NewLifecycle(cfg.GracePeriod, cfg.DrainDelay)
	handler := api.New(api.Dependencies{
		Store:     store,
		Log:       log,
		Metrics:   telemetry.NewMetrics(),
		Draining:  lifecycle.Draining,
		Inventory: inventory,
		Catalogue: catalogue,
		Payments:  payments,
		Shipping:  shipping,
	})

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// After the first signal the default action is back: a second one ends the process at once.
	context.AfterFunc(ctx, stop)

	if err := server.Serve(ctx, cfg.Address(), handler, lifecycle, log); err != nil {
		if errors.Is(err, server.ErrGracePeriodExceeded) {
			log.Error("requests were still running when the grace period ended")
		} else {
			log.Error("server failed", "error", err.Error())
		}
		return exitFailed
	}
	return exitOK
}
