// Command pause is the only process of a pod's sandbox: it holds the pod's namespaces until it is told to end.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGINT, syscall.SIGTERM)
	// As the first process of a PID namespace that a pod shares, it is the parent of orphans: ignored, they are reaped.
	signal.Ignore(syscall.SIGCHLD)
	<-end
}
