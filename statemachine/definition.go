// Package statemachine holds the definitions of the workflows.
package statemachine

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"
)

// Definition is the workflow in the Amazon States Language (JSONPath). Names
// in ${…} stand for what a deployment substitutes: the three functions' ARNs,
// the runs bucket's name and the topic's ARN. The Map's child executions are
// Standard.
//
//go:embed sync-users.asl.json
var Definition string

// SendFiles is the workflow of send-files, in the same form: the three functions' ARNs and
// the topic's stand in ${…}.
//
//go:embed send-files.asl.json
var SendFiles string

// FetchFiles is the workflow of fetch-files, in the same form: the functions' ARNs and the
// topic's stand in ${…}.
//
//go:embed fetch-files.asl.json
var FetchFiles string

// SyncSeconds and ExpressSyncSeconds are how long sync-user may take for one
// attempt, by the type of the child executions.
const (
	SyncSeconds        = 120
	ExpressSyncSeconds = 50
)

// WithExpressChildren returns Definition with Express child executions. Their
// attempts are fewer and shorter, because one may last five minutes at most
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html); these
// are numbers, which a deployment can't substitute.
func WithExpressChildren() string {
	return edit(Definition, func(machine map[string]any) {
		children := object(machine, "States", "Sync each user", "ItemProcessor")
		object(children, "ProcessorConfig")["ExecutionType"] = "EXPRESS"
		sync := object(children, "States", "Sync user")
		sync["TimeoutSeconds"] = ExpressSyncSeconds + 5
		for i, attempts := range []int{3, 2} {
			sync["Retry"].([]any)[i].(map[string]any)["MaxAttempts"] = attempts
		}
	})
}

// WithoutListing returns a definition without the list of the server's accounts, for a
// server on which only what the last runs gave tells who has left.
func WithoutListing(definition string) string {
	return edit(definition, func(machine map[string]any) {
		machine["StartAt"] = "Discover users"
		for _, state := range []string{"For everybody?", "List accounts"} {
			delete(object(machine, "States"), state)
		}
	})
}

// edit returns a definition after a change.
func edit(definition string, change func(machine map[string]any)) string {
	decoder := json.NewDecoder(strings.NewReader(definition))
	decoder.UseNumber() // so that 100.0 stays 100.0
	var machine map[string]any
	if err := decoder.Decode(&machine); err != nil {
		panic(err) // The definition is embedded.
	}
	change(machine)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(machine); err != nil {
		panic(err) // It was JSON before.
	}
	return text.String()
}

// object returns the object at a path of names.
func object(value map[string]any, path ...string) map[string]any {
	for _, name := range path {
		value = value[name].(map[string]any)
	}
	return value
}
