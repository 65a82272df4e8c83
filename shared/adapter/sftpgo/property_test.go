package sftpgo_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/digipres/sync-users/shared/domain/account"
)

// decodeExactly decodes JSON with numbers as they are written.
func decodeExactly(t require.TestingT, raw json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	return value
}

// jsonValues generates JSON values of any shape.
func jsonValues() *rapid.Generator[any] {
	leaf := rapid.OneOf(
		rapid.Just[any](nil),
		rapid.Bool().AsAny(),
		rapid.String().AsAny(),
		rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?`),
			func(n string) any { return json.Number(n) }),
	)
	nested := rapid.OneOf(leaf, rapid.SliceOfN(leaf, 0, 3).AsAny(), rapid.MapOfN(rapid.String(), leaf, 0, 3).AsAny())
	return rapid.OneOf(leaf, rapid.MapOfN(rapid.String(), nested, 0, 3).AsAny(), rapid.SliceOfN(nested, 0, 3).AsAny())
}

// All other fields of an account's record are written as they were read: at the top,
// in a mapping that stays, and among the permissions.
func TestEditAccountKeepsAnyRecord(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	names := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(t *rapid.T) {
		record := rapid.MapOfN(rapid.StringMatching(`[a-zA-Z_]{1,12}|\PC{1,3}`), jsonValues(), 0, 6).Draw(t, "record")
		delete(record, "password")
		var mappings []any
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID).Draw(t, "mapped") {
			mapping := rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}_x`), jsonValues(), 0, 3).Draw(t, "mapping "+name)
			mapping["name"], mapping["virtual_path"], mapping["filesystem"] = name, "/at/"+name, map[string]any{"provider": 1}
			mappings = append(mappings, mapping)
		}
		record["virtual_folders"] = mappings
		permissions := rapid.MapOf(rapid.SampledFrom([]string{"/", "/a", "/b", "/x"}), jsonValues()).Draw(t, "permissions")
		record["permissions"], record["username"] = permissions, "alice"
		raw, err := json.Marshal(record)
		require.NoError(t, err)

		edit := account.Edit{
			Unmap:             rapid.SliceOfDistinct(rapid.SampledFrom(names[:2]), rapid.ID).Draw(t, "unmap"),
			SetPermissions:    map[string][]string{"/": {"list"}},
			RemovePermissions: []string{"/b"},
		}
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names[2:]), rapid.ID).Draw(t, "map") {
			edit.Map = append(edit.Map, account.Spec{Name: name, Bucket: name})
		}
		s.mu.Lock()
		s.users["alice"], s.requests = parse(string(raw)), nil
		s.mu.Unlock()
		require.NoError(t, c.EditAccount(t.Context(), &account.Account{Username: "alice", Record: raw}, edit))

		want := decodeExactly(t, raw).(map[string]any)
		var kept []any
		missing := edit.Map
		for _, mapping := range mappings {
			mapping := decodeMap(t, mapping)
			name := mapping["name"].(string)
			if slices.Contains(edit.Unmap, name) {
				continue
			}
			delete(mapping, "filesystem")
			if i := slices.IndexFunc(missing, func(s account.Spec) bool { return s.Name == name }); i >= 0 {
				mapping["virtual_path"] = missing[i].Path()
				missing = slices.Delete(slices.Clone(missing), i, i+1)
			}
			kept = append(kept, mapping)
		}
		got := decodeExactly(t, json.RawMessage(s.lastRequest().Body)).(map[string]any)
		gotMappings, _ := got["virtual_folders"].([]any)
		require.Len(t, gotMappings, len(kept)+len(missing))
		require.ElementsMatch(t, kept, gotMappings[:len(kept)])
		wantPermissions := decodeMap(t, permissions)
		wantPermissions["/"] = []any{"list"}
		delete(wantPermissions, "/b")
		require.Equal(t, wantPermissions, got["permissions"])
		for _, ours := range []string{"virtual_folders", "permissions"} {
			delete(want, ours)
			delete(got, ours)
		}
		require.Equal(t, want, got)
	})
}

func decodeMap(t require.TestingT, value any) map[string]any {
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return decodeExactly(t, raw).(map[string]any)
}
