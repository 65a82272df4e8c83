// Package largestore is an S3 that is as fast as memory, for objects that are too large for
// moto, which reads a whole object for each range.
package largestore

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/statemachine/local/moto"
)

// Store is an S3. It has what send-files, rclone and boto3 need to read, list and delete objects,
// and to write small ones.
type Store struct {
	mu      sync.Mutex
	objects map[string]stored // by /bucket/key
}

type stored struct {
	content    io.ReaderAt
	size       int64
	etag       string
	uploadedAt time.Time
}

// New returns an empty Store.
func New() *Store { return &Store{objects: map[string]stored{}} }

// Serve returns a Store that listens until the end of the test, with a configuration for clients.
func Serve(t testing.TB) (*Store, aws.Config) {
	t.Helper()
	s := New()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, moto.AWS(server.URL, moto.RootKey)
}

// Put puts content under a path, /bucket/key.
func (s *Store) Put(path string, content io.ReaderAt, size int64, etag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[path] = stored{content, size, `"` + etag + `"`, time.Now().Truncate(time.Second)}
}

// ServeHTTP answers a request to S3.
func (s *Store) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	object, ok := s.objects[r.URL.Path]
	s.mu.Unlock()
	unmet := r.Header.Get("If-None-Match") == "*" && ok || r.Header.Get("If-Match") != "" && r.Header.Get("If-Match") != object.etag
	switch {
	case unmet:
		http.Error(w, "<Error><Code>PreconditionFailed</Code></Error>", http.StatusPreconditionFailed)
	case r.Method == http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		s.Put(r.URL.Path, bytes.NewReader(body), int64(len(body)), fmt.Sprintf("%x", md5.Sum(body)))
		w.Header().Set("ETag", s.objects[r.URL.Path].etag)
	case r.Method == http.MethodDelete:
		s.mu.Lock()
		delete(s.objects, r.URL.Path)
		s.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Query().Has("list-type") || r.URL.Query().Has("prefix"):
		s.list(w, r)
	case !ok:
		http.Error(w, "<Error><Code>NoSuchKey</Code></Error>", http.StatusNotFound)
	default:
		w.Header().Set("ETag", object.etag)
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeContent(w, r, "", object.uploadedAt, io.NewSectionReader(object.content, 0, object.size))
	}
}

func (s *Store) list(w http.ResponseWriter, r *http.Request) {
	type content struct {
		Key, LastModified, ETag string
		Size                    int64
	}
	var answer struct {
		XMLName  xml.Name `xml:"ListBucketResult"`
		Contents []content
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	bucket := "/" + strings.Trim(r.URL.Path, "/") + "/"
	for _, path := range slices.Sorted(maps.Keys(s.objects)) {
		if key, ok := strings.CutPrefix(path, bucket); ok && strings.HasPrefix(key, r.URL.Query().Get("prefix")) {
			o := s.objects[path]
			answer.Contents = append(answer.Contents, content{key, o.uploadedAt.UTC().Format(time.RFC3339), o.etag, o.size})
		}
	}
	_ = xml.NewEncoder(w).Encode(answer)
}

// Endless is content of any size that takes no memory.
type Endless struct{}

var block = func() []byte {
	content := make([]byte, 1<<20+7)
	_, _ = rand.Read(content)
	return content
}()

// ReadAt reads at any offset.
func (Endless) ReadAt(p []byte, offset int64) (int, error) {
	for n := 0; n < len(p); {
		n += copy(p[n:], block[(offset+int64(n))%int64(len(block)):])
	}
	return len(p), nil
}
