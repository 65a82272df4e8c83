package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/run"
)

// people are whom a plan or a sync is about.
type people struct {
	username    string
	concurrency int
	all         bool
}

func (p *people) add(a *app, cmd *cobra.Command) {
	cmd.Flags().StringVarP(&p.username, "username", "u", "", "the one IAM user to look at (default everybody)")
	cmd.Flags().IntVar(&p.concurrency, "concurrency", 10, "people at a time; SFTPGo refuses an address with more than 20 requests at once")
	cmd.Flags().BoolVar(&p.all, "all", false, "show in the table also those whose account is as it should be")
	_ = cmd.RegisterFlagCompletionFunc("username", a.completeUsername)
}

// open connects to where people and their accounts are, and tries that SFTPGo
// lets us do what needs those permissions.
func (a *app) open(ctx context.Context, p people, permissions ...string) (awsAccount, sftpgoServer, error) {
	if p.concurrency < 1 {
		return awsAccount{}, sftpgoServer{}, errkind.Errorf(errkind.InvalidInput, "--concurrency is %d; it must be 1 or more", p.concurrency)
	}
	account, err := a.account(ctx)
	if err != nil {
		return awsAccount{}, sftpgoServer{}, err
	}
	server, err := a.server(ctx)
	if err != nil {
		return awsAccount{}, sftpgoServer{}, err
	}
	for _, permission := range permissions {
		if err := server.admin.CheckPermission(ctx, permission); err != nil {
			return awsAccount{}, sftpgoServer{}, fmt.Errorf("SFTPGo at %s: %w", server.host, err)
		}
	}
	return account, server, nil
}

// read reads who there is, and tries that their keys can be read.
func (p people) read(ctx context.Context, account awsAccount, server sftpgoServer) ([]run.User, error) {
	users, err := discover.Users(ctx, account.directory, account.buckets)
	if err != nil {
		return nil, err
	}
	if p.username != "" {
		if users, err = discover.Select(users, p.username); err != nil {
			return nil, err
		}
	}
	var eligible []string
	for _, user := range users {
		if user.IneligibleReason() == "" {
			eligible = append(eligible, user.Username)
		}
	}
	if _, err := someKeys(ctx, server.syncer.Keys, eligible); err != nil && errkind.Of(err) != errkind.KeysMissing {
		return nil, err
	}
	return users, nil
}

// sample is how many are looked at where not all have to be.
const sample = 5

// someKeys tries to read somebody's keys, and says whose. Its error is that of
// the last person tried.
func someKeys(ctx context.Context, store account.KeyStore, usernames []string) (username string, err error) {
	for _, username = range usernames[:min(len(usernames), sample)] {
		if _, err = store.Keys(ctx, username); err == nil {
			return username, nil
		}
		err = fmt.Errorf("read the keys of %s: %w", username, err)
	}
	return "", err
}

// shown tells whom a table of the report shows.
func (p people) shown() func(run.Result) bool {
	return func(result run.Result) bool {
		return p.all || p.username != "" || result.Outcome != run.Unchanged
	}
}

// reached tells whom a table shows of a sync that may have been stopped.
func (p people) reached() func(run.Result) bool {
	return func(result run.Result) bool { return result.Error != notReached && p.shown()(result) }
}

// completeUsername gives the names of IAM users to the shell.
func (a *app) completeUsername(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	account, err := a.connect(&a.flags).account(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	members, err := account.directory.IAMUsers(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, member := range members {
		names = append(names, member.Username)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeRun gives the names of the latest runs to the shell.
func (a *app) completeRun(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	d, err := a.connect(&a.flags).deployment(cmd.Context())
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	runs, err := d.past(cmd.Context(), recent)
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	var names []string
	for _, p := range runs {
		names = append(names, p.Run)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
