package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/digipres/sync-users/infra/settings"
	"github.com/digipres/sync-users/infra/systems"
)

// writeTarget tells scripts what the CDK would deploy and where, with the settings
// and credentials that it finds itself. It runs in place of the app, and writes two
// files of name=value lines into the assembly: `target`, and `secret-references`
// with a reference for each secret that the environment holds.
func writeTarget(environment func(string) string) error {
	context, err := cliContext(environment)
	if err != nil {
		return err
	}
	chosen, err := systems.Choose(context)
	if err != nil {
		return err
	}
	references, err := settings.SecretReferences(chosen, context, environment)
	if err != nil {
		return err
	}
	installations, err := systems.Read(context, func(name string) string {
		if reference, ok := references[name]; ok {
			return reference
		}
		return environment(name)
	})
	if err != nil {
		return err
	}
	read := installations[0].Base()
	account, region := environment("CDK_DEFAULT_ACCOUNT"), environment("CDK_DEFAULT_REGION")
	if account == "" || region == "" {
		return errors.New("no AWS account is known here: export AWS_PROFILE and AWS_REGION, and try `aws sts get-caller-identity`")
	}

	var secret, secretsKey string
	if keeper, ok := installations[0].(interface{ KeptSecret() (id, key string) }); ok {
		secret, secretsKey = keeper.KeptSecret()
	}
	var lines strings.Builder
	for _, variable := range slices.Sorted(maps.Keys(references)) {
		fmt.Fprintf(&lines, "%s=%s\n", variable, references[variable])
	}
	for name, text := range map[string]string{
		"secret-references": lines.String(),
		"target": fmt.Sprintf("STACK=%s\nTARGET_ACCOUNT=%s\nAWS_REGION=%s\nAWS_DEFAULT_REGION=%[3]s\nPARAMETERS_KEY=%s\nCONNECTOR_SECRET=%s\nSECRETS_KEY=%s\n",
			read.StackName, account, region, read.ParametersKey, secret, secretsKey),
		// The CLI takes no assembly without a CloudFormation stack.
		"manifest.json": `{"version": "36.0.0", "artifacts": {"` + read.StackName + `": {"type": "aws:cloudformation:stack",
			"environment": "aws://` + account + "/" + region + `", "properties": {"templateFile": "template.json"}}}}`,
		"template.json": "{}",
	} {
		if err := os.WriteFile(filepath.Join(environment("CDK_OUTDIR"), name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
