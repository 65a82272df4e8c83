package fetchconfig

import (
	"encoding"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// reader reads the fields of one object of a file, and notes what is wrong with them. Names
// are compared without regard to case.
type reader struct {
	place    string
	fields   map[string]field
	known    []string
	mistakes *Mistakes
}

func newReader(place string, n node, mistakes *Mistakes) *reader {
	r := &reader{place: place, fields: map[string]field{}, mistakes: mistakes}
	if n.kind != kindObject {
		mistakes.add(place, "this is %s; it must be %s in braces", n.kind, kindObject)
		r.mistakes = new(Mistakes) // Nothing in it is worth saying any more.
	}
	for _, f := range n.object {
		key := strings.ToLower(f.name)
		if _, ok := r.fields[key]; ok && !isComment(f.name) {
			mistakes.add(r.at(f.name), "it is there twice: take one of them away")
		}
		r.fields[key] = f
	}
	return r
}

// at returns the place of a field.
func (r *reader) at(name string) string {
	if r.place == "" {
		return name
	}
	return r.place + "." + name
}

// take returns a field; false if it is absent, null or empty text.
func (r *reader) take(name string) (node, bool) {
	r.known = append(r.known, name)
	n := r.fields[strings.ToLower(name)].node
	return n, n.kind != "" && n.kind != kindNull && n.value != ""
}

// taken is take for a value of one kind.
func (r *reader) taken(name, kind string) (node, bool) {
	n, ok := r.take(name)
	if ok && n.kind != kind {
		r.mistakes.add(r.at(name), "this is %s; it must be %s", n.kind, kind)
		return node{}, false
	}
	return n, ok
}

func (r *reader) text(name string) string {
	n, _ := r.taken(name, kindText)
	text, _ := n.value.(string)
	return strings.TrimSpace(text)
}

// required is text that must be there; want says what it is.
func (r *reader) required(name, want string) string {
	text := r.text(name)
	if text == "" && !r.mistakes.at(r.at(name)) {
		r.mistakes.add(r.at(name), "it is missing: give %s", want)
	}
	return text
}

// bool returns true or false, which may stand in quotes; false if it is absent.
func (r *reader) bool(name string) bool {
	n, ok := r.take(name)
	value, err := strconv.ParseBool(strings.ToLower(fmt.Sprint(n.value)))
	if ok && (err != nil || n.kind == kindNumber) {
		r.mistakes.add(r.at(name), "it must be true or false")
	}
	return value && ok
}

// number returns a whole number of 1 or more; 0 if it is absent or wrong.
func (r *reader) number(name string) int {
	n, ok := r.taken(name, kindNumber)
	if !ok {
		return 0
	}
	number, err := strconv.Atoi(n.value.(json.Number).String())
	if err != nil || number < 1 {
		r.mistakes.add(r.at(name), "%s is not a whole number of 1 or more", n.value)
		return 0
	}
	return number
}

// unmarshal puts text into a value.
func (r *reader) unmarshal(name string, into encoding.TextUnmarshaler) {
	if text := r.text(name); text != "" {
		if err := into.UnmarshalText([]byte(text)); err != nil {
			r.mistakes.add(r.at(name), "%v", err)
		}
	}
}

// texts returns a list of text, of which one may stand alone.
func (r *reader) texts(name string) []string {
	n, ok := r.take(name)
	if ok && n.kind == kindText {
		n = node{kind: kindList, list: []node{n}}
	}
	if ok && n.kind != kindList {
		r.mistakes.add(r.at(name), "this is %s; it must be a list of text in brackets", n.kind)
	}
	var found []string
	for i, item := range n.list {
		text, isText := item.value.(string)
		if text = strings.TrimSpace(text); !isText || text == "" {
			r.mistakes.add(fmt.Sprintf("%s[%d]", r.at(name), i), "it must be text, and not empty")
			continue
		}
		found = append(found, text)
	}
	return found
}

// object returns the reader of a field that must be there.
func (r *reader) object(name string) *reader {
	n, ok := r.take(name)
	if !ok {
		r.mistakes.add(r.at(name), "it is missing: give %s in braces", kindObject)
		return newReader(r.at(name), n, new(Mistakes))
	}
	return newReader(r.at(name), n, r.mistakes)
}

// objects returns the readers of a list of objects, of one at least.
func (r *reader) objects(name string) []*reader {
	n, _ := r.taken(name, kindList)
	if len(n.list) == 0 && !r.mistakes.at(r.at(name)) {
		r.mistakes.add(r.at(name), "it is missing: give one folder at least")
	}
	var found []*reader
	for i, item := range n.list {
		found = append(found, newReader(fmt.Sprintf("%s[%d]", r.at(name), i), item, r.mistakes))
	}
	return found
}

// close notes the fields that nobody asked for.
func (r *reader) close() {
	for _, name := range r.known {
		delete(r.fields, strings.ToLower(name))
	}
	for _, f := range sortedFields(r.fields) {
		if !isComment(f.name) {
			r.mistakes.add(r.at(f.name), "there is no such field here%s", didYouMean(f.name, r.known))
		}
	}
}
