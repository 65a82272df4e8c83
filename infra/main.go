// Command infra is the CDK app of sync-users. The CDK CLI builds and runs it as
// cdk.json says, without jsii's banners about versions of Node, and deploys the
// template that it writes. `infra settings` prints the table of settings instead,
// and `infra target`, run by the CDK CLI as well, tells scripts what would be
// deployed and where.
package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

func main() {
	code := 0
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	closeJSII()
	os.Exit(code)
}

func run(args []string) error {
	switch {
	case slices.Equal(args, []string{"settings"}):
		fmt.Print(settings.Markdown())
		return nil
	case slices.Equal(args, []string{"target"}):
		return writeTarget(os.Getenv)
	}
	return synth()
}

// closeJSII deletes what jsii, the CDK's runtime, unpacks into the temporary folder
// of every program that imports it. It waits for its process a second time, and
// would print that there is none any more.
func closeJSII() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}

// synth writes the template for the settings that the CLI gives. It starts jsii
// only if they are right, so that nothing but the mistakes is printed.
func synth() error {
	context, err := cliContext(os.Getenv)
	if err != nil {
		return err
	}
	settings, err := settings.Read(context, os.Getenv)
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

// cliContext returns the context that the CLI gives: in the environment, or in a
// file if it is too long for that.
func cliContext(environment func(string) string) (map[string]any, error) {
	context := map[string]any{}
	err := json.Unmarshal([]byte(cmp.Or(environment("CDK_CONTEXT_JSON"), "{}")), &context)
	if name := environment("CONTEXT_OVERFLOW_LOCATION_ENV"); err == nil && name != "" {
		var text []byte
		if text, err = os.ReadFile(name); err == nil {
			err = json.Unmarshal(text, &context)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read the CLI's context: %w", err)
	}
	return context, nil
}
