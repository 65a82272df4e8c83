package transfer

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
)

var variable = regexp.MustCompile(`(?i)\$\{transfer:(\w+)\}`)

// sessionPolicy returns a user's policy with values in place of Transfer's variables:
// "Creating a session policy for an Amazon S3 bucket" in the Transfer user guide. It
// returns "" for a user without one.
func sessionPolicy(user *types.DescribedUser) string {
	home := strings.Trim(aws.ToString(user.HomeDirectory), "/")
	bucket, folder, _ := strings.Cut(home, "/")
	values := map[string]string{
		"username":      *user.UserName,
		"homedirectory": home,
		"homebucket":    bucket,
		"homefolder":    folder,
	}
	return variable.ReplaceAllStringFunc(aws.ToString(user.Policy), func(found string) string {
		name := variable.FindStringSubmatch(found)[1]
		if value, ok := values[strings.ToLower(name)]; ok {
			return value
		}
		return found
	})
}
