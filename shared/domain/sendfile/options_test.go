package sendfile_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/sendfile"
)

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	valid := sendfile.Config{Prefix: "out/", Directory: "/in", After: "delete", Existing: "replace", Verify: "size"}
	_, err := sendfile.NewOptions(valid)
	require.NoError(t, err)
	tests := []struct {
		name string
		edit func(*sendfile.Config)
		want string
	}{
		{"an unknown placeholder", func(c *sendfile.Config) { c.Name = "{file}" }, "{file}"},
		{"an empty pattern", func(c *sendfile.Config) { c.Include = []string{""} }, "pattern"},
		{"an unknown action", func(c *sendfile.Config) { c.After = "remove" }, "delete, keep, tag or archive:<prefix>"},
		{"no archive", func(c *sendfile.Config) { c.After = "archive" }, "archive:<prefix>"},
		{"an archive that is no folder", func(c *sendfile.Config) { c.After = "archive:sent" }, "slash"},
		{"an archive around the prefix", func(c *sendfile.Config) { c.After, c.Prefix = "archive:out/", "out/x/" }, "shall be sent"},
		{"the prefix as archive", func(c *sendfile.Config) { c.After = "archive:out/" }, "shall be sent"},
		{"a prefix for delete", func(c *sendfile.Config) { c.After = "delete:x/" }, "delete:x/"},
		{"an unknown word for existing files", func(c *sendfile.Config) { c.Existing = "overwrite" }, "replace, keep, fail or rename"},
		{"an unknown verification", func(c *sendfile.Config) { c.Verify = "hash" }, "size or content"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := valid
			tt.edit(&config)
			_, err := sendfile.NewOptions(config)
			assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}
