package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// apply deletes removed folders, upserts the rest, then updates the account with
// what succeeded. Each step runs even if the one before returned an error.
func (s Syncer) apply(ctx context.Context, account *Account, plan Plan) error {
	if plan.Empty() {
		return nil
	}
	deleted, deleteErr := s.deleteFolders(ctx, account.Username, plan.Remove)
	upserted, upsertErr := s.upsertFolders(ctx, account.Username, plan)
	edit := plan.Edit
	edit.Unmap = deleted
	edit.Map = slices.DeleteFunc(slices.Clone(edit.Map), func(spec Spec) bool {
		return slices.Contains(plan.Create, spec) && !slices.Contains(upserted, spec)
	})
	editErr := s.Accounts.EditAccount(ctx, account.Username, edit)
	if editErr != nil {
		editErr = fmt.Errorf("write the SFTPGo account: %w", editErr)
	}
	return errors.Join(deleteErr, upsertErr, editErr)
}

// deleteFolders deletes folders' records, which hold keys, and returns the names
// of the folders to unmap. A folder that could not be deleted stays mapped, so
// that the next attempt finds it.
func (s Syncer) deleteFolders(ctx context.Context, username string, folders []Folder) (deleted []string, err error) {
	var errs []error
	for _, folder := range folders {
		err := s.deleteFolder(ctx, username, folder.Name)
		if err != nil && !errors.Is(err, ErrNoFolder) {
			errs = append(errs, fmt.Errorf("delete folder %s: %w", folder.Name, err))
			continue
		}
		deleted = append(deleted, folder.Name)
	}
	return deleted, errors.Join(errs...)
}

// deleteFolder deletes a folder's record, unless another account or a group
// uses it too.
func (s Syncer) deleteFolder(ctx context.Context, username, name string) error {
	folder, err := s.FolderReader.Folder(ctx, name)
	if err != nil || otherMapping(folder, username) != "" {
		return err
	}
	return s.FolderWriter.DeleteFolder(ctx, name)
}

// upsertFolders updates and creates folders' records and returns those that it
// wrote. It goes on after a Conflict, which concerns one folder, and stops at
// any other error.
func (s Syncer) upsertFolders(ctx context.Context, username string, plan Plan) (upserted []Spec, err error) {
	var errs []error
	for i, spec := range slices.Concat(plan.Update, plan.Create) {
		upsert := s.createFolder
		if i < len(plan.Update) {
			upsert = s.updateFolder
		}
		err := upsert(ctx, username, spec, plan.keys)
		if err == nil {
			upserted = append(upserted, spec)
			continue
		}
		errs = append(errs, fmt.Errorf("write folder %s: %w", spec.Name, err))
		if errkind.Of(err) != errkind.Conflict {
			break
		}
	}
	return upserted, errors.Join(errs...)
}

// createFolder creates a folder, or updates the one that an interrupted attempt
// left unmapped.
func (s Syncer) createFolder(ctx context.Context, username string, spec Spec, keys Keys) error {
	err := s.FolderWriter.CreateFolder(ctx, spec, keys)
	if errors.Is(err, ErrFolderExists) {
		return s.updateFolder(ctx, username, spec, keys)
	}
	return err
}

// updateFolder updates a folder. It returns Conflict if the folder has another
// bucket, or is also mapped for another account or a group.
func (s Syncer) updateFolder(ctx context.Context, username string, spec Spec, keys Keys) error {
	folder, err := s.FolderReader.Folder(ctx, spec.Name)
	if err != nil {
		return err
	}
	if !folder.S3 || folder.Bucket != spec.Bucket {
		return errkind.Errorf(errkind.Conflict,
			"a folder of that name exists which sync-users did not create; rename or delete it in SFTPGo")
	}
	if other := otherMapping(folder, username); other != "" {
		return errkind.Errorf(errkind.Conflict,
			"it is linked to the %s as well; unlink it there in SFTPGo, or delete it", other)
	}
	return s.FolderWriter.UpdateFolder(ctx, folder, spec, keys)
}

// otherMapping describes another account or a group for which a folder is
// mapped. It returns "" if there is none.
func otherMapping(folder *Folder, username string) string {
	for _, user := range folder.Users {
		if user != username {
			return fmt.Sprintf("account %q", user)
		}
	}
	for _, group := range folder.Groups {
		return fmt.Sprintf("group %q", group)
	}
	return ""
}
