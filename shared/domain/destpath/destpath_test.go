package destpath_test

import (
	"path"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/destpath"
	"github.com/digipres/sync-users/shared/domain/errkind"
)

var uploadedAt = time.Date(2026, 11, 21, 16, 30, 5, 0, time.FixedZone("CET", 3600))

func object(key string) destpath.Object {
	return destpath.Object{Bucket: "bucket", Key: key, ETag: `"abc"`, UploadedAt: uploadedAt}
}

func TestPathFollowsTheTemplate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, directory, template, prefix, key, want string
	}{
		{"the key after the prefix", "/in", "", "out/", "out/2026/report.csv", "/in/2026/report.csv"},
		{"no prefix", "/in", "{key}", "", "out/report.csv", "/in/out/report.csv"},
		{"a prefix that ends in a name", "/in", "{key}", "out/re", "out/report.csv", "/in/report.csv"},
		{"no directory", "", "{key}", "out/", "out/a/b", "a/b"},
		{"the root", "/", "{key}", "", "a", "/a"},
		{"a slash too many in the directory", "/in//x/", "{basename}", "", "a/b", "/in/x/b"},
		{"the directory of the login", "./in", "{basename}", "", "a/b", "in/b"},
		{"parts of the key", "in/{dir}", "{stem}-{etag}{ext}", "out/", "out/x/y/report.tar.gz", "in/x/y/report.tar-abc.gz"},
		{"no directory in the key", "/in/{dir}", "{basename}", "out/", "out/report", "/in/report"},
		{"a hidden file has no extension", "", "{stem}|{ext}", "", ".profile", ".profile|"},
		{"the time of the upload in UTC", "{year}/{month}/{day}", "{time}-{current_date}-{bucket}", "", "k", "2026/11/21/153005-2026-11-21-bucket"},
		{"characters that only look special", "/in", "{key}", "", "a b+c%20 ü 漢字 {key} ~$&;'\"*?.csv", "/in/a b+c%20 ü 漢字 {key} ~$&;'\"*?.csv"},
		{"dots inside a name", "/in", "{key}", "", "..a/b..c/.d", "/in/..a/b..c/.d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			template, err := destpath.NewTemplate(tt.directory, tt.template, tt.prefix)
			require.NoError(t, err)
			got, err := template.Path(object(tt.key))
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestWrongTemplateIsMisconfigured(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, directory, template, want string }{
		{"an unknown placeholder", "", "{file}", "{file}"},
		{"a lone brace", "/in/{key", "", "brace"},
		{"a parent directory", "/in/../x", "", `".."`},
		{"an absolute name", "/in", "/{key}", "slash"},
		{"a name that is a directory", "/in", "{key}/", "slash"},
		{"a control character", "/in\x00", "", "U+0000"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := destpath.NewTemplate(tt.directory, tt.template, "")
			assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func TestDangerousKeysAreRefused(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, key, want string }{
		{"parent directory", "out/../../etc/passwd", `".."`},
		{"parent directory at the end", "out/a/..", `".."`},
		{"this directory", "out/./a", `"."`},
		{"absolute", "out//etc/passwd", "empty segment"},
		{"empty segment", "out/a//b", "empty segment"},
		{"NUL", "out/a\x00b", "U+0000"},
		{"line break", "out/a\nb", "U+000A"},
		{"escape", "out/a\x1b[31m", "U+001B"},
		{"a control character of Latin-1", "out/a\u0085b", "U+0085"},
		{"right-to-left override", "out/a\u202egpj.exe", "U+202E"},
		{"fullwidth slash", "out/..／etc", "U+FF0F"},
		{"division slash", "out/a∕b", "U+2215"},
		{"backslash", `out/..\..\etc`, "U+005C"},
		{"fullwidth dots", "out/．．/etc", "no name"},
		{"two dot leader", "out/‥/etc", "no name"},
		{"dots that Windows leaves out", "out/.. /etc", "no name"},
		{"dots with a space between", "out/. ./etc", "no name"},
		{"dots with an invisible character", "out/.\u200b./etc", "no name"},
		{"only a space", "out/ /etc", "no name"},
		{"not UTF-8", "out/a\xffb", "UTF-8"},
		{"a segment that is too long", "out/" + strings.Repeat("a", 256), "256 bytes"},
		{"a path that is too long", "out/" + strings.Repeat(strings.Repeat("a", 200)+"/", 21) + "b", "makes a path"},
	}
	template, err := destpath.NewTemplate("/in", "{key}", "out/")
	require.NoError(t, err)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := template.Path(object(tt.key))
			assert.Equal(t, errkind.InvalidName, errkind.Of(err))
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

// Whatever the key is, the path stays below the directory, is clean, and has nothing in it
// that a server could take for something else.
func FuzzPathStaysInTheDirectory(f *testing.F) {
	for _, key := range []string{
		"out/report.csv", "out/../x", "out//x", "../x", "/etc/passwd", "out/a\x00b", "out/．．／x", "out/‥", `out\..\x`, "out/.. /x", "", "out/", "out/…/x",
	} {
		f.Add(key, "/in", "{key}")
		f.Add(key, "/in/{dir}", "{basename}")
		f.Add(key, "/in", "{stem}{etag}{ext}")
	}
	f.Fuzz(func(t *testing.T, key, directory, name string) {
		template, err := destpath.NewTemplate("/in"+directory, name, "out/")
		if err != nil {
			return
		}
		got, err := template.Path(object(key))
		if err != nil {
			if errkind.Of(err) != errkind.InvalidName {
				t.Fatalf("%v", err)
			}
			return
		}
		if !strings.HasPrefix(got, "/in") || path.Clean(got) != got || !utf8.ValidString(got) || len(got) > 4095 || strings.HasSuffix(got, "/") {
			t.Fatalf("%q of %q", got, key)
		}
		for segment := range strings.SplitSeq(got[1:], "/") {
			folded := strings.NewReplacer("．", ".", "․", ".", "‥", "..").Replace(strings.TrimRight(segment, " ."))
			if folded == "" || folded == "." || folded == ".." || len(segment) > 255 {
				t.Fatalf("the segment %q in %q of %q", segment, got, key)
			}
			if strings.ContainsFunc(segment, func(r rune) bool { return unicode.IsControl(r) || strings.ContainsRune("\\／∕⁄", r) }) {
				t.Fatalf("the segment %q in %q of %q", segment, got, key)
			}
		}
	})
}

func TestNamesByKey(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"{key}": true, "{basename}": true, "latest.csv": false, "{year}{ext}": false} {
		template, err := destpath.NewTemplate("/in", name, "")
		require.NoError(t, err)
		assert.Equal(t, want, template.NamesByKey(), name)
	}
}

func TestFilterChoosesObjects(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		include, exclude []string
		key, want        string
	}{
		{"without patterns", nil, nil, "out/a/b.csv", ""},
		{"a folder", nil, nil, "out/a/", "folder"},
		{"the prefix itself", nil, nil, "out/", "folder"},
		{"another prefix", nil, nil, "other/a", "not under the prefix out/"},
		{"the name is included", []string{"*.csv"}, nil, "out/a/b.csv", ""},
		{"the name is not included", []string{"*.csv"}, nil, "out/a/b.csv.tmp", "no pattern"},
		{"the path is included", []string{"a/*.csv"}, nil, "out/a/b.csv", ""},
		{"a star has no slash", []string{"a/*.csv"}, nil, "out/a/x/b.csv", "no pattern"},
		{"two stars have", []string{"a/**/b.csv"}, nil, "out/a/x/y/b.csv", ""},
		{"two stars and no folder", []string{"a/**/b.csv"}, nil, "out/a/b.csv", ""},
		{"two stars at the end", nil, []string{"tmp/**"}, "out/tmp/x/y", "tmp/** excludes"},
		{"exclusion is stronger", []string{"*.csv"}, []string{"~*"}, "out/~b.csv", "~* excludes"},
		{"one character", []string{"?.csv"}, nil, "out/ü.csv", ""},
		{"no regular expression", []string{"a+(b).csv"}, nil, "out/a+(b).csv", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			filter, err := destpath.NewFilter("out/", tt.include, tt.exclude)
			require.NoError(t, err)
			if tt.want == "" {
				assert.Empty(t, filter.SkipReason(tt.key))
			} else {
				assert.Contains(t, filter.SkipReason(tt.key), tt.want)
			}
		})
	}
}

func TestEmptyPatternIsMisconfigured(t *testing.T) {
	t.Parallel()
	_, err := destpath.NewFilter("", []string{""}, nil)
	assert.Equal(t, errkind.Misconfigured, errkind.Of(err))
}
