package main

import (
	"crypto/rand"
	"fmt"
	"os/user"
	"regexp"
	"strings"
	"time"
)

// What the names of runs begin with that this program starts, or does itself.
const (
	startName = "start"
	syncName  = "sync"
)

// nameTime is how a time stands in a run's name, so that names sort by it.
const nameTime = "20060102T150405Z"

// unnameable is what may not stand in an execution's name
// (https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html).
var unnameable = regexp.MustCompile(`[^A-Za-z0-9]+`)

// runName names a run so that names in their order are runs in theirs, and
// nobody else's is the same: what it is, when it began, and whose it is.
func runName(what string) string {
	who := "somebody"
	if u, err := user.Current(); err == nil {
		who = u.Username
	}
	who = strings.Trim(unnameable.ReplaceAllString(who, "-"), "-")
	const longest = 30
	return fmt.Sprintf("%s-%s-%s-%s", what, time.Now().UTC().Format(nameTime), who[:min(len(who), longest)], strings.ToLower(rand.Text()[:6]))
}

// startOf is when a run of that name began; zero for a name of another form.
func startOf(name string) time.Time {
	_, rest, _ := strings.Cut(name, "-")
	text, _, _ := strings.Cut(rest, "-")
	began, err := time.Parse(nameTime, text)
	if err != nil {
		return time.Time{}
	}
	return began
}
