package syncusers

import (
	"net/url"
	"strconv"

	"github.com/digipres/sync-users/infra/construct"
)

// parameterARNs matches the parameters that sync-user reads: the keys of users, and
// what the connection to SFTPGo refers to.
func parameterARNs(settings *Settings, names *construct.Names) []*string {
	arns := []*string{
		names.ARN("ssm", "parameter"+settings.AccessKeyPrefix+"*"),
		names.ARN("ssm", "parameter"+settings.SecretKeyPrefix+"*"),
	}
	for _, name := range settings.ParameterReferences() {
		arns = append(arns, names.ARN("ssm", "parameter"+name))
	}
	return arns
}

// parametersKeyPermissions let sync-user decrypt the parameters that it reads, and
// nothing else under the same customer's key.
func parametersKeyPermissions(settings *Settings, names *construct.Names) []construct.Permission {
	if settings.ParametersKey == "" {
		return nil
	}
	return []construct.Permission{{
		Actions:   []string{"kms:Decrypt"},
		Resources: []*string{&settings.ParametersKey},
		Conditions: map[string]any{"StringLike": map[string]any{
			"kms:EncryptionContext:PARAMETER_ARN": parameterARNs(settings, names),
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
