package sendfile

import (
	"slices"
	"strings"

	"github.com/digipres/sync-users/shared/domain/destpath"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

// AfterAction is what becomes of an object that was sent.
type AfterAction string

// The actions.
const (
	// Delete deletes the object. In a bucket with versions, a delete marker hides it.
	Delete AfterAction = "delete"
	// Keep leaves it.
	Keep AfterAction = "keep"
	// Archive moves it to another prefix of its bucket.
	Archive AfterAction = "archive"
	// Tag tags it.
	Tag AfterAction = "tag"
)

// Existing is what happens if there is a file already where one shall be.
type Existing string

// The possibilities.
const (
	// Replace replaces it at once when the new file is whole.
	Replace Existing = "replace"
	// KeepExisting skips the object.
	KeepExisting Existing = "keep"
	// Fail fails with Conflict.
	Fail Existing = "fail"
	// Rename gives the new file a name with a part of its version's hash.
	Rename Existing = "rename"
)

// Options are how objects are sent.
type Options struct {
	Template destpath.Template
	Filter   destpath.Filter
	After    AfterAction
	// ArchivePrefix is where Archive moves objects to.
	ArchivePrefix string
	Existing      Existing
	// VerifyContent asks for each file to be read back and compared.
	VerifyContent bool
}

// Config are options as the settings have them.
type Config struct {
	// Prefix is what the keys of all objects begin with.
	Prefix string
	// Directory and Name are templates of destpath; an empty Name is {key}.
	Directory, Name string
	// After is delete, keep, tag or archive:<prefix>.
	After string
	// Existing is replace, keep, fail or rename.
	Existing string
	// Verify is size or content.
	Verify           string
	Include, Exclude []string
}

// NewOptions returns the options, or Misconfigured with the first value that is wrong.
func NewOptions(c Config) (o Options, err error) {
	if o.Template, err = destpath.NewTemplate(c.Directory, c.Name, c.Prefix); err != nil {
		return Options{}, err
	}
	if o.Filter, err = destpath.NewFilter(c.Prefix, c.Include, c.Exclude); err != nil {
		return Options{}, err
	}
	after, archive, hasPrefix := strings.Cut(c.After, ":")
	o.After, o.ArchivePrefix, o.Existing = AfterAction(after), archive, Existing(c.Existing)
	switch {
	case !slices.Contains([]AfterAction{Delete, Keep, Tag, Archive}, o.After), hasPrefix != (o.After == Archive):
		return Options{}, errkind.Errorf(errkind.Misconfigured, "what happens after sending is %q; it must be delete, keep, tag or archive:<prefix>", c.After)
	case o.After == Archive && !strings.HasSuffix(archive, "/"):
		return Options{}, errkind.Errorf(errkind.Misconfigured, "the archive's prefix %q must end with a slash", archive)
	case o.After == Archive && strings.HasPrefix(c.Prefix, archive):
		return Options{}, errkind.Errorf(errkind.Misconfigured, "the archive's prefix %q has the objects in it that shall be sent", archive)
	case !slices.Contains([]Existing{Replace, KeepExisting, Fail, Rename}, o.Existing):
		return Options{}, errkind.Errorf(errkind.Misconfigured, "what happens to an existing file is %q; it must be replace, keep, fail or rename", c.Existing)
	case c.Verify != "size" && c.Verify != "content":
		return Options{}, errkind.Errorf(errkind.Misconfigured, "what is verified is %q; it must be size or content", c.Verify)
	}
	o.VerifyContent = c.Verify == "content"
	return o, nil
}

// SkipReason returns why the object of a key is not sent; "" if it is.
func (o Options) SkipReason(key string) string {
	if o.After == Archive && strings.HasPrefix(key, o.ArchivePrefix) {
		return "it is under " + o.ArchivePrefix + ", where objects are moved to that were sent"
	}
	return o.Filter.SkipReason(key)
}
