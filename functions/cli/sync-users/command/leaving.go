package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// leaving is a directory in which the selected user has left a group.
type leaving struct {
	discover.UserDirectory
	opts selection
}

func (l leaving) IAMUsers(ctx context.Context) ([]discover.IAMUser, error) {
	users, err := l.UserDirectory.IAMUsers(ctx)
	if err != nil {
		return nil, err
	}
	left, others, err := discover.Leave(users, l.opts.username, l.opts.withoutGroup)
	if len(others) > 0 {
		name, _ := stack.OfGroup(l.opts.withoutGroup)
		l.opts.Console.Note(console.Text(fmt.Sprintf("%s would keep %s, because of %s.", l.opts.username, name, strings.Join(others, ", "))))
	}
	return left, err
}

// listStackGroups lists the stack groups that IAM users are in, or none if they can't be read.
func listStackGroups(ctx context.Context, c connect.Connections) (names []cobra.Completion) {
	aws, err := c.AWS(ctx)
	if err != nil {
		return nil
	}
	users, _ := aws.Directory.IAMUsers(ctx)
	for _, user := range users {
		for _, group := range user.Groups {
			if _, ok := stack.OfGroup(group); ok {
				names = append(names, group)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
