package runs

import (
	"crypto/rand"
	"fmt"
	"os/user"
	"regexp"
	"strings"
	"time"
)

// The prefixes of names: of executions that a command line started, and of runs
// that it did itself.
const (
	StartPrefix = "start"
	SyncPrefix  = "sync"
)

// nameTime is the format of the time in a name, so that names sort by it.
const nameTime = "20060102T150405Z"

// invalidInName matches what an execution's name may not contain
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
var invalidInName = regexp.MustCompile(`[^A-Za-z0-9]+`)

// NewName returns a unique name for a run: prefix, time, local user, random.
func NewName(prefix string) string {
	username := "unknown"
	if u, err := user.Current(); err == nil {
		username = strings.Trim(invalidInName.ReplaceAllString(u.Username, "-"), "-")
	}
	const maxLength = 30
	return fmt.Sprintf("%s-%s-%s-%s", prefix, time.Now().UTC().Format(nameTime),
		username[:min(len(username), maxLength)], strings.ToLower(rand.Text()[:6]))
}

// startTime returns the time in a name of NewName; zero for any other name.
func startTime(name string) time.Time {
	_, rest, _ := strings.Cut(name, "-")
	text, _, _ := strings.Cut(rest, "-")
	started, _ := time.Parse(nameTime, text)
	return started
}
