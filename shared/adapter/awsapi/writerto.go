package awsapi

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// WithoutWriterTo wraps a client so that net/http reads a request's body with Read
// and never with WriteTo. Otherwise a response that arrives early can be lost.
//
// The SDK closes the body as soon as the response begins. net/http may not have seen
// the end of the body by then. The WriteTo of a closed body returns io.EOF, which
// net/http takes for a failed write: it closes the connection, with the response on
// it, and the SDK repeats a call that was carried out already, which fails if it
// can't be made twice. An io.EOF of Read is the normal end of the body.
// https://github.com/aws/aws-sdk-go-v2/issues/2737
func WithoutWriterTo(client aws.HTTPClient) aws.HTTPClient { return withoutWriterTo{client} }

type withoutWriterTo struct{ aws.HTTPClient }

func (c withoutWriterTo) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r = r.WithContext(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return c.HTTPClient.Do(r)
}
