package run

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"
)

// Object is the place of an S3 object.
type Object struct {
	Bucket string `json:"bucket"`
	Key    string `json:"key"`
}

// URI returns the place as the AWS command line takes it: `s3://bucket/key`.
func (o Object) URI() string { return "s3://" + o.Bucket + "/" + o.Key }

// UsersKey returns the key of a run's users in the runs bucket.
func UsersKey(execution string) string { return "runs/" + execution + "/users.json" }

// SummaryKey returns the key of a run's summary in the runs bucket.
func SummaryKey(execution string) string { return "runs/" + execution + "/summary.json" }

// ReportKey returns the key of a run's report in the runs bucket.
func ReportKey(execution string) string { return "runs/" + execution + "/report.json" }

// PageKey returns the key of the page of a run's report in the runs bucket.
func PageKey(execution string) string { return "runs/" + execution + "/report.html" }

// PageWriter writes HTML pages to the runs bucket.
type PageWriter interface {
	// SavePage writes a page under a key and returns its place.
	SavePage(ctx context.Context, key string, html []byte) (Object, error)
}

// SavePage writes the page of a run's report, and returns its place.
func SavePage(ctx context.Context, writer PageWriter, execution string, page interface{ Write(io.Writer) error }) (Object, error) {
	var html bytes.Buffer
	if err := page.Write(&html); err != nil {
		return Object{}, err
	}
	return writer.SavePage(ctx, PageKey(execution), html.Bytes())
}

// ChangesPrefix begins the keys of what runs changed.
const ChangesPrefix = "changes/"

// ChangesKey returns the key of what a run changed in the runs bucket. The keys are in
// the order in which the runs started.
func ChangesKey(started time.Time, execution string) string {
	return ChangesSince(started) + "-" + execution + ".json"
}

// ChangesSince returns a text that comes before the keys of what runs changed that
// started then or later, and after all others. Its unit is a second.
func ChangesSince(started time.Time) string {
	return ChangesPrefix + started.UTC().Format("20060102T150405Z")
}

// AccountsKey returns the key of the names of the accounts that showed folders of this
// program when the run began.
func AccountsKey(execution string) string { return "runs/" + execution + "/accounts.json" }

// ErrNoObject means that there is no object of that key, for errors.Is.
var ErrNoObject = errors.New("no such object")

// Writer writes to the runs bucket.
type Writer interface {
	// Save writes a value as JSON under a key and returns its place.
	Save(ctx context.Context, key string, value any) (Object, error)
}

// Reader reads from the runs bucket.
type Reader interface {
	// Load reads JSON into a value, given a pointer to it.
	Load(ctx context.Context, object Object, value any) error
}
