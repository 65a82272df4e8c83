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
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/sftpgo"
	"github.com/digipres/sync-users/shared/domain/stack"
)

func newCheckCommand(env *program.Environment) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Try whether all this can work from here",
		Long: `Tries everything that the other commands need, by reading: the AWS credentials and
permissions, the SFTP server and what may be done there, where the keys are, and the
deployed CloudFormation stack, whether TRIGGER starts runs there and who is mailed.
Each line is ✓, or ✗ with what to do about it. Nothing is written.

The exit code is 1 when something failed. That nothing is deployed is no failure.`,
		Example: `  sync-users check
  sync-users check --profile production --output json
  sync-users check --stack-name sync-transfer-users`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error { return runCheck(cmd.Context(), env) },
	}
	env.AddStackFlag(cmd, stackName)
	env.Flags.Server.Add(cmd.Flags())
	return cmd
}

func runCheck(ctx context.Context, env *program.Environment) error {
	var l finding.List
	checkAll(ctx, env, &l)
	err := env.Console.Show(l.Page())
	if err == nil && l.Failures() > 0 {
		return program.Failure
	}
	return err
}

func checkAll(ctx context.Context, env *program.Environment, l *finding.List) {
	aws, err := env.AWS(ctx)
	caller := ""
	if err == nil {
		caller, err = aws.CallerARN(ctx)
	}
	l.Section("AWS")
	if !l.AddResult("credentials", caller+" in "+aws.Region, err,
		finding.OnError{Hint: "Set AWS_PROFILE or --profile, or log in anew; set the region with AWS_REGION or --region."}) {
		l.Section("SFTPGo")
		l.Add("server", finding.Skipped, "not tried without AWS credentials", "")
		l.Section("Deployment")
		l.Add("stack", finding.Skipped, "not tried without AWS credentials", "")
		return
	}
	eligible := checkAWS(ctx, aws, l)
	checkServer(ctx, env, eligible, l)
	l.Section("Deployment")
	checkDeployment(ctx, env, l)
}

// checkAWS returns the usernames of the users who should have keys.
func checkAWS(ctx context.Context, aws connect.AWS, l *finding.List) (eligible []string) {
	users, err := aws.Directory.IAMUsers(ctx)
	for _, user := range users {
		if strings.TrimSpace(user.Email) != "" && len(stack.OfGroups(user.Groups)) > 0 {
			eligible = append(eligible, user.Username)
		}
	}
	l.AddResult("IAM users", fmt.Sprintf("%s, %d with an Email tag and a stack group", console.Count(len(users), "user"), len(eligible)), err,
		finding.OnError{Permissions: "iam:GetAccountAuthorizationDetails on *"})
	buckets, err := aws.Buckets.Buckets(ctx, func(name string) bool {
		_, ok := stack.OfBucket(name)
		return ok
	})
	l.AddResult("buckets", fmt.Sprintf("%d of stacks", len(buckets)), err,
		finding.OnError{Permissions: "s3:ListAllMyBuckets and s3:GetBucketLocation on *"})
	if len(eligible) > 0 {
		_, err := aws.AccessKeys.AccessKeys(ctx, eligible[0])
		l.AddResult("access keys", "those of "+eligible[0]+" can be listed", err,
			finding.OnError{Permissions: "iam:ListAccessKeys on *, which only `sync-users explain` and `keys` need"})
	}
	l.AddResult("credential report", "IAM's report of all keys can be read", aws.CredentialReporter.CheckAllowed(ctx),
		finding.OnError{Permissions: "iam:GenerateCredentialReport and iam:GetCredentialReport on *, which only `sync-users keys` needs"})
	return eligible
}

