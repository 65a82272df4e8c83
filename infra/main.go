// Command infra is the CDK app of sync-users. The CDK CLI builds and runs it as
// cdk.json says, and deploys the template that it writes. `infra settings`
// prints the table of settings instead, and `infra target`, run by the CDK CLI
// as well, tells scripts what would be deployed and where.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
)

func main() {
	run := synth
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "settings":
			fmt.Print(settingsMarkdown())
			return
		case "target":
			run = func() error { return target(os.Getenv) }
		}
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
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
	// Not jsii.Close: the CDK's process ends with this one, and waiting for it
	// twice, as Close does, now and then prints an error that is none.
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
