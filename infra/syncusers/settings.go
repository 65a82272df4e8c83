package syncusers

import (
	"cmp"
	"net"
	"net/url"
	"strings"

	"github.com/digipres/sync-users/infra/settings"
)

// Settings are the settings of sync-users.
//
// SFTPGoPassword and SFTPGoAPIKey are references to Parameter Store, `ssm:/…`,
// never secrets; exactly one of them is set.
type Settings struct {
	ManagedBucket       string `setting:"managedBucket" validate:"required,max=63,managed_bucket" want:"a name like digipres-dev1-managed" help:"bucket '<org>-<env>-managed' to which TRIGGER is uploaded"`
	CreateManagedBucket bool   `setting:"createManagedBucket" default:"false" help:"'true' creates that bucket; otherwise it belongs to someone else and is not changed"`

	Server string `setting:"server" default:"sftpgo" validate:"oneof=sftpgo transfer" help:"where people have accounts: 'sftpgo' or 'transfer', which is AWS Transfer Family. With 'transfer', stackName is 'sync-transfer-users' unless given"`

	SFTPGoHost     string `setting:"sftpgoHost" env:"SFTPGO_HOST" usual:"required with SFTPGo" validate:"required_if=Server sftpgo,omitempty,web_address" want:"a URL like https://sftpgo.example.org" help:"URL of SFTPGo; 'http://' only with 'subnets', because it shows the password to the network"`
	SFTPGoUsername string `setting:"sftpgoUsername" env:"SFTPGO_USERNAME" usual:"required with SFTPGo, without an API key" validate:"omitempty,username" want:"a reference like ssm:/sftpgo/username" help:"SFTPGo administrator, or a reference to the name"`
	SFTPGoPassword string `setting:"sftpgoPassword" env:"SFTPGO_PASSWORD" usual:"'ssm:/sftpgo/password'" parameter:"/sftpgo/password" validate:"omitempty,reference" help:"reference to the administrator password, 'ssm:/…'; never the password itself"`
	SFTPGoAPIKey   string `setting:"sftpgoApiKey" env:"SFTPGO_API_KEY" usual:"none" parameter:"/sftpgo/api-key" validate:"omitempty,reference" help:"reference to an API key, instead of username and password"`

	MaxConcurrency  int    `setting:"maxConcurrency" default:"10" validate:"min=1,max=1000" help:"users synced at a time; SFTPGo refuses an address with more than 20 connections unless configured otherwise"`
	ChildExecutions string `setting:"childExecutions" default:"STANDARD" validate:"oneof=STANDARD EXPRESS" help:"type of the execution of each user, 'STANDARD' or 'EXPRESS'; EXPRESS costs a fraction, keeps no history of each user, and has five minutes for one"`

	ChangesEvery string `setting:"changesEvery" default:"none" validate:"minutes_or_none" want:"none, true, nor a number of minutes from 1 to 1440" help:"minutes between runs for those alone whose memberships, buckets or keys changed, such as '5'; 'true' is 5, 'none' is no such runs"`

	MaxLosses string `setting:"maxLosses" usual:"5, or 10 percent of those who have access if that is more" validate:"omitempty,number,max=6" want:"a whole number like 20" help:"how many people a run for everybody may take access from; if it were more, it touches nobody until 'acceptLosses' says that it is right"`

	AccessKeyPrefix string `setting:"accessKeyPrefix" default:"/iam/access_key/" validate:"parameter_prefix" want:"a path like /iam/access_key/, with a slash at both ends, that AWS does not reserve (/aws, /ssm)" help:"where in Parameter Store the access key ids of users are"`
	SecretKeyPrefix string `setting:"secretKeyPrefix" default:"/iam/secret_key/" validate:"parameter_prefix" want:"a path like /iam/secret_key/, with a slash at both ends, that AWS does not reserve (/aws, /ssm)" help:"where in Parameter Store the secret keys of users are"`

	S3Endpoint string `setting:"s3Endpoint" usual:"the endpoint of AWS" validate:"omitempty,web_address" want:"a URL like https://s3.example.org" help:"S3 endpoint that the folders in SFTPGo use, path style, for another store or a VPC endpoint"`

	TransferServer     string   `setting:"transferServer" usual:"required with Transfer" validate:"required_if=Server transfer,omitempty,transfer_server" want:"an id like s-0123456789abcdef0" help:"id of the Transfer server, whose users are service-managed"`
	CreateTransferRole bool     `setting:"createTransferRole" default:"false" help:"'true' creates a role for Transfer users, which reaches the buckets of all stacks; its ARN is an output"`
	TransferRoles      []string `setting:"transferRoles" usual:"required with Transfer, unless a role is created" validate:"dive,role_arn" want:"the ARN of a role like arn:aws:iam::123456789012:role/transfer-users" help:"ARNs of the roles that Transfer users have; '*' at the end stands for any rest"`
	SessionPolicy      bool     `setting:"sessionPolicy" default:"true" help:"with Transfer: 'false' leaves it to the role alone what a person may do in the buckets that they see"`
	EndSessions        bool     `setting:"endSessions" default:"false" help:"with Transfer: 'true' ends open sessions after a run took something from somebody: everybody who has the same role has to reconnect. The function may then write policies of those roles"`

	AccountTag string `setting:"accountTag" default:"Email" validate:"max=128,tag_key" want:"the key of a tag like SftpName" help:"tag of an IAM user that names the account of that person"`

	settings.Scheduled
	settings.Network
	settings.Common
}

