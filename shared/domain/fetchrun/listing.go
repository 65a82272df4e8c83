package fetchrun

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// listedFile is a file in the listing of a folder.
type listedFile struct {
	Name string
	// Size is in bytes, and -1 if the server does not tell it.
	Size int64
	// Time is when the file was modified; zero if the server does not tell it.
	Time time.Time
}

// listing is what a connector writes about a folder.
type listing struct {
	Files []listedFile
	// Folders are the names of its subfolders.
	Folders []string
}

// readListing reads a listing. It returns IncompleteReading if the listing was truncated, or
// ends too early.
// https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartDirectoryListing.html
func readListing(r io.Reader, folder string) (listing, error) {
	var l listing
	truncated, complete := false, false
	err := eachField(json.NewDecoder(r), func(decoder *json.Decoder, name string) error {
		switch name {
		case "files":
			return eachItem(decoder, func() error {
				var file struct {
					FilePath          string
					ModifiedTimestamp string
					Size              *int64
				}
				if err := decoder.Decode(&file); err != nil {
					return err
				}
				listed := listedFile{Name: baseName(file.FilePath), Size: -1, Time: parseTime(file.ModifiedTimestamp)}
				if file.Size != nil {
					listed.Size = *file.Size
				}
				l.Files = append(l.Files, listed)
				return nil
			})
		case "paths":
			return eachItem(decoder, func() error {
				var folder struct{ Path string }
				err := decoder.Decode(&folder)
				if name := baseName(folder.Path); name != "." && name != ".." {
					l.Folders = append(l.Folders, name)
				}
				return err
			})
		case "truncated":
			var value any // The documents have it as text and as true or false.
			err := decoder.Decode(&value)
			truncated, complete = strings.EqualFold(fmt.Sprint(value), "true"), true
			return err
		}
		var other json.RawMessage
		return decoder.Decode(&other)
	})
	switch {
	case err != nil:
		return listing{}, errkind.Errorf(errkind.IncompleteReading, "the listing of %s does not parse: %w", folder, err)
	case truncated:
		return listing{}, errkind.Errorf(errkind.IncompleteReading,
			"%s has more than %d entries, which is the most that a connector lists; have its files put into several folders", folder, maxItems)
	case !complete:
		return listing{}, errkind.Errorf(errkind.IncompleteReading, "the listing of %s does not say that it is complete", folder)
	}
	return l, nil
}

// maxItems is the most entries of a folder that a connector lists
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_StartDirectoryListing.html).
const maxItems = 200_000

func parseTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC()
		}
	}
	return time.Time{}
}

// eachField calls read for each field of an object, with the decoder before its value.
func eachField(decoder *json.Decoder, read func(decoder *json.Decoder, name string) error) error {
	if err := expect(decoder, json.Delim('{')); err != nil {
		return err
	}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return err
		}
		if err := read(decoder, fmt.Sprint(token)); err != nil {
			return err
		}
	}
	return expect(decoder, json.Delim('}'))
}

// eachItem calls read for each item of an array, with the decoder before it.
func eachItem(decoder *json.Decoder, read func() error) error {
	if err := expect(decoder, json.Delim('[')); err != nil {
		return err
	}
	for decoder.More() {
		if err := read(); err != nil {
			return err
		}
	}
	return expect(decoder, json.Delim(']'))
}

func expect(decoder *json.Decoder, want json.Delim) error {
	token, err := decoder.Token()
	if err == nil && token != want {
		err = fmt.Errorf("%q where %q should be", fmt.Sprint(token), want.String())
	}
	return err
}
