package awsconnector_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awsconnector"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

const id = "c-0123456789abcdef0"

// request is what a server was asked.
type request struct {
	operation string
	body      map[string]any
}

// newServer returns a connector of a server that gives these answers, and the requests.
func newServer(t *testing.T, status int, answers ...string) (awsconnector.Connector, *[]request) {
	t.Helper()
	cfg, requests := newConfig(t, status, answers...)
	return awsconnector.NewConnector(cfg, id), requests
}

// newConfig returns the configuration for a server that gives these answers, the last of
// them to all further requests, and the requests.
func newConfig(t *testing.T, status int, answers ...string) (aws.Config, *[]request) {
	t.Helper()
	var requests []request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		got := request{operation: operation}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&got.body))
		answer := answers[min(len(requests), len(answers)-1)]
		requests = append(requests, got)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}, &requests
}

// starts are the methods that start work, with what they send.
var starts = []struct {
	operation string
	call      func(context.Context, awsconnector.Connector) (any, error)
	body      map[string]any
	answer    string
	want      any
}{
	{
		"StartDirectoryListing", func(ctx context.Context, c awsconnector.Connector) (any, error) {
			return c.StartListing(ctx, "/out", "/bucket/listings", 2000)
		},
		map[string]any{"RemoteDirectoryPath": "/out", "OutputDirectoryPath": "/bucket/listings", "MaxItems": 2000.0},
		`{"ListingId":"l1","OutputFileName":"c-l1.json"}`, awsconnector.Listing{ID: "l1", FileName: "c-l1.json"},
	},
	{
		"StartFileTransfer", func(ctx context.Context, c awsconnector.Connector) (any, error) {
			return c.StartRetrieve(ctx, []string{"/out/a b", "/out/c+d"}, "/bucket/in")
		},
		map[string]any{"RetrieveFilePaths": []any{"/out/a b", "/out/c+d"}, "LocalDirectoryPath": "/bucket/in"},
		`{"TransferId":"t1"}`, "t1",
	},
	{
		"StartFileTransfer", func(ctx context.Context, c awsconnector.Connector) (any, error) {
			return c.StartSend(ctx, []string{"/bucket/out/a"}, "/in")
		},
		map[string]any{"SendFilePaths": []any{"/bucket/out/a"}, "RemoteDirectoryPath": "/in"},
		`{"TransferId":"t2"}`, "t2",
	},
	{
		"StartFileTransfer", func(ctx context.Context, c awsconnector.Connector) (any, error) {
			return c.StartSend(ctx, []string{"/bucket/out/a"}, "")
		},
		map[string]any{"SendFilePaths": []any{"/bucket/out/a"}},
		`{"TransferId":"t3"}`, "t3",
	},
	{
		"StartRemoteMove", func(ctx context.Context, c awsconnector.Connector) (any, error) {
			return c.StartMove(ctx, "/a", "/done/a")
		},
		map[string]any{"SourcePath": "/a", "TargetPath": "/done/a"},
		`{"MoveId":"m1"}`, "m1",
	},
	{
		"StartRemoteDelete", func(ctx context.Context, c awsconnector.Connector) (any, error) { return c.StartDelete(ctx, "/a") },
		map[string]any{"DeletePath": "/a"},
		`{"DeleteId":"d1"}`, "d1",
	},
}

func TestStart(t *testing.T) {
	t.Parallel()
	for _, tt := range starts {
		t.Run(fmt.Sprint(tt.operation, tt.want), func(t *testing.T) {
			t.Parallel()
			connector, requests := newServer(t, http.StatusOK, tt.answer)
			got, err := tt.call(t.Context(), connector)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			body := maps.Clone(tt.body)
			body["ConnectorId"] = id
			assert.Equal(t, []request{{tt.operation, body}}, *requests)
		})
	}
}

