package account

import "github.com/digipres/sync-users/shared/domain/stack"

// ShownBy returns the accounts that show a folder which this program created for them;
// none for a folder of an administrator's, whatever its name.
func ShownBy(folder Folder) (usernames []string) {
	if _, ok := stack.OfBucket(folder.Bucket); !ok {
		return nil
	}
	for _, username := range folder.Users {
		if isOwned(folder, username) {
			usernames = append(usernames, username)
		}
	}
	return usernames
}
