package local

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// stackName is the CDK's default, given explicitly to find what belongs to it.
const stackName = "sync-users"

// Deploy deploys the stack, with other CDK settings besides those of the laptop
// cloud. It returns the CDK's output.
func (c *Cloud) Deploy(ctx context.Context, settings map[string]string) (string, error) {
	return c.DeployFrom(ctx, c.artifacts.root, settings)
}

// DeployFrom is Deploy for what is built in another checkout of the project.
func (c *Cloud) DeployFrom(ctx context.Context, root string, settings map[string]string) (string, error) {
	if err := c.synth(ctx, artifacts{root}, settings); err != nil {
		return "", err
	}
	output, err := c.deploy(ctx)
	if err != nil {
		return "", err
	}
	return output, c.Addresses.write(c.folder)
}

// Diff returns the CDK's output of what Deploy with these settings would change.
func (c *Cloud) Diff(ctx context.Context, settings map[string]string) (string, error) {
	if err := c.synth(ctx, c.artifacts, settings); err != nil {
		return "", err
	}
	// By the template: moto's change sets don't say what would be replaced.
	return c.cdk(ctx, c.artifacts, "diff", "--method", "template", "--app", c.assembly(), stackName)
}

// Destroy deletes the records of runs and the deployed stack, as `make destroy`
// does in an account.
func (c *Cloud) Destroy(ctx context.Context) error {
	empty := exec.Command(c.artifacts.path("infra", "empty-runs"), stackName)
	empty.Env = append(os.Environ(), "YES=1", "PATH="+filepath.Dir(c.artifacts.python())+string(os.PathListSeparator)+os.Getenv("PATH"))
	if _, err := c.run(ctx, "empty-runs", empty); err != nil {
		return err
	}
	if _, err := c.cdk(ctx, c.artifacts, "destroy", "--app", c.assembly(), "--force", stackName); err != nil {
		return err
	}
	c.report("stack %s is destroyed", stackName)
	return nil
}

// synth has the CDK app of a version write its template, which needs no AWS.
func (c *Cloud) synth(ctx context.Context, source artifacts, settings map[string]string) error {
	args := []string{"synth", "--quiet", "--app", source.cdkApp(), "--output", c.assembly()}
	all := map[string]string{
		"stackName":      stackName,
		"managedBucket":  ManagedBucket,
		"architecture":   architecture(),
		"sftpgoHost":     c.SFTPGoURL,
		"sftpgoUsername": c.SFTPGoUsername,
		"s3Endpoint":     c.Endpoint,
	}
	maps.Copy(all, settings)
	for name, value := range all {
		args = append(args, "--context", name+"="+value)
	}
	if _, err := c.cdk(ctx, source, args...); err != nil {
		return err
	}
	c.Template = filepath.Join(c.assembly(), stackName+".template.json")
	if _, err := os.Stat(c.Template); err != nil {
		return fmt.Errorf("the CDK app wrote no template: %w", err)
	}
	c.report("template is written")
	return nil
}

// architecture returns Lambda's name of this machine's.
func architecture() string {
	if runtime.GOARCH == "amd64" {
		return "x86_64"
	}
	return runtime.GOARCH
}

// bootstrap prepares the account for the CDK, as one does once in any account.
func (c *Cloud) bootstrap(ctx context.Context) error {
	if _, err := c.cdk(ctx, c.artifacts, "bootstrap", "--app", "", "aws://"+AccountID+"/"+Region); err != nil {
		return err
	}
	c.report("account is bootstrapped for the CDK")
	return nil
}

// deploy deploys what synth wrote, and reads the outputs.
func (c *Cloud) deploy(ctx context.Context) (string, error) {
	file := filepath.Join(c.folder, "outputs.json")
	output, err := c.cdk(ctx, c.artifacts, "deploy", "--app", c.assembly(), "--require-approval", "never", "--outputs-file", file, stackName)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	stacks := map[string]Outputs{}
	if err := json.Unmarshal(text, &stacks); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	c.Outputs = stacks[stackName]
	c.report("stack %s is deployed", stackName)
	return output, c.subscribeMailbox(ctx)
}

func (c *Cloud) assembly() string { return filepath.Join(c.folder, "cdk.out") }
