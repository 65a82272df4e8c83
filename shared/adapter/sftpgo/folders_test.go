package sftpgo_test

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/secret"
)

var (
	spec = account.Spec{Name: "alice-org-dev-data", Bucket: "org-dev-data", Region: "us-west-2"}
	keys = account.Keys{ID: "AKIA1", Secret: secret.New("s3cr3t"), IDVersion: 3, SecretVersion: 5}
)

func TestFolderIsCreatedUpdatedAndDeleted(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	_, err := c.Folder(t.Context(), spec.Name)
	require.ErrorIs(t, err, account.ErrNoFolder)
	require.ErrorIs(t, c.DeleteFolder(t.Context(), spec.Name), account.ErrNoFolder)

	require.NoError(t, c.CreateFolder(t.Context(), spec, keys))
	sent := parse(s.lastRequest().Body)
	assert.Equal(t, spec.MappedPath(), text(sent["mapped_path"]))
	s3 := parse(string(parse(string(sent["filesystem"]))["s3config"]))
	assert.JSONEq(t, `{"status":"Plain","payload":"s3cr3t"}`, string(s3["access_secret"]))
	assert.NotContains(t, s3, "endpoint")
	assert.NotContains(t, s3, "force_path_style")
	require.ErrorIs(t, c.CreateFolder(t.Context(), spec, keys), account.ErrFolderExists)

	folder, err := c.Folder(t.Context(), spec.Name)
	require.NoError(t, err)
	record := folder.Record
	folder.Record = nil
	assert.Equal(t, &account.Folder{
		Name: spec.Name, MappedPath: spec.MappedPath(), S3: true, Bucket: spec.Bucket, Region: spec.Region, AccessKeyID: "AKIA1",
		Description: "sync-users: access key version 3, secret key version 5",
	}, folder)

	folder.Record = record
	require.NoError(t, c.UpdateFolder(t.Context(), folder, spec, account.Keys{ID: "AKIA2", Secret: secret.New("s"), IDVersion: 4, SecretVersion: 6}))
	folder, err = c.Folder(t.Context(), spec.Name)
	require.NoError(t, err)
	assert.Equal(t, "AKIA2", folder.AccessKeyID)
	assert.Equal(t, "sync-users: access key version 4, secret key version 6", folder.Description)

	require.NoError(t, c.DeleteFolder(t.Context(), spec.Name))
	err = c.UpdateFolder(t.Context(), folder, spec, keys)
	require.ErrorIs(t, err, account.ErrNoFolder)
	assert.Equal(t, errkind.Unavailable, errkind.Of(err), "it has to be read again")
}

func TestFolderHasItsUsersAndGroups(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.respondWith(http.StatusOK, `{"name":"n","users":["a","b"],"groups":["g"],"filesystem":{"provider":0}}`)
	folder, err := c.Folder(t.Context(), "n")
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, folder.Users)
	assert.Equal(t, []string{"g"}, folder.Groups)
	assert.False(t, folder.S3)
}

func TestListFoldersReadsEveryPage(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	// The server may return fewer than it is asked for.
	pages := map[string]string{
		"0": `[{"name":"a","users":["alice"],"filesystem":{"provider":1,"s3config":{"bucket":"org-dev-data"}}},{"name":"b"}]`,
		"2": `[{"name":"c","mapped_path":"/tmp/c","groups":["staff"]}]`,
		"3": `[]`,
	}
	s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
		if isLogin(r) {
			return false
		}
		assert.Equal(t, "500", r.URL.Query().Get("limit"))
		_, _ = io.WriteString(w, pages[r.URL.Query().Get("offset")])
		return true
	}
	got, err := c.ListFolders(t.Context(), func(f account.Folder) bool { return f.Name != "b" })
	require.NoError(t, err)
	assert.Equal(t, []account.Folder{
		{Name: "a", S3: true, Bucket: "org-dev-data", Users: []string{"alice"}},
		{Name: "c", MappedPath: "/tmp/c", Groups: []string{"staff"}},
	}, got)

	delete(pages, "2")
	_, err = c.ListFolders(t.Context(), func(account.Folder) bool { return true })
	assert.Equal(t, errkind.Unavailable, errkind.Of(err), "a page that can't be read")
}

