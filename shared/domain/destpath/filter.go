package destpath

import (
	"regexp"
	"strings"

	"github.com/digipres/sync-users/shared/domain/errkind"
)

// Filter chooses objects by patterns. `*` is any text without a slash, `?` one
// character, and `**` any text. A pattern without a slash is compared with the last
// segment of a key, and any other with the key after the prefix.
type Filter struct {
	prefix           string
	include, exclude []pattern
}

type pattern struct {
	text     string
	basename bool
	matches  *regexp.Regexp
}

// NewFilter returns a Filter. Without a pattern to include, it includes all keys.
// It returns Misconfigured for an empty pattern.
func NewFilter(prefix string, include, exclude []string) (Filter, error) {
	f := Filter{prefix: prefix}
	for _, list := range []struct {
		texts []string
		to    *[]pattern
	}{{include, &f.include}, {exclude, &f.exclude}} {
		for _, text := range list.texts {
			if text == "" {
				return Filter{}, errkind.Errorf(errkind.Misconfigured, "an include or exclude pattern is empty")
			}
			*list.to = append(*list.to, compile(text))
		}
	}
	return f, nil
}

func compile(text string) pattern {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	for rest := strings.TrimPrefix(text, "/"); rest != ""; {
		switch {
		case strings.HasPrefix(rest, "**/"):
			b.WriteString(`(?:.*/)?`)
			rest = rest[3:]
		case strings.HasPrefix(rest, "**"):
			b.WriteString(`.*`)
			rest = rest[2:]
		case rest[0] == '*':
			b.WriteString(`[^/]*`)
			rest = rest[1:]
		case rest[0] == '?':
			b.WriteString(`[^/]`)
			rest = rest[1:]
		default:
			end := strings.IndexAny(rest, "*?")
			if end < 0 {
				end = len(rest)
			}
			b.WriteString(regexp.QuoteMeta(rest[:end]))
			rest = rest[end:]
		}
	}
	b.WriteString(`\z`)
	return pattern{text: text, basename: !strings.Contains(text, "/"), matches: regexp.MustCompile(b.String())}
}

// SkipReason returns why an object with that key is not sent; "" if it is.
func (f Filter) SkipReason(key string) string {
	rest, ok := strings.CutPrefix(key, f.prefix)
	switch {
	case !ok:
		return "it is not under the prefix " + f.prefix
	case strings.HasSuffix(key, "/") || key == "":
		return "it is a folder and no file"
	}
	for _, p := range f.exclude {
		if p.match(rest) {
			return "the pattern " + p.text + " excludes it"
		}
	}
	for _, p := range f.include {
		if p.match(rest) {
			return ""
		}
	}
	if len(f.include) > 0 {
		return "no pattern includes it"
	}
	return ""
}

func (p pattern) match(key string) bool {
	if p.basename {
		key = key[strings.LastIndex(key, "/")+1:]
	}
	return p.matches.MatchString(key)
}

// Prefix returns the prefix of all keys that are not skipped.
func (f Filter) Prefix() string { return f.prefix }
