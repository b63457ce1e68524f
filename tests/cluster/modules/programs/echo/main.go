// Command echo answers every request with what it has got of it, as JSON: {service, method, target, host, headers: [[name, value] …]
// sorted, body}. A request with the header X-Want: STATUS gets that status. It listens on $PORT (8080) and is ready at once.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"syscall"
	"time"
)

type told struct {
	Service string      `json:"service"`
	Method  string      `json:"method"`
	Target  string      `json:"target"`
	Host    string      `json:"host"`
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"`
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out := told{os.Getenv("NAME"), r.Method, r.RequestURI, r.Host, [][2]string{}, string(body)}
	for name, values := range r.Header {
		for _, value := range values {
			out.Headers = append(out.Headers, [2]string{name, value})
		}
	}
	slices.SortFunc(out.Headers, func(a, b [2]string) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-From", out.Service)
	if status, err := strconv.Atoi(r.Header.Get("X-Want")); err == nil && status >= 200 && status < 600 {
		w.WriteHeader(status)
		if status == http.StatusNoContent || status == http.StatusNotModified {
			return
		}
	}
	_ = json.NewEncoder(w).Encode(out)
}

func main() {
	server := &http.Server{Addr: ":" + cmp.Or(os.Getenv("PORT"), "8080"), Handler: http.HandlerFunc(echo), ReadHeaderTimeout: 10 * time.Second}
	end, done := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(end, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-end
		limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = server.Shutdown(limit)
		close(done)
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	<-done
}
