package awstransfer_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awstransfer"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/transfer"
)

const id = "s-0123456789abcdef0"

// request is what a server was asked.
type request struct {
	operation string
	body      map[string]any
}

// newServer returns a client of a server that gives one answer to every request, and
// the requests.
func newServer(t *testing.T, status int, answer string) (awstransfer.Server, *[]request) {
	t.Helper()
	var requests []request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		got := request{operation: operation}
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&got.body))
		requests = append(requests, got)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, answer)
	}))
	t.Cleanup(server.Close)
	return awstransfer.NewServer(config(server.URL), id), &requests
}

func config(endpoint string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func TestUser(t *testing.T) {
	t.Parallel()
	server, requests := newServer(t, http.StatusOK, `{"ServerId":"`+id+`","User":{
		"Arn":"arn:aws:transfer:us-east-1:123456789012:user/`+id+`/alice@example.org","UserName":"alice@example.org",
		"Role":"arn:aws:iam::123456789012:role/transfer","HomeDirectoryType":"LOGICAL","HomeDirectory":"/own","Policy":"{}",
		"HomeDirectoryMappings":[{"Entry":"/own","Target":"/elsewhere"},{"Entry":"/note","Target":"/elsewhere/note","Type":"FILE"},
			{"Entry":"/more","Target":"/more","Type":"DIRECTORY"}]}}`)
	user, err := server.User(t.Context(), "alice@example.org")
	require.NoError(t, err)
	assert.Equal(t, &transfer.User{
		Name: "alice@example.org", Role: "arn:aws:iam::123456789012:role/transfer", Logical: true, HomeDirectory: "/own", Policy: "{}",
		Mappings: []transfer.Mapping{{Entry: "/own", Target: "/elsewhere"}, {Entry: "/note", Target: "/elsewhere/note", File: true}, {Entry: "/more", Target: "/more"}},
	}, user)
	assert.Equal(t, []request{{"DescribeUser", map[string]any{"ServerId": id, "UserName": "alice@example.org"}}}, *requests)
}

func TestUserNamesOnPageTwoAreListed(t *testing.T) {
	t.Parallel()
	var tokens []any
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
		assert.Equal(t, 1000.0, body["MaxResults"])
		tokens = append(tokens, body["NextToken"])
		if body["NextToken"] == nil {
			_, _ = fmt.Fprint(w, `{"ServerId":"`+id+`","NextToken":"2","Users":[{"Arn":"a","UserName":"alice"}]}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"ServerId":"`+id+`","Users":[{"Arn":"b","UserName":"bob"}]}`)
	}))
	defer server.Close()
	names, err := awstransfer.NewServer(config(server.URL), id).UserNames(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"alice", "bob"}, names)
	assert.Equal(t, []any{nil, "2"}, tokens)
}

// What is not passed stays as it is, such as the role, keys and tags.
func TestUpdateUserPassesOnlyWhatChanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		give transfer.Update
		want map[string]any
	}{
		{"the policy", transfer.Update{Policy: "{}"}, map[string]any{"Policy": "{}"}},
		{"mappings", transfer.Update{Mappings: []transfer.Mapping{{Entry: "/a", Target: "/b"}, {Entry: "/n", Target: "/b/n", File: true}}}, map[string]any{
			"HomeDirectoryType":     "LOGICAL",
			"HomeDirectoryMappings": []any{map[string]any{"Entry": "/a", "Target": "/b"}, map[string]any{"Entry": "/n", "Target": "/b/n", "Type": "FILE"}},
		}},
		{"the home directory", transfer.Update{ClearHomeDirectory: true}, map[string]any{"HomeDirectory": ""}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, requests := newServer(t, http.StatusOK, `{"ServerId":"`+id+`","UserName":"alice"}`)
			require.NoError(t, server.UpdateUser(t.Context(), &transfer.User{Name: "alice"}, tt.give))
			tt.want["ServerId"], tt.want["UserName"] = id, "alice"
			assert.Equal(t, []request{{"UpdateUser", tt.want}}, *requests)
		})
	}
}

func TestDescription(t *testing.T) {
	t.Parallel()
	server, requests := newServer(t, http.StatusOK, `{"Server":{"Arn":"arn","ServerId":"`+id+`","State":"OFFLINE","Domain":"EFS","IdentityProviderType":"AWS_LAMBDA"}}`)
	got, err := server.Description(t.Context())
	require.NoError(t, err)
	assert.Equal(t, transfer.Description{ID: id, State: "OFFLINE", Domain: "EFS", IdentityProvider: "AWS_LAMBDA"}, got)
	assert.Equal(t, []request{{"DescribeServer", map[string]any{"ServerId": id}}}, *requests)
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
		{"internal", 500, `{"__type":"InternalServiceError","Message":"oh"}`, errkind.Unavailable, "oh"},
		{"internal, with another status", 400, `{"__type":"InternalServiceError","Message":"oh"}`, errkind.Unavailable, "oh"},
		{"no server", 400, `{"__type":"ResourceNotFoundException","Message":"Unknown server","Resource":"` + id + `","ResourceType":"Server"}`, errkind.Misconfigured,
			"the Transfer server " + id + " was not found in this account and region"},
		{"invalid", 400, `{"__type":"InvalidRequestException","Message":"Policy is too long"}`, errkind.Unexpected, "InvalidRequestException: Policy is too long"},
		{"denied", 400, `{"__type":"AccessDeniedException","Message":"not authorized to perform: it"}`, errkind.AccessDenied, "not authorized to perform: it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, _ := newServer(t, tt.status, tt.answer)
			user := &transfer.User{Name: "alice", Role: "arn:aws:iam::123456789012:role/transfer"}
			_, describeErr := server.User(t.Context(), user.Name)
			_, serverErr := server.Description(t.Context())
			updateErr := server.UpdateUser(t.Context(), user, transfer.Update{Policy: "{}"})
			needs := []string{"transfer:DescribeUser", "transfer:DescribeServer", "transfer:UpdateUser on the server's users, and iam:PassRole on the role " + user.Role}
			for i, err := range []error{describeErr, serverErr, updateErr} {
				assert.Equal(t, tt.want, errkind.Of(err))
				assert.ErrorContains(t, err, tt.text)
				assert.Equal(t, tt.want == errkind.AccessDenied, strings.Contains(err.Error(), "(this needs "+needs[i]), err)
			}
		})
	}
}

func TestNoUser(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, 400, `{"__type":"ResourceNotFoundException","Message":"Unknown user","Resource":"alice","ResourceType":"User"}`)
	_, err := server.User(t.Context(), "alice")
	assert.ErrorIs(t, err, transfer.ErrNoUser)
	err = server.UpdateUser(t.Context(), &transfer.User{Name: "alice"}, transfer.Update{Policy: "{}"})
	assert.Equal(t, errkind.Unavailable, errkind.Of(err), "so that the sync is repeated")
}
