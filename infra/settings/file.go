package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
)

// FileSetting names a file that holds settings.
const FileSetting = "settings"

// readFile returns the settings of the file that the context names; none if it
// names no file.
func readFile(context map[string]any) (map[string]any, error) {
	name, err := textOf(context[FileSetting])
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
	if duplicate := duplicateName(content); duplicate != "" {
		return nil, fmt.Errorf("duplicate %q in %s: take one of them away", duplicate, name)
	}
	if _, ok := file[FileSetting]; ok {
		return nil, fmt.Errorf("%s names a file of settings in its turn: give one file", name)
	}
	return file, nil
}

// duplicateName returns a name that a JSON object has more than once, of which
// json.Unmarshal would take the last; empty if there is none. Comments may be many.
func duplicateName(object []byte) string {
	decoder := json.NewDecoder(bytes.NewReader(object))
	_, _ = decoder.Token() // its opening brace
	seen := map[string]bool{}
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return ""
		}
		if seen[name] && !isComment(name) {
			return name
		}
		seen[name] = true
	}
	return ""
}
