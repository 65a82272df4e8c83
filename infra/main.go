// Command infra is the CDK app of sync-users. The CDK CLI builds and runs it
// as cdk.json says, and deploys the template that it writes.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	err := synth()
	jsii.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// synth reads the settings that the CLI handed over and writes the template.
func synth() error {
	app := awscdk.NewApp(nil)
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	settings, err := ReadSettings(context, os.Getenv)
	if err != nil {
		return err
	}
	code, err := findCode(".build/lambda", settings.Architecture)
	if err != nil {
		return err
	}
	NewSyncUsersStack(app, settings, code)
	app.Synth(nil)
	return nil
}
