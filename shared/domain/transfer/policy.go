package transfer

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/stack"
)

// maxPolicyLength is the most characters that a session policy may have
// (https://docs.aws.amazon.com/transfer/latest/APIReference/API_UpdateUser.html#TransferFamily-UpdateUser-request-Policy).
const maxPolicyLength = 2048

// ownSid begins the id of every statement of this program's session policies.
const ownSid = "SyncUsers"

// A session policy is ANDed with the user's role, so these are all that SFTP can need:
// with KMS, because objects of a bucket may be encrypted with a key that the role may use
// (https://docs.aws.amazon.com/transfer/latest/userguide/users-policies.html).
var (
	readActions  = []string{"s3:ListBucket", "s3:GetBucketLocation", "s3:GetObject*"}
	writeActions = []string{"s3:PutObject*", "s3:DeleteObject*", "s3:AbortMultipartUpload"}
	keyActions   = []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*"}
)

// policy is a session policy, with the fields in the order in which they are written.
type policy struct {
	Version   string
	Statement []statement
}

type statement struct {
	Sid, Effect      string
	Action, Resource []string
}

var (
	everything = []string{"*"}
	// denyAll is the policy of a user who may do nothing.
	denyAll = newPolicy(statement{Sid: ownSid + "NoAccess", Effect: "Deny", Action: everything, Resource: everything})
	// allowAll is a policy that leaves everything to the role, like none. A policy can be
	// replaced, but AWS does not say that it can be removed.
	allowAll = newPolicy(statement{Sid: ownSid + "RoleDecides", Effect: "Allow", Action: everything, Resource: everything})
)

func newPolicy(statements ...statement) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	// These types can always be encoded.
	_ = encoder.Encode(policy{Version: "2012-10-17", Statement: statements})
	return strings.TrimSpace(text.String())
}

// sessionPolicy returns the policy that allows what a user may do in the buckets: read
// in managed ones and everything in others. What an administrator mapped stays as
// allowed as the role has it; but nobody writes to a managed bucket.
//
// It names each bucket, or if that is too long allows whole stacks but for their
// replication copies. It returns Misconfigured if that is too long too.
func sessionPolicy(partition string, buckets []string, foreign []Mapping) (string, error) {
	r := resources{arn: "arn:" + partition + ":s3:::"}
	for _, m := range foreign {
		r.addMapping(m)
	}
	exact := resources{r.arn, slices.Clone(r.writable), slices.Clone(r.read)}
	for _, bucket := range buckets {
		exact.addMapping(bucketMapping(bucket))
	}
	text := exact.policy()
	if utf8.RuneCountInString(text) <= maxPolicyLength {
		return text, nil
	}
	return r.stacksPolicy(buckets)
}

// resources are the ARNs of what a policy allows.
type resources struct {
	// arn begins that of a bucket.
	arn            string
	writable, read []string
}

// addMapping adds the target of a mapping, with its bucket, which has to be listed.
func (r *resources) addMapping(m Mapping) {
	bucket, key := m.bucketAndKey()
	if bucket == "" {
		return
	}
	object := r.arn + bucket + "/" + escapeWildcards.Replace(key)
	switch {
	case key == "":
		object += "*"
	case !m.File:
		object += "/*"
	}
	to := &r.writable
	if _, isStackBucket := stack.OfBucket(bucket); isStackBucket && stack.IsManaged(bucket) {
		to = &r.read
	}
	*to = append(*to, r.arn+bucket, object)
}

// escapeWildcards escapes the characters with a meaning in an ARN of a policy
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars).
var escapeWildcards = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")

// policy returns the policy that allows the resources and denies with the statements.
func (r *resources) policy(denials ...statement) string {
	var statements []statement
	if len(r.writable) > 0 {
		statements = append(statements, statement{ownSid, "Allow", slices.Concat(readActions, writeActions), sortedSet(r.writable)})
	}
	if len(r.read) > 0 {
		statements = append(statements, statement{ownSid + "Read", "Allow", readActions, sortedSet(r.read)})
	}
	statements = append(statements, statement{ownSid + "Keys", "Allow", keyActions, everything})
	return newPolicy(append(statements, denials...)...)
}

// stacksPolicy returns the policy that allows the stacks of the buckets by wildcards. A
// wildcard matches replication copies, which are denied. In an ARN a wildcard does not end at a
// slash, so that also denies a folder whose name ends like that of a replication copy.
func (r resources) stacksPolicy(buckets []string) (string, error) {
	var stacks, managed []string
	for _, bucket := range buckets {
		name, _ := stack.OfBucket(bucket)
		stacks = append(stacks, r.arn+name+"-*")
		if stack.IsManaged(bucket) {
			managed = append(managed, r.arn+bucket+"/*")
		}
	}
	for _, allowed := range r.read { // An administrator's mappings of managed buckets.
		if strings.HasSuffix(allowed, "-managed") && !strings.Contains(allowed, "/") {
			managed = append(managed, allowed+"/*")
		}
	}
	replicas := []string{r.arn + "*-repl", r.arn + "*-repl/*"}
	for _, allowed := range slices.Concat(r.writable, r.read) {
		if strings.HasSuffix(allowed, "-repl") || strings.Contains(allowed, "-repl/") {
			return "", errkind.Errorf(errkind.Conflict,
				"the session policy can't name each of %d buckets, and by stack it would deny %s, which an administrator mapped; "+
					"remove that mapping, or leave session policies to the role with the setting sessionPolicy: false", len(buckets), allowed)
		}
	}
	stacks = sortedSet(stacks)
	r.writable = slices.Concat(r.writable, stacks)
	denials := []statement{{ownSid + "NoReplicas", "Deny", everything, replicas}}
	if managed = sortedSet(managed); managed != nil {
		denials = append(denials, statement{ownSid + "NoWrite", "Deny", writeActions, managed})
	}
	text := r.policy(denials...)
	if length := utf8.RuneCountInString(text); length > maxPolicyLength {
		return "", errkind.Errorf(errkind.Misconfigured,
			"the session policy for %d stacks and %d mappings of an administrator would have %d characters, and AWS allows %d; "+
				"remove the user from groups, or leave session policies to the role with the setting sessionPolicy: false",
			len(stacks), len(r.read)/2+(len(r.writable)-len(stacks))/2, length, maxPolicyLength)
	}
	return text, nil
}

func sortedSet(values []string) []string {
	return slices.Compact(slices.Sorted(slices.Values(values)))
}

// partition returns the AWS partition of an ARN, such as aws or aws-cn.
func partition(arn string) string {
	parts := strings.SplitN(arn, ":", 3)
	if len(parts) < 3 || parts[1] == "" {
		return "aws"
	}
	return parts[1]
}
