package transfer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/run"
)

// maxPolicy is the most characters that a session policy may have.
const maxPolicy = 2048

// TestLimits has people in stacks of 51 and of 1,000 buckets, and one in more and more
// stacks, until the session policy is exactly as long as AWS allows, and then longer.
func TestLimits(t *testing.T) {
	fifty, thousand := newMember(t, "fifty", "digipres-fifty-users"), newMember(t, "thousand", "digipres-huge-users")
	createMany(t, "digipres-fifty-b%02d", 51)
	createMany(t, "digipres-huge-b%03d", 1000)
	gina := newMember(t, "gina")
	var stacks []string
	// joinStack has gina join another stack, whose name has so many characters.
	joinStack := func(length int) {
		t.Helper()
		name := fmt.Sprintf("policy%02d-", len(stacks))
		name += strings.Repeat("x", length-len(name))
		createBuckets(t, name+"-data", name+"-archive")
		join(t, "gina", name+"-users")
		stacks = append(stacks, name)
	}
	policyLength := func() int {
		t.Helper()
		return len(*gina.describe(t).Policy)
	}
	const stackLength = 30
	const perStack = len(`"arn:aws:s3:::-*",`) + stackLength
	for range 20 {
		joinStack(stackLength)
	}

	results := runFor(t, `{}`)

	for username, want := range map[string]int{"fifty": 51, "thousand": 1000, "gina": 2 * len(stacks)} {
		assert.Equal(t, run.Updated, results[username].Outcome, results[username].Reason)
		assert.Len(t, results[username].Added, want)
	}
	assert.Len(t, listing(t, fifty.login(t), "/"), 51)
	session := thousand.login(t)
	assert.Len(t, listing(t, session, "/"), 1000)
	require.NoError(t, put(session, "/digipres-huge-b999/letter.txt", "x"))
	_, err := session.ReadDir("/digipres-fifty-b00")
	require.Error(t, err)

	left := maxPolicy - policyLength()
	for ; left >= 2*perStack; left -= perStack {
		joinStack(stackLength)
	}
	joinStack(stackLength + left - perStack)
	cloud.Calls.Reset()
	results = runFor(t, `{}`)
	assert.Equal(t, run.Updated, results["gina"].Outcome, results["gina"].Reason)
	assert.Equal(t, maxPolicy, policyLength())
	assert.Equal(t, 1, calls("UpdateUser"), "nobody else is written again: neither those with many buckets nor those who were revoked before")
	session = gina.login(t)
	for _, name := range []string{stacks[0], slices.Max(stacks)} {
		require.NoError(t, put(session, "/"+name+"-data/letter.txt", "x"))
	}

	joinStack(stackLength)
	failed := startRun(t, `{"username":"gina"}`).results["gina"]
	assert.Equal(t, run.Failed, failed.Outcome)
	assert.Equal(t, "Misconfigured", failed.Error)
	assert.Contains(t, failed.Reason, fmt.Sprintf("%d characters, and AWS allows %d", maxPolicy+perStack, maxPolicy))
	assert.Contains(t, failed.Reason, "sessionPolicy: false")
	assert.Equal(t, maxPolicy, policyLength(), "what she has stays")
}

// createMany creates n buckets that are numbered from 0.
func createMany(t *testing.T, format string, n int) {
	t.Helper()
	work, ctx := errgroup.WithContext(t.Context())
	work.SetLimit(8)
	for i := range n {
		work.Go(func() error {
			_, err := s3.NewFromConfig(cloud.AWS()).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(fmt.Sprintf(format, i))})
			return err
		})
	}
	require.NoError(t, work.Wait())
}
