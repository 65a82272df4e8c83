package endtoend

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/pkg/sftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/statemachine/local"
)

func TestAccountReadsAndWritesItsBuckets(t *testing.T) {
	alice := newUser("alice", devUsers)
	alice.Password = "correct horse battery staple"
	resetFixtures(t, alice)
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	client := dialSFTP(t, alice.Email, alice.Password)

	entries, err := client.ReadDir("/")
	require.NoError(t, err)
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	assert.ElementsMatch(t, devBuckets, names)

	put, err := client.Create("/digipres-dev1-data/letter.txt")
	require.NoError(t, err)
	_, err = put.Write([]byte("Dear archive"))
	require.NoError(t, err)
	require.NoError(t, put.Close())
	assert.Equal(t, "Dear archive", string(readObject(t, "digipres-dev1-data", "letter.txt")))

	_, err = client.Create("/" + local.ManagedBucket + "/letter.txt")
	require.Error(t, err, "a managed bucket is read-only")
	_, err = client.ReadDir("/" + local.ManagedBucket)
	require.NoError(t, err)
	_, err = client.Create("/letter.txt")
	require.Error(t, err, "the root is read-only")
}

func TestRevocationEndsOpenSessions(t *testing.T) {
	alice := newUser("alice", devUsers)
	alice.Password = "correct horse battery staple"
	resetFixtures(t, alice)
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	client := dialSFTP(t, alice.Email, alice.Password)
	_, err := client.ReadDir("/digipres-dev1-data")
	require.NoError(t, err)

	require.NoError(t, fixtures.RemoveFromGroup(t.Context(), "alice", devUsers))
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)

	eventually(t, "the session ends", func() bool {
		_, err := client.ReadDir("/")
		return err != nil
	})
	entries, err := dialSFTP(t, alice.Email, alice.Password).ReadDir("/")
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// SFTPGo uses each user's own keys, so S3 refuses a bucket of another stack even if
// a folder leads there.
func TestUsersKeysOpenOnlyTheirBuckets(t *testing.T) {
	alice := newUser("alice", devUsers)
	alice.Password = "correct horse battery staple"
	resetFixtures(t, alice)
	requireSucceeded(t, startRun(t, `{}`), pathSucceeded)
	folder := mappedFolders(t, alice.Email)["/digipres-dev1-data"]
	s3config(folder)["bucket"] = "digipres-prod-archive"
	path := "/api/v2/folders/" + folder["name"].(string)
	require.NoError(t, fixtures.SFTPGo.Do(t.Context(), http.MethodPut, path, folder, nil))
	client := dialSFTP(t, alice.Email, alice.Password)

	_, err := client.ReadDir("/" + local.ManagedBucket)
	require.NoError(t, err)
	_, err = client.ReadDir("/digipres-dev1-data")
	require.Error(t, err)
	put, err := client.Create("/digipres-dev1-data/letter.txt")
	if err == nil {
		_, _ = put.Write([]byte("Dear archive"))
		err = put.Close()
	}
	require.Error(t, err)
	assert.Empty(t, allObjects(t, "digipres-prod-archive"))
}

func dialSFTP(t *testing.T, username, password string) *sftp.Client {
	t.Helper()
	connection, err := ssh.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", cloud.SFTPPort), &ssh.ClientConfig{
		User: username, Auth: []ssh.AuthMethod{ssh.Password(password)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // a server that was started on this machine for the tests
	})
	require.NoError(t, err)
	client, err := sftp.NewClient(connection)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close(); _ = connection.Close() })
	return client
}
