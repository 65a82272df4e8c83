package syncuser_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// fakeServer records its calls, and fails with err unless that is nil.
type fakeServer struct {
	calls []string
	err   error
}

var _ syncuser.Server = (*fakeServer)(nil)

func (f *fakeServer) Check(context.Context) error {
	f.calls = append(f.calls, "check")
	return f.err
}

func (f *fakeServer) SyncUser(_ context.Context, event syncuser.Event) (run.Result, error) {
	f.calls = append(f.calls, fmt.Sprintf("sync %s, dry run %t", event.User.Username, event.DryRun))
	return run.Result{Username: event.User.Username, Outcome: run.Updated, Added: []string{"org-dev-a", "org-dev-b"}}, f.err
}

func (f *fakeServer) DeleteLeftovers(_ context.Context, dryRun bool) error {
	f.calls = append(f.calls, fmt.Sprintf("delete leftovers, dry run %t", dryRun))
	return f.err
}

// lockOwner is the name of the execution that has the lock.
type lockOwner string

var _ syncuser.RunLock = lockOwner("")

func (l lockOwner) Verify(_ context.Context, _, execution string) error {
	if execution != string(l) {
		return errkind.Errorf(errkind.RunLockLost, "the run %s does not have the lock", execution)
	}
	return nil
}

func TestHandle(t *testing.T) {
	t.Parallel()
	refused := errkind.Errorf(errkind.Unavailable, "503")
	tests := []struct {
		name      string
		give      syncuser.Event
		serverErr error
		want      errkind.Kind
		wantCalls []string
	}{
		{name: "a user", give: syncuser.Event{Execution: "one"}, wantCalls: []string{"sync alice, dry run false"}},
		{name: "a user who fails", give: syncuser.Event{Execution: "one"}, serverErr: refused, want: errkind.Unavailable,
			wantCalls: []string{"sync alice, dry run false"}},
		{name: "the check", give: syncuser.Event{Execution: "one", Check: true}, wantCalls: []string{"check"}},
		{name: "the check of a server that is down", give: syncuser.Event{Execution: "one", Check: true}, serverErr: refused,
			want: errkind.Unavailable, wantCalls: []string{"check"}},
		{name: "leftovers", give: syncuser.Event{Execution: "one", DeleteLeftovers: true}, wantCalls: []string{"delete leftovers, dry run false"}},
		{name: "without the lock, as after a redrive", give: syncuser.Event{Execution: "old"}, want: errkind.RunLockLost},
		{name: "the check without the lock", give: syncuser.Event{Execution: "old", Check: true}, want: errkind.RunLockLost},
		{name: "leftovers without the lock", give: syncuser.Event{Execution: "old", DeleteLeftovers: true}, want: errkind.RunLockLost},
		{name: "a dry run does not need the lock", give: syncuser.Event{Execution: "old", DryRun: true}, wantCalls: []string{"sync alice, dry run true"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &fakeServer{err: tt.serverErr}
			tt.give.User = run.User{Username: "alice"}
			_, err := syncuser.Function{Server: server, ServerName: "SFTPGo", Lock: lockOwner("one")}.Handle(t.Context(), tt.give)
			assert.Equal(t, tt.wantCalls, server.calls)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, tt.want, errkind.Of(err))
		})
	}
}

func TestHandleLogsMetricsWithTheServersName(t *testing.T) { // not parallel, because the default logger is the process's
	own := errkind.Errorf(errkind.KeysMissing, "no keys")
	server := syncuser.ServerError{Err: errkind.Errorf(errkind.Unavailable, "503")}
	conflict := syncuser.ServerError{Err: errkind.Errorf(errkind.Conflict, "a folder is in the way")}
	tests := []struct {
		name        string
		give        syncuser.Event
		err         error
		wantMessage string
		wantErrors  float64
	}{
		{"synced", syncuser.Event{Retry: 3}, nil, "user synced", 0},
		{"not synced", syncuser.Event{Retry: 3}, own, "user not synced", 0},
		{"the server failed", syncuser.Event{Retry: 3}, fmt.Errorf("read: %w", server), "user not synced", 1},
		{"a conflict is not the server's", syncuser.Event{Retry: 3}, conflict, "user not synced", 0},
		{"the check failed", syncuser.Event{Check: true}, server, "SFTPGo can't be used", 1},
	}
	before := slog.Default()
	defer slog.SetDefault(before)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			slog.SetDefault(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})))
			tt.give.User = run.User{Username: "alice"}
			_, err := syncuser.Function{Server: &fakeServer{err: tt.err}, ServerName: "SFTPGo", Lock: lockOwner("")}.Handle(t.Context(), tt.give)
			assert.Equal(t, tt.err, err)
			var line map[string]any
			require.NoError(t, json.Unmarshal(log.Bytes(), &line))
			assert.Equal(t, tt.wantMessage, line["msg"])
			assert.Equal(t, tt.wantErrors, line["SFTPGoErrors"])
			if !tt.give.Check {
				assert.Equal(t, 1.0, line["Retries"], "one user, however often")
			}
			if tt.err == nil {
				assert.Equal(t, "org-dev-a org-dev-b", line["added"])
			}
		})
	}
}
