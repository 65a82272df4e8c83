package fetchconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// node is a value of a file, with what encoding/json would lose: whether a name is there
// twice, and how it is spelled.
type node struct {
	// value is nil, a bool, a json.Number or a string, unless it is an object or a list.
	value  any
	object []field
	list   []node
	kind   string
}

type field struct {
	name string
	node node
}

// The kinds of nodes, as people know them.
const (
	kindObject = "an object"
	kindList   = "a list"
	kindText   = "text"
	kindNumber = "a number"
	kindBool   = "true or false"
	kindNull   = "null"
)

// longestFile is far more than a configuration has, in bytes.
const longestFile = 1 << 20

// readTree reads one JSON value. Its error says in which line the file is no JSON.
func readTree(text []byte) (node, error) {
	if len(text) > longestFile {
		return node{}, fmt.Errorf("the file has %d bytes, which is no configuration: is it the right one?", len(text))
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff")) // as editors on Windows write it
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	root, err := readNode(decoder)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more after its end")
		}
	}
	if err == nil {
		return root, nil
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it ends too early; is a brace or bracket missing?")
	}
	before := text[:min(decoder.InputOffset(), int64(len(text)))]
	return node{}, fmt.Errorf("this is no JSON, near line %d: %w", 1+bytes.Count(before, []byte("\n")), err)
}

func readNode(decoder *json.Decoder) (node, error) {
	token, err := decoder.Token()
	if err != nil {
		return node{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		n := node{kind: map[json.Delim]string{'{': kindObject, '[': kindList}[t]}
		for decoder.More() {
			var name string
			if t == '{' {
				token, err := decoder.Token()
				if err != nil {
					return node{}, err
				}
				name, _ = token.(string)
			}
			child, err := readNode(decoder)
			if err != nil {
				return node{}, err
			}
			if t == '{' {
				n.object = append(n.object, field{name, child})
			} else {
				n.list = append(n.list, child)
			}
		}
		_, err := decoder.Token()
		return n, err
	case string:
		return node{value: t, kind: kindText}, nil
	case json.Number:
		return node{value: t, kind: kindNumber}, nil
	case bool:
		return node{value: t, kind: kindBool}, nil
	}
	return node{kind: kindNull}, nil
}

// isComment reports whether a name is one such as `//`, under which JSON can hold a comment.
func isComment(name string) bool { return name != "" && strings.Trim(name, "/") == "" }
