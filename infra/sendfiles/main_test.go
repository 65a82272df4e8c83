package sendfiles

import (
	"testing"

	"github.com/digipres/sync-users/infra/construct"
	"github.com/digipres/sync-users/infra/constructtest"
	"github.com/digipres/sync-users/statemachine"
)

func TestMain(m *testing.M) { constructtest.Main(m) }

func newSystem() construct.System { return new(Settings) }

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcGVyYXRvcnNvbmx5bm90YXJlYWxob3N0a2V5ISEh"

// variants are the installations that the tests check.
var variants = constructtest.NewVariants(newSystem, map[string]map[string]any{
	"example": constructtest.Example("send"),
	// What lambda-s3-sftp does: a password, and objects are deleted.
	"small": {
		"system": "send-files", "sourceBucket": "outgoing", "sshHost": "sftp.partner.example", "sshUsername": "us", "sshHostKeys": hostKey,
	},
	"scheduled": {
		"system": "send-files", "sourceBucket": "outgoing", "sshHost": "sftp.partner.example", "sshUsername": "us", "sshHostKeys": hostKey,
		"startOnUpload": false, "schedule": "rate(5 minutes)",
	},
	"large": {
		"system": "send-files", "sourceBucket": "outgoing", "sourcePrefix": "out/", "createSourceBucket": true,
		"sshHost": "10.0.0.1", "sshPort": 2222.0, "sshUsername": "ssm:/partner/name", "sshHostKeys": "ssm:/partner/host-keys",
		"sshPrivateKey": "keys:partner/id_rsa", "sshPassphrase": "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:p-abcdef",
		"after": "tag", "subnets": "subnet-0123456789abcdef0", "vpc": "vpc-0123456789abcdef0", "schedule": "none", "invocationSeconds": 30.0,
		"parametersKey": keyARN + "1", "secretsKey": keyARN + "2", "sourceKey": keyARN + "3", "bucketsKey": keyARN + "4",
		"oldestUnsentHours": 0.0, "tracing": true,
	},
})

const keyARN = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-00000000000"

func TestTemplatesPassCfnLint(t *testing.T) {
	t.Parallel()
	variants.Lint(t)
}

func TestDefinitionIsValid(t *testing.T) {
	t.Parallel()
	constructtest.LintDefinition(t, statemachine.SendFiles)
}
