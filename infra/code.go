package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// The functions, by the names of their folders.
const (
	discoverUsers = "discover-users"
	syncUser      = "sync-user"
	summarizeRun  = "summarize-run"
)

// goarch returns Go's name for a processor that Lambda calls architecture; the
// builds are stored under that name.
func goarch(architecture string) string {
	if architecture == "x86_64" {
		return "amd64"
	}
	return architecture
}

// findCode returns each function's folder of code below root, and an error that
// says how to build a function whose folder has no program.
func findCode(root, architecture string) (map[string]string, error) {
	code := map[string]string{}
	for _, function := range []string{discoverUsers, syncUser, summarizeRun} {
		folder := filepath.Join(root, goarch(architecture), function)
		if _, err := os.Stat(filepath.Join(folder, "bootstrap")); err != nil {
			return nil, fmt.Errorf("%s is not built for %s: run `make build GOARCH=%s`", function, architecture, goarch(architecture))
		}
		code[function] = folder
	}
	return code, nil
}