func TestUpdateFolderKeepsOtherFields(t *testing.T) {
	t.Parallel()
	const filesystem = `"provider":1,"future":{"x":1.10},"gcsconfig":{"credentials":{}}`
	withEndpoint := spec
	withEndpoint.Endpoint = "http://s3.internal"
	tests := []struct {
		name, give, want string
		spec             account.Spec
	}{
		{
			name: "another key, region and path", spec: spec,
			give: `{"id":7,"name":"alice-org-dev-data","description":"<ours>","mapped_path":"/tmp/x","users":["alice"],"used_quota_size":12345678901234567890,
			  "filesystem":{` + filesystem + `,"s3config":{"bucket":"org-dev-data","region":"eu-west-1","access_key":"OLD","session_token":"of OLD",
			    "access_secret":{"status":"Secretbox","payload":"x"},"sse_customer_key":{"status":"Secretbox","payload":"y"},"upload_part_size":10}}}`,
			want: `{"id":7,"name":"alice-org-dev-data","description":"<ours>","mapped_path":"/tmp/sftpgo-folders/alice-org-dev-data","users":["alice"],
			  "used_quota_size":12345678901234567890,
			  "filesystem":{` + filesystem + `,"s3config":{"bucket":"org-dev-data","region":"us-west-2","access_key":"AKIA1",
			    "access_secret":{"status":"Plain","payload":"s3cr3t"},"sse_customer_key":{"status":"Secretbox","payload":"y"},"upload_part_size":10}}}`,
		},
		{
			name: "an endpoint stays", spec: spec,
			give: `{"mapped_path":"/tmp/x","filesystem":{"provider":1,"s3config":{"endpoint":"http://vpce","force_path_style":false}}}`,
			want: `{"description":"sync-users: access key version 3, secret key version 5","mapped_path":"/tmp/sftpgo-folders/alice-org-dev-data","name":"alice-org-dev-data","filesystem":{"provider":1,"s3config":{"endpoint":"http://vpce","force_path_style":false,
			  "bucket":"org-dev-data","region":"us-west-2","access_key":"AKIA1","access_secret":{"status":"Plain","payload":"s3cr3t"}}}}`,
		},
		{
			name: "an endpoint is added to an empty record", spec: withEndpoint,
			give: `{"filesystem":null}`,
			want: `{"description":"sync-users: access key version 3, secret key version 5","mapped_path":"/tmp/sftpgo-folders/alice-org-dev-data","name":"alice-org-dev-data","filesystem":{"provider":1,"s3config":{"endpoint":"http://s3.internal","force_path_style":true,
			  "bucket":"org-dev-data","region":"us-west-2","access_key":"AKIA1","access_secret":{"status":"Plain","payload":"s3cr3t"}}}}`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t)
			s.folders[spec.Name] = parse(tt.give)
			require.NoError(t, c.UpdateFolder(t.Context(), &account.Folder{
				Name: spec.Name, Description: text(parse(tt.give)["description"]), Record: json.RawMessage(tt.give),
			}, tt.spec, keys))
			assert.Equal(t, "PUT /api/v2/folders/alice-org-dev-data", s.lastRequest().Line)
			assertSameJSON(t, json.RawMessage(tt.want), json.RawMessage(s.lastRequest().Body), "record")
		})
	}
}

func TestCreateFolderWithAnEndpoint(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	withEndpoint := spec
	withEndpoint.Endpoint = "http://s3.internal"
	require.NoError(t, c.CreateFolder(t.Context(), withEndpoint, keys))
	assert.Equal(t, "POST /api/v2/folders", s.lastRequest().Line)
	assert.JSONEq(t, `{"name":"alice-org-dev-data","mapped_path":"/tmp/sftpgo-folders/alice-org-dev-data",
	  "description":"sync-users: access key version 3, secret key version 5",
	  "filesystem":{"provider":1,"s3config":{"bucket":"org-dev-data","region":"us-west-2","endpoint":"http://s3.internal","force_path_style":true,
	    "access_key":"AKIA1","access_secret":{"status":"Plain","payload":"s3cr3t"}}}}`, s.lastRequest().Body)
}

// Without keys, the server would open the bucket with its own role.
func TestFoldersAreNotWrittenWithoutKeys(t *testing.T) {
	t.Parallel()
	for _, keys := range []account.Keys{{}, {ID: "AKIA1"}, {ID: "AKIA1", Secret: secret.New(" \n")}, {Secret: secret.New("s")}, {ID: "\t", Secret: secret.New("s")}} {
		c, s := newClient(t)
		for _, err := range []error{
			c.CreateFolder(t.Context(), spec, keys),
			c.UpdateFolder(t.Context(), &account.Folder{Name: spec.Name, Record: json.RawMessage(`{}`)}, spec, keys),
		} {
			require.ErrorContains(t, err, spec.Name)
			assert.Equal(t, errkind.KeysMissing, errkind.Of(err))
		}
		assert.Empty(t, s.requests)
	}
}

func TestCreateFolderWithANameThatExists(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		want   bool
	}{
		{"a conflict", http.StatusConflict, `{"error":"duplicated key not allowed","message":""}`, true},
		{"a conflict without a body", http.StatusConflict, ``, true},
		{"as an internal error", http.StatusInternalServerError, `{"error":"folder \"x\" already exists","message":""}`, true},
		{"as a bad request", http.StatusBadRequest, `{"error":"folder \"x\" already exists","message":""}`, true},
		{"another error", http.StatusBadRequest, `{"error":"invalid region","message":""}`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t)
			s.respondWith(tt.status, tt.body)
			err := c.CreateFolder(t.Context(), spec, keys)
			require.Error(t, err)
			assert.Equal(t, tt.want, assert.ObjectsAreEqual(account.ErrFolderExists, err))
		})
	}
}

func TestInvalidFolderRecordIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, record := range []string{``, `[]`, `{"filesystem":1}`, `{"filesystem":{"s3config":[]}}`} {
		c, s := newClient(t)
		err := c.UpdateFolder(t.Context(), &account.Folder{Name: spec.Name, Record: json.RawMessage(record)}, spec, keys)
		require.ErrorContains(t, err, "change the folder")
		assert.Equal(t, errkind.Unexpected, errkind.Of(err))
		assert.Empty(t, s.requests)
	}
}
