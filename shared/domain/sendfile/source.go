package sendfile

import (
	"context"
	"errors"
	"strings"
)

// sentTag is the key of the tag that tells where an object was sent to.
const sentTag = "sent-to"

// dealWithObject does what shall be done with an object that was sent. It returns a note
// for the reason. An object that was replaced meanwhile stays, and is no error.
func (t *transfer) dealWithObject(ctx context.Context) (note string, err error) {
	switch t.After {
	case Delete:
		err = t.SourceWriter.Delete(ctx, t.object)
	case Archive:
		key := t.ArchivePrefix + strings.TrimPrefix(t.object.Key, t.Filter.Prefix())
		err = t.SourceWriter.Move(ctx, t.object, key)
	case Tag:
		err = t.SourceWriter.AddTag(ctx, t.object, sentTag, t.path)
	}
	if errors.Is(err, ErrSourceChanged) {
		t.after = Keep
		return "; the object was replaced or deleted meanwhile, and stays as it is", nil
	}
	if err == nil {
		t.after = t.After
	}
	return "", err
}
