package sendfiles

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/digipres/sync-users/infra/construct"
)

// The functions, by the names of their folders.
const (
	listObjects   = "list-objects"
	sendFile      = "send-file"
	summarizeSend = "summarize-send"
)

// shortSeconds is the timeout of those that do not wait for the partner's server.
const shortSeconds = 300

// Functions returns the names of the folders of the workflow's Lambdas.
func (s *Settings) Functions() []string { return []string{listObjects, sendFile, summarizeSend} }

// functions are the workflow's three Lambdas.
type functions struct {
	listObjects, sendFile, summarizeSend *construct.Function
}

func (f *functions) all() []*construct.Function {
	return []*construct.Function{f.listObjects, f.sendFile, f.summarizeSend}
}

// logs returns the names of their log groups.
func (f *functions) logs() []string {
	return []string{f.listObjects.Log, f.sendFile.Log, f.summarizeSend.Log}
}

// newFunctions creates the three Lambdas, each with what it needs and no more.
func newFunctions(scope constructs.Construct, settings *Settings, names *construct.Names, code map[string]string) *functions {
	// Without it S3 answers 403 and not 404 for what does not exist yet.
	listRuns := construct.Permission{Actions: []string{"s3:ListBucket"}, Resources: []*string{names.BucketARN(names.RunsBucket)}}
	listing := map[string]string{
		"MAX_CONNECTIONS":    strconv.Itoa(settings.MaxConnections),
		"INVOCATION_TIMEOUT": fmt.Sprintf("%ds", max(settings.InvocationSeconds, shortSeconds)),
	}
	return &functions{
		listObjects: construct.NewFunction(scope, "ListObjects", &settings.Common, names, code, &construct.FunctionProps{
			Name:           listObjects,
			Description:    "Lists the objects that are to be sent, and whether there are more",
			TimeoutSeconds: shortSeconds,
			Environment:    merge(sendingVariables(settings, names), listing),
			Permissions: slices.Concat([]construct.Permission{
				listSource(settings, names), listRuns,
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: slices.Concat(
					names.RunsObjectARNs(construct.LockKey), names.RunsObjectARNs("manifest.json"), names.RunsObjectARNs("superseded.json"), names.RunsObjectARNs("runs/*/objects.json"))},
				{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs("mails.json")},
				{Actions: []string{"states:DescribeExecution"}, Resources: []*string{names.ExecutionARNs()}},
			}, construct.BucketsKeyPermissions(&settings.Common, names)),
		}),
		sendFile: construct.NewFunction(scope, "SendFile", &settings.Common, names, code, &construct.FunctionProps{
			Name:           sendFile,
			Description:    "Sends one object to the partner's SFTP server",
			TimeoutSeconds: settings.InvocationSeconds,
			Environment:    merge(sendingVariables(settings, names), serverVariables(settings)),
			Permissions: slices.Concat([]construct.Permission{
				listSource(settings, names), listRuns,
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: names.RunsObjectARNs("sent/*")},
			}, sourcePermissions(settings, names), secretPermissions(settings, names), construct.BucketsKeyPermissions(&settings.Common, names)),
			VPC: construct.NewVPCConfig(scope, names, &settings.Network, "the SFTP server", serverPorts(settings)...),
		}),
		summarizeSend: construct.NewFunction(scope, "SummarizeSend", &settings.Common, names, code, &construct.FunctionProps{
			Name:           summarizeSend,
			Description:    "Writes the reports of the run and the day, and the mail about failures",
			TimeoutSeconds: shortSeconds,
			Environment:    map[string]string{"RUNS_BUCKET": names.RunsBucket},
			Permissions: append([]construct.Permission{
				listRuns,
				{Actions: []string{"s3:GetObject"}, Resources: names.RunsObjectARNs("runs/*")},
				{Actions: []string{"s3:GetObject", "s3:PutObject"}, Resources: slices.Concat(
					names.RunsObjectARNs("manifest.json"), names.RunsObjectARNs("mails.json"), names.RunsObjectARNs("days/*"))},
				{Actions: []string{"s3:PutObject"}, Resources: slices.Concat(
					names.RunsObjectARNs("runs/*/report.json"), names.RunsObjectARNs("runs/*/report.html"), names.RunsObjectARNs("runs/*/summary.json"))},
			}, construct.BucketsKeyPermissions(&settings.Common, names)...),
		}),
	}
}

// serverPorts returns the server's port, unless it is that of HTTPS.
func serverPorts(settings *Settings) []int {
	if settings.SSHPort == 443 {
		return nil
	}
	return []int{settings.SSHPort}
}

// sendingVariables returns the environment that says which objects are sent, and how.
func sendingVariables(settings *Settings, names *construct.Names) map[string]string {
	return map[string]string{
		"RUNS_BUCKET":   names.RunsBucket,
		"SOURCE_BUCKET": settings.SourceBucket,
		"SOURCE_PREFIX": settings.SourcePrefix,
		"SSH_DIR":       settings.SSHDir,
		"SSH_FILENAME":  settings.SSHFilename,
		"AFTER":         settings.After,
		"EXISTING":      settings.Existing,
		"VERIFY":        settings.Verify,
		"INCLUDE":       strings.Join(settings.Include, ","),
		"EXCLUDE":       strings.Join(settings.Exclude, ","),
	}
}

// serverVariables returns the environment by which send-file finds the server. Secrets are
// references in it, because settings accept nothing else.
func serverVariables(settings *Settings) map[string]string {
	return map[string]string{
		"SSH_HOST":                   settings.SSHHost,
		"SSH_PORT":                   strconv.Itoa(settings.SSHPort),
		"SSH_USERNAME":               settings.SSHUsername,
		"SSH_PASSWORD":               settings.SSHPassword,
		"SSH_PRIVATE_KEY":            settings.SSHPrivateKey,
		"SSH_PRIVATE_KEY_PASSPHRASE": settings.SSHPassphrase,
		"SSH_HOST_KEYS":              settings.SSHHostKeys,
	}
}

// merge returns the variables of both that have a value.
func merge(a, b map[string]string) map[string]string {
	merged := maps.Clone(a)
	maps.Copy(merged, b)
	maps.DeleteFunc(merged, func(_, value string) bool { return value == "" })
	return merged
}
