// Package demo shows the workflow at work on a laptop cloud: users in every
// situation, two runs with the outcome of each user, an SFTP session and a mail.
package demo

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/fatih/color"
	"github.com/jedib0t/go-pretty/v6/table"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// demo runs in a cloud, and prints what happens.
type demo struct {
	cloud    *local.Addresses
	fixtures *fixture.Set
	out      io.Writer
	// users are in order of username, as reports have them.
	users []demoUser
	// buckets are those of the two stacks, besides the managed bucket that the cloud has
	// from its start. People store files in the first one.
	buckets []string
}

func newDemo(cloud *local.Addresses, out io.Writer) demo {
	sftpgo := fixture.NewSFTPGo(cloud.SFTPGoURL, cloud.SFTPGoUsername, cloud.SFTPGoPassword)
	return demo{cloud: cloud, fixtures: fixture.New(cloud.AWS(), sftpgo), out: out, users: sftpgoUsers, buckets: sftpgoBuckets}
}

// CreateUsers creates the demo's users in a cloud that has no users yet, and
// prints them.
func CreateUsers(ctx context.Context, cloud *local.Addresses, out io.Writer) error {
	d := newDemo(cloud, out)
	if err := d.createUsers(ctx); err != nil {
		return err
	}
	d.print("\nalice's SFTP login is %s, her password %q.", d.users[0].Email, alicesPassword)
	return nil
}

// Run runs the demo in a cloud that has no users yet, and prints what happens.
// It returns an error if a result is not the expected one.
func Run(ctx context.Context, cloud *local.Addresses, out io.Writer) error {
	d := newDemo(cloud, out)
	return d.tell(ctx, d.createUsers, d.firstRun, d.showMail, d.changeMemberships, d.secondRun, d.useSFTP)
}

// tell runs the steps one after the other.
func (d demo) tell(ctx context.Context, steps ...func(context.Context) error) error {
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	d.title("Done")
	d.print("`make up` starts such a cloud that keeps running; `make help` lists the rest.")
	return nil
}

func (d demo) managedBucket() string { return d.cloud.Outputs.ManagedBucketName }

func (d demo) createUsers(ctx context.Context) error {
	d.title("Two stacks, and users in every situation")
	if err := d.fixtures.CreateBuckets(ctx, d.buckets...); err != nil {
		return err
	}
	d.print("Buckets: %s", strings.Join(slices.Concat([]string{d.managedBucket()}, d.buckets), ", "))
	t := newTable("IAM USER", "GROUPS", "SITUATION")
	var created []fixture.User
	for _, u := range d.users {
		created = append(created, u.User)
		t.AppendRow(table.Row{u.Username, strings.Join(u.Groups, ", "), u.situation})
	}
	if err := d.fixtures.CreateUsers(ctx, created...); err != nil {
		return err
	}
	d.print("%s", t.Render())
	return nil
}

func (d demo) firstRun(ctx context.Context) error {
	d.title("s3://%s/%s is uploaded", d.managedBucket(), run.TriggerKey)
	return d.run(ctx, func(u demoUser) run.Outcome { return u.first })
}

func (d demo) showMail(ctx context.Context) error {
	d.title("A user failed, so the run failed and a mail was sent")
	mails, err := d.cloud.ReceiveMails(ctx)
	if err != nil {
		return err
	}
	if len(mails) != 1 {
		return fmt.Errorf("there are %d mails, not one", len(mails))
	}
	mail := "Subject: " + mails[0].Subject + "\n\n" + strings.TrimSpace(mails[0].Message)
	for line := range strings.Lines(mail) {
		d.print("│ %s", line)
	}
	return d.expectTrigger(ctx, true)
}

func (d demo) changeMemberships(ctx context.Context) error {
	d.title("Keys and memberships change")
	if _, err := d.fixtures.RotateKeys(ctx, "carol"); err != nil {
		return err
	}
	d.print("✓ carol's keys are put into Parameter Store")
	if err := d.fixtures.AddToGroup(ctx, "bob", prodUsers); err != nil {
		return err
	}
	d.print("✓ bob joins the stack digipres-prod")
	if err := d.fixtures.RemoveFromGroup(ctx, "erin", devUsers); err != nil {
		return err
	}
	d.print("✓ erin leaves her only stack group")
	return nil
}

func (d demo) secondRun(ctx context.Context) error {
	d.title("TRIGGER is uploaded again")
	if err := d.run(ctx, func(u demoUser) run.Outcome { return u.second }); err != nil {
		return err
	}
	return d.expectTrigger(ctx, false)
}

// run starts a run, shows its report, and compares the outcomes with the
// expected ones.
func (d demo) run(ctx context.Context, expected func(demoUser) run.Outcome) error {
	report, err := d.triggerRun(ctx)
	if err != nil {
		return err
	}
	t := newTable("IAM USER", "OUTCOME", "BUCKETS", "REASON")
	for _, r := range report.Results {
		t.AppendRow(table.Row{cmp.Or(r.Username, "none any more: "+r.Email), color.New(outcomeColors[r.Outcome]).Sprint(r.Outcome), strconv.Itoa(len(r.Buckets)), r.Reason})
	}
	d.print("%s", t.Render())
	results := map[string]run.Result{}
	for _, result := range report.Results {
		results[result.Username] = result
	}
	for _, user := range d.users {
		if result, want := results[user.Username], expected(user); result.Outcome != want {
			return fmt.Errorf("%s is %s, and not %s: %s", user.Username, result.Outcome, want, result.Reason)
		}
	}
	return nil
}

var outcomeColors = map[run.Outcome]color.Attribute{
	run.Updated: color.FgGreen, run.Unchanged: color.FgHiBlack, run.Revoked: color.FgYellow,
	run.Skipped: color.FgHiBlack, run.Failed: color.FgRed,
}

func newTable(header ...any) table.Writer {
	t := table.NewWriter()
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Box.PaddingLeft = ""
	t.Style().Box.PaddingRight = "  "
	t.AppendHeader(header)
	return t
}

func (d demo) title(format string, args ...any) {
	fmt.Fprintf(d.out, "\n%s\n\n", color.New(color.Bold).Sprint("── "+fmt.Sprintf(format, args...)))
}

func (d demo) print(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintln(d.out, strings.TrimRight("   "+line, " \n"))
	}
}
