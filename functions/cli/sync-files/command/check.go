package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/digipres/sync-users/functions/cli/connect"
	"github.com/digipres/sync-users/functions/cli/console"
	"github.com/digipres/sync-users/functions/cli/finding"
	"github.com/digipres/sync-users/functions/cli/hint"
	"github.com/digipres/sync-users/functions/cli/program"
	"github.com/digipres/sync-users/functions/cli/runs"
	"github.com/digipres/sync-users/shared/adapter/awscfn"
	"github.com/digipres/sync-users/shared/adapter/sftp"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

type checkOptions struct {
	*program.Environment
	host string
	port int
}

func newCheckCommand(env *program.Environment) *cobra.Command {
	opts := checkOptions{Environment: env}
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Try whether everything works, and show the server's host keys",
		Long: `Tries everything that sending needs, by reading: the AWS credentials, the deployment, what
starts its runs and who is mailed, the source bucket, and the partner's server: whether it
answers, whether it shows a host key that the settings have, whether the login works, and
whether the directory can be listed. Each line is ✓, or ✗ with what to do about it.

With --host it looks at a server before anything is deployed, without AWS: it shows the
host keys with their fingerprints, and the lines to put into the setting sshHostKeys once
the partner has confirmed a fingerprint. It also logs in if SSH_USERNAME, SSH_PASSWORD or
SSH_PRIVATE_KEY, and SSH_HOST_KEYS are in the environment.

The exit code is 1 when something failed. That nothing is deployed is no failure.`,
		Example: `  sync-files check
  sync-files check --stack-name send-files-museum --output json
  sync-files check --host sftp.partner.example --port 2222`,
		Args: program.MaxArgs(0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opts.host == "" && cmd.Flags().Changed("port") {
				return program.UsageError(cmd, errors.New("--port is that of --host, which is missing"))
			}
			return runCheck(cmd.Context(), opts)
		},
	}
	cmd.Flags().StringVar(&opts.host, "host", "", "look at this SFTP server alone, without AWS")
	cmd.Flags().IntVar(&opts.port, "port", 22, "its port")
	addSendStackFlag(env, cmd)
	cmd.MarkFlagsMutuallyExclusive("host", "stack-name")
	return cmd
}

func runCheck(ctx context.Context, opts checkOptions) error {
	var l finding.List
	if opts.host != "" {
		checkHost(ctx, opts, &l)
	} else {
		checkInstallation(ctx, opts.Environment, &l)
	}
	err := opts.Console.Show(l.Page())
	if err == nil && l.Failures() > 0 {
		return program.Failure
	}
	return err
}

func checkInstallation(ctx context.Context, env *program.Environment, l *finding.List) {
	aws, err := env.AWS(ctx)
	caller := ""
	if err == nil {
		caller, err = aws.CallerARN(ctx)
	}
	l.Section("AWS")
	if !l.AddResult("credentials", caller+" in "+aws.Region, err,
		finding.OnError{Hint: "Set AWS_PROFILE or --profile, or log in anew; set the region with AWS_REGION or --region."}) {
		return
	}
	l.Section("Deployment")
	name := env.Flags.CloudFormationStack
	d, err := env.SendFiles(ctx)
	if errors.Is(err, awscfn.ErrNoStack) {
		l.Add("stack", finding.Skipped, fmt.Sprintf("no CloudFormation stack %q is deployed here", name), "Name another with --stack-name, or look at the server alone with --host.")
		return
	}
	if !l.AddResult("stack", name, err, finding.OnError{Permissions: "cloudformation:DescribeStacks"}) {
		return
	}
	sending, err := d.Open(ctx)
	s := sending.Settings
	opened := l.AddResult("settings", fmt.Sprintf("s3://%s/%s to %s", s.SourceBucket, s.SourcePrefix, s.Address()), err,
		finding.OnError{Hint: "Deploy this version of send-files, or take the command of the deployed version.", Permissions: "lambda:GetFunctionConfiguration"})
	checkWorkflow(ctx, d, name, l)
	if !opened {
		return
	}
	l.Section("Source")
	waiting, err := readWaiting(ctx, d)
	l.AddResult("objects", console.Count(waiting.Objects, "object")+" to be sent", err,
		finding.OnError{Permissions: "s3:ListBucket on the source bucket, and s3:GetObject on the runs bucket"})
	checkServer(ctx, sending.Partner, s, l)
}

