package command

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/domain/alarm"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/shared/settings"
)

// The exit codes.
const (
	success     = 0
	failure     = int(program.Failure)
	changes     = int(program.Changes)
	interrupted = int(program.Interrupted)
)

// noon is when a fixture begins, in the bubble of a test.
var noon = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// fixture is a deployed send-files in memory.
type fixture struct {
	connect.Connections
	mu sync.Mutex

	source  []sendfile.Object
	sent    map[string]sendfile.Record // by path
	files   map[string]sendfile.Info   // those of the server
	after   string
	records map[string]string // the runs bucket
	alarms  []alarm.Alarm

	executions []run.Execution // the newest first
	polls      int
	// onEnd is called with an execution that ends.
	onEnd func(*run.Execution)
	// onStart is called before an execution starts.
	onStart func()

	schedule    string
	undelivered int
	// errors are those of a part, by its name.
	errors map[string]error
	// listedObjects are those of a run that is started.
	listedObjects []sendfile.Object
	// hostKeys is the setting, and port that of a server on this machine.
	hostKeys string
	port     int
}

var (
	_ sendfile.Source       = (*fixture)(nil)
	_ sendfile.Records      = (*fixture)(nil)
	_ sendrun.Lister        = (*fixture)(nil)
	_ sendrun.ManifestStore = (*fixture)(nil)
	_ runs.Executions       = (*fixture)(nil)
	_ connect.StateMachine  = (*fixture)(nil)
	_ connect.PartnerClient = partner{}
)

// newFixture returns a fixture with objects in several situations, and no runs.
func newFixture() *fixture {
	f := &fixture{
		sent: map[string]sendfile.Record{}, files: map[string]sendfile.Info{"/in": {IsDirectory: true}, "/in/in the way": {IsDirectory: true}},
		records: map[string]string{}, errors: map[string]error{}, after: "delete", schedule: "rate(15 minutes)",
		onEnd: func(e *run.Execution) { e.Status = run.StatusSucceeded }, onStart: func() {},
		alarms: []alarm.Alarm{{Name: "aborted", State: alarm.OK, Since: noon, Description: "A run was aborted."}},
	}
	for i, key := range []string{"out/", "out/..", "out/a b.csv", "out/in the way", "out/old.csv", "out/x.tmp"} {
		f.source = append(f.source, sendfile.Object{Bucket: "outgoing", Key: key, ETag: fmt.Sprint(i), Size: int64(i) * 1000, UploadedAt: noon.Add(-time.Duration(i+1) * time.Hour)})
	}
	f.sent["/in/old.csv"] = sendfile.Record{Path: "/in/old.csv", Object: f.source[4], PlacedAt: noon}
	return f
}

func (f *fixture) List(_ context.Context, bucket, prefix string) iter.Seq2[sendfile.Object, error] {
	return func(yield func(sendfile.Object, error) bool) {
		for _, object := range f.source {
			if object.Bucket == bucket && strings.HasPrefix(object.Key, prefix) && !yield(object, nil) {
				return
			}
		}
		if err := f.errors["list"]; err != nil {
			yield(sendfile.Object{}, err)
		}
	}
}

func (f *fixture) Head(_ context.Context, bucket, key string) (sendfile.Object, error) {
	i := slices.IndexFunc(f.source, func(o sendfile.Object) bool { return o.Bucket == bucket && o.Key == key })
	if i < 0 {
		return sendfile.Object{}, fs.ErrNotExist
	}
	return f.source[i], nil
}

func (f *fixture) ReadRange(context.Context, sendfile.Object, []byte, int64) error {
	panic("no command reads content")
}

func (f *fixture) Read(_ context.Context, _, path string) (sendfile.Record, string, error) {
	record := f.sent[path]
	return record, record.Path, nil
}

func (f *fixture) CompareAndSwap(context.Context, sendfile.Record, string) (string, error) {
	panic("no command writes records")
}

func (f *fixture) Save(_ context.Context, key string, value any) (run.Object, error) {
	text, err := json.Marshal(value)
	f.records[key] = string(text)
	return run.Object{Bucket: "runs", Key: key}, err
}

