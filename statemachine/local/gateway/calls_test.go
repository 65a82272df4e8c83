package gateway

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestParseCall(t *testing.T) {
	t.Parallel()
	signed := func(service string) string {
		return "AWS4-HMAC-SHA256 Credential=AKIA1/20260102/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=0"
	}
	tests := []struct {
		name                       string
		method, url, service, body string
		header                     map[string]string
		want                       Call
	}{
		{name: "JSON", method: "POST", url: "/", service: "ssm",
			header: map[string]string{"X-Amz-Target": "AmazonSSM.GetParameters"},
			want:   Call{Service: "ssm", Action: "GetParameters"}},
		{name: "form", method: "POST", url: "/", service: "iam", body: "Version=2010-05-08&Action=GetAccountAuthorizationDetails",
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
			want:   Call{Service: "iam", Action: "GetAccountAuthorizationDetails"}},
		{name: "REST", method: "GET", url: "/2015-03-31/functions/sync-user?Qualifier=1", service: "lambda",
			want: Call{Service: "lambda", Action: "GET /2015-03-31/functions/sync-user"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(tt.method, tt.url, nil)
			r.Header.Set("Authorization", signed(tt.service))
			for name, value := range tt.header {
				r.Header.Set(name, value)
			}

			got, key := parseCall(r, []byte(tt.body))

			assert.Equal(t, tt.want, got)
			assert.Equal(t, "AKIA1", key)
		})
	}
}

func TestParseCallOfPresignedURL(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, "/bucket/key?X-Amz-Credential=AKIA2%2F20260102%2Fus-east-1%2Fs3%2Faws4_request", nil)

	got, key := parseCall(r, nil)

	assert.Equal(t, Call{Service: "s3", Action: "GET /bucket/key"}, got)
	assert.Equal(t, "AKIA2", key)
}
