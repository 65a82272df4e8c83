package sftpgo

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

// litter remembers the local paths of the folders that the server was told of.
// It makes an empty directory there when somebody logs in, even where the
// folder's files are in S3.
type litter struct {
	mu    sync.Mutex
	paths map[string]bool
}

// note looks for such a path in a request's body.
func (l *litter) note(route Route, body []byte) {
	if route != (Route{http.MethodPost, "/api/v2/folders"}) {
		return
	}
	var folder struct {
		MappedPath string `json:"mapped_path"`
	}
	if json.Unmarshal(body, &folder) != nil || folder.MappedPath == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.paths == nil {
		l.paths = map[string]bool{}
	}
	l.paths[folder.MappedPath] = true
}

// sweep deletes the directories, and those they are in, as far as nothing else
// is in them.
func (l *litter) sweep() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for path := range l.paths {
		_ = os.Remove(path)
	}
	for path := range l.paths {
		_ = os.Remove(filepath.Dir(path))
	}
}
