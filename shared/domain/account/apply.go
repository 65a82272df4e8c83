package account

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// apply revokes first: it writes the account without what goes, which ends open
// sessions, and then deletes the folders that went. Only after that does it upsert
// folders, and map those that it wrote. If nothing is to be upserted, one write of
// the account does it all. The account is read again while folders are written.
//
// Open sessions keep the keys that they began with, so the write of the account ends
// them if keys changed. Until then one of the folders says so, for a later sync to see
// in case this one is interrupted.
func (s Syncer) apply(ctx context.Context, username string, plan Plan) error {
	revoke, grant := plan.Revoke, plan.Grant
	if len(plan.Create)+len(plan.Update) == 0 {
		revoke, grant = merge(revoke, grant), Edit{}
	}
	if !revoke.empty() {
		if err := s.editAccount(ctx, revoke, func() (*Account, error) { return s.Accounts.Account(ctx, username) }); err != nil {
			return fmt.Errorf("write the SFTPGo account, before any of its folders: %w", err)
		}
	}
	s.deleteFolders(ctx, username, plan.Remove)
	readAgain := sync.OnceValues(func() (*Account, error) { return s.Accounts.Account(ctx, username) })
	upserted, upsertErr := s.upsertFolders(ctx, username, plan, readAgain)
	grant.Map = slices.DeleteFunc(slices.Clone(grant.Map), func(spec Spec) bool {
		return slices.Contains(plan.Create, spec) && !slices.Contains(upserted, spec)
	})
	if grant.empty() {
		return upsertErr
	}
	editErr := s.editAccount(ctx, grant, readAgain)
	if editErr != nil {
		return errors.Join(upsertErr, fmt.Errorf("write the SFTPGo account: %w", editErr))
	}
	if spec, ok := plan.sessionsOpenAt(); ok && slices.Contains(upserted, spec) {
		if err := s.updateFolder(ctx, username, spec, plan.keys); err != nil {
			return errors.Join(upsertErr, fmt.Errorf("write folder %s, after sessions were ended: %w", spec.Name, err))
		}
	}
	return upsertErr
}

// editAccount reads the account and makes an edit to it. If the account no longer exists,
// it returns ErrNoAccount as Unavailable, because only another sync can tell what to do
// now.
func (s Syncer) editAccount(ctx context.Context, edit Edit, read func() (*Account, error)) error {
	account, err := read()
	switch {
	case errors.Is(err, ErrNoAccount):
		return errkind.Errorf(errkind.Unavailable, "%w any more", err)
	case err != nil:
		return err
	}
	return s.Accounts.EditAccount(ctx, account, edit)
}

// sessionsOpenAt returns the folder that says that sessions with other keys may be open,
// until they are ended; false if no keys change.
func (p Plan) sessionsOpenAt() (Spec, bool) {
	if p.keyChange == "" || len(p.Update) == 0 {
		return Spec{}, false
	}
	return p.Update[0], true
}

// deleteFolders deletes the records of folders that the account doesn't show any
// more. It logs what it can't delete, and returns no error: access has ended, which
// is what the result tells, and the Cleaner deletes the record.
func (s Syncer) deleteFolders(ctx context.Context, username string, folders []Folder) {
	for _, folder := range folders {
		err := deleteFolder(ctx, s.FolderReader, s.FolderWriter, folder.Name, func(f *Folder) bool { return otherMapping(f, username) == "" })
		if err != nil {
			slog.WarnContext(ctx, "folder left over", "folder", folder.Name, "error", err.Error())
		}
	}
}

// deleteFolder deletes a folder's record, which holds keys, if the record as it is
// now may go. A folder that doesn't exist is deleted.
func deleteFolder(ctx context.Context, reader FolderReader, writer FolderWriter, name string, mayGo func(*Folder) bool) error {
	folder, err := reader.Folder(ctx, name)
	if err == nil && mayGo(folder) {
		err = writer.DeleteFolder(ctx, name)
	}
	if err == nil || errors.Is(err, ErrNoFolder) {
		return nil
	}
	return fmt.Errorf("delete folder %s: %w", name, err)
}

// upsertFolders updates and creates folders' records and returns those that it
// wrote, in order. It goes on after a Conflict, which concerns one folder, and begins no
// other after any other error. Beside the last of them it reads the account again.
func (s Syncer) upsertFolders(ctx context.Context, username string, plan Plan, readAgain func() (*Account, error)) (upserted []Spec, err error) {
	sessionsOpenAt, _ := plan.sessionsOpenAt()
	specs := slices.Concat(plan.Update, plan.Create)
	if len(specs) == 0 {
		return nil, nil
	}
	written, errs := make([]bool, len(specs)), make([]error, len(specs))
	parallel(s.Connections, len(specs)+1, func(i int) bool {
		if i == len(specs) {
			_, _ = readAgain() // its error is for who needs the account
			return true
		}
		upsert := s.createFolder
		if i < len(plan.Update) {
			upsert = s.updateFolder
		}
		keys := plan.keys
		keys.SessionsOpen = specs[i] == sessionsOpenAt
		if err := upsert(ctx, username, specs[i], keys); err != nil {
			errs[i] = fmt.Errorf("write folder %s: %w", specs[i].Name, err)
			return errkind.Of(err) == errkind.Conflict
		}
		written[i] = true
		return true
	})
	for i, spec := range specs {
		if written[i] {
			upserted = append(upserted, spec)
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
