package transfer

import (
	"context"
	"fmt"
	"net/http"
	"path"

	"github.com/aws/aws-sdk-go-v2/aws"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"

	"github.com/digipres/sync-users/statemachine/local/moto"
)

// object is a JSON object of SFTPGo's API.
type object = map[string]any

// storage is how SFTPGo reaches S3 in a session.
type storage struct {
	endpoint    string
	credentials *ststypes.Credentials
}

// filesystem returns SFTPGo's filesystem for a target, such as /bucket/folder.
func (s storage) filesystem(target string) object {
	bucket, prefix := splitTarget(target)
	return object{"provider": 1, "s3config": object{
		"bucket": bucket, "key_prefix": prefix, "region": moto.Region, "endpoint": s.endpoint, "force_path_style": true,
		"access_key":    *s.credentials.AccessKeyId,
		"access_secret": object{"status": "Plain", "payload": *s.credentials.SecretAccessKey},
	}}
}

// createAccount creates what SFTPGo's account for a user needs, and returns the account.
//
// A mapping whose bucket doesn't exist is not shown, as on AWS ("Configure logical
// directories examples" in the Transfer user guide), and neither is one to a file, which
// SFTPGo can't show. A user without mappings, whose paths are S3's own, sees the bucket
// of the home directory.
func (s *Server) createAccount(ctx context.Context, user *types.DescribedUser, in storage, buckets map[string]bool) (object, error) {
	account := object{
		"username": *user.UserName, "status": 1,
		"home_dir":   s.folder,
		"filesystem": object{"provider": 0},
		// Only what is in S3 may be changed, as far as IAM permits.
		"permissions": object{"/": []string{"list"}},
		"filters":     object{"disable_fs_checks": true, "start_directory": path.Clean("/" + aws.ToString(user.HomeDirectory))},
	}
	var shown, folders []object
	for _, mapping := range mappings(user) {
		bucket, _ := splitTarget(*mapping.Target)
		if !buckets[bucket] || mapping.Type == types.MapTypeFile {
			continue
		}
		entry := path.Clean(*mapping.Entry)
		account["permissions"].(object)[entry] = []string{"*"}
		if entry == "/" {
			account["filesystem"] = in.filesystem(*mapping.Target)
			continue
		}
		name := fmt.Sprintf("%s-%d", *user.UserName, len(folders))
		folders = append(folders, object{"name": name, "mapped_path": s.folder, "filesystem": in.filesystem(*mapping.Target)})
		shown = append(shown, object{"name": name, "virtual_path": entry, "quota_size": -1, "quota_files": -1})
	}
	account["virtual_folders"] = shown
	if len(folders) == 0 {
		return account, nil
	}
	// All in one request, since there can be thousands.
	if err := s.admin.Do(ctx, http.MethodPost, "/api/v2/loaddata", object{"folders": folders}, nil); err != nil {
		return nil, err
	}
	return account, nil
}

// mappings returns the paths that a user sees, and where they lead.
func mappings(user *types.DescribedUser) []types.HomeDirectoryMapEntry {
	if user.HomeDirectoryType == types.HomeDirectoryTypeLogical {
		return user.HomeDirectoryMappings
	}
	bucket, _ := splitTarget(aws.ToString(user.HomeDirectory))
	if bucket == "" {
		return nil
	}
	return []types.HomeDirectoryMapEntry{{Entry: aws.String("/" + bucket), Target: aws.String("/" + bucket)}}
}
