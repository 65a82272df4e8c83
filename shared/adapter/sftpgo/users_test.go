package sftpgo_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// userRecord is a user's record with fields that this program does not know, at
// every depth, and numbers that no float64 holds.
const userRecord = `{
  "id": 9007199254740993, "username": "alice@example.org", "status": 1, "has_password": true,
  "password": "$2a$10$hash",
  "quota_size": 12345678901234567890, "ratio": 1.10, "future": {"deep": [{"unknown": null}, 1e400]},
  "public_keys": ["ssh-ed25519 AAAA <alice@laptop> & co"],
  "permissions": {"/": ["*"], "/archive": ["list", "later-permission"], "/org-old-data": ["*"]},
  "filters": {"denied_ip": ["10.0.0.0/8"], "hooks": {"future_hook": true}, "totp_config": {"secret": {}}},
  "filesystem": {"provider": 1, "s3config": {"bucket": "home", "access_secret": {"status": "Secretbox", "payload": "b3du"}}},
  "groups": [{"name": "staff", "type": 2, "since": "2020"}],
  "virtual_folders": [
    {"id": 1, "name": "archive", "mapped_path": "/srv/archive", "virtual_path": "/archive", "quota_size": -1, "quota_files": -1,
     "read_only": true, "filesystem": {"provider": 0}},
    {"id": 2, "name": "alice-org-dev-data", "mapped_path": "/tmp/sftpgo-folders/alice-org-dev-data", "virtual_path": "/elsewhere",
     "quota_size": 12345678901234567890, "quota_files": 7, "later": {"a": 1.0},
     "filesystem": {"provider": 1, "s3config": {"bucket": "org-dev-data", "region": "us-west-2", "endpoint": "http://s3.internal",
       "access_key": "AKIA1", "access_secret": {"status": "Secretbox", "payload": "c2VhbGVk"}, "upload_part_size": 10}}},
    {"id": 3, "name": "alice-org-old-data", "mapped_path": "/tmp/sftpgo-folders/alice-org-old-data", "virtual_path": "/org-old-data",
     "quota_size": 0, "quota_files": 0, "filesystem": {"provider": 1, "s3config": {"bucket": "org-old-data"}}}
  ]
}`

func TestAccountReadsTheRecord(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.respondWith(http.StatusOK, userRecord)
	got, err := c.Account(t.Context(), "alice@example.org")
	require.NoError(t, err)
	assert.Equal(t, map[string][]string{"/": {"*"}, "/archive": {"list", "later-permission"}, "/org-old-data": {"*"}}, got.Permissions)
	assert.Equal(t, []string{"staff"}, got.Groups)
	require.Len(t, got.Folders, 3)
	assert.False(t, got.Folders[0].S3)
	ours := got.Folders[1]
	assert.Contains(t, string(ours.Record), `"upload_part_size": 10`)
	ours.Record = nil
	assert.Equal(t, account.Folder{
		Name: "alice-org-dev-data", Path: "/elsewhere", MappedPath: "/tmp/sftpgo-folders/alice-org-dev-data",
		S3: true, Bucket: "org-dev-data", Region: "us-west-2", Endpoint: "http://s3.internal", AccessKeyID: "AKIA1",
	}, ours)
}

func TestAccountThatDoesNotExist(t *testing.T) {
	t.Parallel()
	c, _ := newClient(t)
	_, err := c.Account(t.Context(), "nobody@example.org")
	require.ErrorIs(t, err, account.ErrNoAccount)

	err = c.EditAccount(t.Context(), &account.Account{Username: "nobody@example.org", Record: []byte(`{}`)}, account.Edit{})
	require.ErrorIs(t, err, account.ErrNoAccount)
	assert.Equal(t, errkind.Unavailable, errkind.Of(err), "it has to be read again")
}