func (f *fixture) Load(_ context.Context, object run.Object, pointer any) error {
	text, ok := f.records[object.Key]
	if !ok {
		return run.ErrNoObject
	}
	return json.Unmarshal([]byte(text), pointer)
}

func (f *fixture) LoadIfExists(ctx context.Context, key string, pointer any) (bool, error) {
	if _, ok := f.records[key]; !ok {
		return false, nil
	}
	return true, f.Load(ctx, run.Object{Key: key}, pointer)
}

func (f *fixture) CheckActive(context.Context) error { return f.errors["state machine"] }

func (f *fixture) Start(ctx context.Context, name string, input any) (string, error) {
	if f.onStart(); ctx.Err() != nil {
		return "", ctx.Err()
	}
	if f.listedObjects != nil {
		_, _ = f.Save(ctx, sendrun.ObjectsKey(name), f.listedObjects)
	}
	text, err := json.Marshal(input)
	f.executions = slices.Insert(f.executions, 0, run.Execution{
		Name: name, ARN: "arn:" + name, Status: run.StatusRunning, StartedAt: time.Now(), Input: string(text),
	})
	return "arn:" + name, cmp.Or(err, f.errors["start"])
}

func (f *fixture) Latest(_ context.Context, n int, _ func(run.Execution) bool) ([]run.Execution, error) {
	return f.executions[:min(n, len(f.executions))], f.errors["executions"]
}

// Execution ends a running execution at the fifth poll.
func (f *fixture) Execution(_ context.Context, nameOrARN string) (run.Execution, error) {
	i := slices.IndexFunc(f.executions, func(e run.Execution) bool { return e.Name == nameOrARN || e.ARN == nameOrARN })
	if i < 0 {
		return run.Execution{}, errkind.Errorf(errkind.InvalidInput, "there is no run %q", nameOrARN)
	}
	if e := &f.executions[i]; !e.Ended() {
		if f.polls++; f.polls > 4 {
			e.EndedAt = time.Now()
			f.onEnd(e)
		}
	}
	return f.executions[i], nil
}

// Progress has four objects, of which one more is done at each poll after the first.
func (f *fixture) Progress(context.Context, string) (run.Progress, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.polls < 2 {
		return run.Progress{}, false, nil
	}
	done := f.polls - 2
	return run.Progress{Total: 4, Done: done, Running: 2, Pending: 2 - done}, true, nil
}

// partner is the server of a fixture.
type partner struct{ *fixture }

func (p partner) Address() string { return "archive@sftp.partner.example:22" }

func (p partner) Connect(context.Context) error {
	return p.errors["login"]
}

func (p partner) Stat(_ context.Context, path string) (sendfile.Info, error) {
	info, ok := p.files[path]
	if !ok {
		return info, fs.ErrNotExist
	}
	return info, nil
}

func (p partner) Close() {}

func (p partner) Remove(context.Context, string) error { panic("no command removes files") }
func (p partner) MakeDirectories(context.Context, string) error {
	panic("no command makes directories")
}

func (p partner) CountEntries(_ context.Context, directory string) (n int, err error) {
	if _, ok := p.files[directory]; !ok {
		return 0, fs.ErrNotExist
	}
	return len(p.files) - 1, p.errors["directory"]
}

// connections are those to a fixture.
type connections struct {
	*fixture
	flags *connect.Flags
}

func (c connections) AWS(context.Context) (connect.AWS, error) {
	return connect.AWS{
		Region:    "us-east-1",
		CallerARN: func(context.Context) (string, error) { return "arn:aws:iam::123456789012:user/jane", nil },
	}, c.errors["aws"]
}

func (c connections) Partner(s settings.SFTP) connect.Partner {
	return connect.Partner{
		Settings: func(context.Context) (settings.SFTP, error) { return s, c.errors["secrets"] }, Client: partner{c.fixture},
	}
}

