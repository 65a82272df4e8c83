package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// sftpgoFlags say how SFTPGo is reached, before the environment does.
type sftpgoFlags struct {
	host, username, password, apiKey string
}

func (f *sftpgoFlags) add(cmd *cobra.Command) {
	set := cmd.Flags()
	set.StringVar(&f.host, "sftpgo-host", "", "SFTPGo's URL (default $SFTPGO_HOST)")
	set.StringVar(&f.username, "sftpgo-username", "", "SFTPGo administrator (default $SFTPGO_USERNAME)")
	set.StringVar(&f.password, "sftpgo-password", "", "reference to the password, such as ssm:/sftpgo/password (default $SFTPGO_PASSWORD)")
	set.StringVar(&f.apiKey, "sftpgo-api-key", "", "reference to an API key instead (default $SFTPGO_API_KEY)")
}

const reference = "ssm:"

// over lays the flags over an environment. A secret itself is refused, because
// a process's arguments are there for everybody on the machine to read.
func (f sftpgoFlags) over(environment []string) ([]string, error) {
	for flag, value := range map[string]string{"--sftpgo-password": f.password, "--sftpgo-api-key": f.apiKey} {
		if value != "" && !strings.HasPrefix(value, reference) {
			return nil, mended(
				fmt.Errorf("%s must be a reference to Parameter Store, because everybody on this machine can read a command's arguments", flag),
				fmt.Sprintf("Put the secret into the environment, or into Parameter Store and name it: %s ssm:/sftpgo/password.", flag))
		}
	}
	environment = slices.Clone(environment)
	if f.password != "" && f.apiKey == "" {
		// The environment's API key would go before the password.
		environment = slices.DeleteFunc(environment, func(v string) bool { return strings.HasPrefix(v, "SFTPGO_API_KEY=") })
	}
	for _, v := range []struct{ name, value string }{
		{"SFTPGO_HOST", f.host}, {"SFTPGO_USERNAME", f.username}, {"SFTPGO_PASSWORD", f.password}, {"SFTPGO_API_KEY", f.apiKey},
	} {
		if v.value != "" {
			environment = append(environment, v.name+"="+v.value)
		}
	}
	return environment, nil
}
