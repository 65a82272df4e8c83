package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// Architecture is a processor that Lambda offers, by Lambda's name for it.
type Architecture string

// The architectures.
const (
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// goarch is what the Go tools call it; the builds are kept under this name.
func (a Architecture) goarch() string {
	if a == X8664 {
		return "amd64"
	}
	return string(a)
}

// The functions, by the names of their folders.
const (
	discoverUsers = "discover-users"
	syncUser      = "sync-user"
	summarizeRun  = "summarize-run"
)

// findCode gives each function's folder of code below root, and an error that
// says how to build them when one isn't there.
func findCode(root string, architecture Architecture) (map[string]string, error) {
	code := map[string]string{}
	for _, function := range []string{discoverUsers, syncUser, summarizeRun} {
		folder := filepath.Join(root, architecture.goarch(), function)
		if _, err := os.Stat(filepath.Join(folder, "bootstrap")); err != nil {
			return nil, fmt.Errorf("%s is not built for %s: run `make build GOARCH=%s`",
				function, architecture, architecture.goarch())
		}
		code[function] = folder
	}
	return code, nil
}
