package sftpgo

import (
	"encoding/json"
	"slices"

	"github.com/digipres/sync-users/shared/domain/account"
)

// editUser returns a user's record with the edit made to it.
func editUser(raw json.RawMessage, edit account.Edit) ([]byte, error) {
	user, err := parseObject(raw, &struct {
		Permissions map[string]json.RawMessage
		Folders     []struct{ Name string } `json:"virtual_folders"`
	}{})
	if err != nil {
		return nil, err
	}
	delete(user, "password")
	editMappings(user, edit)
	if len(edit.SetPermissions)+len(edit.RemovePermissions) > 0 {
		permissions := child(user, "permissions")
		for _, path := range edit.RemovePermissions {
			delete(permissions, path)
		}
		for path, granted := range edit.SetPermissions {
			permissions[path] = granted
		}
	}
	return json.Marshal(user)
}

// editMappings changes which folders are mapped, and where. A folder that only
// moves keeps the quota of its mapping; a new one has no quota of its own.
//
// The server looks up the folder of a mapping by name and ignores the rest of it, so
// the filesystem, with its secret, is left out. That also keeps the record
// below the 1 MiB that the server accepts.
func editMappings(user object, edit account.Edit) {
	const key = "virtual_folders"
	mappings, _ := user[key].([]any)
	edited := make([]any, 0, len(mappings)+len(edit.Map))
	byName := map[string]object{}
	for _, value := range mappings {
		mapping, _ := value.(object)
		name, _ := mapping["name"].(string)
		if !slices.Contains(edit.Unmap, name) {
			delete(mapping, "filesystem")
			edited, byName[name] = append(edited, value), mapping
		}
	}
	for _, spec := range edit.Map {
		mapping, ok := byName[spec.Name]
		if !ok {
			mapping = object{"name": spec.Name, "quota_size": 0, "quota_files": 0}
			edited, byName[spec.Name] = append(edited, mapping), mapping
		}
		mapping["virtual_path"] = spec.Path()
	}
	if len(mappings)+len(edited) > 0 {
		user[key] = edited
	}
}
