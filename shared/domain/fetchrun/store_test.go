package fetchrun_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/digipres/sync-users/shared/domain/failuremail"
	"github.com/digipres/sync-users/shared/domain/run"
)

// store is the runs bucket. It starts empty.
type store struct {
	mu      sync.Mutex
	objects map[string][]byte
	// written counts writes.
	written int
	mails   failuremail.Log
	largest int
	// dies has the next write under a key that contains it fail, as if the function was killed.
	dies string
}

func (s *store) Save(_ context.Context, key string, value any) (run.Object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dies != "" && strings.Contains(key, s.dies) {
		s.dies = ""
		return run.Object{}, errKilled
	}
	text, err := json.Marshal(value)
	if s.objects == nil {
		s.objects = map[string][]byte{}
	}
	s.objects[key] = text
	s.written++
	s.largest = max(s.largest, len(text))
	return run.Object{Bucket: "runs", Key: key}, err
}

func (s *store) get(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text, ok := s.objects[key]; ok {
		return text, nil
	}
	return nil, fmt.Errorf("%s: %w", key, run.ErrNoObject)
}

func (s *store) Load(_ context.Context, object run.Object, pointer any) error {
	text, err := s.get(object.Key)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, pointer)
}

func (s *store) LoadIfExists(ctx context.Context, key string, pointer any) (bool, error) {
	err := s.Load(ctx, run.Object{Key: key}, pointer)
	if errors.Is(err, run.ErrNoObject) {
		return false, nil
	}
	return err == nil, err
}

func (s *store) Open(_ context.Context, object run.Object) (io.ReadCloser, error) {
	text, err := s.get(object.Key)
	return io.NopCloser(bytes.NewReader(text)), err
}

func (s *store) Keys(_ context.Context, prefix string) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []string
	for key := range s.objects {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

func (s *store) Delete(_ context.Context, keys []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		delete(s.objects, key)
	}
	return nil
}

func (s *store) Read(context.Context) (failuremail.Log, string, error) { return s.mails, "", nil }

func (s *store) CompareAndSwap(_ context.Context, log failuremail.Log, _ string) error {
	s.mails = log
	return nil
}
