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

func TestAliceLogsIn(t *testing.T) {
	alice := person("alice", devUsers)
	alice.Password = "correct horse battery staple"
	newTown(t, alice)
	succeeded(t, trigger(t), wayOfTrigger)
	client := login(t, alice.Email, alice.Password)

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
	assert.Equal(t, "Dear archive", string(object(t, "digipres-dev1-data", "letter.txt")))

	_, err = client.Create("/" + local.ManagedBucket + "/letter.txt")
	require.Error(t, err, "a managed bucket is for reading")
	_, err = client.ReadDir("/" + local.ManagedBucket)
	require.NoError(t, err)
	_, err = client.Create("/letter.txt")
	require.Error(t, err, "the root is for looking")
}

// A session that is open while its person loses a stack is ended.
func TestRevocationEndsSessions(t *testing.T) {
	alice := person("alice", devUsers)
	alice.Password = "correct horse battery staple"
	newTown(t, alice)
	succeeded(t, start(t, `{}`), wayOfSuccess)
	client := login(t, alice.Email, alice.Password)
	_, err := client.ReadDir("/digipres-dev1-data")
	require.NoError(t, err)

	require.NoError(t, town.Leave(t.Context(), "alice", devUsers))
	succeeded(t, start(t, `{}`), wayOfSuccess)

	eventually(t, "the session ends", func() bool {
		_, err := client.ReadDir("/")
		return err != nil
	})
	entries, err := login(t, alice.Email, alice.Password).ReadDir("/")
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// SFTPGo comes to S3 with a person's own keys, and nothing more: were it told to
// show alice a bucket that isn't hers, S3 would refuse.
func TestAlicesKeysOpenHerBucketsAlone(t *testing.T) {
	alice := person("alice", devUsers)
	alice.Password = "correct horse battery staple"
	newTown(t, alice)
	succeeded(t, start(t, `{}`), wayOfSuccess)
	folder := folders(t, alice.Email)["/digipres-dev1-data"]
	s3config(folder)["bucket"] = "digipres-prod-archive"
	path := "/api/v2/folders/" + folder["name"].(string)
	require.NoError(t, town.SFTPGo.Do(t.Context(), http.MethodPut, path, folder, nil))
	client := login(t, alice.Email, alice.Password)

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
	assert.Empty(t, everyObject(t, "digipres-prod-archive"))
}

func login(t *testing.T, username, password string) *sftp.Client {
	t.Helper()
	connection, err := ssh.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", cloud.SFTPPort), &ssh.ClientConfig{
		User: username, Auth: []ssh.AuthMethod{ssh.Password(password)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(), // the laptop's own server, made a moment ago
	})
	require.NoError(t, err)
	client, err := sftp.NewClient(connection)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close(); _ = connection.Close() })
	return client
}
