package sftpgo

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// document is a JSON object as the server sent it, and the fields of it that
// are looked at.
type document[T any] struct {
	fields T
	record json.RawMessage
}

// UnmarshalJSON keeps the object and reads its fields.
func (d *document[T]) UnmarshalJSON(data []byte) error {
	d.record = bytes.Clone(data)
	return json.Unmarshal(data, &d.fields)
}

// object is a JSON object of which some fields change. The others keep their
// bytes, so that no number is rounded and nothing unknown is lost.
type object map[string]json.RawMessage

// get gives a field that is an object; an empty one where it is absent.
func (o object) get(key string) (object, error) {
	value, err := member[object](o, key)
	if value == nil {
		value = object{}
	}
	return value, err
}

// member decodes a field; where it is absent, it gives the zero value.
func member[T any](o object, key string) (T, error) {
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

// set gives a field a value, which must be one that JSON has.
func (o object) set(key string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write the record's %s: %w", key, err)
	}
	o[key] = raw
	return nil
}

// setAll gives fields their values.
func (o object) setAll(values map[string]any) error {
	for key, value := range values {
		if err := o.set(key, value); err != nil {
			return err
		}
	}
	return nil
}
