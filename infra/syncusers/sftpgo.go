package syncusers

import (
	"maps"
	"net/url"
	"slices"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/digipres/sync-users/infra/construct"
)

// sftpgoConnections is how many requests SFTPGo answers an address at a time, with its
// own settings: all invocations have one address behind a NAT gateway.
const sftpgoConnections = 20

// sftpgoFunction is what sync-user needs, besides the lock.
func sftpgoFunction(settings *Settings, names *construct.Names, vpc *awslambda.CfnFunction_VpcConfigProperty) *construct.FunctionProps {
	environment := sftpgoVariables(settings)
	environment["SFTPGO_CONNECTIONS"] = strconv.Itoa(max(1, sftpgoConnections/settings.MaxConcurrency))
	return &construct.FunctionProps{
		Name:        settings.server().function,
		Description: "Makes one person's SFTPGo account show the buckets of their stacks",
		Environment: environment,
		Permissions: slices.Concat([]construct.Permission{
			{Actions: []string{"ssm:GetParameters"}, Resources: parameterARNs(settings, names)},
			readLockPermission(names),
		}, parametersKeyPermissions(settings, parameterARNs(settings, names)), construct.BucketsKeyReadPermissions(&settings.Common, names)),
		VPC: vpc,
	}
}

// listAccountsFunction is what list-accounts needs, which has no right to the keys of
// users.
func listAccountsFunction(settings *Settings, names *construct.Names, vpc *awslambda.CfnFunction_VpcConfigProperty) *construct.FunctionProps {
	environment := sftpgoVariables(settings)
	for _, name := range []string{"SFTPGO_S3_ENDPOINT", "ACCESS_KEY_PREFIX", "SECRET_KEY_PREFIX"} {
		delete(environment, name)
	}
	environment["RUNS_BUCKET"] = names.RunsBucket
	return &construct.FunctionProps{
		Name:           listAccounts,
		Description:    "Lists the SFTPGo accounts that show folders of stacks",
		TimeoutSeconds: 300,
		Environment:    environment,
		Permissions: slices.Concat([]construct.Permission{
			{Actions: []string{"ssm:GetParameters"}, Resources: referenceARNs(settings, names)},
			{Actions: []string{"s3:PutObject"}, Resources: names.RunsObjectARNs("runs/*/accounts.json")},
		}, parametersKeyPermissions(settings, referenceARNs(settings, names)), construct.BucketsKeyPermissions(&settings.Common, names)),
		VPC: vpc,
	}
}

// sftpgoVPC returns the network of the functions that connect to SFTPGo; nil for outside
// of any VPC, or without SFTPGo. discover-users reads IAM, which can't be reached from a
// VPC without a way to the internet.
func sftpgoVPC(scope constructs.Construct, settings *Settings, names *construct.Names) *awslambda.CfnFunction_VpcConfigProperty {
	if settings.Transfer() {
		return nil
	}
	return construct.NewVPCConfig(scope, names, &settings.Network, "SFTPGo", sftpgoPorts(settings.SFTPGoHost)...)
}

// sftpgoVariables returns the environment by which sync-user finds SFTPGo and
// the keys. Secrets are references in it, because settings accept nothing else.
func sftpgoVariables(settings *Settings) map[string]string {
	environment := map[string]string{
		"SFTPGO_HOST":        settings.SFTPGoHost,
		"SFTPGO_USERNAME":    settings.SFTPGoUsername,
		"SFTPGO_PASSWORD":    settings.SFTPGoPassword,
		"SFTPGO_API_KEY":     settings.SFTPGoAPIKey,
		"SFTPGO_S3_ENDPOINT": settings.S3Endpoint,
		"ACCESS_KEY_PREFIX":  settings.AccessKeyPrefix,
		"SECRET_KEY_PREFIX":  settings.SecretKeyPrefix,
	}
	maps.DeleteFunc(environment, func(_, value string) bool { return value == "" })
	return environment
}

// parameterARNs matches the parameters that sync-user reads: the keys of users, and
// what the connection to SFTPGo refers to.
func parameterARNs(settings *Settings, names *construct.Names) []*string {
	return append([]*string{
		names.ARN("ssm", "parameter"+settings.AccessKeyPrefix+"*"),
		names.ARN("ssm", "parameter"+settings.SecretKeyPrefix+"*"),
	}, referenceARNs(settings, names)...)
}

// referenceARNs matches the parameters that the connection to SFTPGo refers to.
func referenceARNs(settings *Settings, names *construct.Names) (arns []*string) {
	for _, name := range settings.ParameterReferences() {
		arns = append(arns, names.ARN("ssm", "parameter"+name))
	}
	return arns
}

// parametersKeyPermissions let a role decrypt the parameters that it reads, and
// nothing else under the same customer's key.
func parametersKeyPermissions(settings *Settings, parameters []*string) []construct.Permission {
	if settings.ParametersKey == "" {
		return nil
	}
	return []construct.Permission{{
		Actions:   []string{"kms:Decrypt"},
		Resources: []*string{&settings.ParametersKey},
		Conditions: map[string]any{"StringLike": map[string]any{
			"kms:EncryptionContext:PARAMETER_ARN": parameters,
		}},
	}}
}

// sftpgoPorts returns SFTPGo's port, unless it is that of HTTPS.
func sftpgoPorts(host string) []int {
	address, err := url.Parse(host)
	if err != nil {
		return nil
	}
	port, err := strconv.Atoi(address.Port())
	switch {
	case err != nil && address.Scheme == "http":
		return []int{80}
	case err != nil || port == 443:
		return nil
	}
	return []int{port}
}
