package endtoend

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// BenchmarkSync measures a first sync of a thousand users and one that changes nothing,
// with 20 ms added to each call, beside calls in the way of the original (see original),
// which does the same each time. The original's are measured with every twentieth user.
func BenchmarkSync(b *testing.B) {
	const (
		users    = 1000
		sample   = 20
		latency  = 20 * time.Millisecond
		parallel = "20" // of which each has one connection to SFTPGo, whose limit is 20
	)
	all := makeUsers(users)
	newFixture(b, all...)
	cloud.SFTPGo.Inject(sftpgo.Fault{Delay: latency})
	b.Cleanup(cloud.SFTPGo.Reset)
	endpoint := delayed(b, cloud.Endpoint, latency)
	sync := func() time.Duration {
		start := time.Now()
		cmd := command(b, map[string]string{"AWS_ENDPOINT_URL": endpoint}, "sync", "--yes", "--concurrency", parallel, "-o", "json")
		out, err := cmd.Output()
		require.NoError(b, err, string(out))
		return time.Since(start)
	}
	for b.Loop() {
		first, second := sync(), sync()
		start := time.Now()
		var chosen []fixture.User
		for i := 0; i < users; i += sample {
			chosen = append(chosen, all[i])
		}
		require.NoError(b, newOriginal(cloud.AWS(), endpoint).sync(b.Context(), chosen))
		original := time.Since(start) * sample
		b.ReportMetric(first.Seconds(), "first-s")
		b.ReportMetric(second.Seconds(), "unchanged-s")
		b.ReportMetric(original.Seconds(), "original-s")
		b.ReportMetric(original.Seconds()/first.Seconds(), "first-times-faster")
		b.ReportMetric(original.Seconds()/second.Seconds(), "unchanged-times-faster")
	}
}

// delayed returns the address of a server that passes requests on after a delay.
func delayed(b *testing.B, endpoint string, delay time.Duration) string {
	target, err := url.Parse(endpoint)
	require.NoError(b, err)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // which is signed
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(delay)
		proxy.ServeHTTP(w, r)
	}))
	b.Cleanup(server.Close)
	return server.URL
}
