package faults

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/shared/domain/stack"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// accounts are SFTPGo accounts by their user's name.
type accounts map[string]account

// account is what an account shows.
type account struct {
	folders map[string]folder // by bucket
	// foreign is what an administrator set.
	foreign string
}

// folder is a folder with keys, as an account shows it.
type folder struct {
	keyID, description string
	permissions        []string
}

func readAccounts(t *testing.T, users []*testUser) accounts {
	t.Helper()
	accounts := accounts{}
	for _, p := range users {
		document, ok, err := fixtures.SFTPGo.Account(t.Context(), p.email())
		require.NoError(t, err)
		require.True(t, ok, p.username)
		accounts[p.username] = newAccount(document)
	}
	return accounts
}

func newAccount(document fixture.Document) account {
	a := account{folders: map[string]folder{}}
	permissions := document["permissions"].(fixture.Document)
	mapped, _ := document["virtual_folders"].([]any)
	for _, m := range mapped {
		mapping := m.(fixture.Document)
		path := mapping["virtual_path"].(string)
		granted, _ := permissions[path].([]any)
		if mapping["name"] == foreignFolder {
			a.foreign = fmt.Sprint(path, granted, document["additional_info"])
			continue
		}
		s3 := mapping["filesystem"].(fixture.Document)["s3config"].(fixture.Document)
		description, _ := mapping["description"].(string)
		f := folder{keyID: s3["access_key"].(string), description: description}
		for _, permission := range granted {
			f.permissions = append(f.permissions, permission.(string))
		}
		a.folders[s3["bucket"].(string)] = f
	}
	return a
}

// reaches returns whether the account shows a bucket with the right permissions.
func (a account) reaches(bucket string) bool {
	f, ok := a.folders[bucket]
	want := []string{"*"}
	if stack.IsManaged(bucket) {
		want = []string{"list", "download"}
	}
	slices.Sort(want)
	return ok && slices.Equal(want, slices.Sorted(slices.Values(f.permissions)))
}

// differences says how the account differs from what a user should have.
func (a account) differences(p *testUser) (differences []string) {
	if shown := slices.Sorted(maps.Keys(a.folders)); !slices.Equal(shown, p.buckets()) {
		differences = append(differences, fmt.Sprintf("shows %v instead of %v", shown, p.buckets()))
	}
	for bucket, f := range a.folders {
		if !a.reaches(bucket) {
			differences = append(differences, fmt.Sprintf("may do %v in %s", f.permissions, bucket))
		}
		if f.keyID != p.keyID || f.description != p.keyDescription() {
			differences = append(differences, fmt.Sprintf("has the key %s (%s) for %s instead of %s (%s)",
				f.keyID, f.description, bucket, p.keyID, p.keyDescription()))
		}
	}
	return differences
}

// session is an SFTP session.
type session struct {
	client     *sftp.Client
	connection *ssh.Client
}

// openSessions opens a session for each user who has anything.
func openSessions(t *testing.T, users []*testUser, accounts accounts) map[string]*session {
	t.Helper()
	sessions := map[string]*session{}
	for _, p := range users {
		if len(accounts[p.username].folders) == 0 {
			continue
		}
		connection, err := ssh.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", cloud.SFTPPort), &ssh.ClientConfig{
			User: p.email(), Auth: []ssh.AuthMethod{ssh.Password(password)},
			HostKeyCallback: ssh.InsecureIgnoreHostKey(), // a server that was started on this machine for the tests
		})
		require.NoError(t, err)
		client, err := sftp.NewClient(connection)
		require.NoError(t, err)
		_, err = client.ReadDir("/")
		require.NoError(t, err)
		s := &session{client: client, connection: connection}
		t.Cleanup(s.close)
		sessions[p.username] = s
	}
	return sessions
}

func (s *session) close() { _ = s.client.Close(); _ = s.connection.Close() }

// ends waits a moment for the server to end the session, and returns whether it did.
func (s *session) ends() bool {
	ended := make(chan struct{})
	go func() {
		_ = s.client.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return true
	case <-time.After(2 * time.Second):
		return false
	}
}
