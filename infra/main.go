// Command infra is the CDK app of sync-users. The CDK CLI builds and runs it as
// cdk.json says, and deploys the template that it writes. `infra settings`
// prints the table of settings instead, and `infra target`, run by the CDK CLI
// as well, tells scripts what would be deployed and where.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	code := 0
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	tidy()
	os.Exit(code)
}

func run(args []string) error {
	switch {
	case slices.Equal(args, []string{"settings"}):
		fmt.Print(settingsMarkdown())
		return nil
	case slices.Equal(args, []string{"target"}):
		return target(os.Getenv)
	}
	return synth()
}

// tidy deletes what the CDK's library unpacks into the temporary folder of
// whoever imports it. It waits twice for its process then, and now and then says
// that this is one time too many, which is nobody's concern.
func tidy() {
	if nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = nowhere
	}
	jsii.Close()
}

// synth writes the template of the settings that the CLI hands over. It starts
// the CDK only when they are in order, so that a mistake is told in its own
// words alone.
func synth() error {
	context, err := cliContext(os.Getenv)
	if err != nil {
		return err
	}
	settings, err := ReadSettings(context, os.Getenv)
	if err != nil {
		return err
	}
	code, err := findCode(".build/lambda", settings.Architecture)
	if err != nil {
		return err
	}
	app := awscdk.NewApp(nil)
	NewSyncUsersStack(app, settings, code)
	app.Synth(nil)
	return nil
}

// cliContext is the context that the CLI hands over: in the environment, or in
// a file where it is too long for that.
func cliContext(environment func(string) string) (map[string]any, error) {
	context := map[string]any{}
	if text := environment("CDK_CONTEXT_JSON"); text != "" {
		if err := json.Unmarshal([]byte(text), &context); err != nil {
			return nil, fmt.Errorf("read the CLI's context: %w", err)
		}
	}
	if name := environment("CONTEXT_OVERFLOW_LOCATION_ENV"); name != "" {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the CLI's context: %w", err)
		}
		if err := json.Unmarshal(text, &context); err != nil {
			return nil, fmt.Errorf("read the CLI's context in %s: %w", name, err)
		}
	}
	return context, nil
}
