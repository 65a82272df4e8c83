package run

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// Opener opens objects of the runs bucket that may be too large for memory.
type Opener interface {
	// Open opens an object for reading, or returns ErrNoObject. The caller closes it.
	Open(ctx context.Context, object Object) (io.ReadCloser, error)
}

// Items returns the items of an object that holds a JSON array, with only one of them in
// memory. The last one comes with an error if the array can't be read to its end.
func Items[T any](ctx context.Context, opener Opener, object Object) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		body, err := opener.Open(ctx, object)
		if err != nil {
			yield(none, err)
			return
		}
		defer body.Close()
		decoder := json.NewDecoder(body)
		err = expect(decoder, '[')
		for err == nil && decoder.More() {
			var item T
			if err = decoder.Decode(&item); err == nil && !yield(item, nil) {
				return
			}
		}
		if err == nil {
			err = expect(decoder, ']')
		}
		if err != nil {
			yield(none, fmt.Errorf("read s3://%s/%s as a JSON array: %w", object.Bucket, object.Key, err))
		}
	}
}

// expect reads the next token, which must be that one.
func expect(decoder *json.Decoder, want json.Delim) error {
	switch token, err := decoder.Token(); {
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	case err != nil:
		return err
	case token != want:
		return fmt.Errorf("%q where %q should be", fmt.Sprint(token), want.String())
	}
	return nil
}
