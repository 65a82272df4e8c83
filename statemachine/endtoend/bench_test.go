package endtoend

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// BenchmarkRun measures runs of a thousand users: the first sync, and one without
// a change. The times are moto's and this machine's; the counts are the workflow's.
func BenchmarkRun(b *testing.B) {
	const thousand = 1000
	resetFixtures(b, manyUsers(thousand)...)
	for _, name := range []string{"first sync", "nothing changed"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				cloud.Calls.Reset()
				cloud.SFTPGo.Reset()
				e := startRun(b, `{}`)
				requireSucceeded(b, e, pathSucceeded)
				c := countCalls(thousand)
				b.ReportMetric(c.perUser, "calls/user")
				b.ReportMetric(float64(c.logins), "logins")
				b.ReportMetric(float64(c.iam), "iam-calls")
				b.ReportMetric(float64(c.s3), "s3-calls")
				b.ReportMetric(float64(e.largestInOut), "state-bytes")
			}
		})
	}
}

// A small zip starts faster.
func TestFunctionsAreSmall(t *testing.T) {
	const most = 10 << 20
	client := lambda.NewFromConfig(cloud.AWS())
	for _, name := range []string{discoverUsers, syncUser, summarizeRun, listAccounts} {
		got, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(name)})
		require.NoError(t, err)
		size := got.Configuration.CodeSize
		assert.Positive(t, size)
		assert.LessOrEqual(t, size, int64(most))
		t.Logf("%s: %.1f MB zipped", name, float64(size)/1e6)
	}
}