func (c connections) SendFiles(context.Context) (*connect.SendFiles, error) {
	if c.flags.CloudFormationStack != "send-files" {
		return nil, awscfn.ErrNoStack
	}
	failing := func(part string) func(context.Context) error {
		return func(context.Context) error { return c.errors[part] }
	}
	return &connect.SendFiles{
		StateMachine: c, Executions: c, Records: c, RunsBucket: "runs", Open: c.open,
		Alarms: func(context.Context) ([]alarm.Alarm, error) { return c.alarms, c.errors["alarms"] },
		Checks: connect.SendFilesChecks{
			UploadRule: failing("rule"), Notifications: failing("notifications"),
			Schedule:           func(context.Context) (string, error) { return c.schedule, c.errors["schedule"] },
			CountUndelivered:   func(context.Context) (int, error) { return c.undelivered, c.errors["queue"] },
			CountSubscriptions: func(context.Context) (int, error) { return 1, c.errors["topic"] },
		},
	}, c.errors["stack"]
}

func (c connections) open(context.Context) (connect.Sending, error) {
	s, err := settings.Read[settings.SendFile]([]string{
		"SSH_HOST=127.0.0.1", fmt.Sprintf("SSH_PORT=%d", max(1, c.port)), "SSH_USERNAME=archive", "SSH_PASSWORD=ssm:/password", "SSH_HOST_KEYS=" + cmp.Or(c.hostKeys, "none"),
		"RUNS_BUCKET=runs", "SOURCE_BUCKET=outgoing", "SOURCE_PREFIX=out/", "SSH_DIR=/in", "EXCLUDE=*.tmp", "AFTER=" + c.after,
	})
	if err != nil {
		return connect.Sending{}, err
	}
	options, err := s.Options()
	server := c.Partner(s.SFTP)
	return connect.Sending{
		Settings: s, Partner: server,
		Selection: sendrun.Selection{Options: options, Source: sendrun.Source{Bucket: "outgoing", Prefix: "out/"}, Lister: c, Manifests: c},
		Sender:    sendfile.Sender{Options: options, Now: time.Now, Source: c, Records: c, Server: server.Client, Files: server.Client},
	}, cmp.Or(err, c.errors["settings"])
}

// output is what a command printed, and its exit code.
type output struct {
	code     int
	out, err string
}

// run runs a command.
func (f *fixture) run(ctx context.Context, args ...string) output {
	var out, errs bytes.Buffer
	env := program.Environment{In: strings.NewReader(""), Out: &out, Err: &errs}
	env.Connect = func(flags *connect.Flags) connect.Connections { return connections{f, flags} }
	code := program.Run(ctx, &env, New(&env), args)
	return output{code, out.String(), errs.String()}
}

// runCommand runs one command in a new fixture, in which waiting takes no time and the year
// is always 2000.
func runCommand(t *testing.T, prepare func(*fixture), args ...string) (result output) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture()
		if prepare != nil {
			prepare(f)
		}
		result = f.run(t.Context(), args...)
	})
	return result
}

// addRun adds a run that has ended with a report.
func (f *fixture) addRun(name string, report sendrun.Report) {
	report.Execution, report.StartedAt, report.EndedAt = name, noon, noon.Add(90*time.Second)
	report.Totals, report.Page = sendrun.CountTotals(report.Results), "s3://runs/"+run.PageKey(name)
	status := run.StatusSucceeded
	if report.Failed() {
		status = run.StatusFailed
	}
	f.executions = slices.Insert(f.executions, 0, run.Execution{Name: name, ARN: "arn:" + name, Status: status, StartedAt: noon, EndedAt: report.EndedAt, Input: "{}"})
	_, _ = f.Save(context.Background(), run.ReportKey(name), report)
	_, _ = f.Save(context.Background(), run.SummaryKey(name), report.Summary)
}

// results are those of a run in which everything happened.
func (f *fixture) results() []sendfile.Result {
	return []sendfile.Result{
		{Object: f.source[1], Done: true, Outcome: sendfile.Failed, Error: "InvalidName", Reason: `the key "out/.." has the segment ".."`},
		{Object: f.source[2], Done: true, Outcome: sendfile.Sent, Reason: "it is in its place", Path: "/in/a b.csv", SHA256: "2cf24dba", After: sendfile.Delete, BytesSent: 2000, Seconds: 0.25},
		{Object: sendfile.Object{Bucket: "outgoing", Key: "out/in the way"}, Done: true, Outcome: sendfile.Failed, Error: "Conflict", Reason: "there is a directory at /in/in the way"},
		{Object: f.source[4], Done: true, Outcome: sendfile.Unchanged, Reason: "it was sent before", Path: "/in/old.csv"},
	}
}
