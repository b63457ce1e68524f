// Takes a pipeline in as Buildkite's agent does in `pipeline upload --dry-run`, by the agent's own library: read,
// variables replaced from the environment, written as JSON. The agent itself is a hundred times as much to build.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/buildkite/go-pipeline"
)

type environment struct{}

func (environment) Get(name string) (string, bool) { return os.LookupEnv(name) }
func (environment) Set(name, value string)         { os.Setenv(name, value) }

func run() error {
	file, err := os.Open(os.Args[1])
	if err != nil {
		return err
	}
	read, err := pipeline.Parse(file)
	if err != nil { // or a warning
		return err
	}
	if err := read.Interpolate(environment{}, false); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(read)
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
