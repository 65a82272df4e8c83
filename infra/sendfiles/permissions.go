package sendfiles

import (
	"regexp"
	"strings"

	"github.com/aws/jsii-runtime-go"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/settings"
)

// listSource lets a role list the source bucket, and be told that an object does not exist,
// for which there is no prefix that a condition could compare.
func listSource(settings *Settings, names *construct.Names) construct.Permission {
	return construct.Permission{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.BucketARN(settings.SourceBucket)}}
}

// sourcePermissions let send-file read the objects under the prefix, and do with them what
// the setting after says.
func sourcePermissions(s *Settings, names *construct.Names) []construct.Permission {
	objects := []*string{names.ObjectARN(s.SourceBucket, s.SourcePrefix+"*")}
	actions := []string{"s3:GetObject"}
	switch {
	case s.After == "delete":
		actions = append(actions, "s3:DeleteObject")
	case s.After == "tag":
		actions = append(actions, "s3:GetObjectTagging", "s3:PutObjectTagging")
	case s.archivePrefix() != "":
		// A copy takes the tags along.
		actions = append(actions, "s3:DeleteObject", "s3:GetObjectTagging")
	}
	permissions := []construct.Permission{{Actions: actions, Resources: objects}}
	if archive := s.archivePrefix(); archive != "" {
		permissions = append(permissions, construct.Permission{
			Actions:   []string{"s3:GetObject", "s3:PutObject", "s3:PutObjectTagging", "s3:AbortMultipartUpload"},
			Resources: []*string{names.ObjectARN(s.SourceBucket, archive+"*")},
		})
	}
	if s.SourceKey != "" {
		keyActions := []string{"kms:Decrypt"}
		if s.archivePrefix() != "" {
			keyActions = append(keyActions, "kms:GenerateDataKey")
		}
		permissions = append(permissions, construct.Permission{
			Actions: keyActions, Resources: []*string{&s.SourceKey},
			Conditions: map[string]any{"StringEquals": map[string]any{"kms:ViaService": "s3." + *names.Stack.Region() + ".amazonaws.com"}},
		})
	}
	return permissions
}

const secretPrefix = "secretsmanager:"

var keyObject = regexp.MustCompile(`^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9]):(.+)$`)

// secretPermissions let send-file read what the settings refer to, and nothing else.
func secretPermissions(s *Settings, names *construct.Names) []construct.Permission {
	var parameters, secrets, objects []*string
	for _, value := range s.references() {
		if name, ok := strings.CutPrefix(value, settings.ReferencePrefix); ok {
			parameters = append(parameters, names.ARN("ssm", "parameter"+name))
		} else if id, ok := strings.CutPrefix(value, secretPrefix); ok {
			id, _, _ = strings.Cut(id, "#")
			arn := jsii.String(id)
			if !strings.HasPrefix(id, "arn:") {
				// AWS puts six characters behind the name
				// (https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html).
				arn = names.ARN("secretsmanager", "secret:"+id+"-??????")
			}
			secrets = append(secrets, arn)
		} else if place := keyObject.FindStringSubmatch(value); value == s.SSHPrivateKey && place != nil {
			objects = append(objects, names.ObjectARN(place[1], place[2]))
		}
	}
	var permissions []construct.Permission
	for _, p := range []struct {
		action    string
		resources []*string
		key       string
		context   string
	}{
		{"ssm:GetParameters", parameters, s.ParametersKey, "PARAMETER_ARN"},
		{"secretsmanager:GetSecretValue", secrets, s.SecretsKey, "SecretARN"},
		{"s3:GetObject", objects, "", ""},
	} {
		if len(p.resources) == 0 {
			continue
		}
		permissions = append(permissions, construct.Permission{Actions: []string{p.action}, Resources: p.resources})
		if p.key != "" {
			permissions = append(permissions, construct.Permission{
				Actions: []string{"kms:Decrypt"}, Resources: []*string{&p.key},
				Conditions: map[string]any{"StringLike": map[string]any{"kms:EncryptionContext:" + p.context: p.resources}},
			})
		}
	}
	return permissions
}
