package command

import (
	"encoding/json"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/shared/domain/sendrun"
)

// request is the input of the state machine.
type request struct {
	Key    string   `json:"key,omitempty"`
	Keys   []string `json:"keys,omitempty"`
	Prefix string   `json:"prefix,omitempty"`
	DryRun bool     `json:"dryRun,omitempty"`
	Resend bool     `json:"resend,omitempty"`
}

// addFlags adds the flags that say which objects are meant.
func (r *request) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&r.Keys, "key", "k", nil, "key of an object, as it stands in the bucket; may be given more than once (default all)")
	cmd.Flags().StringVar(&r.Prefix, "prefix", "", "what the keys begin with (default all that is sent)")
	cmd.Flags().BoolVar(&r.Resend, "resend", false, "send also what was sent before, and is still there")
	cmd.MarkFlagsMutuallyExclusive("key", "prefix")
}

// forKeys returns the request for objects by their keys.
func (r request) forKeys(keys []string) request {
	if r.Keys = keys; len(keys) == 1 {
		r.Key, r.Keys = keys[0], nil
	}
	return r
}

// parse returns the request as the workflow reads it.
func (r request) parse(source sendrun.Source) (sendrun.Request, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return sendrun.Request{}, err
	}
	return sendrun.ParseRequest(text, source)
}
