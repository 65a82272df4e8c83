package awssqs

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCountMessages(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer := `{"Attributes":{"ApproximateNumberOfMessages":"3"}}`
		switch {
		case r.Header.Get("X-Amz-Target") != "AmazonSQS.GetQueueUrl":
		case strings.Contains(string(body), "undelivered"):
			answer = `{"QueueUrl":"` + "http://" + r.Host + `/undelivered"}`
		default:
			w.WriteHeader(http.StatusBadRequest)
			answer = `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}`
		}
		_, _ = io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	client := sqs.New(sqs.Options{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("id", "secret", ""))})
	n, err := CountMessages(t.Context(), client, "undelivered")
	require.NoError(t, err)
	assert.Equal(t, 3, n)
	_, err = CountMessages(t.Context(), client, "absent")
	assert.ErrorContains(t, err, "no such queue")
}