func TestEditAccountKeepsOtherFields(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	s.users["alice@example.org"] = parse(userRecord)
	edit := account.Edit{
		Unmap:             []string{"alice-org-old-data", "already-removed"},
		Map:               []account.Spec{{Name: "alice-org-dev-data", Bucket: "org-dev-data"}, {Name: "alice-org-new-data", Bucket: "org-new-data"}},
		SetPermissions:    map[string][]string{"/": {"list"}, "/org-dev-data": {"*"}},
		RemovePermissions: []string{"/org-old-data", "/already-removed"},
	}
	err := c.EditAccount(t.Context(), s.account(t, "alice@example.org"), edit)
	require.NoError(t, err)

	request := s.lastRequest()
	assert.Equal(t, "PUT /api/v2/users/alice@example.org", request.Line)
	assert.Equal(t, "application/json", request.Header.Get("Content-Type"))
	want, got := parse(userRecord), parse(request.Body)
	assert.NotContains(t, got, "password", "the server keeps an absent password")
	for _, key := range []string{"permissions", "virtual_folders", "password"} {
		delete(want, key)
	}
	for key, value := range want {
		assertSameJSON(t, value, got[key], key)
	}
	assert.Len(t, got, len(want)+2)
	assert.JSONEq(t, `{"/":["list"],"/archive":["list","later-permission"],"/org-dev-data":["*"]}`, string(got["permissions"]))
	assertSameJSON(t, json.RawMessage(`[
	  {"id":1,"name":"archive","mapped_path":"/srv/archive","virtual_path":"/archive","quota_size":-1,"quota_files":-1,"read_only":true},
	  {"id":2,"name":"alice-org-dev-data","mapped_path":"/tmp/sftpgo-folders/alice-org-dev-data","virtual_path":"/org-dev-data",
	   "quota_size":12345678901234567890,"quota_files":7,"later":{"a":1.0}},
	  {"name":"alice-org-new-data","virtual_path":"/org-new-data","quota_size":0,"quota_files":0}]`), got["virtual_folders"], "mappings")
}

func TestEditAccountOfASmallRecord(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, record string
		edit         account.Edit
		want, line   string
	}{
		{"an empty edit", `{"username":"alice"}`, account.Edit{}, `{"username":"alice"}`, "PUT /api/v2/users/alice"},
		{"disconnect", `{"username":"alice"}`, account.Edit{Disconnect: true}, `{"username":"alice"}`, "PUT /api/v2/users/alice?disconnect=1"},
		{
			"null for an absent field", `{"username":"alice","permissions":null,"virtual_folders":null}`,
			account.Edit{SetPermissions: map[string][]string{"/": {"list"}}},
			`{"username":"alice","permissions":{"/":["list"]},"virtual_folders":null}`, "PUT /api/v2/users/alice",
		},
		{
			"the last folder", `{"username":"alice","virtual_folders":[{"name":"n","virtual_path":"/n"}]}`, account.Edit{Unmap: []string{"n"}},
			`{"username":"alice","virtual_folders":[]}`, "PUT /api/v2/users/alice",
		},
		{
			"mapped twice in one edit", `{"username":"alice"}`, account.Edit{Map: []account.Spec{{Name: "n", Bucket: "a"}, {Name: "n", Bucket: "b"}}},
			`{"username":"alice","virtual_folders":[{"name":"n","quota_files":0,"quota_size":0,"virtual_path":"/b"}]}`,
			"PUT /api/v2/users/alice",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t)
			s.users["alice"] = parse(tt.record)
			require.NoError(t, c.EditAccount(t.Context(), s.account(t, "alice"), tt.edit))
			assert.JSONEq(t, tt.want, s.lastRequest().Body)
			assert.Equal(t, tt.line, s.lastRequest().Line)
		})
	}
}

func TestInvalidUserRecordIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, record := range []string{`"x"`, `[]`, `{"virtual_folders":{}}`, `{"virtual_folders":[{"name":1}]}`, `{"permissions":[]}`} {
		c, s := newClient(t)
		err := c.EditAccount(t.Context(), &account.Account{Username: "alice", Record: []byte(record)}, account.Edit{RemovePermissions: []string{"/x"}})
		assert.Equal(t, errkind.Unexpected, errkind.Of(err))
		lines, _ := s.received()
		assert.Empty(t, lines)
	}
}

func TestEditAccountThatIsNotConfirmed(t *testing.T) {
	t.Parallel()
	unmap := account.Edit{Unmap: []string{"alice-org-old-data"}, RemovePermissions: []string{"/org-old-data"}, Disconnect: true}
	tests := []struct {
		name    string
		edit    account.Edit
		written bool
		want    errkind.Kind
	}{
		{"the server made the write", unmap, true, ""},
		{"the server did not make the write", unmap, false, errkind.Unavailable},
		{"the record doesn't tell whether sessions were ended", account.Edit{Disconnect: true}, true, errkind.Unavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, s := newClient(t)
			s.users["alice@example.org"] = parse(userRecord)
			s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != http.MethodPut {
					return false
				}
				if tt.written {
					s.mu.Lock()
					s.users["alice@example.org"] = parse(s.requests[len(s.requests)-1].Body)
					s.mu.Unlock()
				}
				w.WriteHeader(http.StatusBadGateway)
				return true
			}
			err := c.EditAccount(t.Context(), s.account(t, "alice@example.org"), tt.edit)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, tt.want, errkind.Of(err))
		})
	}
}

// assertSameJSON compares JSON values, with numbers as they are written.
func assertSameJSON(t *testing.T, want, got json.RawMessage, what string) {
	t.Helper()
	assert.Equal(t, decodeExactly(t, want), decodeExactly(t, got), what)
}
