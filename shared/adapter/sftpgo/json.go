package sftpgo

import (
	"bytes"
	"encoding/json"
)

// record is a JSON object as the server sent it, and its decoded fields.
type record[T any] struct {
	fields T
	raw    json.RawMessage
}

// UnmarshalJSON keeps the object and decodes its fields.
func (r *record[T]) UnmarshalJSON(data []byte) error {
	r.raw = bytes.Clone(data)
	return json.Unmarshal(data, &r.fields)
}

// object is a JSON object of which some fields change. The others stay as they are:
// no number is rounded and no unknown field is lost.
type object = map[string]any

// parseObject parses an object. It returns an error if its fields don't have the types
// of those in fields, a pointer to a struct.
func parseObject(raw json.RawMessage, fields any) (o object, err error) {
	if err = json.Unmarshal(raw, fields); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	err = decoder.Decode(&o)
	return o, err
}

// child returns a field that is an object; an absent field becomes an empty object.
func child(o object, key string) object {
	field, ok := o[key].(object)
	if !ok {
		field = object{}
		o[key] = field
	}
	return field
}
