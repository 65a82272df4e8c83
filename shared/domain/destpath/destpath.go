// Package destpath names the files that objects become on an SFTP server. No key of an
// object can lead out of the directory that the deployment was given.
package destpath

import (
	"fmt"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Object is what a path is made of.
type Object struct {
	Bucket, Key, ETag string
	// UploadedAt is when the object was uploaded. Paths have this time and not the time
	// of the transfer, so that each attempt has the same path.
	UploadedAt time.Time
}

// Template makes paths from a directory and a name. The placeholders are, for the key
// `out/2026/report.csv` under the prefix `out/`:
//
//	{key}       2026/report.csv
//	{dir}       2026
//	{basename}  report.csv
//	{stem}      report
//	{ext}       .csv
//	{bucket}    the bucket's name
//	{etag}      the object's ETag, without quotes
//	{year} {month} {day} {time} {current_date}
//	            2026, 11, 21, 153000 and 2026-11-21: when the object was uploaded, in UTC
type Template struct {
	directory, name, prefix string
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

// placeholders returns the values of all placeholders.
func placeholders(o Object, key string) map[string]string {
	directory, basename := path.Split(key)
	ext := path.Ext(basename)
	if ext == basename { // a name such as .profile
		ext = ""
	}
	at := o.UploadedAt.UTC()
	return map[string]string{
		"key":          key,
		"dir":          strings.TrimSuffix(directory, "/"),
		"basename":     basename,
		"stem":         strings.TrimSuffix(basename, ext),
		"ext":          ext,
		"bucket":       o.Bucket,
		"etag":         strings.Trim(o.ETag, `"`),
		"year":         at.Format("2006"),
		"month":        at.Format("01"),
		"day":          at.Format("02"),
		"time":         at.Format("150405"),
		"current_date": at.Format(time.DateOnly),
	}
}

// NewTemplate returns a Template. An empty directory is the one that the server shows
// after the login, and an empty name is {key}. It returns Misconfigured for an unknown
// placeholder, and for `..`.
func NewTemplate(directory, name, prefix string) (Template, error) {
	if name == "" {
		name = "{key}"
	}
	known := placeholders(Object{}, "")
	for setting, text := range map[string]string{"directory": directory, "name": name} {
		for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
			if _, ok := known[found[1]]; !ok {
				return Template{}, errkind.Errorf(errkind.Misconfigured, "the %s %q has the unknown placeholder %s", setting, text, found[0])
			}
		}
		rest := placeholder.ReplaceAllString(text, "x")
		if strings.ContainsAny(rest, "{}") {
			return Template{}, errkind.Errorf(errkind.Misconfigured, "the %s %q has a brace that belongs to no placeholder", setting, text)
		}
		for segment := range strings.SplitSeq(rest, "/") {
			if segment == "" || segment == "." {
				continue
			}
			if problem := segmentProblem(segment); problem != "" {
				return Template{}, errkind.Errorf(errkind.Misconfigured, "the %s %q %s", setting, text, problem)
			}
		}
	}
	if strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") {
		return Template{}, errkind.Errorf(errkind.Misconfigured, "the name %q must not begin or end with a slash; set the directory instead", name)
	}
	return Template{directory: directory, name: name, prefix: prefix}, nil
}

// NamesByKey reports whether an object's name depends on its key, so that two keys are
// expected to have two names.
func (t Template) NamesByKey() bool {
	for _, name := range []string{"{key}", "{dir}", "{basename}", "{stem}"} {
		if strings.Contains(t.directory+t.name, name) {
			return true
		}
	}
	return false
}

// Path returns the path of the file that an object becomes. It returns InvalidName if
// the key can't be part of a path, or if the path would be too long.
func (t Template) Path(o Object) (string, error) {
	// A prefix may end within a name; only its directories are cut off.
	key := strings.TrimPrefix(o.Key, t.prefix[:strings.LastIndex(t.prefix, "/")+1])
	for segment := range strings.SplitSeq(key, "/") {
		if problem := segmentProblem(segment); problem != "" {
			return "", invalid(o.Key, problem)
		}
	}
	values := placeholders(o, key)
	expand := func(template string) string {
		return placeholder.ReplaceAllStringFunc(template, func(name string) string { return values[name[1:len(name)-1]] })
	}
	var segments []string
	for segment := range strings.SplitSeq(expand(t.directory)+"/"+expand(t.name), "/") {
		if segment == "" || segment == "." { // of the template, or of an empty {dir}
			continue
		}
		if problem := segmentProblem(segment); problem != "" {
			return "", invalid(o.Key, problem)
		}
		segments = append(segments, segment)
	}
	joined := strings.Join(segments, "/")
	if strings.HasPrefix(t.directory, "/") {
		joined = "/" + joined
	}
	if strings.HasSuffix(expand(t.name), "/") || len(segments) == 0 {
		return "", invalid(o.Key, "leaves the file without a name")
	}
	if len(joined) > maxPath {
		return "", invalid(o.Key, fmt.Sprintf("makes a path of %d bytes; servers take %d", len(joined), maxPath))
	}
	return joined, nil
}

func invalid(key, problem string) error {
	return errkind.Errorf(errkind.InvalidName,
		"the key %q %s, so it can't be the name of a file; upload it under another key, or exclude it", key, problem)
}

const (
	// maxSegment and maxPath are NAME_MAX and PATH_MAX of POSIX systems, in bytes.
	maxSegment = 255
	maxPath    = 4095
)
