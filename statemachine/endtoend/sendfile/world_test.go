package sendfile_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/adapter/awss3"
	"github.com/digipres/sync-users/shared/adapter/awssecretsmanager"
	"github.com/digipres/sync-users/shared/adapter/awsssm"
	"github.com/digipres/sync-users/shared/adapter/sftp"
	"github.com/digipres/sync-users/shared/domain/rangecopy"
	"github.com/digipres/sync-users/shared/domain/secret"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/settings"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// world is a bucket with objects under out/, and a partner's account.
type world struct {
	t        testing.TB
	cfg      aws.Config
	s3       *s3.Client
	settings settings.SendFile
	// home is the account's directory on this machine.
	home   string
	copier rangecopy.Copier
	client *sftp.Client
}

// newWorld makes an account at the partner's with all permissions, unless edit says
// otherwise.
func newWorld(t testing.TB, edit ...func(fixture.Document)) *world {
	t.Helper()
	name := strings.ToLower(rand.Text()[:12])
	home := filepath.Join(t.TempDir(), "home")
	document := fixture.Document{
		"username": name, "password": "p@ss word", "status": 1, "home_dir": home,
		"permissions": fixture.Document{"/": []string{"*"}},
	}
	for _, change := range edit {
		change(document)
	}
	require.NoError(t, admin.Do(t.Context(), http.MethodPost, "/api/v2/users", document, nil))
	w := newWorldAt(t, partner.SFTPAddress, hostKey)
	w.settings.Username, w.settings.Password, w.home = name, secret.New("p@ss word"), home
	return w
}

// newWorldAt makes a bucket for a server at an address.
func newWorldAt(t testing.TB, address *net.TCPAddr, hostKey string) *world {
	t.Helper()
	bucket := "send-" + strings.ToLower(rand.Text()[:16])
	w := &world{t: t, cfg: account, copier: rangecopy.Default, settings: settings.SendFile{
		SFTP: settings.SFTP{Host: address.IP.String(), Port: address.Port, Username: "partner", Password: secret.New("password"), HostKeys: hostKey, StallLimit: time.Minute},
		Sending: settings.Sending{
			RunsBucket: bucket + "-runs", SourceBucket: bucket, SourcePrefix: "out/",
			Directory: "/in", Name: "{key}", After: "delete", Existing: "replace", Verify: "size",
		},
	}}
	w.s3 = s3.NewFromConfig(w.cfg, func(o *s3.Options) { o.UsePathStyle = true })
	for _, name := range []string{bucket, bucket + "-runs"} {
		_, err := w.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		if w.client != nil {
			w.client.Close()
		}
	})
	return w
}

// sender returns a new one, as a new process of the function would make it.
func (w *world) sender() sendfile.Sender {
	options, err := w.settings.Options()
	if err != nil {
		panic(err)
	}
	resolvers := settings.Resolvers{awsssm.NewParameters(w.cfg), awssecretsmanager.NewSecrets(w.cfg)}
	if w.client != nil {
		w.client.Close()
	}
	w.client = sftp.New(w.settings.SFTP, resolvers, awss3.NewTexts(w.cfg))
	return sendfile.Sender{
		Options: options, Copier: w.copier, Now: time.Now,
		Source: awss3.NewSource(w.cfg), SourceWriter: awss3.NewSourceWriter(w.cfg), Records: awss3.NewSentRecords(w.cfg, w.settings.RunsBucket),
		Server: w.client, Files: w.client, Renamer: w.client, Opener: w.client,
	}
}

func (w *world) event(key string) sendfile.Event {
	return sendfile.Event{StateMachine: "send", Execution: "run1", Object: sendfile.Object{Bucket: w.settings.SourceBucket, Key: key}}
}

// send sends an object by a new sender, with as many invocations as it takes.
func (w *world) send(key string) (sendfile.Result, error) {
	w.t.Helper()
	return w.handle(w.t.Context(), w.event(key))
}

func (w *world) handle(ctx context.Context, event sendfile.Event) (sendfile.Result, error) {
	w.t.Helper()
	return sendfile.Function{Sender: w.sender()}.Handle(ctx, event)
}

func (w *world) put(key string, content []byte) {
	w.t.Helper()
	_, err := w.s3.PutObject(context.WithoutCancel(w.t.Context()), &s3.PutObjectInput{Bucket: &w.settings.SourceBucket, Key: &key, Body: bytes.NewReader(content)})
	require.NoError(w.t, err)
}

// object returns the content of an object; ok is false if there is none.
func (w *world) object(key string) (content []byte, ok bool) {
	w.t.Helper()
	output, err := w.s3.GetObject(w.t.Context(), &s3.GetObjectInput{Bucket: &w.settings.SourceBucket, Key: &key})
	if errors.As(err, new(*types.NoSuchKey)) {
		return nil, false
	}
	require.NoError(w.t, err)
	defer output.Body.Close()
	content, err = io.ReadAll(output.Body)
	require.NoError(w.t, err)
	return content, true
}

// files returns the paths of all files of the account, with their sizes.
func (w *world) files() map[string]int64 {
	w.t.Helper()
	all := map[string]int64{}
	err := filepath.WalkDir(w.home, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			all[strings.TrimPrefix(path, w.home)] = info.Size()
		}
		return err
	})
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(w.t, err)
	}
	return all
}

// requireArrived fails unless the file has that content, no other file is there, and the
// object is gone.
func (w *world) requireArrived(path, key string, content []byte) {
	w.t.Helper()
	require.Equal(w.t, map[string]int64{path: int64(len(content))}, w.files())
	w.requireContent(path, content)
	_, ok := w.object(key)
	assert.False(w.t, ok, "the object was deleted")
}

func (w *world) requireContent(path string, content []byte) {
	w.t.Helper()
	got, err := os.ReadFile(filepath.Join(w.home, path))
	require.NoError(w.t, err)
	require.True(w.t, bytes.Equal(content, got), "the content of %s, byte for byte", path)
}

// requireKept fails unless the object is as it was, and there is nothing at the path.
func (w *world) requireKept(path, key string, content []byte) {
	w.t.Helper()
	got, ok := w.object(key)
	require.True(w.t, ok, "the object is kept")
	require.True(w.t, bytes.Equal(content, got))
	require.NotContains(w.t, w.files(), path)
}

func random(size int) []byte {
	content := make([]byte, size)
	_, _ = rand.Read(content)
	return content
}
