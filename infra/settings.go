package main

import "strings"

// Settings are what an operator decides about one installation. ReadSettings
// makes them; settingsTable says what each one means.
type Settings struct {
	StackName           string
	ManagedBucket       string
	CreateManagedBucket bool
	AlertEmails         []string
	SFTPGo              SFTPGo
	Parameters          Parameters
	Schedule            Schedule
	MaxConcurrency      int
	Architecture        Architecture
	MemoryMB            int
	LogLevel            string
	LogRetentionDays    int
	RunsRetentionDays   int
	Network             Network
	Keys                Keys
	PermissionsBoundary string
	Tags                map[string]string
	Tracing             bool
}

// SFTPGo says how to reach the server. Password and APIKey are references to
// Parameter Store, `ssm:/…`, never the secrets themselves; exactly one is set.
type SFTPGo struct {
	Host, Username, Password, APIKey string
	// S3Endpoint is the endpoint that SFTPGo's folders use; empty for AWS's own.
	S3Endpoint string
}

// references are the names of the parameters that the connection refers to.
func (s SFTPGo) references() []string {
	var names []string
	for _, value := range []string{s.Username, s.Password, s.APIKey} {
		if name, ok := strings.CutPrefix(value, referencePrefix); ok {
			names = append(names, name)
		}
	}
	return names
}

// Parameters says where in Parameter Store the users' keys are. A user's name
// follows the prefix.
type Parameters struct {
	AccessKeyPrefix, SecretKeyPrefix string
}

// Schedule says when runs start by themselves; the zero value is never.
type Schedule struct {
	// Expression is EventBridge Scheduler's rate or cron.
	Expression, TimeZone string
	// StaleAfterHours is how long no run may succeed before an alarm tells;
	// zero for no such alarm.
	StaleAfterHours int
}

// Network is where sync-user runs to reach an SFTPGo that is not public; the
// zero value is outside of any VPC.
type Network struct {
	VPC                     string
	Subnets, SecurityGroups []string
}

// Keys are the ARNs of customer KMS keys; empty for AWS's own, except that the
// topic gets a key of its own, because alarms can't publish under AWS's.
type Keys struct {
	Parameters, Buckets, Topic string
}
