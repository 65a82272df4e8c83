package sftpgo

import (
	"bytes"
	"encoding/json"
	"fmt"
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

// object is a JSON object of which some fields change. The others keep their
// bytes, so that no number is rounded and no unknown field is lost.
type object map[string]json.RawMessage

// object decodes a field that is an object; an absent field is an empty object.
func (o object) object(key string) (object, error) {
	value, err := field[object](o, key)
	if value == nil {
		value = object{}
	}
	return value, err
}

// field decodes a field; an absent field is the zero value.
func field[T any](o object, key string) (T, error) {
	var value T
	raw, ok := o[key]
	if !ok {
		return value, nil
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		return value, fmt.Errorf("read the record's %s: %w", key, err)
	}
	return value, nil
}

// set sets fields to values, which it encodes.
func (o object) set(values map[string]any) error {
	for key, value := range values {
		raw, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("write the record's %s: %w", key, err)
		}
		o[key] = raw
	}
	return nil
}
