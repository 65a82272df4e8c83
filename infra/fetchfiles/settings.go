// Package fetchfiles is fetch-files for the CDK: its settings and its stack.
package fetchfiles

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

// Settings are the settings of fetch-files. What is fetched, where from and when, is in the
// file of the setting configuration.
type Settings struct {
	Configuration string `setting:"configuration" validate:"required" want:"the name of a file like partner.json" help:"file that says what is fetched from which server, where to and when; see [Fetch files](fetch-files.md). It is looked for in the current folder, then beside the file of settings"`

	ConnectorSecret string `setting:"connectorSecret" usual:"'aws/transfer/<stackName>/sftp'" validate:"omitempty,secret_name" want:"the name or the ARN of a secret" help:"name or ARN of the secret in Secrets Manager with the login to the server, which 'make keep-secret' creates"`
	SecretsKey      string `setting:"secretsKey" usual:"the key of AWS" validate:"omitempty,kms_key_arn" want:"the ARN of a key like arn:aws:kms:eu-west-1:123456789012:key/…; an alias can't be granted" help:"ARN of the KMS key of that secret"`
	MaxConnections  int    `setting:"maxConnections" default:"5" validate:"min=1,max=5" help:"connections to the server at a time"`

	ScheduleEnabled   bool `setting:"scheduleEnabled" default:"true" help:"'false' creates the schedules without starting runs, and without their alarm"`
	StaleAfterHours   int  `setting:"staleAfterHours" usual:"twice the longest tag or rate, at most 168" validate:"min=0,max=168" help:"raises an alarm when no run succeeded for so many hours; '0' for no alarm"`
	ExpectWithinHours int  `setting:"expectWithinHours" default:"0" validate:"min=0,max=168" help:"raises an alarm when no new file came for so many hours; '0' where that is normal"`

	settings.Common

	server *fetchconfig.Server
}

// Complete reads the configuration, and sets what follows from it.
func (s *Settings) Complete(found *settings.Problems) {
	if s.Configuration == "" {
		return
	}
	text, err := s.readConfiguration()
	if err != nil {
		found.Add("configuration", "there is no file to read: %w", err)
		return
	}
	server, err := fetchconfig.Parse(text)
	if err != nil {
		found.Add("configuration", "%s has mistakes:\n  %s", s.Configuration, strings.ReplaceAll(err.Error(), "\n", "\n  "))
		return
	}
	s.server = server
	if s.StackName == "" {
		s.StackName = "fetch-" + fetchconfig.Safe(server.Name, longestStackName-len("fetch-"))
	}
	if strings.HasPrefix(s.StackName, "aws") || strings.HasPrefix(s.StackName, "ssm") {
		found.Add("stackName", "Parameter Store takes no name that begins with aws or ssm, and syncs are kept under it: give another")
	}
	if s.ConnectorSecret == "" {
		// Without the last part, a name that ends with a hyphen and six characters would be
		// taken for the complete one of another secret
		// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
		s.ConnectorSecret = "aws/transfer/" + s.StackName + "/sftp"
	}
	if !found.Given("staleAfterHours") {
		s.StaleAfterHours = staleAfter(server.SyncSettings)
	}
	if !s.startsRuns() {
		s.StaleAfterHours = 0 // No run is missing.
	}
}

// longestStackName is that of the setting stackName.
const longestStackName = 30

// readConfiguration returns the content of the file.
func (s *Settings) readConfiguration() ([]byte, error) {
	text, err := os.ReadFile(s.Configuration)
	if errors.Is(err, fs.ErrNotExist) && s.File != "" && !filepath.IsAbs(s.Configuration) {
		if beside, second := os.ReadFile(filepath.Join(filepath.Dir(s.File), s.Configuration)); second == nil {
			return beside, nil
		}
	}
	return text, err
}

// startsRuns reports whether schedules start runs: not without the server's host keys,
// because the connector trusts no server then.
func (s *Settings) startsRuns() bool { return s.ScheduleEnabled && s.server.HasHostKeys() }

// staleAfter returns the hours after which a run is missing: twice the longest interval that
// a schedule tells; 0 if none does, or if it is too long for an alarm.
func staleAfter(syncs []fetchconfig.Sync) int {
	var longest time.Duration
	for _, s := range syncs {
		longest = max(longest, s.Schedule.Interval())
	}
	if hours := int((2*longest + time.Hour - 1) / time.Hour); hours <= longestAlarmHours {
		return hours
	}
	return 0
}

// longestAlarmHours is the longest that an alarm on hours can look back
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html).
const longestAlarmHours = 168

// KeptSecret returns the name or ARN of the secret that `make keep-secret` stores, and the
// ARN of its key.
func (s *Settings) KeptSecret() (id, key string) { return s.ConnectorSecret, s.SecretsKey }