func checkServer(ctx context.Context, env *program.Environment, eligible []string, l *finding.List) {
	server, err := env.Server(ctx, env.Flags.CloudFormationStack)
	if err != nil { // Another section says what is wrong with the deployment.
		server, err = env.Server(ctx, "")
	}
	if err == nil && server.Admin == nil {
		checkTransfer(ctx, server, l)
		return
	}
	l.Section("SFTPGo")
	version := ""
	if err == nil {
		version, err = server.Admin.Version(ctx)
	}
	if !l.AddResult("server", "version "+version+" at "+server.Address, err,
		finding.OnError{Hint: "Check SFTPGO_HOST, and SFTPGO_USERNAME and SFTPGO_PASSWORD or SFTPGO_API_KEY."}) {
		return
	}
	for _, permission := range sftpgo.RequiredPermissions {
		l.AddResult(permission, "the administrator may", server.Admin.CheckPermission(ctx, permission),
			finding.OnError{Hint: "Give the administrator this permission in SFTPGo."})
	}
	l.Section("Keys")
	if len(eligible) == 0 {
		l.Add("Parameter Store", finding.Skipped, "not tried, because no user has an Email tag and a stack group", "")
		return
	}
	username, err := tryKeys(ctx, server.Keys, eligible)
	l.AddResult("Parameter Store", "the keys of "+username+" can be read", err,
		finding.OnError{Permissions: "ssm:GetParameters on the keys, and kms:Decrypt where they have a KMS key of their own"})
}

func checkTransfer(ctx context.Context, server connect.Server, l *finding.List) {
	l.Section(server.Product)
	if !l.AddResult("server", server.Address+" is online", server.Users.Check(ctx),
		finding.OnError{Hint: "Check --transfer-server, --profile and --region.", Permissions: "transfer:DescribeServer on the server"}) {
		return
	}
	_, err := server.Accounts.Mappings(ctx)
	l.AddResult("users", "they can be read", err,
		finding.OnError{Permissions: "transfer:ListUsers on the server, and transfer:DescribeUser on its users"})
}

func checkDeployment(ctx context.Context, env *program.Environment, l *finding.List) {
	name := env.Flags.CloudFormationStack
	d, err := env.Deployment(ctx)
	if errors.Is(err, awscfn.ErrNoStack) {
		l.Add("stack", finding.Skipped, fmt.Sprintf("no CloudFormation stack %q is deployed here, so only plan, explain and sync --stack-name \"\" work", name), "")
		return
	}
	if !l.AddResult("stack", name, err, finding.OnError{Permissions: "cloudformation:DescribeStacks"}) {
		return
	}
	l.AddResult("state machine", "runs can be started", d.StateMachine.CheckActive(ctx),
		finding.OnError{Permissions: "states:DescribeStateMachine, and states:StartExecution to start runs"})
	latest, err := d.History.Latest(ctx, sampleSize)
	l.AddResult("runs", fmt.Sprintf("the latest %d can be read", len(latest)), err,
		finding.OnError{Permissions: "states:ListExecutions, DescribeExecution, ListMapRuns and DescribeMapRun, and s3:ListBucket and s3:GetObject on the runs bucket; to sync from here, s3:PutObject on it too"})
	l.AddResult("TRIGGER", "EventBridge is notified of its upload", d.Trigger.EventBridgeEnabled(ctx),
		finding.OnError{Hint: "Turn on the managed bucket's notifications to EventBridge, in the region of the deployment; reading them needs s3:GetBucketNotification."})
	l.AddResult("rule", "TRIGGER starts a run", d.CheckTriggerRule(ctx),
		finding.OnError{Hint: "Turn it on: aws events enable-rule --name " + name + "-trigger", Permissions: "events:DescribeRule"})
	confirmed, err := d.CountSubscriptions(ctx)
	l.AddResult("mails", fmt.Sprintf("%s confirmed", console.Count(confirmed, "subscription")), err,
		finding.OnError{Hint: "Open the mail \"AWS Notification - Subscription Confirmation\" and confirm it; `aws sns subscribe` sends it again.", Permissions: "sns:ListSubscriptionsByTopic"})
}
