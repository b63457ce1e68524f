// Command forward accepts connections at a listening socket that it was started with and carries each to an address of its own
// network, which may be another than the socket's:
//
//	forward DESCRIPTOR HOST:PORT
//
// The name is looked up anew for each connection: what it stands for may come later, or move.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"
)

func fail(status int, problem any) {
	fmt.Fprintln(os.Stderr, "forward:", problem)
	os.Exit(status)
}

// carry copies until `from` has no more, and tells `to` so; the other direction may go on.
func carry(to, from *net.TCPConn, done chan<- struct{}) {
	_, err := io.Copy(to, from)
	if err != nil {
		// Lost on one side, it is to be lost on the other, not to look finished.
		_ = to.SetLinger(0)
		_ = from.SetLinger(0)
		_ = to.Close()
		_ = from.Close()
	}
	_ = to.CloseWrite()
	done <- struct{}{}
}

func serve(client *net.TCPConn, target string) {
	defer client.Close()
	found, err := net.DialTimeout("tcp4", target, 10*time.Second)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		_ = client.SetLinger(0)
		return
	}
	server := found.(*net.TCPConn)
	defer server.Close()
	done := make(chan struct{}, 2)
	go carry(server, client, done)
	go carry(client, server, done)
	<-done
	<-done
}

func main() {
	if len(os.Args) != 3 {
		fail(64, "which descriptor, and to where?")
	}
	descriptor, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fail(64, err)
	}
	listener, err := net.FileListener(os.NewFile(uintptr(descriptor), "listener"))
	if err != nil {
		fail(1, err)
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			fail(1, err)
		}
		go serve(client.(*net.TCPConn), os.Args[2])
	}
}
