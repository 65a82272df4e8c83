package sftpgo

import (
	"encoding/json"
	"slices"

	"github.com/sftpgo/sdk"

	"github.com/digipres/sync-users/shared/domain/account"
)

// editUser returns a user's record with the edit made to it.
func editUser(raw json.RawMessage, edit account.Edit) ([]byte, error) {
	var user object
	if err := json.Unmarshal(raw, &user); err != nil {
		return nil, err
	}
	delete(user, "password")
	if err := editMappings(user, edit); err != nil {
		return nil, err
	}
	if err := editPermissions(user, edit); err != nil {
		return nil, err
	}
	return json.Marshal(user)
}

// editMappings changes which folders are mapped, and where. A folder that only
// moves keeps the quota of its mapping.
//
// The server looks up the folder of a mapping by name and ignores the rest of it, so
// the filesystem, with its secret, is left out. That also keeps the record
// below the 1 MiB that the server accepts.
func editMappings(user object, edit account.Edit) error {
	const key = "virtual_folders"
	mappings, err := field[[]object](user, key)
	if err != nil {
		return err
	}
	edited := make([]object, 0, len(mappings)+len(edit.Map))
	byName := map[string]object{}
	for _, mapping := range mappings {
		name, err := field[string](mapping, "name")
		if err != nil {
			return err
		}
		if !slices.Contains(edit.Unmap, name) {
			edited, byName[name] = append(edited, mapping), mapping
		}
	}
	for _, spec := range edit.Map {
		mapping, ok := byName[spec.Name]
		if !ok {
			if mapping, err = newMapping(spec.Name); err != nil {
				return err
			}
			edited, byName[spec.Name] = append(edited, mapping), mapping
		}
		if err := mapping.set(map[string]any{"virtual_path": spec.Path()}); err != nil {
			return err
		}
	}
	for _, mapping := range edited {
		delete(mapping, "filesystem")
	}
	if len(mappings)+len(edited) == 0 {
		return nil
	}
	return user.set(map[string]any{key: edited})
}

// newMapping returns a mapping without a quota of its own.
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
	permissions, err := user.object(key)
	if err != nil {
		return err
	}
	for _, path := range edit.RemovePermissions {
		delete(permissions, path)
	}
	for path, granted := range edit.SetPermissions {
		if err := permissions.set(map[string]any{path: granted}); err != nil {
			return err
		}
	}
	return user.set(map[string]any{key: permissions})
}
