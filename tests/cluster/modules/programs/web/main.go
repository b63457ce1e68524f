// Command web is the service that pods of the tests run. It listens on $PORT (8080) and answers
//
//	/           "VERSION HOSTNAME": which version, which pod
//	/ready      503 before $START_DELAY, with $NEVER_READY, and from SIGTERM on
//	/live       200
//	/burn?ms=N  after N ms of computing
//	/crash      nothing: it ends with status 3
//	/get?url=U  what U answers, or 502
//
// A share $ERROR_SHARE of the requests for / is answered with 500. Each takes about $LATENCY, and a share $TAIL_SHARE of them about $TAIL:
// log-normal, with that median.
//
// With arguments it is something that runs once: see once.go.
//
// After SIGTERM it goes on to serve for $DRAIN, for those who have not heard of it yet, and finishes what it has begun.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"syscall"
	"time"
)

func duration(variable string) time.Duration {
	value, err := time.ParseDuration(cmp.Or(os.Getenv(variable), "0s"))
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", variable, err)
		os.Exit(64)
	}
	return value
}

func share(variable string) float64 {
	value, err := strconv.ParseFloat(cmp.Or(os.Getenv(variable), "0"), 64)
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", variable, err)
		os.Exit(64)
	}
	return value
}

// As good, and as fast, as it is told to be.
func home(version string) http.HandlerFunc {
	host, _ := os.Hostname()
	failing, latency, tail, tailed := share("ERROR_SHARE"), duration("LATENCY"), duration("TAIL"), share("TAIL_SHARE")
	return func(w http.ResponseWriter, _ *http.Request) {
		median := latency
		if rand.Float64() < tailed {
			median = tail
		}
		time.Sleep(time.Duration(float64(median) * math.Exp(0.4*rand.NormFloat64())))
		if rand.Float64() < failing {
			w.WriteHeader(http.StatusInternalServerError)
		}
		fmt.Fprintf(w, "%s %s\n", version, host)
	}
}

func burn(w http.ResponseWriter, r *http.Request) {
	milliseconds, err := strconv.Atoi(r.URL.Query().Get("ms"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rounds := 0
	for end := time.Now().Add(time.Duration(milliseconds) * time.Millisecond); time.Now().Before(end); rounds++ {
	}
	fmt.Fprintln(w, rounds)
}

func get(w http.ResponseWriter, r *http.Request) {
	// A connection of its own each time: behind a Service that is another Pod each time.
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(r.URL.Query().Get("url"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	w.WriteHeader(answer.StatusCode)
	_, _ = io.Copy(w, answer.Body)
}

func main() {
	if len(os.Args) > 1 {
		os.Exit(once(os.Args[1:]))
	}
	version, start, delay := cmp.Or(os.Getenv("VERSION"), "1"), time.Now(), duration("START_DELAY")
	var draining atomic.Bool
	http.HandleFunc("/", home(version))
	http.HandleFunc("/live", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/ready", func(w http.ResponseWriter, _ *http.Request) {
		if draining.Load() || time.Since(start) < delay || os.Getenv("NEVER_READY") != "" {
			http.Error(w, "not ready", http.StatusServiceUnavailable)
		}
	})
	http.HandleFunc("/burn", burn)
	http.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) { os.Exit(3) })
	http.HandleFunc("/get", get)

	server := &http.Server{Addr: ":" + cmp.Or(os.Getenv("PORT"), "8080"), ReadHeaderTimeout: 10 * time.Second}
	end, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-end
		draining.Store(true)
		time.Sleep(duration("DRAIN"))
		limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(limit)
		close(done)
	}()
	fmt.Printf("version %s listens on %s\n", version, server.Addr)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	<-done
}
