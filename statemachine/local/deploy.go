package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/digipres/sync-users/statemachine/local/leash"
)

// stackName is the CDK's default, said again to find what belongs to it.
const stackName = "sync-users"

// Deploy deploys the stack once more, with other CDK settings besides those that
// the cloud itself gives.
func (c *Cloud) Deploy(ctx context.Context, settings map[string]string) error {
	c.context = settings
	if err := c.synth(ctx); err != nil {
		return err
	}
	return c.deploy(ctx)
}

// Destroy deletes the deployed stack.
func (c *Cloud) Destroy(ctx context.Context) error {
	if err := c.cdk(ctx, "destroy", "--app", c.assembly(), "--force", stackName); err != nil {
		return err
	}
	c.progress.done("stack %s is destroyed", stackName)
	return nil
}

// synth has the CDK app write its template, which needs no AWS.
func (c *Cloud) synth(ctx context.Context) error {
	args := []string{"synth", "--quiet"}
	for name, value := range c.settings() {
		args = append(args, "--context", name+"="+value)
	}
	if err := c.cdk(ctx, append(args, "--app", c.built.app(), "--output", c.assembly())...); err != nil {
		return err
	}
	c.Template = filepath.Join(c.assembly(), stackName+".template.json")
	if _, err := os.Stat(c.Template); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the CDK app wrote no template %s", c.Template)
	}
	c.progress.done("template is written")
	return nil
}

// settings are the CDK settings of the laptop.
func (c *Cloud) settings() map[string]string {
	settings := map[string]string{
		"stackName":      stackName,
		"managedBucket":  ManagedBucket,
		"architecture":   architecture(),
		"sftpgoHost":     c.SFTPGoURL,
		"sftpgoUsername": c.SFTPGoUsername,
		"s3Endpoint":     c.Endpoint,
	}
	for name, value := range c.context {
		settings[name] = value
	}
	return settings
}

// bootstrap prepares the account for the CDK, as one does once in any account.
func (c *Cloud) bootstrap(ctx context.Context) error {
	if err := c.cdk(ctx, "bootstrap", "--app", "", "aws://"+AccountID+"/"+Region); err != nil {
		return err
	}
	c.progress.done("account is bootstrapped for the CDK")
	return nil
}

// deploy deploys what synth wrote, and reads the outputs.
func (c *Cloud) deploy(ctx context.Context) error {
	outputs := filepath.Join(c.folder, "outputs.json")
	err := c.cdk(ctx, "deploy", "--app", c.assembly(), "--require-approval", "never", "--outputs-file", outputs, stackName)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(outputs)
	if err != nil {
		return err
	}
	stacks := map[string]Outputs{}
	if err := json.Unmarshal(text, &stacks); err != nil {
		return fmt.Errorf("%s: %w", outputs, err)
	}
	c.Outputs = stacks[stackName]
	c.progress.done("stack %s is deployed", stackName)
	return nil
}

func (c *Cloud) assembly() string { return filepath.Join(c.folder, "cdk.out") }

// cdk runs the CDK's own command line against the laptop's AWS. Its output goes
// to a log of its command.
func (c *Cloud) cdk(ctx context.Context, args ...string) error {
	path := c.logPath("cdk-" + args[0])
	output, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer output.Close()

	cmd := exec.Command(c.built.cdk(), append(args,
		// make has built the app; cdk.json's own build step would only look again.
		"--build", "true",
		"--no-color", "--no-notices", "--no-version-reporting", "--ci")...)
	cmd.Dir = c.built.codeRoot()
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Env = append(os.Environ(),
		"TMPDIR="+c.folder, // The CDK's library unpacks itself, and leaves that behind.
		"AWS_ENDPOINT_URL="+c.Endpoint,
		"AWS_ACCESS_KEY_ID="+AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+SecretAccessKey,
		"AWS_REGION="+Region,
		"AWS_DEFAULT_REGION="+Region,
		"CDK_DISABLE_VERSION_CHECK=1",
		"CDK_DISABLE_CLI_TELEMETRY=true",
		// The CDK's library warns at length of a Node that works all the same.
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		"JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=true",
	)
	process, err := leash.Start(cmd)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		process.Stop()
		return context.Cause(ctx)
	case <-process.Done():
	}
	if err := process.Err(); err != nil {
		return fmt.Errorf("cdk %s: %w\n%s(its log: %s)", args[0], err, tail(path), path)
	}
	return nil
}

// tail returns a file's last lines, for an error to show.
func tail(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-15):], nil)
}
