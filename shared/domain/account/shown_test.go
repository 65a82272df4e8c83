package account_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/stack"
)

func TestShownBy(t *testing.T) {
	t.Parallel()
	const name = "a_b_example_org-org-dev-data"
	ours := account.Folder{
		Name: name, S3: true, Bucket: "org-dev-data", MappedPath: "/tmp/sftpgo-folders/" + name, Users: []string{email},
	}
	unique := stack.FolderName(stack.UniqueKey(email), "org-dev-data")
	tests := []struct {
		name   string
		change func(*account.Folder)
		want   []string
	}{
		{"a folder of ours", func(*account.Folder) {}, []string{email}},
		{"with the unique key", func(f *account.Folder) { f.Name, f.MappedPath = unique, "/tmp/sftpgo-folders/"+unique }, []string{email}},
		{"shown by nobody", func(f *account.Folder) { f.Users = nil }, nil},
		{"linked to another account by hand", func(f *account.Folder) { f.Users = []string{"bob@example.org"} }, nil},
		{"to both", func(f *account.Folder) { f.Users = []string{"bob@example.org", email} }, []string{email}},
		{"of a like name, elsewhere", func(f *account.Folder) { f.MappedPath = "/srv/" + name }, nil},
		{"of a like name, on a disk", func(f *account.Folder) { f.S3 = false }, nil},
		{"of a like name, for another bucket", func(f *account.Folder) { f.Bucket = "org-dev-other" }, nil},
		{"of a bucket that is no stack's", func(f *account.Folder) {
			f.Name, f.Bucket, f.MappedPath = "a_b_example_org-website", "website", "/tmp/sftpgo-folders/a_b_example_org-website"
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			folder := ours
			tt.change(&folder)
			assert.Equal(t, tt.want, account.ShownBy(folder))
		})
	}
}
