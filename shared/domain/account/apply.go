package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// apply writes a plan: first what goes, then what comes, then the account
// itself with as much as was done. An error does not keep the rest from being
// written, except that nothing more is given once a server fails.
func (s Syncer) apply(ctx context.Context, account *Account, plan Plan) error {
	if plan.Empty() {
		return nil
	}
	gone, removeErr := s.deleteFolders(ctx, account.Username, plan.Remove)
	given, giveErr := s.upsertFolders(ctx, account.Username, plan)
	edit := plan.Edit
	edit.Unmap = gone
	edit.Map = slices.DeleteFunc(slices.Clone(edit.Map), func(spec Spec) bool { return !slices.Contains(given, spec.Name) })
	if err := s.Accounts.EditAccount(ctx, account, edit); err != nil {
		return errors.Join(removeErr, giveErr, fmt.Errorf("write the SFTPGo account: %w", err))
	}
	return errors.Join(removeErr, giveErr)
}

// deleteFolders deletes folders' records, which hold keys, and gives the names of
// those that the account is to show no more. A record that could not be
// deleted stays mapped, so that the next attempt finds it. One that is mapped
// for somebody else too is not ours to delete.
func (s Syncer) deleteFolders(ctx context.Context, username string, folders []Folder) (gone []string, err error) {
	var errs []error
	for _, folder := range folders {
		err := s.deleteFolder(ctx, username, folder.Name)
		if err != nil && !errors.Is(err, ErrNoFolder) {
			errs = append(errs, fmt.Errorf("delete folder %s: %w", folder.Name, err))
			continue
		}
		gone = append(gone, folder.Name)
	}
	return gone, errors.Join(errs...)
}

func (s Syncer) deleteFolder(ctx context.Context, username, name string) error {
	folder, err := s.FolderReader.Folder(ctx, name)
	if err != nil || otherUser(folder, username) != "" {
		return err
	}
	return s.FolderWriter.DeleteFolder(ctx, name)
}

// upsertFolders writes folders' records and gives the names of all that the account may
// show. A folder that somebody else's claim keeps from being written does not
// hold up the others.
func (s Syncer) upsertFolders(ctx context.Context, username string, plan Plan) (given []string, err error) {
	for _, spec := range plan.Edit.Map {
		if !slices.Contains(plan.Create, spec) {
			given = append(given, spec.Name) // is there, only at another path
		}
	}
	var errs []error
	goesOn := func(spec Spec, write func(context.Context, string, Spec, Keys) error) bool {
		err := write(ctx, username, spec, plan.keys)
		if err == nil {
			given = append(given, spec.Name)
			return true
		}
		errs = append(errs, fmt.Errorf("write folder %s: %w", spec.Name, err))
		return errkind.Of(err) == errkind.Conflict
	}
	for _, spec := range plan.Update {
		if !goesOn(spec, s.updateFolder) {
			return given, errors.Join(errs...)
		}
	}
	for _, spec := range plan.Create {
		if !goesOn(spec, s.createFolder) {
			return given, errors.Join(errs...)
		}
	}
	return given, errors.Join(errs...)
}

// createFolder makes a folder, or takes over one that an attempt before left behind.
func (s Syncer) createFolder(ctx context.Context, username string, spec Spec, keys Keys) error {
	err := s.FolderWriter.CreateFolder(ctx, spec, keys)
	if errors.Is(err, ErrFolderExists) {
		return s.updateFolder(ctx, username, spec, keys)
	}
	return err
}

// updateFolder writes a folder that is there, if it is this account's alone.
func (s Syncer) updateFolder(ctx context.Context, username string, spec Spec, keys Keys) error {
	folder, err := s.FolderReader.Folder(ctx, spec.Name)
	if err != nil {
		return err
	}
	if !folder.S3 || folder.Bucket != spec.Bucket {
		return errkind.Errorf(errkind.Conflict,
			"a folder of that name exists which sync-users did not make; rename or delete it in SFTPGo")
	}
	if other := otherUser(folder, username); other != "" {
		return errkind.Errorf(errkind.Conflict,
			"it is linked to the %s as well; unlink it there in SFTPGo, or delete it", other)
	}
	return s.FolderWriter.UpdateFolder(ctx, folder, spec, keys)
}

// otherUser names somebody else for whom a folder is mapped; empty when
// nobody is.
func otherUser(folder *Folder, username string) string {
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