func TestResultsOnPageTwoAreListed(t *testing.T) {
	t.Parallel()
	connector, requests := newServer(t, http.StatusOK,
		`{"NextToken":"2","FileTransferResults":[{"FilePath":"/out/a","StatusCode":"COMPLETED"},{"FilePath":"/out/b","StatusCode":"IN_PROGRESS"}]}`,
		`{"FileTransferResults":[{"FilePath":"/out/c","StatusCode":"FAILED","FailureCode":"RETRIEVE_FILE_NOT_FOUND","FailureMessage":"gone"}]}`)
	got, err := connector.Results(t.Context(), "t1")
	require.NoError(t, err)
	assert.Equal(t, []awsconnector.Result{
		{Path: "/out/a", Status: types.TransferTableStatusCompleted},
		{Path: "/out/b", Status: types.TransferTableStatusInProgress},
		{Path: "/out/c", Status: types.TransferTableStatusFailed, FailureCode: "RETRIEVE_FILE_NOT_FOUND", FailureMessage: "gone"},
	}, got)
	assert.Equal(t, []request{
		{"ListFileTransferResults", map[string]any{"ConnectorId": id, "TransferId": "t1"}},
		{"ListFileTransferResults", map[string]any{"ConnectorId": id, "TransferId": "t1", "NextToken": "2"}},
	}, *requests)
}

func TestUnknownTransfer(t *testing.T) {
	t.Parallel()
	connector, _ := newServer(t, 400, `{"__type":"ResourceNotFoundException","Message":"Unknown transfer","Resource":"t1","ResourceType":"Transfer"}`)
	_, err := connector.Results(t.Context(), "t1")
	assert.ErrorIs(t, err, awsconnector.ErrNoTransfer)
}

func TestConnection(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		answer string
		want   awsconnector.Test
	}{
		{"good", `{"Status":"OK","StatusMessage":"Connection succeeded"}`, awsconnector.Test{OK: true, Message: "Connection succeeded"}},
		{
			"no key is trusted yet", `{"Status":"ERROR","StatusMessage":"no key","SftpConnectionDetails":{"HostKey":"ssh-rsa AAAA"}}`,
			awsconnector.Test{Message: "no key", HostKey: "ssh-rsa AAAA"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			connector, requests := newServer(t, http.StatusOK, tt.answer)
			got, err := connector.Test(t.Context())
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, []request{{"TestConnection", map[string]any{"ConnectorId": id}}}, *requests)
		})
	}
}

func TestErrorsHaveAKind(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		answer string
		want   errkind.Kind
		text   string
	}{
		{"throttled", 400, `{"__type":"ThrottlingException","RetryAfterSeconds":"1"}`, errkind.Throttled, "ThrottlingException"},
		{"unavailable", 500, `{"__type":"ServiceUnavailableException","Message":"later"}`, errkind.Unavailable, "later"},
		{"unavailable, with another status", 400, `{"__type":"ServiceUnavailableException","Message":"later"}`, errkind.Unavailable, "later"},
		{"internal, with another status", 400, `{"__type":"InternalServiceError","Message":"oh"}`, errkind.Unavailable, "oh"},
		{"no connector", 400, `{"__type":"ResourceNotFoundException","Message":"Unknown connector","Resource":"` + id + `","ResourceType":"Connector"}`,
			errkind.Misconfigured, "the Transfer connector " + id + " was not found in this account and region"},
		{"invalid", 400, `{"__type":"InvalidRequestException","Message":"too many paths"}`, errkind.Misconfigured, "InvalidRequestException: too many paths"},
		{"denied", 400, `{"__type":"AccessDeniedException","Message":"not authorized to perform: it"}`, errkind.AccessDenied, "not authorized to perform: it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			connector, _ := newServer(t, tt.status, tt.answer)
			check := func(operation string, err error) {
				assert.Equal(t, tt.want, errkind.Of(err), operation)
				assert.ErrorContains(t, err, tt.text)
				assert.Equal(t, tt.want == errkind.AccessDenied, strings.HasSuffix(err.Error(), "(this needs transfer:"+operation+" on the connector)"), err)
			}
			for _, start := range starts {
				_, err := start.call(t.Context(), connector)
				check(start.operation, err)
			}
			_, err := connector.Results(t.Context(), "t1")
			check("ListFileTransferResults", err)
			_, err = connector.Test(t.Context())
			check("TestConnection", err)
		})
	}
}
