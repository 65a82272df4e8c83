package settings

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
)

// removed are settings of former versions, with what takes their place.
var removed = map[string]string{
	"tags":                "give them to the CDK, in cdk.json: \"tags\": [{\"Key\": \"team\", \"Value\": \"archive\"}]",
	"permissionsBoundary": "give it to the CDK, under \"context\" in cdk.json: \"@aws-cdk/core:permissionsBoundary\": {\"arn\": \"…\"}",
}

// cliNames are those under which the CDK's CLI keeps something of its own in
// the context, besides the ones with a colon or a slash.
var cliNames = []string{"acknowledged-issue-numbers", "cli-telemetry"}

// belongsToCDK reports whether a name in the context is one of the CDK's own:
// feature flags (`@aws-cdk/core:…`, `aws:cdk:…`), lookups
// (`availability-zones:account=…`), and what its CLI stores.
func belongsToCDK(name string) bool {
	return strings.ContainsAny(name, ":/") || slices.Contains(cliNames, name)
}

// isComment reports whether a name is one such as `//`, under which JSON can hold
// a comment.
func isComment(name string) bool { return name != "" && strings.Trim(name, "/") == "" }

// addUnknown notes the names that are no settings, except those that may be there.
func (p *Problems) addUnknown(values map[string]any, mayBeThere func(name string) bool) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if mayBeThere(name) || p.field(name).name != "" {
			continue
		}
		format, remedy := "setting %s: there is none of this name: %s", "`make settings` shows all there are"
		if instead, ok := removed[name]; ok {
			format, remedy = "setting %s: there is none of this name any more: %s", instead
		} else if similar := p.mostSimilar(name); similar != "" {
			remedy = "did you mean " + similar + "?"
		}
		p.unknown = append(p.unknown, fmt.Errorf(format, name, remedy))
	}
}

// mostSimilar returns the setting that a name was probably meant for: one whose
// spelling differs little, or else one that contains it or is part of it; empty for
// none.
func (p *Problems) mostSimilar(name string) string {
	const atMost = 2
	name = normalize(name)
	similar, best := "", atMost+1
	for _, f := range p.fields {
		if distance := levenshtein.Distance(name, normalize(f.name), nil); distance < best {
			similar, best = f.name, distance
		}
	}
	for _, f := range p.fields {
		known := normalize(f.name)
		if similar == "" && len(name) > atMost && (strings.Contains(known, name) || strings.Contains(name, known)) {
			similar = f.name
		}
	}
	return similar
}

// normalize removes what is different between max-concurrency, max_concurrency and
// maxConcurrency.
func normalize(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}
