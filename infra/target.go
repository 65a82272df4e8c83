package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// secretParameters are where SFTPGo's secrets of the environment are kept when
// the settings name no other place.
var secretParameters = map[string]string{
	"SFTPGO_PASSWORD": passwordParameter,
	"SFTPGO_API_KEY":  "/sftpgo/api-key",
}

// target tells scripts what the CDK would deploy and where, with the settings
// and credentials that it finds itself. It stands in for the app while the CDK's
// command line runs it, and writes two files of name=value into the assembly:
// `target`, and `kept` with a reference for each secret of the environment.
func target(environment func(string) string) error {
	context, err := cliContext(environment)
	if err != nil {
		return err
	}
	kept, err := keptSecrets(context, environment)
	if err != nil {
		return err
	}
	settings, err := ReadSettings(context, func(name string) string {
		if reference, ok := kept[name]; ok {
			return reference
		}
		return environment(name)
	})
	if err != nil {
		return err
	}
	account, region := environment("CDK_DEFAULT_ACCOUNT"), environment("CDK_DEFAULT_REGION")
	if account == "" || region == "" {
		return errors.New("no AWS account is known here: export AWS_PROFILE and AWS_REGION, and try `aws sts get-caller-identity`")
	}

	var references strings.Builder
	for _, s := range settingsTable(settings) {
		if reference, ok := kept[s.variable]; ok {
			fmt.Fprintf(&references, "%s=%s\n", s.variable, reference)
		}
	}
	for name, text := range map[string]string{
		"kept": references.String(),
		"target": fmt.Sprintf("STACK=%s\nTARGET_ACCOUNT=%s\nAWS_REGION=%s\nAWS_DEFAULT_REGION=%[3]s\nPARAMETERS_KEY=%s\n",
			settings.StackName, account, region, settings.Keys.Parameters),
		// The command line takes no assembly without a stack.
		"manifest.json": `{"version": "36.0.0", "artifacts": {"` + settings.StackName + `": {"type": "aws:cloudformation:stack",
			"environment": "aws://` + account + "/" + region + `", "properties": {"templateFile": "template.json"}}}}`,
		"template.json": "{}",
	} {
		if err := os.WriteFile(filepath.Join(environment("CDK_OUTDIR"), name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// keptSecrets gives the reference for each secret that stands itself in the
// environment, by the variable: what the settings say, or the usual parameter.
func keptSecrets(context map[string]any, environment func(string) string) (map[string]string, error) {
	file, err := readFile(context)
	if err != nil {
		return nil, fmt.Errorf("setting %s: %w", fileSetting, err)
	}
	said, kept := withFile(context, file), map[string]string{}
	for _, s := range settingsTable(&Settings{}) {
		usual, isSecret := secretParameters[s.variable]
		secret := strings.TrimSpace(environment(s.variable))
		if !isSecret || secret == "" || strings.HasPrefix(secret, referencePrefix) {
			continue
		}
		place, err := written(said[s.name])
		if err != nil {
			return nil, fmt.Errorf("setting %s: %w", s.name, err)
		}
		kept[s.variable] = cmp.Or(place, referencePrefix+usual)
	}
	return kept, nil
}
