package transfer

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/stretchr/testify/assert"
)

func TestSessionPolicy(t *testing.T) {
	t.Parallel()
	name, home := "alice", "/bucket/home/alice"
	tests := []struct {
		name, give, want string
		home             *string
	}{
		{name: "none"},
		{name: "nothing to fill in", give: `{"a":"${aws:username}"}`, want: `{"a":"${aws:username}"}`},
		{name: "the user's name", give: "${transfer:UserName} ${Transfer:UserName} ${transfer:username}", want: "alice alice alice"},
		{name: "the home directory", home: &home, give: "${transfer:HomeDirectory} ${transfer:HomeBucket} ${transfer:HomeFolder}", want: "bucket/home/alice bucket home/alice"},
		{name: "no home directory", give: "[${transfer:HomeBucket}]", want: "[]"},
		{name: "an unknown variable", give: "${transfer:Other}", want: "${transfer:Other}"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			user := &types.DescribedUser{UserName: &name, HomeDirectory: tt.home}
			if tt.give != "" {
				user.Policy = &tt.give
			}
			assert.Equal(t, tt.want, sessionPolicy(user))
		})
	}
}
