package command

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/sync-users/view"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/discover"
	"github.com/digipres/sync-users/shared/domain/stack"
)

func newCheckCommand(env *program.Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Try whether all this can work from here",
		Long: `Tries everything that the other commands need, by reading: the AWS credentials and
permissions, SFTPGo and what its administrator may do, where the keys are, and the
deployed CloudFormation stack, whether TRIGGER starts runs there and who is mailed.
Each line is ✓, or ✗ with what to do about it. Nothing is written.

The exit code is 1 when something failed. That nothing is deployed is no failure.`,
		Example: `  sync-users check
  sync-users check --profile production --output json`,
		Args: program.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), env) },
	}
	env.AddStackFlag(cmd, stackName)
	env.Flags.SFTPGo.Add(cmd.Flags())
	return cmd
}

func runCheck(ctx context.Context, env *program.Environment) error {
	var l finding.List
	checkAll(ctx, env, &l)
	foot := console.Good.Text("Everything that was tried works.")
	failures := l.Failures()
	if failures > 0 {
		foot = console.Bad.Text(fmt.Sprintf("Not everything works: see the %d ✗.", failures))
	}
	err := env.Console.Show(console.Page{Tables: l.Tables(), Foot: []console.Span{foot}, CSV: l.CSV(), JSON: l.Findings})
	if err == nil && failures > 0 {
		return program.Failure
	}
	return err
}

func checkAll(ctx context.Context, env *program.Environment, l *finding.List) {
	aws, err := env.AWS(ctx)
	l.Section("AWS")
	if !l.Try("credentials", finding.OnError{Hint: "Set AWS_PROFILE or --profile, or log in anew; set the region with AWS_REGION or --region."},
		func() (string, error) {
			if err != nil {
				return "", err
			}
			caller, err := aws.Caller(ctx)
			return caller.ARN + " in " + aws.Region, err
		}) {
		l.Section("SFTPGo")
		l.Add("server", finding.Skipped, "not tried without AWS credentials", "")
		l.Section("Deployment")
		l.Add("stack", finding.Skipped, "not tried without AWS credentials", "")
		return
	}
	eligible := checkAWS(ctx, aws, l)
	l.Section("SFTPGo")
	checkSFTPGo(ctx, env, eligible, l)
	l.Section("Deployment")
	checkDeployment(ctx, env, l)
}

// checkAWS returns the usernames of the users who should have keys.
func checkAWS(ctx context.Context, aws connect.AWS, l *finding.List) (eligible []string) {
	l.Try("IAM users", finding.OnError{Permissions: "iam:GetAccountAuthorizationDetails on *"}, func() (string, error) {
		users, err := aws.Directory.IAMUsers(ctx)
		for _, user := range users {
			if isEligible(user) {
				eligible = append(eligible, user.Username)
			}
		}
		return fmt.Sprintf("%s, %d with an Email tag and a stack group", view.Count(len(users), "user"), len(eligible)), err
	})
	l.Try("buckets", finding.OnError{Permissions: "s3:ListAllMyBuckets and s3:GetBucketLocation on *"}, func() (string, error) {
		buckets, err := aws.Buckets.Buckets(ctx, func(name string) bool {
			_, ok := stack.OfBucket(name)
			return ok
		})
		return fmt.Sprintf("%d of stacks", len(buckets)), err
	})
	if len(eligible) > 0 {
		l.Try("access keys", finding.OnError{Permissions: "iam:ListAccessKeys on *, which only `sync-users explain` needs"}, func() (string, error) {
			_, err := aws.AccessKeys.AccessKeys(ctx, eligible[0])
			return "those of " + eligible[0] + " can be listed", err
		})
	}
	return eligible
}

func isEligible(user discover.IAMUser) bool {
	return strings.TrimSpace(user.Email) != "" && len(stack.OfGroups(user.Groups)) > 0
}

func checkSFTPGo(ctx context.Context, env *program.Environment, eligible []string, l *finding.List) {
	server, err := env.SFTPGo(ctx)
	if !l.Try("server", finding.OnError{Hint: "Check SFTPGO_HOST, and SFTPGO_USERNAME and SFTPGO_PASSWORD or SFTPGO_API_KEY."},
		func() (string, error) {
			if err != nil {
				return "", err
			}
			version, err := server.Admin.Version(ctx)
			return "version " + version + " at " + server.Host, err
		}) {
		return
	}
	for _, permission := range sftpgo.RequiredPermissions() {
		l.Try(permission, finding.OnError{Hint: "Give the administrator this permission in SFTPGo."}, func() (string, error) {
			return "the administrator may", server.Admin.CheckPermission(ctx, permission)
		})
	}
	l.Section("Keys")
	if len(eligible) == 0 {
		l.Add("Parameter Store", finding.Skipped, "not tried, because no user has an Email tag and a stack group", "")
		return
	}
	l.Try("Parameter Store",
		finding.OnError{Permissions: "ssm:GetParameters on the keys, and kms:Decrypt where they have a KMS key of their own"},
		func() (string, error) {
			username, err := tryKeys(ctx, server.Syncer.Keys, eligible)
			return "the keys of " + username + " can be read", err
		})
}

func checkDeployment(ctx context.Context, env *program.Environment, l *finding.List) {
	name := env.Flags.CloudFormationStack
	d, err := env.Deployment(ctx)
	if errors.Is(err, awscfn.ErrNoStack) {
		l.Add("stack", finding.Skipped, fmt.Sprintf("no CloudFormation stack %q is deployed here, so only plan, explain and sync --stack-name \"\" work", name), "")
		return
	}
	if !l.Try("stack", finding.OnError{Permissions: "cloudformation:DescribeStacks"}, func() (string, error) { return name, err }) {
		return
	}
	l.Try("state machine", finding.OnError{Permissions: "states:DescribeStateMachine, and states:StartExecution to start runs"},
		func() (string, error) { return "runs can be started", d.StateMachine.CheckActive(ctx) })
	l.Try("runs",
		finding.OnError{Permissions: "states:ListExecutions, DescribeExecution, ListMapRuns and DescribeMapRun, and s3:ListBucket and s3:GetObject on the runs bucket; to sync from here, s3:PutObject on it too"},
		func() (string, error) {
			latest, err := d.History.Latest(ctx, sampleSize)
			return fmt.Sprintf("the latest %d can be read", len(latest)), err
		})
	l.Try("TRIGGER",
		finding.OnError{Hint: "Turn on the managed bucket's notifications to EventBridge, in the region of the deployment; reading them needs s3:GetBucketNotification."},
		func() (string, error) {
			return "EventBridge is notified of its upload", d.Trigger.EventBridgeEnabled(ctx)
		})
	l.Try("rule",
		finding.OnError{Hint: "Turn it on: aws events enable-rule --name " + name + "-trigger", Permissions: "events:DescribeRule"},
		func() (string, error) { return "TRIGGER starts a run", d.TriggerRule.CheckEnabled(ctx) })
	l.Try("mails",
		finding.OnError{Hint: "Open the mail \"AWS Notification - Subscription Confirmation\" and confirm it; `aws sns subscribe` sends it again.", Permissions: "sns:ListSubscriptionsByTopic"},
		func() (string, error) {
			confirmed, err := d.Topic.CountSubscriptions(ctx)
			return fmt.Sprintf("%s confirmed", view.Count(confirmed, "subscription")), err
		})
}
