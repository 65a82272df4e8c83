package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
)

// fileSetting names a file that holds settings.
const fileSetting = "settings"

// readFile gives the settings of the file that the context names; none where it
// names no file.
func readFile(context map[string]any) (map[string]any, error) {
	name, err := written(context[fileSetting])
	if err != nil || name == "" {
		return nil, err
	}
	content, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("there is no file to read: %w", err)
	}
	var file map[string]any
	if err = json.Unmarshal(content, &file); err == nil && file == nil {
		err = errors.New("it is null")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not an object in JSON: %w", name, err)
	}
	if said := twice(content); said != "" {
		return nil, fmt.Errorf("%q is there twice in %s: take one of them away", said, name)
	}
	if _, ok := file[fileSetting]; ok {
		return nil, fmt.Errorf("%s names a file of settings in its turn: give one file", name)
	}
	return file, nil
}

// withFile adds what a file says to the context, which comes before it.
func withFile(context, file map[string]any) map[string]any {
	said := map[string]any{}
	maps.Copy(said, file)
	maps.Copy(said, context)
	return said
}

// twice is a name that an object in JSON has more than once, of which the last
// would count without a word; empty for none. Comments may be many.
func twice(object []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return ""
	}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		var value json.RawMessage
		if err != nil || !ok || decoder.Decode(&value) != nil {
			return ""
		}
		if seen[name] && !isComment(name) {
			return name
		}
		seen[name] = true
	}
	return ""
}
