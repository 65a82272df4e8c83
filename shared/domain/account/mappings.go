package account

import (
	"context"

	"github.com/digipres/sync-users/shared/domain/access"
)

// Mappings lists what SFTPGo's accounts and groups show, from its list of folders. An
// account's own home directory is not among it.
type Mappings struct {
	Lister FolderLister
}

var _ access.Server = Mappings{}

// Mappings implements access.Server.
func (m Mappings) Mappings(ctx context.Context) ([]access.Mapping, error) {
	folders, err := m.Lister.ListFolders(ctx, func(f Folder) bool { return f.S3 && f.Bucket != "" })
	if err != nil {
		return nil, err
	}
	var mappings []access.Mapping
	for _, f := range folders {
		mapping := access.Mapping{Bucket: f.Bucket, Folder: f.Name, AccessKeyID: f.AccessKeyID}
		for _, group := range f.Groups {
			mapping.Group = group
			mappings = append(mappings, mapping)
		}
		mapping.Group = ""
		for _, username := range f.Users {
			mapping.Account, mapping.Managed = username, isOwned(f, username)
			mappings = append(mappings, mapping)
		}
	}
	return mappings, nil
}
