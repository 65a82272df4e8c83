// Package awssecretsmanager reads settings from AWS Secrets Manager.
package awssecretsmanager

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/digipres/sync-users/shared/adapter/awsapi"
	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/settings"
)

// referencePrefix is how a setting begins that refers to a secret.
const referencePrefix = "secretsmanager:"

// Secrets reads secrets.
type Secrets struct {
	client secretsClient
}

type secretsClient interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

var _ settings.Resolver = Secrets{}

// NewSecrets makes a Secrets for the account and region of the configuration.
func NewSecrets(cfg aws.Config) Secrets {
	return Secrets{client: secretsmanager.NewFromConfig(cfg)}
}

// Resolve returns the value of the secret that a setting refers to, such as
// `secretsmanager:partner/password` or with its ARN, and any other value as it is. With
// `#` and a name at the end, it is that field of a secret in JSON. It removes line breaks at
// the end. It returns Misconfigured if the secret or the field is missing or blank.
func (s Secrets) Resolve(ctx context.Context, setting, value string) (string, error) {
	reference, ok := strings.CutPrefix(value, referencePrefix)
	if !ok {
		return value, nil
	}
	id, field, hasField := strings.Cut(reference, "#")
	if id == "" || hasField && field == "" {
		return "", errkind.Errorf(errkind.Misconfigured, "%s is %q, without a name", setting, value)
	}
	output, err := s.client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &id})
	if awsapi.Is(err, "ResourceNotFoundException", "InvalidRequestException") {
		return "", errkind.Errorf(errkind.Misconfigured, "%s refers to the secret %s, which is not in Secrets Manager, or has no value: %w", setting, id, err)
	}
	if err != nil {
		return "", fmt.Errorf("read the secret %s for %s: %w", id, setting, awsapi.Classify(err))
	}
	text := aws.ToString(output.SecretString)
	if output.SecretString == nil {
		text = string(output.SecretBinary)
	}
	if hasField {
		var fields map[string]any
		if json.Unmarshal([]byte(text), &fields) != nil {
			return "", errkind.Errorf(errkind.Misconfigured, "%s refers to the field %s of the secret %s, which is no JSON object", setting, field, id)
		}
		text, _ = fields[field].(string)
	}
	text = strings.TrimRight(text, "\r\n")
	if strings.TrimSpace(text) == "" {
		return "", errkind.Errorf(errkind.Misconfigured, "%s refers to the secret %s, which is blank there", setting, reference)
	}
	return text, nil
}
