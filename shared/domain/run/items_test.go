package run_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"

	"github.com/digipres/sync-users/shared/domain/run"
)

// opener opens one object.
type opener struct{ body io.Reader }

var _ run.Opener = opener{}

func (o opener) Open(context.Context, run.Object) (io.ReadCloser, error) {
	if o.body == nil {
		return nil, errors.New("no such object")
	}
	return io.NopCloser(o.body), nil
}

func TestItems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		give      io.Reader
		want      []string
		wantError string
	}{
		{"no items", strings.NewReader(` [] `), nil, ""},
		{"items", strings.NewReader(`["a", "b"]`), []string{"a", "b"}, ""},
		{"cut between items", strings.NewReader(`["a","b"`), []string{"a", "b"}, "unexpected EOF"},
		{"cut within an item", strings.NewReader(`["a","b`), []string{"a"}, "unexpected EOF"},
		{"lost connection", io.MultiReader(strings.NewReader(`["a","b`), iotest.ErrReader(errors.New("reset"))), []string{"a"}, "reset"},
		{"empty", strings.NewReader(``), nil, "unexpected EOF"},
		{"an object", strings.NewReader(`{"a":1}`), nil, `"{" where "[" should be`},
		{"an item of another type", strings.NewReader(`["a",1]`), []string{"a"}, "cannot unmarshal number"},
		{"no object", nil, nil, "no such object"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			var err error
			for item, itemErr := range run.Items[string](t.Context(), opener{tt.give}, run.Object{Bucket: "runs", Key: "key"}) {
				if err = itemErr; err == nil {
					got = append(got, item)
				}
			}
			assert.Equal(t, tt.want, got)
			if tt.wantError == "" {
				assert.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, tt.wantError)
		})
	}
}
