package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// installation is a system with the settings that it is deployed with.
type installation struct {
	*system
	settings map[string]string
}

// installations are those of all systems, with the settings of the laptop cloud and of
// its Config.
func (c *Cloud) installations() []installation {
	var all []installation
	for _, s := range c.systems {
		i := installation{system: s}
		if s == &syncUsers {
			i.settings = c.settings
		}
		all = append(all, i)
	}
	return all
}

// Deploy deploys the first system, with other settings besides those of the laptop cloud.
// It returns the CDK's output.
func (c *Cloud) Deploy(ctx context.Context, settings map[string]string) (string, error) {
	return c.DeployFrom(ctx, c.artifacts.root, settings)
}

// DeployFrom is Deploy for what is built in another checkout of the project.
func (c *Cloud) DeployFrom(ctx context.Context, root string, settings map[string]string) (string, error) {
	return c.deployWith(ctx, artifacts{root}, installation{c.systems[0], settings})
}

func (c *Cloud) deployWith(ctx context.Context, source artifacts, i installation) (string, error) {
	if err := c.synth(ctx, source, i); err != nil {
		return "", err
	}
	output, err := c.deploy(ctx, i.system)
	if err != nil {
		return "", err
	}
	return output, c.Addresses.write(c.folder)
}

// Diff returns the CDK's output of what Deploy with these settings would change.
func (c *Cloud) Diff(ctx context.Context, settings map[string]string) (string, error) {
	if err := c.synth(ctx, c.artifacts, installation{c.systems[0], settings}); err != nil {
		return "", err
	}
	// By the template: moto's change sets don't say what would be replaced.
	return c.cdk(ctx, c.artifacts, "diff", "--method", "template", "--app", c.assembly(), c.systems[0].stack)
}

// Destroy deletes the records of runs and all that is deployed of the first system, as `make destroy`
// does in an account.
func (c *Cloud) Destroy(ctx context.Context) error {
	empty := exec.Command(c.artifacts.path("infra", "empty-runs"), c.systems[0].stack)
	empty.Env = append(os.Environ(), "YES=1", "PATH="+filepath.Dir(c.artifacts.python())+string(os.PathListSeparator)+os.Getenv("PATH"))
	if _, err := c.run(ctx, "empty-runs", empty); err != nil {
		return err
	}
	if _, err := c.cdk(ctx, c.artifacts, "destroy", "--app", c.assembly(), "--force", c.systems[0].stack); err != nil {
		return err
	}
	c.report("stack %s is destroyed", c.systems[0].stack)
	return nil
}

// synth has the CDK app of a version write templates, which needs no AWS. Each
// installation has a file of settings, as an operator's would.
func (c *Cloud) synth(ctx context.Context, source artifacts, installations ...installation) error {
	var files []string
	for _, i := range installations {
		settings := i.system.settings(c)
		settings["stackName"] = i.stack
		settings["architecture"] = architecture()
		maps.Copy(settings, i.settings)
		text, err := json.MarshalIndent(settings, "", "  ")
		if err != nil {
			return err
		}
		file := filepath.Join(c.folder, "settings-"+i.name+".json")
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
		files = append(files, file)
	}
	_, err := c.cdk(ctx, source, "synth", "--quiet", "--app", source.cdkApp(), "--output", c.assembly(),
		"--context", "settings="+strings.Join(files, ","))
	if err != nil {
		return err
	}
	for _, i := range installations {
		template := filepath.Join(c.assembly(), i.stack+".template.json")
		if _, err := os.Stat(template); err != nil {
			return fmt.Errorf("the CDK app wrote no template: %w", err)
		}
		c.Deployments[i.name].Template = template
	}
	c.report("templates are written")
	return c.shareZips()
}

// shareZips has the CDK find the zips that it made for other clouds, which takes it
// longer than all the rest of a deployment. They are named by a hash of what they
// contain. Those of the day before are deleted.
func (c *Cloud) shareZips() error {
	shared, link := filepath.Join(filepath.Dir(c.folder), ".zips"), filepath.Join(c.assembly(), ".cache")
	if err := os.MkdirAll(shared, 0o755); err != nil {
		return err
	}
	zips, err := os.ReadDir(shared)
	if err != nil {
		return err
	}
	for _, zip := range zips {
		// One that is no longer there was deleted by another cloud.
		if info, err := zip.Info(); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			_ = os.Remove(filepath.Join(shared, zip.Name()))
		}
	}
	if err := os.Symlink(shared, link); !errors.Is(err, fs.ErrExist) {
		return err
	}
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

// deploy deploys what synth wrote of systems, at the same time, and reads the
// outputs.
func (c *Cloud) deploy(ctx context.Context, systems ...*system) (string, error) {
	file := filepath.Join(c.folder, "outputs.json")
	args := []string{"deploy", "--app", c.assembly(), "--require-approval", "never", "--outputs-file", file,
		"--concurrency", strconv.Itoa(len(systems))}
	if len(systems) > 1 {
		// The CDK's change sets of all stacks have one name, by which alone moto finds one.
		args = append(args, "--method", "direct")
	}
	for _, s := range systems {
		args = append(args, s.stack)
	}
	output, err := c.cdk(ctx, c.artifacts, args...)
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
	for _, s := range systems {
		c.Deployments[s.name].Outputs = stacks[s.stack]
		c.report("stack %s is deployed", s.stack)
		if err := c.subscribeMailbox(ctx, s); err != nil {
			return "", err
		}
	}
	return output, nil
}

func (c *Cloud) assembly() string { return filepath.Join(c.folder, "cdk.out") }
