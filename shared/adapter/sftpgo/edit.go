package sftpgo

import (
	"encoding/json"
	"slices"

	"github.com/sftpgo/sdk"

	"github.com/digipres/sync-users/shared/domain/account"
)

// edited gives a user's record with the edit made to it.
func edited(record json.RawMessage, edit account.Edit) ([]byte, error) {
	var user object
	if err := json.Unmarshal(record, &user); err != nil {
		return nil, err
	}
	delete(user, "password")
	if err := editFolders(user, edit); err != nil {
		return nil, err
	}
	if err := editPermissions(user, edit); err != nil {
		return nil, err
	}
	return json.Marshal(user)
}

// editFolders changes which folders are mapped, and where. A folder that is
// only moved keeps its mapping's quota.
//
// The server looks up a mapping's folder by name and reads nothing else of it,
// so the filesystem, with its secret, stays out. That also keeps the record
// below the 1 MiB that the server takes.
func editFolders(user object, edit account.Edit) error {
	const key = "virtual_folders"
	mappings, err := member[[]object](user, key)
	if err != nil {
		return err
	}
	kept := make([]object, 0, len(mappings)+len(edit.Map))
	at := map[string]object{}
	for _, mapping := range mappings {
		name, err := member[string](mapping, "name")
		if err != nil {
			return err
		}
		if !slices.Contains(edit.Unmap, name) {
			kept, at[name] = append(kept, mapping), mapping
		}
	}
	for _, spec := range edit.Map {
		mapping, ok := at[spec.Name]
		if !ok {
			if mapping, err = newMapping(spec.Name); err != nil {
				return err
			}
			kept, at[spec.Name] = append(kept, mapping), mapping
		}
		if err := mapping.set("virtual_path", spec.Path()); err != nil {
			return err
		}
	}
	for _, mapping := range kept {
		delete(mapping, "filesystem")
	}
	if len(mappings)+len(kept) == 0 {
		return nil
	}
	return user.set(key, kept)
}

// newMapping is a mapping without a quota of its own.
func newMapping(name string) (object, error) {
	raw, err := json.Marshal(sdk.VirtualFolder{BaseVirtualFolder: sdk.BaseVirtualFolder{Name: name}})
	if err != nil {
		return nil, err
	}
	var mapping object
	return mapping, json.Unmarshal(raw, &mapping)
}

func editPermissions(user object, edit account.Edit) error {
	if len(edit.SetPermissions)+len(edit.RemovePermissions) == 0 {
		return nil
	}
	const key = "permissions"
	permissions, err := user.get(key)
	if err != nil {
		return err
	}
	for _, path := range edit.RemovePermissions {
		delete(permissions, path)
	}
	for path, granted := range edit.SetPermissions {
		if err := permissions.set(path, granted); err != nil {
			return err
		}
	}
	return user.set(key, permissions)
}
