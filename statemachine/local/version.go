package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// checkOut lays out the project as it was at a commit, and has make build what is
// deployed. Both are kept in .build/versions, and done once.
func (c *Cloud) checkOut(ctx context.Context, commit string) (built, error) {
	version := built{root: c.built.path(".build", "versions", commit)}
	if _, err := os.Stat(version.root); errors.Is(err, fs.ErrNotExist) {
		if err := c.layOut(ctx, commit, version.root); err != nil {
			return built{}, err
		}
	}
	args := []string{"-s", "-C", version.root}
	for _, path := range append(version.functions(), version.app()) {
		target, err := filepath.Rel(version.root, path)
		if err != nil {
			return built{}, err
		}
		args = append(args, target)
	}
	build := exec.Command("make", args...)
	build.Env = append(os.Environ(), "MAKEFLAGS=")
	if _, err := c.run(ctx, "version", build); err != nil {
		return built{}, fmt.Errorf("build %s: %w", commit, err)
	}
	c.progress.done("version %.7s is built", commit)
	return version, nil
}

// layOut writes the commit's files into a folder, which is there only when they
// all are.
func (c *Cloud) layOut(ctx context.Context, commit, folder string) error {
	partial := folder + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	defer os.RemoveAll(partial)
	clone := exec.Command("git", "clone", "--quiet", "--shared", "--no-checkout", c.built.root, partial)
	if _, err := c.run(ctx, "version", clone); err != nil {
		return fmt.Errorf("version %s comes from the project's history, which only a clone made with git has: %w", commit, err)
	}
	lay := exec.Command("git", "-C", partial, "checkout", "--quiet", "--detach", commit)
	if _, err := c.run(ctx, "version", lay); err != nil {
		return fmt.Errorf("version %s is not in this clone: run `git fetch --unshallow`: %w", commit, err)
	}
	return os.Rename(partial, folder)
}
