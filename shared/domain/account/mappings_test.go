package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/account/accounttest"
	"github.com/digipres/sync-users/shared/domain/run"
)

func TestMappings(t *testing.T) {
	t.Parallel()
	server := accounttest.NewServer("alice@x.org", "bob@x.org")
	server.MapBucket("alice@x.org", run.Bucket{Name: "org-dev-a"}, "AKIAALICE")
	// An administrator shows alice's folder to bob too, and has a folder on the disk.
	record := server.Folders["alice_x_org-org-dev-a"]
	record.Path, record.Groups = "/shared", []string{"partners"}
	server.MapFolder("bob@x.org", record)
	server.MapFolder("bob@x.org", account.Folder{Name: "disk", Path: "/disk"})

	got, err := account.Mappings{Lister: server}.Mappings(t.Context())
	require.NoError(t, err)
	const folder = "alice_x_org-org-dev-a"
	assert.Equal(t, []access.Mapping{
		{Group: "partners", Bucket: "org-dev-a", Folder: folder, AccessKeyID: "AKIAALICE"},
		{Account: "alice@x.org", Bucket: "org-dev-a", Folder: folder, AccessKeyID: "AKIAALICE", Managed: true},
		{Account: "bob@x.org", Bucket: "org-dev-a", Folder: folder, AccessKeyID: "AKIAALICE"},
	}, got)
}
