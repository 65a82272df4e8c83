package program

// unfinished is the error of a call that writes.
type unfinished struct {
	error
	note string
}

func (u unfinished) Unwrap() error { return u.error }

// Unfinished returns the error of a call that may have written nevertheless if it was
// interrupted, or nil if the error is nil. The note continues the word Interrupted:
// it says what may be the case, and how to find out.
func Unfinished(err error, note string) error {
	if err == nil {
		return nil
	}
	return unfinished{err, note}
}
