package awsapi

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// WithoutWriterTo gives a client that does not lose an answer which comes at once.
//
// The SDK closes a request's body as soon as the answer begins. net/http may
// still be about to ask the body whether there is more of it then, and takes
// the io.EOF that a closed one gives its WriteTo for a failure: it closes the
// connection with the answer on it. The SDK repeats the call, which has been
// carried out already, and something that can be done once fails. The io.EOF of
// a Read is no failure, so the body is shown as a mere reader.
// https://github.com/aws/aws-sdk-go-v2/issues/2737
func WithoutWriterTo(client aws.HTTPClient) aws.HTTPClient { return withoutWriterTo{client} }

type withoutWriterTo struct{ aws.HTTPClient }

func (l withoutWriterTo) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r = r.WithContext(r.Context())
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return l.HTTPClient.Do(r)
}
