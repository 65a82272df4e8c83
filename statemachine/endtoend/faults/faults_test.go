package faults

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/statemachine/local/faults"
	"github.com/digipres/sync-users/statemachine/local/gateway"
)

// TestRandomFaults has rounds for each seed. In each round memberships and keys
// change, a run goes on while requests go wrong, and another one without faults.
//
// A failing round is repeated by its seed, with the rounds before it:
// go test ./statemachine/endtoend/faults -v -faults.seeds 7 -faults.rounds 3
//
// The changes follow from the seed alone. So do the faults, as far as the requests of
// concurrent syncs do (see faults.Injector).
func TestRandomFaults(t *testing.T) {
	var table table
	defer func() { t.Logf("\n%s", table) }()
	for seed := range strings.SplitSeq(*seeds, ",") {
		users := begin(t)
		for n := range *rounds {
			r := runRound(t, seed, n+1, users)
			table = append(table, r)
			if !assert.Empty(t, r.violations, "seed %s, round %d, with these faults:\n%s", seed, r.number, join(r.faults)) {
				break // What went wrong may make the next rounds go wrong too.
			}
		}
	}
}

// inject has a share of the functions' requests go wrong, in a way that follows from
// the seed. The injector knows what went wrong, also after it is removed.
func inject(seed string) (injector *faults.Injector, remove func()) {
	injector = faults.NewInjector(seed, *share)
	removeFromSFTPGo := cloud.SFTPGo.Intercept(func(w http.ResponseWriter, r *http.Request, server http.Handler) {
		kinds := faults.All
		if r.URL.Path == "/api/v2/token" {
			kinds = loginKinds
		}
		injector.Handle(w, r, fmt.Sprintf("SFTPGo %s %s", r.Method, r.URL.Path), server, kinds)
	})
	removeFromAWS := cloud.AWSGateway.Intercept(func(call gateway.Call, w http.ResponseWriter, r *http.Request, aws http.Handler) {
		injector.Handle(w, r, fmt.Sprintf("%s: %s %s", call.Caller, call.Service, withoutExecution(call.Action)), aws, faults.AWS)
	})
	return injector, func() { removeFromSFTPGo(); removeFromAWS() }
}

// loginKinds are the faults of a login. A login that is rejected is not repeated for
// ten minutes, so that SFTPGo's defender doesn't ban the address.
var loginKinds = without(faults.All, faults.Unauthorized)

func without(kinds []faults.Kind, kind faults.Kind) (others []faults.Kind) {
	for _, k := range kinds {
		if k != kind {
			others = append(others, k)
		}
	}
	return others
}

// executionInKey is the name of an execution in the key of an object.
var executionInKey = regexp.MustCompile(`/runs/[^/]+/`)

// withoutExecution returns the same for each execution.
func withoutExecution(action string) string {
	return executionInKey.ReplaceAllString(action, "/runs/{execution}/")
}

func join(injected []faults.Injected) string {
	var lines []string
	for _, fault := range injected {
		lines = append(lines, fault.String())
	}
	return strings.Join(lines, "\n")
}
