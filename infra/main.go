// Command infra is the CDK app of all systems. The CDK CLI builds and runs it as
// cdk.json says, without jsii's banners about versions of Node, and deploys the
// template that it writes. `infra settings` prints the tables of settings instead,
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

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/systems"
)

func main() {
	code := 0
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	construct.Close()
	os.Exit(code)
}

func run(args []string) error {
	switch {
	case slices.Equal(args, []string{"settings"}):
		fmt.Print(systems.Tables())
		return nil
	case slices.Equal(args, []string{"target"}):
		return writeTarget(os.Getenv)
	}
	return synth()
}

// synth writes a template for each installation that the CLI gives settings of. It
// starts jsii only if they are right, so that nothing but the mistakes is printed.
func synth() error {
	context, err := cliContext(os.Getenv)
	if err != nil {
		return err
	}
	installations, err := systems.Read(context, os.Getenv)
	if err != nil {
		return err
	}
	code := make([]map[string]string, len(installations))
	for i, s := range installations {
		if code[i], err = construct.FindCode(".build/lambda", s.Base().Architecture, s.Functions()); err != nil {
			return err
		}
	}
	app := awscdk.NewApp(nil)
	for i, s := range installations {
		s.NewStack(app, code[i])
	}
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
