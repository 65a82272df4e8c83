package sftpgo

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"sync"
)

// leftovers are the local paths of the folders that were created. SFTPGo creates
// an empty directory there when the folder's account logs in, even if the
// folder's files are in S3.
type leftovers struct {
	mu    sync.Mutex
	paths map[string]bool
}

// note remembers the path in the body of a request that creates a folder.
func (l *leftovers) note(route Route, body []byte) {
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

// delete deletes the directories and their parents, as far as they are empty.
func (l *leftovers) delete() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for path := range l.paths {
		_ = os.Remove(path)
	}
	for path := range l.paths {
		_ = os.Remove(filepath.Dir(path))
	}
}
