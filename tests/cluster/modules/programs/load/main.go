// Command load sends requests to one address over connections that stay open, and counts what does not come back as it should:
//
//	load -workers 16 -requests 100000 -reuse 50 http://HOST:PORT/PATH …
//
// It is a strict client. A connection that is closed where a request was under way is a failure and never tried again: what a client
// library hides by asking twice, this shows. A server that says "Connection: close" has said so in time. With -until FILE it goes on, past
// the number of requests, until that file is there. It prints one JSON object: {requests, failed, seconds, statuses: {200: n}, failures:
// [first ones in words], answers: {first word of the body: n}, worst: milliseconds}.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	told     = 20 // failures in words
	patience = 15 * time.Second
)

type counted struct {
	mutex    sync.Mutex
	Requests int            `json:"requests"`
	Failed   int            `json:"failed"`
	Seconds  float64        `json:"seconds"`
	Statuses map[int]int    `json:"statuses"`
	Answers  map[string]int `json:"answers"`
	Failures []string       `json:"failures"`
	Worst    float64        `json:"worst"`
}

func (c *counted) answer(status int, first string, took time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.Requests++
	c.Statuses[status]++
	c.Answers[first]++
	c.Worst = max(c.Worst, took.Seconds()*1000)
}

func (c *counted) failure(words string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.Requests++
	c.Failed++
	if len(c.Failures) < told {
		c.Failures = append(c.Failures, time.Now().UTC().Format(time.RFC3339Nano)+" "+words)
	}
}

type connection struct {
	net.Conn
	reader *bufio.Reader
	used   int
}

// ask is one request and its answer; the connection may be used again if `again`.
func ask(conn *connection, target *url.URL) (status int, first string, again bool, problem error) {
	_ = conn.SetDeadline(time.Now().Add(patience))
	request := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load\r\n\r\n", target.RequestURI(), target.Host)
	if _, err := io.WriteString(conn, request); err != nil {
		return 0, "", false, fmt.Errorf("request %d of its connection: %w", conn.used+1, err)
	}
	answer, err := http.ReadResponse(conn.reader, nil)
	if err != nil {
		return 0, "", false, fmt.Errorf("request %d of its connection, %s: %w", conn.used+1, conn.LocalAddr(), err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, "", false, fmt.Errorf("body: %w", err)
	}
	conn.used++
	word, _, _ := strings.Cut(string(body), " ")
	if answer.StatusCode >= 500 {
		problem = fmt.Errorf("%s: %d %s", target, answer.StatusCode, strings.TrimSpace(string(body)))
	}
	return answer.StatusCode, word, !answer.Close, problem
}

func work(targets []*url.URL, reuse int, next func() (int, bool), counts *counted) {
	open := map[string]*connection{}
	for {
		number, more := next()
		if !more {
			return
		}
		target := targets[number%len(targets)]
		begin := time.Now()
		conn := open[target.Host]
		if conn == nil {
			made, err := net.DialTimeout("tcp", target.Host, patience)
			if err != nil {
				counts.failure(err.Error())
				time.Sleep(10 * time.Millisecond)
				continue
			}
			conn = &connection{Conn: made, reader: bufio.NewReader(made)}
			open[target.Host] = conn
		}
		status, first, again, err := ask(conn, target)
		if err != nil {
			counts.failure(err.Error())
		} else {
			counts.answer(status, first, time.Since(begin))
		}
		if !again || conn.used >= reuse {
			_ = conn.Close()
			delete(open, target.Host)
		}
	}
}

func main() {
	workers := flag.Int("workers", 8, "connections at once")
	requests := flag.Int("requests", 1000, "in all, at least")
	reuse := flag.Int("reuse", 50, "requests a connection")
	until := flag.String("until", "", "goes on until this file is there")
	pause := flag.Duration("pause", 0, "of each worker between two requests")
	flag.Parse()
	var targets []*url.URL
	for _, each := range flag.Args() {
		target, err := url.Parse(each)
		if err == nil && target.Port() == "" {
			err = errors.New("a port is missing: " + each)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
			os.Exit(64)
		}
		targets = append(targets, target)
	}
	counts := &counted{Statuses: map[int]int{}, Answers: map[string]int{}, Failures: []string{}}
	var number atomic.Int64
	var ended atomic.Bool
	if *until != "" {
		go func() {
			for {
				if _, err := os.Stat(*until); err == nil {
					ended.Store(true)
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
		}()
	}
	next := func() (int, bool) {
		if *pause > 0 {
			time.Sleep(*pause)
		}
		mine := int(number.Add(1))
		enough := mine > *requests
		return mine, !enough || (*until != "" && !ended.Load())
	}
	begin := time.Now()
	var all sync.WaitGroup
	for range *workers {
		all.Add(1)
		go func() {
			defer all.Done()
			work(targets, *reuse, next, counts)
		}()
	}
	all.Wait()
	counts.Seconds = time.Since(begin).Seconds()
	_ = json.NewEncoder(os.Stdout).Encode(counts)
}