// checkWorkflow checks what runs are and what starts them.
func checkWorkflow(ctx context.Context, d *connect.SendFiles, name string, l *finding.List) {
	l.AddResult("state machine", "runs can be started", d.StateMachine.CheckActive(ctx),
		finding.OnError{Permissions: "states:DescribeStateMachine, and states:StartExecution to start runs"})
	latest, _, err := historyOf(d).Latest(ctx, runs.RecentLimit)
	l.AddResult("runs", fmt.Sprintf("the latest %d can be read", len(latest)), err,
		finding.OnError{Permissions: "states:ListExecutions, DescribeExecution, ListMapRuns and DescribeMapRun, and s3:ListBucket and s3:GetObject on the runs bucket"})
	l.AddResult("source bucket", "EventBridge is notified of uploads", d.Checks.Notifications(ctx),
		finding.OnError{Hint: "Run the command in the output TurnOnEventBridge of the CloudFormation stack.", Permissions: "s3:GetBucketNotification on the source bucket"})
	schedule, err := d.Checks.Schedule(ctx)
	checkUploadRule(d.Checks.UploadRule(ctx), name, err == nil && schedule != "", l)
	if err == nil && schedule == "" {
		l.Add("schedule", finding.Skipped, "there is none, so what no event announces waits for the next run", "")
	} else {
		l.AddResult("schedule", schedule+" starts a run", err,
			finding.OnError{Hint: "Set scheduleEnabled to true, and deploy.", Permissions: "scheduler:GetSchedule"})
	}
	undelivered, err := d.Checks.CountUndelivered(ctx)
	if err == nil && undelivered > 0 {
		err = fmt.Errorf("%s started no run", console.Count(undelivered, "event"))
	}
	l.AddResult("dead-letter queue", "it is empty", err, finding.OnError{
		Hint:        "Start a run with `sync-files send run`; then empty the queue " + name + "-undelivered, whose messages say why.",
		Permissions: "sqs:GetQueueUrl and GetQueueAttributes",
	})
	alarms, err := d.Alarms(ctx)
	l.AddResult("alarms", console.Count(len(alarms), "alarm")+" can be read; `sync-files send status` shows those that are raised", err,
		finding.OnError{Permissions: "cloudwatch:DescribeAlarms"})
	confirmed, err := d.Checks.CountSubscriptions(ctx)
	l.AddResult("mails", fmt.Sprintf("%s confirmed", console.Count(confirmed, "subscription")), err,
		finding.OnError{Hint: "Open the mail \"AWS Notification - Subscription Confirmation\" and confirm it; `aws sns subscribe` sends it again.", Permissions: "sns:ListSubscriptionsByTopic"})
}

// checkUploadRule adds the result of looking at the rule. Where there is a schedule, it may be
// disabled on purpose.
func checkUploadRule(err error, name string, scheduled bool, l *finding.List) {
	if scheduled && errkind.Of(err) == errkind.Misconfigured {
		l.Add("rule", finding.Skipped, hint.OneLine(err)+", so the schedule alone starts runs", "If an upload shall start one, set startOnUpload to true, and deploy.")
		return
	}
	l.AddResult("rule", "an upload starts a run", err,
		finding.OnError{Hint: "Turn it on: aws events enable-rule --name " + name + "-upload", Permissions: "events:DescribeRule"})
}

