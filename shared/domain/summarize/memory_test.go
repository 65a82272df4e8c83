package summarize_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/maprun"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/snapshot"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

// crowd is the runs bucket of a run about the most users that an account can have. It
// generates the objects while they are read, and notes how much memory is in use.
type crowd struct {
	users   int
	buckets []run.Bucket // of each user
	read    int          // bytes
	live    uint64
	report  run.Report
	page    int // bytes
}

var (
	_ maprun.Reader    = (*crowd)(nil)
	_ summarize.Writer = (*crowd)(nil)
)

// measure notes how much memory is in use, without garbage.
func (c *crowd) measure() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	c.live = max(c.live, m.HeapAlloc)
}

func (c *crowd) Load(_ context.Context, _ run.Object, value any) error {
	return json.Unmarshal([]byte(`{"DestinationBucket":"runs","ResultFiles":{"SUCCEEDED":[{"Key":"results"}]}}`), value)
}

func (c *crowd) Open(_ context.Context, object run.Object) (io.ReadCloser, error) {
	if object.Key == snapshot.Key {
		return nil, run.ErrNoObject
	}
	reader, writer := io.Pipe()
	go func() {
		separator := "["
		for i := range c.users {
			var item any = c.user(i)
			if object.Key == "results" {
				item = c.child(i)
			}
			text, _ := json.Marshal(item)
			_, _ = io.WriteString(writer, separator)
			n, _ := writer.Write(text)
			c.read += n
			separator = ","
			if i%1000 == 0 {
				c.measure()
			}
		}
		_, _ = io.WriteString(writer, "]")
		writer.Close()
	}()
	return reader, nil
}

func (c *crowd) user(i int) run.User {
	return run.User{
		Username: fmt.Sprintf("user%d", i), Email: fmt.Sprintf("user%d@example.org", i), Buckets: c.buckets,
	}
}

// child returns a child execution as a ResultWriter writes it.
func (c *crowd) child(i int) map[string]string {
	user := c.user(i)
	names := user.BucketNames()
	input, _ := json.Marshal(map[string]any{"stateMachine": "sync-users", "execution": "e1", "dryRun": false, "user": user})
	output, _ := json.Marshal(run.Result{
		Username: user.Username, Email: user.Email, Outcome: run.Updated, Reason: "100 buckets added", Buckets: names, Added: names,
	})
	return map[string]string{
		"ExecutionArn":    "arn:aws:states:us-west-2:123456789012:execution:sync-users/Map:0a1b2c3d-0000-4000-8000-000000000000",
		"Input":           string(input),
		"Output":          string(output),
		"StateMachineArn": "arn:aws:states:us-west-2:123456789012:stateMachine:sync-users/Map",
		"Status":          "SUCCEEDED",
	}
}

func (c *crowd) Save(_ context.Context, key string, value any) (run.Object, error) {
	text, err := json.Marshal(value)
	c.measure()
	if report, ok := value.(run.Report); ok {
		c.report = report
	}
	runtime.KeepAlive(text)
	return run.Object{Bucket: "runs", Key: key}, err
}

func (c *crowd) SavePage(_ context.Context, key string, html []byte) (run.Object, error) {
	c.measure()
	c.page = len(html)
	runtime.KeepAlive(html)
	return run.Object{Bucket: "runs", Key: key}, nil
}

// 5,000 users with 100 buckets each fit into a function of 256 MB, which is the setting
// memory's default, with as much again for garbage, and the program itself.
func TestHandleFitsIntoMemory(t *testing.T) { // not parallel, because it measures the memory of the process
	c := &crowd{users: 5000}
	for b := range 100 {
		c.buckets = append(c.buckets, run.Bucket{Name: fmt.Sprintf("digipres-dev1-collection-%d", b), Region: "us-west-2"})
	}
	f := summarize.Function{Reader: c, Writer: c, Now: time.Now}
	c.measure()
	before := c.live
	output, err := f.Handle(t.Context(), event)
	require.NoError(t, err)
	assert.Equal(t, run.Totals{Users: 5000, Updated: 5000}, output.Totals)
	assert.Len(t, c.report.Results[4999].Added, 100)
	assert.Less(t, c.page, 30<<20)
	t.Logf("read %d MiB with %d MiB in memory; the page has %d KiB", c.read>>20, (c.live-before)>>20, c.page>>10)
	assert.Less(t, (c.live-before)>>20, uint64(110))
}