// Complete checks what concerns more than one setting, and sets what follows from
// others.
func (s *Settings) Complete(found *settings.Problems) {
	switch s.Server {
	case "sftpgo":
		found.Refuse("the server is SFTPGo", "transferServer", "createTransferRole", "transferRoles", "sessionPolicy", "endSessions")
		s.completeSFTPGo(found)
	case "transfer":
		found.Refuse("the server is AWS Transfer Family", "sftpgoHost", "sftpgoUsername", "sftpgoPassword", "sftpgoApiKey", "s3Endpoint",
			"accessKeyPrefix", "secretKeyPrefix", "parametersKey", "vpc", "subnets", "securityGroups")
		if !s.CreateTransferRole && !found.Given("transferRoles") {
			found.Add("transferRoles", "they are missing: give the ARNs of the roles that Transfer users have, or createTransferRole=true")
		}
		s.StackName = cmp.Or(s.StackName, "sync-transfer-users")
	}
	s.Scheduled.Complete(found)
}

// completeSFTPGo does that for the settings of SFTPGo.
func (s *Settings) completeSFTPGo(found *settings.Problems) {
	switch {
	case found.Given("sftpgoApiKey") && (found.Given("sftpgoUsername") || found.Given("sftpgoPassword")):
		found.Add("sftpgoApiKey", "it is given together with a username or a password: take one of the two ways away")
	case found.Given("sftpgoApiKey"):
	case !found.Given("sftpgoUsername"):
		found.Add("sftpgoUsername", "it is missing: give it, here or as SFTPGO_USERNAME in the environment, or sftpgoApiKey instead")
	case !found.Given("sftpgoPassword"):
		s.SFTPGoPassword = settings.ReferencePrefix + found.Parameter("sftpgoPassword")
	}
	s.SFTPGoHost, s.S3Endpoint = strings.TrimRight(s.SFTPGoHost, "/"), strings.TrimRight(s.S3Endpoint, "/")
	if !found.Given("subnets") && sendsInClear(s.SFTPGoHost) {
		found.Add("sftpgoHost", "http shows the password to every network on the way: give https://…, or the subnets of the VPC where SFTPGo is")
	}
	if s.AccessKeyPrefix == s.SecretKeyPrefix {
		found.Add("secretKeyPrefix", "it is the same as accessKeyPrefix: the two keys of a user need two places")
	}
	s.ChangesEvery = changesRate(s.ChangesEvery)
	s.Network.Complete(found)
}

// changesRate returns the rate of the runs for those who changed, as EventBridge Scheduler
// takes it; "" without such runs.
func changesRate(minutes string) string {
	switch minutes {
	case "none":
		return ""
	case "true":
		minutes = "5"
	case "1":
		return "rate(1 minute)"
	}
	return "rate(" + minutes + " minutes)"
}

// sendsInClear reports whether a password would go to this address over a network
// unencrypted. An address of this machine is on no network.
func sendsInClear(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" {
		return false
	}
	host := parsed.Hostname()
	return host != "localhost" && !net.ParseIP(host).IsLoopback()
}

// Transfer reports whether people have accounts in AWS Transfer Family, not SFTPGo.
func (s *Settings) Transfer() bool { return s.Server == "transfer" }

// ExpressChildren reports whether the child executions are Express, not Standard.
func (s *Settings) ExpressChildren() bool { return s.ChildExecutions == "EXPRESS" }

// ParameterReferences returns the names of the parameters that the connection to
// SFTPGo refers to.
func (s *Settings) ParameterReferences() []string {
	var names []string
	for _, value := range []string{s.SFTPGoUsername, s.SFTPGoPassword, s.SFTPGoAPIKey} {
		if name, ok := strings.CutPrefix(value, settings.ReferencePrefix); ok {
			names = append(names, name)
		}
	}
	return names
}
