package sendfile_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/settings"
	"github.com/digipres/sync-users/statemachine/local/moto"
)

// senderVariable in the environment makes the test binary a process that handles the event
// in it, with the settings of the environment, as the function would.
const senderVariable = "SENDFILE_TEST_EVENT"

func sendInThisProcess() {
	var event sendfile.Event
	err := json.Unmarshal([]byte(os.Getenv(senderVariable)), &event)
	var s settings.SendFile
	if err == nil {
		s, err = settings.Read[settings.SendFile](os.Environ())
	}
	if err == nil {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		w := &world{cfg: moto.AWS(os.Getenv("AWS_ENDPOINT_URL"), moto.RootKey), settings: s, copier: smallRanges}
		var result sendfile.Result
		if result, err = w.sender().Send(ctx, event); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(result)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// environment returns the settings as variables.
func (w *world) environment() []string {
	s := w.settings
	return []string{
		"AWS_ENDPOINT_URL=" + *w.cfg.BaseEndpoint, "RUNS_BUCKET=" + s.RunsBucket, "SOURCE_BUCKET=" + s.SourceBucket, "SOURCE_PREFIX=" + s.SourcePrefix,
		"SSH_HOST=" + s.Host, "SSH_PORT=" + strconv.Itoa(s.Port), "SSH_USERNAME=" + s.Username, "SSH_PASSWORD=" + s.Password.Reveal(),
		"SSH_HOST_KEYS=" + s.HostKeys, "SSH_DIR=" + s.Directory, "SSH_FILENAME=" + s.Name,
		"AFTER=" + s.After, "EXISTING=" + s.Existing, "VERIFY=" + s.Verify,
	}
}

// start starts such a process.
func (w *world) start(event sendfile.Event) (*exec.Cmd, *bytes.Buffer) {
	w.t.Helper()
	text, err := json.Marshal(event)
	require.NoError(w.t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), w.environment()...), senderVariable+"="+string(text))
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	require.NoError(w.t, cmd.Start())
	return cmd, &out
}

// Killed at any moment, again and again: at each, the object is there, or the file is whole,
// and in the end the file is whole.
func TestKilledAtAnyMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	slow := newProxy(t, partner.SFTPAddress.String())
	w.settings.Port = slow.address().Port
	slow.bytesPerSecond.Store(40 << 20)
	old := []byte("an older file")
	require.NoError(t, os.MkdirAll(filepath.Join(w.home, "in"), 0o755))
	kills, finished := 0, 0
	for round := range 12 {
		if round%2 == 0 {
			w.settings.Existing = "replace"
		} else {
			w.settings.Existing = "fail"
		}
		place := fmt.Sprintf("/in/%d", round)
		key := fmt.Sprintf("out/%d", round)
		content := random(6<<20 + round)
		if round%4 == 3 { // large enough for several channels
			content = random(33 << 20)
		}
		if w.settings.Existing == "replace" {
			require.NoError(t, os.WriteFile(filepath.Join(w.home, place), old, 0o644))
		}
		w.put(key, content)
		event := w.event(key)
		for done := false; !done; event.Retry++ {
			require.Less(t, event.Retry, 60)
			cmd, out := w.start(event)
			if event.Retry < 8 {
				delay := time.Duration(rand.IntN(700)) * time.Millisecond
				timer := time.AfterFunc(delay, func() { _ = cmd.Process.Signal(syscall.SIGKILL) })
				err := cmd.Wait()
				timer.Stop()
				if err != nil {
					kills++
				} else {
					done = true
				}
			} else if err := cmd.Wait(); err == nil {
				done = true
			} else {
				t.Log(out.String())
			}
			var result sendfile.Result
			if done {
				require.NoError(t, json.Unmarshal(out.Bytes(), &result), out.String())
				event.Progress = result.Progress
				done = result.Done
			}
			if done {
				// Skipped: killed after the object was deleted, before it could say so.
				assert.Contains(t, []sendfile.Outcome{sendfile.Sent, sendfile.Skipped}, result.Outcome)
				finished++
			}
			got, err := os.ReadFile(filepath.Join(w.home, place))
			whole := err == nil && bytes.Equal(got, content)
			if w.settings.Existing == "replace" && !whole {
				require.True(t, err == nil && bytes.Equal(got, old), "what was there stays until the new file is whole")
			}
			if w.settings.Existing == "fail" && !whole {
				require.ErrorIs(t, err, os.ErrNotExist, "nothing half")
			}
			_, kept := w.object(key)
			require.True(t, kept || whole, "nothing is lost")
			require.True(t, !done || whole && !kept)
		}
	}
	t.Logf("%d kills, %d files", kills, finished)
	assert.Greater(t, kills, 20)
	assert.Len(t, w.files(), 12, "no temporary file is left: %v", w.files())
}
