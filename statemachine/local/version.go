package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
)

// buildVersion checks out the project as it was at a commit, and has make build
// what is deployed. Both are kept in .build/versions for the next time.
func (c *Cloud) buildVersion(ctx context.Context, commit string) (artifacts, error) {
	version := artifacts{root: c.artifacts.path(".build", "versions", commit)}
	if _, err := os.Stat(version.root); errors.Is(err, fs.ErrNotExist) {
		if err := c.checkOut(ctx, commit, version.root); err != nil {
			return artifacts{}, err
		}
	}
	args := []string{"-s", "-C", version.root}
	for _, path := range append(version.functions(), version.cdkApp()) {
		args = append(args, version.relative(path))
	}
	build := exec.Command("make", args...)
	build.Env = append(os.Environ(), "MAKEFLAGS=")
	if _, err := c.run(ctx, "version", build); err != nil {
		return artifacts{}, fmt.Errorf("build %s: %w", commit, err)
	}
	c.report("version %.7s is built", commit)
	return version, nil
}

// checkOut writes the commit's files into a folder, which exists only when all
// of them are written.
func (c *Cloud) checkOut(ctx context.Context, commit, folder string) error {
	partial := folder + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	clone := exec.Command("git", "clone", "--quiet", "--shared", "--no-checkout", c.artifacts.root, partial)
	if _, err := c.run(ctx, "version", clone); err != nil {
		return fmt.Errorf("version %s comes from the project's history, which only a clone made with git has: %w", commit, err)
	}
	checkout := exec.Command("git", "-C", partial, "checkout", "--quiet", "--detach", commit)
	if _, err := c.run(ctx, "version", checkout); err != nil {
		return fmt.Errorf("version %s is not in this clone: run `git fetch --unshallow`: %w", commit, err)
	}
	return os.Rename(partial, folder)
}
