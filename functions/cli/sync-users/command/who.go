package command

import (
	"context"
	"errors"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/domain/access"
	"github.com/digipres/sync-users/shared/domain/discover"
)

func newWhoCommand(env *program.Environment) *cobra.Command {
	var stack string
	cmd := &cobra.Command{
		Use:   "who BUCKET",
		Short: "Show who reaches a bucket, and by which group",
		Long: `Shows everybody who reaches a bucket over SFTP, or should: the IAM users whose groups
give it and which groups those are, whether their accounts show it, the accounts that
show it though no group gives it, and the accounts and SFTPGo groups for which an
administrator mapped it. Nothing is written.

It reads the lists of IAM users, of buckets, and of SFTPGo's folders, for which the
administrator needs manage_folders. It does not look at keys and their IAM policies, nor
at the home directories of accounts; ` + "`sync-users explain`" + ` says why somebody has what
they have.`,
		Example: `  sync-users who digipres-dev1-data
  sync-users who digipres-dev1-data --output json | jq -r '.entries[] | select(.is) | .account'`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return program.UsageError(cmd, errors.New("the name of the bucket is missing"))
			}
			return program.MaxArgs(1)(cmd, args)
		},
		ValidArgsFunction: program.Complete(env, listBuckets),
		RunE:              func(cmd *cobra.Command, args []string) error { return runWho(cmd.Context(), env, stack, args[0]) },
	}
	addServerFlags(env, cmd, &stack)
	return cmd
}

func runWho(ctx context.Context, env *program.Environment, stack, bucket string) error {
	aws, server, err := connectBoth(ctx, env, stack)
	if err != nil {
		return err
	}
	reading, err := readAccess(ctx, env.Console, aws, server)
	if err != nil {
		return err
	}
	if reading, err = reading.OfBucket(bucket, similarNames); err != nil {
		return hint.With(err, "Check --profile; `aws s3 ls` lists the account's buckets.")
	}
	return env.Console.Show(view.Who(bucket, reading))
}

// connectBoth connects to AWS and the SFTP server.
func connectBoth(ctx context.Context, env *program.Environment, stack string) (aws connect.AWS, server connect.Server, err error) {
	if aws, err = env.AWS(ctx); err == nil {
		server, err = openServer(ctx, env, stack)
	}
	return aws, server, err
}

// readAccess reads who reaches which bucket.
func readAccess(ctx context.Context, c *console.Console, aws connect.AWS, server connect.Server) (access.Reading, error) {
	reader := access.Reader{Directory: aws.Directory, Buckets: aws.Buckets, Server: server.Accounts}
	return retryCalls(ctx, c, func() (access.Reading, error) { return reader.Read(ctx) })
}

// similarNames returns up to three names that somebody who typed this one may have meant.
func similarNames(name string, known []string) (similar []string) {
	const most = 3
	for distance := 1; distance <= len(name)/4; distance++ {
		for _, candidate := range known {
			if len(similar) < most && levenshtein.Distance(name, candidate, nil) == distance {
				similar = append(similar, candidate)
			}
		}
	}
	return similar
}

// listBuckets lists the buckets of stacks, or none if they can't be read.
func listBuckets(ctx context.Context, c connect.Connections) (names []cobra.Completion) {
	aws, err := c.AWS(ctx)
	if err != nil {
		return nil
	}
	buckets, _ := aws.Buckets.Buckets(ctx, discover.IsStackBucket)
	for _, bucket := range buckets {
		names = append(names, bucket.Name)
	}
	return names
}
