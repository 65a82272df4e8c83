package command

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/retry"
	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/listaccounts"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/syncuser"
)

// selection is the users that a plan or a sync is about, and how it treats them.
type selection struct {
	*program.Environment
	username     string // empty for all users
	withoutGroup string // the group that the user is taken to have left; empty for none
	refreshKeys  bool
	concurrency  int
	all          bool
	// stack is the CloudFormation stack whose SFTP server is meant; empty for that of the
	// flags and the environment.
	stack string
}

// refreshKeysUsage is the usage of the flag --refresh-keys.
const refreshKeysUsage = "write the keys of every folder, even if they are current as far as can be told"

// acceptLossesUsage is the usage of the flag --accept-losses.
const acceptLossesUsage = "go on even if more people lose access than may without being asked for, as a run said that ended as TooManyLosses"

func (s *selection) addFlags(cmd *cobra.Command) {
	cmd.Flags().StringVarP(&s.username, "username", "u", "", "the one IAM user to look at, also --user (default all users)")
	cmd.Flags().BoolVar(&s.refreshKeys, "refresh-keys", false, refreshKeysUsage)
	cmd.Flags().IntVar(&s.concurrency, "concurrency", 10, "users at a time; SFTPGo refuses an address with more than 20 requests at once")
	cmd.Flags().BoolVar(&s.all, "all", false, "show in the table also the users whose account is as it should be")
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "user" {
			name = "username"
		}
		return pflag.NormalizedName(name)
	})
	_ = cmd.RegisterFlagCompletionFunc("username", program.Complete(s.Environment, listUsernames))
}

// connect connects to AWS and the SFTP server, and checks that it can be used, with
// permissions in SFTPGo.
func (s selection) connect(ctx context.Context, permissions ...string) (aws connect.AWS, server connect.Server, err error) {
	if s.concurrency < 1 {
		return aws, server, errkind.Errorf(errkind.InvalidInput, "--concurrency is %d; it must be 1 or more", s.concurrency)
	}
	if aws, err = s.AWS(ctx); err != nil {
		return aws, server, err
	}
	server, err = retryCalls(ctx, s.Console, func() (connect.Server, error) {
		server, err := openServer(ctx, s.Environment, s.stack)
		if err != nil {
			return server, err
		}
		if err := server.CheckUsable(ctx, permissions...); err != nil {
			return server, fmt.Errorf("%s at %s: %w", server.Product, server.Address, err)
		}
		return server, nil
	})
	return aws, server, err
}

// event returns the event that syncs a user.
func (s selection) event(user run.User, dryRun bool) syncuser.Event {
	return syncuser.Event{User: user, DryRun: dryRun, RefreshKeys: s.refreshKeys}
}

// retryCalls repeats calls that come before the first user as those of a user are, and
// says why.
func retryCalls[T any](ctx context.Context, c *console.Console, calls func() (T, error)) (T, error) {
	return retry.Transient(ctx, calls, backoff.WithNotify(func(err error, _ time.Duration) {
		c.Note(console.Warning.Text("Trying again: " + hint.OneLine(err)))
	}))
}

// addUnclaimed adds the accounts that no user claims any more, as a run does that knows
// of no earlier one.
func (s selection) addUnclaimed(ctx context.Context, server connect.Server, users []run.User) ([]run.User, error) {
	listed, err := listaccounts.List(ctx, server.Folders)
	if err != nil && errkind.Of(err) == errkind.AccessDenied {
		s.Console.Note(console.Warning.Text("Accounts that no IAM user claims are not shown: " + hint.OneLine(err)))
		return users, nil
	}
	return append(users, discover.Unclaimed(nil, listed, users)...), err
}

// readUsers reads the users, and checks that their keys can be read if they are needed.
func (s selection) readUsers(ctx context.Context, aws connect.AWS, server connect.Server) ([]run.User, error) {
	users, err := discover.Users(ctx, aws.Directory, aws.Buckets)
	if err != nil {
		return nil, err
	}
	if s.username == "" && server.Folders != nil {
		if users, err = s.addUnclaimed(ctx, server, users); err != nil {
			return nil, err
		}
	}
	switch {
	case s.withoutGroup != "":
		// Also a user who is not eligible then.
		users = slices.DeleteFunc(users, func(u run.User) bool { return u.Username != s.username })
	case s.username != "":
		if users, err = discover.Select(users, s.username); err != nil {
			return nil, err
		}
	}
	var eligible []string
	for _, user := range users {
		if user.IneligibleReason() == "" {
			eligible = append(eligible, user.Username)
		}
	}
	if server.Keys == nil {
		return users, nil
	}
	if _, err := tryKeys(ctx, server.Keys, eligible); err != nil && errkind.Of(err) != errkind.KeysMissing {
		return nil, err
	}
	return users, nil
}

// sampleSize is how many are tried as a sample of all.
const sampleSize = 5

// tryKeys reads the keys of a few users until it succeeds, and returns whose keys
// it read. Otherwise it returns the last error.
func tryKeys(ctx context.Context, store account.KeyStore, usernames []string) (username string, err error) {
	for _, username = range usernames[:min(len(usernames), sampleSize)] {
		if _, err = store.Keys(ctx, username); err == nil {
			return username, nil
		}
		err = fmt.Errorf("read the keys of %s: %w", username, err)
	}
	return "", err
}

func (s selection) isShown(r run.Result) bool {
	return s.all || s.username != "" || r.Outcome != run.Unchanged
}
