package sftpgo

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
)

// noteDirectory remembers the local directory of a virtual folder that a request
// creates. SFTPGo creates an empty one when the folder's account logs in, even if
// the folder's files are in S3.
func (p *Proxy) noteDirectory(route Route, body []byte) {
	var folder struct {
		MappedPath string `json:"mapped_path"`
	}
	if route == (Route{http.MethodPost, "/api/v2/folders"}) && json.Unmarshal(body, &folder) == nil {
		p.directories = append(p.directories, folder.MappedPath)
	}
}

// deleteEmptyDirectories deletes those directories, and what they were in, unless
// there are files in them.
func (p *Proxy) deleteEmptyDirectories() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, directory := range p.directories {
		_ = os.Remove(directory)
		_ = os.Remove(filepath.Dir(directory))
	}
}
