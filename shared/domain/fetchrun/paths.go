package fetchrun

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

const (
	// maxPath is the longest path that a connector takes, and maxKey the longest key of an
	// object, both in bytes
	// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartFileTransfer.html,
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html).
	maxPath = 1024
	maxKey  = 1024
	// maxDays is how many days' folders one run walks at most, for a sync whose folder has
	// a date.
	maxDays = 31
)

// Folder is a remote folder that a run walks.
type Folder struct {
	Sync string `json:"sync"`
	// Path is its path on the server, without a slash at its end.
	Path string `json:"path"`
	// Root is the sync's folder that it is in, by which patterns go.
	Root string `json:"root"`
	// Target is what the keys of its files' objects begin with.
	Target string `json:"target"`
	// Dated is whether it is the root of a sync with a date in it, which need not be there.
	Dated bool `json:"dated,omitempty"`
	// Gone is whether its parent does not list it any more.
	Gone bool `json:"gone,omitempty"`
}

// roots returns where the walk of a sync begins: its folder; or if that has a date, one for
// each day since the last run that had everything, so that no day is missed. Days whose
// files would become the same objects as those of a later one are left out. The last day is
// first.
func roots(sync fetchconfig.Sync, started, complete time.Time) []Folder {
	var folders []Folder
	dated := fetchconfig.HasDates(sync.RemoteFolders.Folder)
	for day := range maxDays {
		at := started.UTC().AddDate(0, 0, -day)
		if day > 0 && (!dated || complete.IsZero() || at.Format(time.DateOnly) < complete.UTC().Format(time.DateOnly)) {
			break
		}
		path := cleanFolder(sync.FolderAt(at))
		folder := Folder{Sync: sync.Name, Path: path, Root: path, Target: target(sync.LocalRepository.Prefix, path, sync.StripAt(at)), Dated: dated}
		if !slices.ContainsFunc(folders, func(f Folder) bool { return overlap(f.Target, folder.Target) }) {
			folders = append(folders, folder)
		}
	}
	return folders
}

// overlap reports whether one prefix of keys is in the other.
func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// child returns a subfolder. It returns InvalidName if that can't be walked.
func (f Folder) child(name string) (Folder, error) {
	child := f
	child.Path, child.Target, child.Dated = joinPath(f.Path, name), f.Target+name+"/", false
	return child, checkName(f, name, len(child.Target))
}

// path returns the path of a file.
func (f Folder) path(name string) string { return joinPath(f.Path, name) }

// key returns the key of a file's object.
func (f Folder) key(name string) string { return f.Target + name }

// relative returns the path of a file in the root, by which patterns go.
func (f Folder) relative(name string) string {
	path := f.path(name)
	if f.Root == "." {
		return path
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, strings.TrimSuffix(f.Root, "/")), "/")
}

// target returns what the keys of a folder's files begin with.
func target(prefix, folder, strip string) string {
	path := strings.Trim(folder, "/") + "/"
	if rest, ok := strings.CutPrefix(path, strings.Trim(strip, "/")+"/"); ok && strings.Trim(strip, "/") != "" {
		path = rest
	}
	var segments []string
	for segment := range strings.SplitSeq(strings.Trim(prefix, "/")+"/"+path, "/") {
		if segment != "" && segment != "." {
			segments = append(segments, segment+"/")
		}
	}
	return strings.Join(segments, "")
}

// cleanFolder returns a folder without slashes at its end; "." for the directory of the
// login.
func cleanFolder(folder string) string {
	cleaned := strings.TrimRight(folder, "/")
	switch {
	case cleaned == "" && folder != "":
		return "/"
	case cleaned == "":
		return "."
	}
	return cleaned
}

func joinPath(folder, name string) string {
	switch {
	case folder == ".":
		return name
	case strings.HasSuffix(folder, "/"):
		return folder + name
	}
	return folder + "/" + name
}

// movedPath returns where a file of a folder is moved to: as deep in the folder for that as
// it was in the root.
func movedPath(sync fetchconfig.Sync, started time.Time, f Folder, name string) string {
	return joinPath(cleanFolder(fetchconfig.ExpandDates(sync.After.MoveTo, started)), f.relative(name))
}

// baseName returns the last segment of a path in a listing. Only that is used of it: a
// server can't have files fetched from, or to, another folder than the one that was listed.
func baseName(path string) string {
	path = strings.TrimSuffix(path, "/")
	return path[strings.LastIndex(path, "/")+1:]
}

// checkName returns InvalidName if a file or folder can't be the end of a key of that
// length.
func checkName(f Folder, name string, keyLength int) error {
	problem := ""
	switch {
	case name == "" || name == "." || name == "..":
		problem = "is no name"
	case !utf8.ValidString(name):
		problem = "is not valid UTF-8"
	case strings.ContainsFunc(name, unicode.IsControl):
		problem = "has a control character"
	case len(f.path(name)) > maxPath:
		problem = fmt.Sprintf("makes a path of %d bytes; connectors take %d", len(f.path(name)), maxPath)
	case keyLength > maxKey:
		problem = fmt.Sprintf("makes a key of %d bytes; S3 takes %d", keyLength, maxKey)
	default:
		return nil
	}
	return errkind.Errorf(errkind.InvalidName, "the name %q in %s %s; have it renamed, or exclude it", name, f.Path, problem)
}
