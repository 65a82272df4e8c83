package moto_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"
)

// statement is a statement of a policy.
type statement map[string]any

var everything = statement{"Effect": "Allow", "Action": "*", "Resource": "*"}

func allow(action string, resources ...string) statement {
	return statement{"Effect": "Allow", "Action": action, "Resource": resources}
}

func policy(statements ...statement) *string {
	// Maps of strings can always be marshalled.
	text, _ := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": statements})
	return aws.String(string(text))
}

// makeRole makes a role that Step Functions, EventBridge and Transfer may assume.
func makeRole(ctx context.Context, name string, statements ...statement) error {
	roles := iam.NewFromConfig(account)
	_, err := roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: policy(statement{
		"Effect": "Allow", "Action": "sts:AssumeRole",
		"Principal": map[string]any{"Service": []string{"states.amazonaws.com", "events.amazonaws.com", "transfer.amazonaws.com"}},
	})})
	if err != nil {
		return err
	}
	_, err = roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &name, PolicyName: aws.String("permissions"), PolicyDocument: policy(statements...)})
	return err
}

// roleOf makes a role named like the test and returns its ARN.
func roleOf(t *testing.T, statements ...statement) string {
	t.Helper()
	name := strings.ReplaceAll(t.Name(), "/", "-")
	require.NoError(t, makeRole(t.Context(), name, statements...))
	return "arn:aws:iam::123456789012:role/" + name
}

// newUser makes an IAM user that may do what the statements say.
func newUser(t *testing.T, statements ...statement) aws.Config {
	t.Helper()
	return newNamedUser(t, strings.ReplaceAll(t.Name(), "/", "-"), statements...)
}

func newNamedUser(t *testing.T, name string, statements ...statement) aws.Config {
	t.Helper()
	users := iam.NewFromConfig(account)
	_, err := users.CreateUser(t.Context(), &iam.CreateUserInput{UserName: &name})
	require.NoError(t, err)
	if len(statements) > 0 {
		_, err = users.PutUserPolicy(t.Context(), &iam.PutUserPolicyInput{UserName: &name, PolicyName: aws.String("permissions"), PolicyDocument: policy(statements...)})
		require.NoError(t, err)
	}
	made, err := users.CreateAccessKey(t.Context(), &iam.CreateAccessKeyInput{UserName: &name})
	require.NoError(t, err)
	config := account.Copy()
	config.Credentials = credentials.NewStaticCredentialsProvider(*made.AccessKey.AccessKeyId, *made.AccessKey.SecretAccessKey, "")
	return config
}
