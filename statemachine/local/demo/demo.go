// Package demo shows the workflow at work on a laptop cloud: people in every
// situation, a TRIGGER, what became of each, an SFTP session and a mail.
package demo

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/statemachine/local"
	"github.com/digipres/sync-users/statemachine/local/people"
)

// show is one performance.
type show struct {
	cloud *local.Addresses
	town  *people.Town
	out   io.Writer
	// colours tells whether they are wanted.
	colours bool
}

// MoveIn lets the demo's people move into a cloud in which nobody lives yet,
// and tells who they are.
func MoveIn(ctx context.Context, cloud *local.Addresses, out io.Writer) error {
	s := newShow(cloud, out)
	if err := s.peopleArrive(ctx); err != nil {
		return err
	}
	s.say("\nalice's SFTP login is %s, her password %q.", cast[0].person.Email, alicesPassword)
	return nil
}

func newShow(cloud *local.Addresses, out io.Writer) show {
	return show{
		cloud:   cloud,
		town:    people.NewTown(cloud.AWS(), people.NewSFTPGo(cloud.SFTPGoURL, cloud.SFTPGoUsername, cloud.SFTPGoPassword)),
		out:     out,
		colours: wantsColours(out),
	}
}

// Run performs the demo on a cloud in which nobody lives yet, telling what
// happens. It is an error when anything ends otherwise than the demo says.
func Run(ctx context.Context, cloud *local.Addresses, out io.Writer) error {
	s := newShow(cloud, out)
	for _, scene := range []func(context.Context) error{s.peopleArrive, s.firstRun, s.readMail, s.thingsChange, s.secondRun, s.aliceLogsIn} {
		if err := scene(ctx); err != nil {
			return err
		}
	}
	s.title("That was it")
	s.say("`make up` keeps such a cloud running for you to try; `make help` lists the rest.")
	return nil
}

func (s show) peopleArrive(ctx context.Context) error {
	s.title("Two stacks, and people in every situation")
	if err := s.town.AddBuckets(ctx, buckets...); err != nil {
		return err
	}
	s.say("Buckets: %s", strings.Join(slices.Concat([]string{local.ManagedBucket}, buckets), ", "))
	if err := s.town.AddAll(ctx, persons()...); err != nil {
		return err
	}
	return s.table([]string{"IAM USER", "GROUPS", "SITUATION"}, func(row func(...string)) {
		for _, c := range cast {
			row(c.person.Username, strings.Join(c.person.Groups, ", "), c.situation)
		}
	})
}

func (s show) firstRun(ctx context.Context) error {
	s.title("Somebody uploads s3://%s/%s", local.ManagedBucket, run.TriggerKey)
	report, err := s.trigger(ctx)
	if err != nil {
		return err
	}
	if err := s.outcomes(report); err != nil {
		return err
	}
	return s.expect(report, func(c character) run.Outcome { return c.first })
}

func (s show) readMail(ctx context.Context) error {
	s.title("One failed, so the run did too, and a mail went out")
	mails, err := s.cloud.Mails(ctx)
	if err != nil {
		return err
	}
	if len(mails) != 1 {
		return fmt.Errorf("there are %d mails, not one", len(mails))
	}
	mail := "Subject: " + mails[0].Subject + "\n\n" + strings.TrimSpace(mails[0].Message)
	for line := range strings.Lines(mail) {
		s.say("│ %s", line)
	}
	return s.triggerIs(ctx, true)
}

func (s show) thingsChange(ctx context.Context) error {
	s.title("Things change")
	for _, change := range []struct {
		told string
		make func(context.Context) error
	}{
		{"carol's keys are put into Parameter Store", func(ctx context.Context) error {
			_, err := s.town.RotateKeys(ctx, "carol")
			return err
		}},
		{"bob joins the stack digipres-prod", func(ctx context.Context) error { return s.town.Join(ctx, "bob", prodUsers) }},
		{"erin leaves her only stack group", func(ctx context.Context) error { return s.town.Leave(ctx, "erin", devUsers) }},
	} {
		if err := change.make(ctx); err != nil {
			return err
		}
		s.say("✓ %s", change.told)
	}
	return nil
}

func (s show) secondRun(ctx context.Context) error {
	s.title("TRIGGER again")
	report, err := s.trigger(ctx)
	if err != nil {
		return err
	}
	if err := s.outcomes(report); err != nil {
		return err
	}
	if err := s.triggerIs(ctx, false); err != nil {
		return err
	}
	return s.expect(report, func(c character) run.Outcome { return c.second })
}

// expect compares a run with what the cast says of it.
func (s show) expect(report run.Report, of func(character) run.Outcome) error {
	for i, result := range report.Results {
		if want := of(cast[i]); result.Outcome != want {
			return fmt.Errorf("%s is %s, and not %s: %s", result.Username, result.Outcome, want, result.Reason)
		}
	}
	return nil
}

func (s show) outcomes(report run.Report) error {
	return s.table([]string{"IAM USER", s.paint(none, "OUTCOME"), "BUCKETS", "REASON"}, func(row func(...string)) {
		for _, r := range report.Results {
			row(r.Username, s.paint(outcomeColours[r.Outcome], string(r.Outcome)), strconv.Itoa(len(r.Buckets)), r.Reason)
		}
	})
}

func (s show) title(format string, args ...any) {
	fmt.Fprintf(s.out, "\n%s\n\n", s.paint(bold, "── "+fmt.Sprintf(format, args...)))
}

func (s show) say(format string, args ...any) {
	for line := range strings.Lines(fmt.Sprintf(format, args...)) {
		fmt.Fprintln(s.out, strings.TrimRight("   "+line, " \n"))
	}
}

func (s show) table(head []string, fill func(row func(...string))) error {
	w := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(w, "   "+strings.Join(cells, "\t")) }
	row(head...)
	fill(row)
	return w.Flush()
}
