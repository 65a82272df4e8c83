package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/digipres/sync-users/statemachine/local/leash"
)

// stackName is the CDK's default, said again to find what belongs to it.
const stackName = "sync-users"

// Deploy deploys the stack, with other CDK settings besides those that the cloud
// itself gives. It returns what the CDK says.
func (c *Cloud) Deploy(ctx context.Context, settings map[string]string) (string, error) {
	return c.deployFrom(ctx, c.built, settings)
}

// DeployVersion deploys the stack as it was at a commit of the project's history,
// built from the sources of then. An error says so if this clone does not go back
// so far.
func (c *Cloud) DeployVersion(ctx context.Context, commit string, settings map[string]string) (string, error) {
	version, err := c.checkOut(ctx, commit)
	if err != nil {
		return "", err
	}
	return c.deployFrom(ctx, version, settings)
}

func (c *Cloud) deployFrom(ctx context.Context, source built, settings map[string]string) (string, error) {
	c.context = settings
	if err := c.synth(ctx, source); err != nil {
		return "", err
	}
	said, err := c.deploy(ctx)
	if err != nil {
		return "", err
	}
	return said, c.Addresses.write(c.folder)
}

// Diff shows what Deploy with these settings would change. It returns what the
// CDK says.
func (c *Cloud) Diff(ctx context.Context, settings map[string]string) (string, error) {
	c.context = settings
	if err := c.synth(ctx, c.built); err != nil {
		return "", err
	}
	// By the template: moto's change sets don't tell what would be made anew.
	return c.cdk(ctx, "diff", "--method", "template", "--app", c.assembly(), stackName)
}

// Destroy deletes the records of runs and the deployed stack, as `make destroy`
// does in an account.
func (c *Cloud) Destroy(ctx context.Context) error {
	empty := exec.Command(c.built.path("infra", "empty-runs"), stackName)
	empty.Env = append(os.Environ(), "YES=1", "PATH="+filepath.Dir(c.built.python())+string(os.PathListSeparator)+os.Getenv("PATH"))
	if _, err := c.run(ctx, "empty-runs", empty); err != nil {
		return err
	}
	if _, err := c.cdk(ctx, "destroy", "--app", c.assembly(), "--force", stackName); err != nil {
		return err
	}
	c.progress.done("stack %s is destroyed", stackName)
	return nil
}

// synth has the CDK app write its template, which needs no AWS.
func (c *Cloud) synth(ctx context.Context, source built) error {
	args := []string{"synth", "--quiet"}
	for name, value := range c.settings() {
		args = append(args, "--context", name+"="+value)
	}
	if _, err := c.cdkIn(ctx, source.codeRoot(), append(args, "--app", source.app(), "--output", c.assembly())...); err != nil {
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
	if _, err := c.cdk(ctx, "bootstrap", "--app", "", "aws://"+AccountID+"/"+Region); err != nil {
		return err
	}
	c.progress.done("account is bootstrapped for the CDK")
	return nil
}

// deploy deploys what synth wrote, and reads the outputs.
func (c *Cloud) deploy(ctx context.Context) (string, error) {
	outputs := filepath.Join(c.folder, "outputs.json")
	said, err := c.cdk(ctx, "deploy", "--app", c.assembly(), "--require-approval", "never", "--outputs-file", outputs, stackName)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(outputs)
	if err != nil {
		return "", err
	}
	stacks := map[string]Outputs{}
	if err := json.Unmarshal(text, &stacks); err != nil {
		return "", fmt.Errorf("%s: %w", outputs, err)
	}
	c.Outputs = stacks[stackName]
	c.progress.done("stack %s is deployed", stackName)
	return said, c.subscribe(ctx)
}

func (c *Cloud) assembly() string { return filepath.Join(c.folder, "cdk.out") }

// cdk runs the CDK's own command line against the laptop's AWS.
func (c *Cloud) cdk(ctx context.Context, args ...string) (string, error) {
	return c.cdkIn(ctx, c.built.codeRoot(), args...)
}

func (c *Cloud) cdkIn(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.Command(c.built.cdk(), append(args,
		// make has built the app; cdk.json's own build step would only look again.
		"--build", "true",
		"--no-color", "--no-notices", "--no-version-reporting", "--ci")...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(),
		"CDK_DISABLE_VERSION_CHECK=1",
		"CDK_DISABLE_CLI_TELEMETRY=true",
		// The CDK's library warns at length of a Node that works all the same.
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		"JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=true",
	)
	return c.run(ctx, "cdk-"+args[0], cmd)
}

// run runs a command with the laptop's AWS in its environment, and returns what
// it says, which is also kept in the log of that name.
func (c *Cloud) run(ctx context.Context, name string, cmd *exec.Cmd) (string, error) {
	path := c.logPath(name)
	log, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	defer log.Close()

	var said bytes.Buffer
	output := io.MultiWriter(log, &said)
	cmd.Stdout, cmd.Stderr = output, output
	cmd.Env = append(cmd.Env,
		"TMPDIR="+c.folder, // The CDK's library unpacks itself, and leaves that behind.
		"AWS_ENDPOINT_URL="+c.Endpoint,
		"AWS_ACCESS_KEY_ID="+AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+SecretAccessKey,
		"AWS_REGION="+Region,
		"AWS_DEFAULT_REGION="+Region,
	)
	process, err := leash.Start(cmd)
	if err != nil {
		return "", err
	}
	select {
	case <-ctx.Done():
		process.Stop()
		return "", context.Cause(ctx)
	case <-process.Done():
	}
	if err := process.Err(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s(its log: %s)", name, err, tail(said.Bytes()), path)
	}
	return said.String(), nil
}

// tail returns the last lines, for an error to show.
func tail(text []byte) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-15):], nil)
}