// checkHost looks at a server of which nothing is known but the address, and the environment.
func checkHost(ctx context.Context, opts checkOptions, l *finding.List) {
	environment := append(os.Environ(), "SSH_HOST="+opts.host, "SSH_PORT="+strconv.Itoa(opts.port))
	s, err := settings.Read[settings.SFTP](environment)
	if err != nil {
		l.Section("Server")
		checkHostKeys(ctx, settings.SFTP{Host: opts.host, Port: opts.port, HostKeys: os.Getenv("SSH_HOST_KEYS")}, l)
		l.Add("login", finding.Skipped, "not tried without SSH_USERNAME, SSH_PASSWORD or SSH_PRIVATE_KEY, and SSH_HOST_KEYS in the environment", "")
		return
	}
	checkServer(ctx, opts.Partner(s), settings.SendFile{SFTP: s, Sending: settings.Sending{Directory: os.Getenv("SSH_DIR")}}, l)
}

// checkServer looks at the partner's server as the settings have it.
func checkServer(ctx context.Context, partner connect.Partner, s settings.SendFile, l *finding.List) {
	l.Section("Server")
	resolved, err := partner.Settings(ctx)
	if !l.AddResult("secrets", "they can be read", err,
		finding.OnError{Permissions: "ssm:GetParameters, secretsmanager:GetSecretValue or s3:GetObject on what the settings refer to, and kms:Decrypt on its key"}) {
		return
	}
	if !checkHostKeys(ctx, resolved, l) {
		l.Add("login", finding.Skipped, "not tried, because the server is not to be trusted", "")
		return
	}
	if !l.AddResult("login", "as "+resolved.Username, partner.Client.Connect(ctx),
		finding.OnError{Hint: "Ask the partner which username, password or key the server takes, and correct the secret."}) {
		return
	}
	directory := s.FixedDirectory()
	entries, err := partner.Client.CountEntries(ctx, directory)
	if errors.Is(err, fs.ErrNotExist) {
		l.Add("directory", finding.OK, directory+" is not there; it is made for the first file", "")
		return
	}
	l.AddResult("directory", fmt.Sprintf("%s can be listed, with %d entries", directory, entries), err,
		finding.OnError{Hint: "Ask the partner to let the account into the directory. Sending may work all the same, if it may write there."})
}

// hostKeysLimit is how long a server may take to show its host keys.
const hostKeysLimit = 20 * time.Second

// checkHostKeys shows the host keys that a server offers, and compares them with the settings'. It
// returns false if the server can't be trusted.
func checkHostKeys(ctx context.Context, s settings.SFTP, l *finding.List) bool {
	ctx, cancel := context.WithTimeout(ctx, hostKeysLimit)
	defer cancel()
	address := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	offered, err := sftp.OfferedHostKeys(ctx, address)
	if err == nil && len(offered) == 0 {
		err = errors.New("it shows no host key of a type that is secure: ed25519, ECDSA or RSA with SHA-2")
	}
	if !l.AddResult("address", address+" answers", err, finding.OnError{
		Hint: "Check host and port. If the server lets only the functions' addresses in, that is no failure of theirs: `sync-files send run --dry-run` logs in from there.",
	}) {
		return false
	}
	const ask = "Ask the partner for the fingerprint. Only if it is this one, put this line into sshHostKeys (SSH_HOST_KEYS): "
	if s.HostKeys == "" {
		for _, key := range offered {
			l.Add("host key", finding.Skipped, key.Fingerprint+" ("+key.Type()+")", ask+key.Line)
		}
		return false
	}
	trusted, err := sftp.CheckHostKeys(s, offered)
	for _, key := range offered {
		isTrusted := false
		for _, t := range trusted {
			isTrusted = isTrusted || t.Line == key.Line
		}
		text := key.Fingerprint + " (" + key.Type() + ")"
		switch {
		case isTrusted:
			l.Add("host key", finding.OK, text+" is in SSH_HOST_KEYS", "")
		case err != nil:
			l.Add("host key", finding.Failed, text+" is not in SSH_HOST_KEYS", ask+key.Line)
		default:
			l.Add("host key", finding.Skipped, text+" is not in SSH_HOST_KEYS, where one is enough", "")
		}
	}
	return err == nil
}
