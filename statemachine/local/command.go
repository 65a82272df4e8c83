package local

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/digipres/sync-users/statemachine/local/childproc"
)

// cdk runs the CDK's command line against the laptop's AWS, where it finds a
// version's functions. It returns the output.
func (c *Cloud) cdk(ctx context.Context, source artifacts, args ...string) (string, error) {
	cmd := exec.Command(c.artifacts.cdk(), append(args,
		// Instead of cdk.json's build step: make has built the app.
		"--build", "true",
		"--no-color", "--no-notices", "--no-version-reporting", "--ci")...)
	cmd.Dir = source.codeRoot()
	// A shell may have the exports of `make env`, which the CDK app refuses beside
	// the laptop's settings.
	environment := slices.DeleteFunc(os.Environ(), func(variable string) bool { return strings.HasPrefix(variable, "SFTPGO_") })
	cmd.Env = append(environment,
		"CDK_DISABLE_VERSION_CHECK=1",
		"CDK_DISABLE_CLI_TELEMETRY=true",
		// Keeps the CDK's library from warning of Node versions that work.
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20",
		"JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=true",
	)
	return c.run(ctx, "cdk-"+args[0], cmd)
}

// run runs a command with the laptop's AWS in its environment, and returns its
// output, which is also kept in the log of that name.
func (c *Cloud) run(ctx context.Context, name string, cmd *exec.Cmd) (string, error) {
	path := c.logPath(name)
	log, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return "", err
	}
	defer log.Close()

	var output bytes.Buffer
	cmd.Stdout = io.MultiWriter(log, &output)
	cmd.Stderr = cmd.Stdout
	cmd.Env = append(cmd.Env,
		"TMPDIR="+c.folder, // The CDK's library unpacks itself there, and leaves that behind.
		"AWS_ENDPOINT_URL="+c.Endpoint,
		"AWS_ACCESS_KEY_ID="+AccessKeyID,
		"AWS_SECRET_ACCESS_KEY="+SecretAccessKey,
		"AWS_REGION="+Region,
		"AWS_DEFAULT_REGION="+Region,
	)
	process, err := childproc.Start(cmd)
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
		return "", fmt.Errorf("%s: %w\n%s(its log: %s)", name, err, lastLines(output.Bytes(), 15), path)
	}
	return output.String(), nil
}

func lastLines(text []byte, n int) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-n):], nil)
}
