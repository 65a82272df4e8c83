// Package listaccounts is the Lambda function that lists the SFTPGo accounts which show
// folders of this program, for a run to find those that no IAM user claims any more. It
// needs no right to anybody's keys.
package listaccounts

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/digipres/sync-users/shared/domain/account"
	"github.com/digipres/sync-users/shared/domain/run"
)

// Event is the input of the function.
type Event struct {
	// Execution is the name of the workflow's execution.
	Execution string `json:"execution"`
}

// LogAttrs returns the attributes of every log line.
func (e Event) LogAttrs() []slog.Attr { return []slog.Attr{slog.String("execution", e.Execution)} }

// List returns the names of the accounts that show folders of this program, in order, or
// an error if any part of SFTPGo's list can't be read.
func List(ctx context.Context, folders account.FolderLister) ([]string, error) {
	accounts := map[string]bool{}
	_, err := folders.ListFolders(ctx, func(folder account.Folder) bool {
		for _, username := range account.ShownBy(folder) {
			accounts[username] = true
		}
		return false // The folders themselves need not be kept.
	})
	if err != nil {
		return nil, fmt.Errorf("list SFTPGo's folders, to find accounts that no IAM user claims: %w", err)
	}
	names := slices.AppendSeq([]string{}, maps.Keys(accounts))
	slices.Sort(names)
	return names, nil
}

// Function is the Lambda function list-accounts.
type Function struct {
	Folders account.FolderLister
	Runs    run.Writer
}

// Handle reads all folder records, saves the names of the accounts that show folders of
// this program, and returns where. It saves nothing if any part of the list can't be
// read.
func (f Function) Handle(ctx context.Context, event Event) (run.Object, error) {
	names, err := List(ctx, f.Folders)
	if err != nil {
		return run.Object{}, err
	}
	object, err := f.Runs.Save(ctx, run.AccountsKey(event.Execution), names)
	if err != nil {
		return run.Object{}, fmt.Errorf("save the accounts that show folders: %w", err)
	}
	slog.InfoContext(ctx, "accounts listed", "accounts", len(names))
	return object, nil
}
