// Package sendfiles is send-files for the CDK: its settings and its stack.
package sendfiles

import (
	"strings"

	"github.com/digipres/sync-users/infra/settings"
)

// Settings are the settings of send-files. The names in the environment are those of
// lambda-s3-sftp (https://github.com/yunojuno/lambda-s3-sftp), whose settings they take.
//
// SSHPassword, SSHPrivateKey and SSHPassphrase are references, never secrets.
type Settings struct {
	SourceBucket       string `setting:"sourceBucket" validate:"required,bucket" want:"the name of a bucket" help:"bucket with the objects that are sent"`
	SourcePrefix       string `setting:"sourcePrefix" usual:"all objects" validate:"omitempty,object_prefix" want:"what keys begin with, like outgoing/" help:"what the keys of the objects begin with, like 'outgoing/'"`
	CreateSourceBucket bool   `setting:"createSourceBucket" default:"false" help:"'true' creates that bucket; otherwise it belongs to someone else and is not changed"`

	SSHHost       string `setting:"sshHost" env:"SSH_HOST" validate:"required,hostname_rfc1123|ip" want:"a name like sftp.partner.example" help:"name or address of the SFTP server"`
	SSHPort       int    `setting:"sshPort" env:"SSH_PORT" default:"22" validate:"min=1,max=65535" help:"its port"`
	SSHUsername   string `setting:"sshUsername" env:"SSH_USERNAME" validate:"required" want:"the name of the account" help:"account on the server, or a reference to its name"`
	SSHPassword   string `setting:"sshPassword" env:"SSH_PASSWORD" usual:"'ssm:/send-files/password' without a private key" parameter:"/send-files/password" validate:"omitempty,secret_reference" help:"reference to the password: 'ssm:/…', or 'secretsmanager:<name or ARN>', with '#<field>' for a field of a secret in JSON; never the password itself"`
	SSHPrivateKey string `setting:"sshPrivateKey" env:"SSH_PRIVATE_KEY" usual:"none" parameter:"/send-files/private-key" validate:"omitempty,secret_reference|key_object" help:"reference to a private key, ed25519, ECDSA or RSA, like sshPassword, or '<bucket>:<key>' for one in S3"`
	SSHPassphrase string `setting:"sshPassphrase" env:"SSH_PRIVATE_KEY_PASSPHRASE" usual:"none" parameter:"/send-files/passphrase" validate:"omitempty,secret_reference" help:"reference to the passphrase of the private key"`
	SSHHostKeys   string `setting:"sshHostKeys" env:"SSH_HOST_KEYS" validate:"required" want:"lines like 'ssh-ed25519 AAAA…', separated by semicolons; ssh-keyscan prints them" help:"host keys of the server, as 'ssh-ed25519 AAAA…' or lines of known_hosts, separated by semicolons; 'ssh-keyscan' prints what it shows, to be compared with what the partner says"`
	SSHDir        string `setting:"directory" env:"SSH_DIR" usual:"where the account begins" help:"directory on the server; with {dir}, {bucket}, {year}, {month}, {day} and others of 'name'"`
	SSHFilename   string `setting:"name" env:"SSH_FILENAME" default:"{key}" help:"name in the directory: {key} is the key after the prefix, {basename}, {ext}, {dir}, {bucket}, {year}, {month}, {day}, {time}, {etag}"`

	After    string   `setting:"after" default:"delete" validate:"after" want:"delete, keep, tag or archive:<prefix>/" help:"what becomes of an object that was sent: 'delete', 'keep', 'tag' or 'archive:sent/', which moves it to that prefix of its bucket"`
	Existing string   `setting:"existing" default:"replace" validate:"oneof=replace keep fail rename" help:"what happens if there is a file: 'replace', 'keep', 'fail' or 'rename', which gives the new one another name"`
	Verify   string   `setting:"verify" default:"size" validate:"oneof=size content" help:"'content' reads each file back and compares it; checksums of what was read, and sizes, are always compared"`
	Include  []string `setting:"include" usual:"all" help:"patterns of objects to send, like '*.csv' or 'reports/**'"`
	Exclude  []string `setting:"exclude" usual:"none" help:"patterns of objects not to send"`

	MaxConnections    int  `setting:"maxConnections" default:"10" validate:"min=1,max=1000" help:"objects sent at a time, each over one connection"`
	StartOnUpload     bool `setting:"startOnUpload" default:"true" help:"'false' leaves all starts to the schedule, which costs less than a run for each upload where there are many"`
	InvocationSeconds int  `setting:"invocationSeconds" default:"600" validate:"min=10,max=870" help:"seconds that one invocation may take; a file that takes longer is carried on by the next"`

	OldestUnsentHours int    `setting:"oldestUnsentHours" default:"6" validate:"min=0,max=720" help:"raises an alarm when an object has waited for so many hours; '0' for no alarm"`
	ExpectWithinHours int    `setting:"expectWithinHours" default:"0" validate:"min=0,max=168" help:"raises an alarm when nothing was sent for so many hours; '0' where that is normal"`
	SourceKey         string `setting:"sourceKey" usual:"the key of S3" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key of the source bucket"`
	SecretsKey        string `setting:"secretsKey" usual:"the key of AWS" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key of the secrets in Secrets Manager"`

	settings.Scheduled
	settings.Network
	settings.Common
}

// Defaults returns the defaults of settings that other systems have too. The schedule picks
// up what events missed, and mails the failures that have gathered.
func (s *Settings) Defaults() map[string]string {
	return map[string]string{"schedule": "rate(15 minutes)"}
}

// Complete checks what concerns more than one setting, and sets what follows from others.
func (s *Settings) Complete(found *settings.Problems) {
	switch {
	case found.Given("sshPassphrase") && !found.Given("sshPrivateKey"):
		found.Add("sshPassphrase", "it is given without sshPrivateKey, which it is for")
	case !found.Given("sshPassword") && !found.Given("sshPrivateKey"):
		s.SSHPassword = settings.ReferencePrefix + found.Parameter("sshPassword")
	}
	if archive, ok := strings.CutPrefix(s.After, "archive:"); ok && strings.HasPrefix(s.SourcePrefix, archive) {
		found.Add("after", "%q has the objects in it that shall be sent: give another prefix", archive)
	}
	s.Network.Complete(found)
	s.Scheduled.Complete(found)
	if !s.StartOnUpload && s.Schedule == "" && !found.Wrong("schedule") {
		found.Add("startOnUpload", "without it and without a schedule nothing is sent: give a schedule like rate(5 minutes)")
	}
}

// references returns the values that may be references.
func (s *Settings) references() []string {
	return []string{s.SSHHost, s.SSHUsername, s.SSHPassword, s.SSHPrivateKey, s.SSHPassphrase, s.SSHHostKeys}
}

// archivePrefix returns where objects are moved to; "" if they are not.
func (s *Settings) archivePrefix() string {
	prefix, _ := strings.CutPrefix(s.After, "archive:")
	if prefix == s.After {
		return ""
	}
	return prefix
}
