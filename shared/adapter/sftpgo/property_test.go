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

// exact decodes JSON with numbers as they were written.
func exact(t require.TestingT, raw json.RawMessage) any {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	require.NoError(t, decoder.Decode(&value))
	return value
}

// values are JSON values of any shape.
func values() *rapid.Generator[any] {
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

// Whatever else an account's record holds comes back as it was: at the top, in
// a mapping that stays, and among the permissions.
func TestAnEditLeavesTheRest(t *testing.T) {
	t.Parallel()
	c, s := newClient(t)
	names := []string{"a", "b", "c", "d"}
	rapid.Check(t, func(t *rapid.T) {
		record := rapid.MapOfN(rapid.StringMatching(`[a-zA-Z_]{1,12}|\PC{1,3}`), values(), 0, 6).Draw(t, "record")
		delete(record, "password")
		var mappings []any
		for _, name := range rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID).Draw(t, "mapped") {
			mapping := rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}_x`), values(), 0, 3).Draw(t, "mapping "+name)
			mapping["name"], mapping["virtual_path"], mapping["filesystem"] = name, "/at/"+name, map[string]any{"provider": 1}
			mappings = append(mappings, mapping)
		}
		record["virtual_folders"] = mappings
		permissions := rapid.MapOf(rapid.SampledFrom([]string{"/", "/a", "/b", "/x"}), values()).Draw(t, "permissions")
		record["permissions"] = permissions
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
		s.users["alice"], s.calls = parse(`{}`), nil
		s.mu.Unlock()
		require.NoError(t, c.EditAccount(t.Context(), &account.Account{Username: "alice", Record: raw}, edit))

		want := exact(t, raw).(map[string]any)
		var kept []any
		missing := edit.Map
		for _, mapping := range mappings {
			mapping := exactMap(t, mapping)
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
		got := exact(t, json.RawMessage(s.last().Body)).(map[string]any)
		gotMappings, _ := got["virtual_folders"].([]any)
		require.Len(t, gotMappings, len(kept)+len(missing))
		require.ElementsMatch(t, kept, gotMappings[:len(kept)])
		wantPermissions := exactMap(t, permissions)
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

func exactMap(t require.TestingT, value any) map[string]any {
	raw, err := json.Marshal(value)
	require.NoError(t, err)
	return exact(t, raw).(map[string]any)
}
