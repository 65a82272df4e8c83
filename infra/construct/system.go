// Package construct has what the stacks of the systems are made of.
package construct

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/settings"
)

// System is the settings of one system, from which its stack follows. Each has a
// package of its own.
type System interface {
	settings.Settings
	// Functions returns the names of the folders of its Lambdas.
	Functions() []string
	// NewStack defines one installation, as a CloudFormation stack. code has each
	// function's folder, as FindCode returns it.
	NewStack(scope constructs.Construct, code map[string]string) awscdk.Stack
}

// Close deletes what jsii, the CDK's runtime, unpacks into the temporary folder
// of every program that imports it. It waits for its process a second time, and
// would print that there is none any more.
func Close() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}
