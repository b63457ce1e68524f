package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// What runs once and ends, as a job:
//
//	web migrate             takes $MIGRATION_TAKES; with $MIGRATION_FAILS, says that and ends with status 3
//	web smoke VARIABLE …    asks what answers at the URLs that these variables hold, and fails where nothing does
func once(words []string) int {
	switch words[0] {
	case "migrate":
		fmt.Printf("migrates to version %s\n", os.Getenv("VERSION"))
		time.Sleep(duration("MIGRATION_TAKES"))
		if reason := os.Getenv("MIGRATION_FAILS"); reason != "" {
			fmt.Fprintln(os.Stderr, reason)
			return 3
		}
		fmt.Println("has migrated")
		return 0
	case "smoke":
		for _, variable := range words[1:] {
			if err := ask(os.Getenv(variable)); err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", variable, err)
				return 4
			}
		}
		return 0
	}
	fmt.Fprintf(os.Stderr, "%s is nothing that runs once\n", words[0])
	return 64
}

func ask(url string) error {
	answer, err := (&http.Client{Timeout: 5 * time.Second}).Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	fmt.Printf("%s answers %s: %s", url, answer.Status, body)
	return err
}
