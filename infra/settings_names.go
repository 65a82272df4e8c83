package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
)

// cliNames are those under which the CDK's CLI keeps something of its own in
// the context, besides the ones with a colon or a slash.
var cliNames = []string{"acknowledged-issue-numbers", "cli-telemetry"}

// ofTheCDK tells the CDK's own names in the context: feature flags
// (`@aws-cdk/core:…`, `aws:cdk:…`), lookups (`availability-zones:account=…`),
// and what its CLI remembers.
func ofTheCDK(name string) bool {
	return strings.ContainsAny(name, ":/") || slices.Contains(cliNames, name)
}

// isComment tells a name such as `//`, under which JSON can hold a comment.
func isComment(name string) bool { return name != "" && strings.Trim(name, "/") == "" }

// unknown finds what was meant as a setting and is none. Other names that may
// be there are passed over.
func unknown(said map[string]any, table []setting, other func(name string) bool) []error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if other(name) || slices.ContainsFunc(table, func(s setting) bool { return s.name == name }) {
			continue
		}
		remedy := "`make settings` shows all there are"
		if meant := nearest(name, table); meant != "" {
			remedy = "did you mean " + meant + "?"
		}
		problems = append(problems, fmt.Errorf("setting %s: there is none of this name: %s", name, remedy))
	}
	return problems
}

// nearest is the setting that a name was probably meant for: one that is
// spelled much alike, or else one of which it is a part; empty for none.
func nearest(name string, table []setting) string {
	const different = 2
	name = letters(name)
	found, best := "", different+1
	for _, s := range table {
		if d := levenshtein.Distance(name, letters(s.name), nil); d < best {
			found, best = s.name, d
		}
	}
	for _, s := range table {
		known := letters(s.name)
		if found == "" && len(name) > different && (strings.Contains(known, name) || strings.Contains(name, known)) {
			found = s.name
		}
	}
	return found
}

// letters leaves out what names differ in between max-concurrency,
// max_concurrency and maxConcurrency.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}
