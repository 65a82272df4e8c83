package endtoend

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// BenchmarkRun measures runs about a thousand people: first sync, and nothing
// changed. The seconds are moto's and this machine's; the counts are ours.
func BenchmarkRun(b *testing.B) {
	const thousand = 1000
	newTown(b, theCrowd(thousand)...)
	for _, name := range []string{"first sync", "nothing changed"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				cloud.Calls.Reset()
				cloud.SFTPGo.Reset()
				e := start(b, `{}`)
				succeeded(b, e, wayOfSuccess)
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

// A small zip starts fast.
func TestFunctionsAreSmall(t *testing.T) {
	const most = 10 << 20
	client := lambda.NewFromConfig(cloud.AWS())
	for _, name := range []string{discoverUsers, syncUser, summarizeRun} {
		got, err := client.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(name)})
		require.NoError(t, err)
		size := got.Configuration.CodeSize
		assert.Positive(t, size)
		assert.LessOrEqual(t, size, int64(most))
		t.Logf("%s: %.1f MB zipped", name, float64(size)/1e6)
	}
}
