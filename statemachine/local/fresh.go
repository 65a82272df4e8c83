package local

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// checkFresh returns an error if a source is newer than what was built of it,
// by the same times as make goes by: a test would be about another program.
func (b built) checkFresh() error {
	for _, part := range []struct{ built, sources []string }{
		{b.functions(), []string{"functions", "shared", "go.mod", "go.sum"}},
		{[]string{b.app()}, []string{"infra", "statemachine/definition.go", "statemachine/sync-users.asl.json", "go.mod", "go.sum"}},
	} {
		source, changed, err := b.newest(part.sources)
		if err != nil {
			return err
		}
		for _, path := range part.built {
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			if info.ModTime().Before(changed) {
				relative, _ := filepath.Rel(b.root, path)
				return fmt.Errorf("%s is older than %s: run `make setup`", relative, source)
			}
		}
	}
	return nil
}

// newest finds the source that was changed last: files as they are named, and
// in folders the Go files that are no tests.
func (b built) newest(sources []string) (name string, changed time.Time, err error) {
	for _, source := range sources {
		err := filepath.WalkDir(b.path(source), func(path string, entry fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case entry.IsDir() && entry.Name() == "node_modules":
				return fs.SkipDir
			case entry.IsDir(), path != b.path(source) && !isSource(path):
				return nil
			}
			info, err := entry.Info()
			if err == nil && info.ModTime().After(changed) {
				name, _ = filepath.Rel(b.root, path)
				changed = info.ModTime()
			}
			return err
		})
		if err != nil {
			return "", time.Time{}, err
		}
	}
	return name, changed, nil
}

func isSource(path string) bool {
	return strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
}
