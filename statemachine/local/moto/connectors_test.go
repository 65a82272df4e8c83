package moto_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
)

const (
	partnerURL = "sftp://partner.example.org:2022"
	secretARN  = "arn:aws:secretsmanager:us-east-1:123456789012:secret:partner-AbCdEf"
	// noConnector is the id of a connector that doesn't exist.
	noConnector = "c-00000000000000000"
)

// newHostKey returns the line of a new public key.
func newHostKey(t *testing.T, curve elliptic.Curve) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	require.NoError(t, err)
	public, err := ssh.NewPublicKey(key.Public())
	require.NoError(t, err)
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(public)))
}

func createConnector(t *testing.T, change func(*transfer.CreateConnectorInput)) (string, error) {
	t.Helper()
	input := &transfer.CreateConnectorInput{Url: aws.String(partnerURL), AccessRole: aws.String(role), SftpConfig: &types.SftpConnectorConfig{UserSecretId: aws.String(secretARN)}}
	if change != nil {
		change(input)
	}
	created, err := transfer.NewFromConfig(account).CreateConnector(t.Context(), input)
	if err != nil {
		return "", err
	}
	return *created.ConnectorId, nil
}

func describeConnector(t *testing.T, id string) *types.DescribedConnector {
	t.Helper()
	got, err := transfer.NewFromConfig(account).DescribeConnector(t.Context(), &transfer.DescribeConnectorInput{ConnectorId: &id})
	require.NoError(t, err)
	return got.Connector
}

func TestConnector(t *testing.T) {
	t.Parallel()
	client := transfer.NewFromConfig(account)
	id, err := createConnector(t, nil)
	require.NoError(t, err)
	want := &types.DescribedConnector{
		Arn: aws.String("arn:aws:transfer:us-east-1:123456789012:connector/" + id), ConnectorId: &id, Url: aws.String(partnerURL), AccessRole: aws.String(role),
		SftpConfig: &types.SftpConnectorConfig{UserSecretId: aws.String(secretARN), MaxConcurrentConnections: aws.Int32(1)},
		EgressType: types.ConnectorEgressTypeServiceManaged, IpAddressType: types.ConnectorsIpAddressTypeIpv4, Status: types.ConnectorStatusActive,
		SecurityPolicyName:              aws.String("TransferSFTPConnectorSecurityPolicy-2024-03"),
		ServiceManagedEgressIpAddresses: []string{"127.0.0.1", "127.0.0.2"}, Tags: []types.Tag{},
	}
	assert.Equal(t, want, describeConnector(t, id))

	keys := []string{newHostKey(t, elliptic.P256()), "partner.example.org " + newHostKey(t, elliptic.P521())}
	update := func(config *types.SftpConnectorConfig) error {
		_, err := client.UpdateConnector(t.Context(), &transfer.UpdateConnectorInput{ConnectorId: &id, SftpConfig: config})
		return err
	}
	require.NoError(t, update(&types.SftpConnectorConfig{TrustedHostKeys: keys}))
	require.NoError(t, update(&types.SftpConnectorConfig{MaxConcurrentConnections: aws.Int32(5)}))
	want.SftpConfig.TrustedHostKeys, want.SftpConfig.MaxConcurrentConnections = keys, aws.Int32(5)
	assert.Equal(t, want, describeConnector(t, id), "what an update leaves out stays as it is")

	_, err = client.DeleteConnector(t.Context(), &transfer.DeleteConnectorInput{ConnectorId: &id})
	require.NoError(t, err)
	for _, missing := range []string{id, noConnector} {
		_, err = client.DescribeConnector(t.Context(), &transfer.DescribeConnectorInput{ConnectorId: &missing})
		notFound(t, err, "Connector", missing)
		_, err = client.UpdateConnector(t.Context(), &transfer.UpdateConnectorInput{ConnectorId: &missing})
		notFound(t, err, "Connector", missing)
		_, err = client.DeleteConnector(t.Context(), &transfer.DeleteConnectorInput{ConnectorId: &missing})
		notFound(t, err, "Connector", missing)
		_, err = client.TestConnection(t.Context(), &transfer.TestConnectionInput{ConnectorId: &missing})
		notFound(t, err, "Connector", missing)
	}
}

func TestListConnectors(t *testing.T) {
	t.Parallel()
	var want []string
	for range 3 {
		id, err := createConnector(t, nil)
		require.NoError(t, err)
		want = append(want, id)
	}
	var got []string
	for pages := transfer.NewListConnectorsPaginator(transfer.NewFromConfig(account), &transfer.ListConnectorsInput{MaxResults: aws.Int32(1)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		require.Len(t, page.Connectors, 1)
		got = append(got, *page.Connectors[0].ConnectorId)
	}
	assert.Subset(t, got, want)
}

// TestInvalidConnectors has each of what CreateConnector refuses refused by
// UpdateConnector, too, which changes nothing then.
func TestInvalidConnectors(t *testing.T) {
	t.Parallel()
	id, err := createConnector(t, nil)
	require.NoError(t, err)
	before := describeConnector(t, id)
	ecdsaKey := newHostKey(t, elliptic.P256())
	keys := func(lines ...string) func(*transfer.CreateConnectorInput) {
		return func(c *transfer.CreateConnectorInput) { c.SftpConfig.TrustedHostKeys = lines }
	}
	tests := []struct {
		name       string
		give       func(*transfer.CreateConnectorInput)
		want       string
		createOnly bool
	}{
		{name: "no URL", give: func(c *transfer.CreateConnectorInput) { c.Url = nil }, want: "Url is required", createOnly: true},
		{name: "another protocol", give: func(c *transfer.CreateConnectorInput) { c.Url = aws.String("https://partner.example.org") }, want: "Url must be"},
		{name: "a path", give: func(c *transfer.CreateConnectorInput) { c.Url = aws.String(partnerURL + "/outgoing") }, want: "Url must be"},
		{name: "no secret", give: func(c *transfer.CreateConnectorInput) { c.SftpConfig.UserSecretId = nil }, want: "UserSecretId", createOnly: true},
		{name: "no role", give: func(c *transfer.CreateConnectorInput) { c.AccessRole = aws.String("somebody-or-other-x") }, want: "accessRole"},
		{name: "another security policy", give: func(c *transfer.CreateConnectorInput) {
			c.SecurityPolicyName = aws.String("TransferSecurityPolicy-2024-01")
		}, want: "securityPolicyName"},
		{name: "no connections", give: func(c *transfer.CreateConnectorInput) { c.SftpConfig.MaxConcurrentConnections = aws.Int32(0) }, want: "maxConcurrentConnections"},
		{name: "six connections", give: func(c *transfer.CreateConnectorInput) { c.SftpConfig.MaxConcurrentConnections = aws.Int32(6) }, want: "MaxConcurrentConnections"},
		{name: "an ed25519 key", give: keys(sshKey), want: "Invalid trusted host key"},
		{name: "a key with a comment", give: keys(ecdsaKey + " root@partner"), want: "Invalid trusted host key"},
		{name: "a key of another type than it says", give: keys(strings.Replace(ecdsaKey, "p256", "p384", 1)), want: "Invalid trusted host key"},
		{name: "no key", give: keys("ssh-rsa"), want: "Invalid trusted host key"},
		{name: "eleven keys", give: keys(strings.Fields(strings.Repeat("k ", 11))...), want: "trustedHostKeys"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			refuses := func(err error) {
				var invalid *types.InvalidRequestException
				require.ErrorAs(t, err, &invalid)
				assert.Contains(t, *invalid.Message, tt.want)
			}
			var given transfer.CreateConnectorInput
			_, err := createConnector(t, func(c *transfer.CreateConnectorInput) { tt.give(c); given = *c })
			refuses(err)
			if tt.createOnly {
				return
			}
			_, err = transfer.NewFromConfig(account).UpdateConnector(t.Context(), &transfer.UpdateConnectorInput{
				ConnectorId: &id, Url: given.Url, AccessRole: given.AccessRole, SftpConfig: given.SftpConfig, SecurityPolicyName: given.SecurityPolicyName,
			})
			refuses(err)
			assert.Equal(t, before, describeConnector(t, id))
		})
	}
}

// TestInvalidWork asserts what a connector refuses to start.
func TestInvalidWork(t *testing.T) {
	t.Parallel()
	id, err := createConnector(t, nil)
	require.NoError(t, err)
	client, path := transfer.NewFromConfig(account), aws.String("/path")
	start := func(input transfer.StartFileTransferInput) error {
		input.ConnectorId = &id
		_, err := client.StartFileTransfer(t.Context(), &input)
		return err
	}
	list := func(items int32) error {
		_, err := client.StartDirectoryListing(t.Context(), &transfer.StartDirectoryListingInput{ConnectorId: &id, RemoteDirectoryPath: path, OutputDirectoryPath: path, MaxItems: &items})
		return err
	}
	eleven, long := strings.Fields(strings.Repeat("/p ", 11)), strings.Repeat("p", 1025)
	tests := []struct {
		name string
		give error
		want string
	}{
		{"no files", start(transfer.StartFileTransferInput{LocalDirectoryPath: path}), "Either"},
		{"an empty list of files", start(transfer.StartFileTransferInput{LocalDirectoryPath: path, RetrieveFilePaths: []string{}}), "retrieveFilePaths"},
		{"eleven files", start(transfer.StartFileTransferInput{LocalDirectoryPath: path, RetrieveFilePaths: eleven}), "retrieveFilePaths"},
		{"eleven objects", start(transfer.StartFileTransferInput{SendFilePaths: eleven}), "sendFilePaths"},
		{"a long path", start(transfer.StartFileTransferInput{LocalDirectoryPath: path, RetrieveFilePaths: []string{long}}), "less than or equal to 1024"},
		{"both directions", start(transfer.StartFileTransferInput{LocalDirectoryPath: path, RetrieveFilePaths: []string{"/p"}, SendFilePaths: []string{"/p"}}), "Either"},
		{"no directory", start(transfer.StartFileTransferInput{RetrieveFilePaths: []string{"/p"}}), "LocalDirectoryPath"},
		{"the other direction's directory", start(transfer.StartFileTransferInput{SendFilePaths: []string{"/p"}, LocalDirectoryPath: path}), "direction"},
		{"no items", list(0), "maxItems"},
		{"too many items", list(200_001), "MaxItems"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var invalid *types.InvalidRequestException
			require.ErrorAs(t, tt.give, &invalid)
			assert.Contains(t, *invalid.Message, tt.want)
		})
	}
	require.NoError(t, list(200_000))
	require.NoError(t, start(transfer.StartFileTransferInput{SendFilePaths: eleven[:10]}))
}

// TestConnectorPermissions has a caller use its own connector and another one.
func TestConnectorPermissions(t *testing.T) {
	t.Parallel()
	own, err := createConnector(t, nil)
	require.NoError(t, err)
	other, err := createConnector(t, nil)
	require.NoError(t, err)
	caller := transfer.NewFromConfig(newUser(t,
		allow("transfer:*", "arn:aws:transfer:us-east-1:123456789012:connector/"+own),
		allow("transfer:CreateConnector", "*"),
	))
	for id, allowed := range map[string]bool{own: true, other: false} {
		path := aws.String("/path")
		_, listErr := caller.StartDirectoryListing(t.Context(), &transfer.StartDirectoryListingInput{ConnectorId: &id, RemoteDirectoryPath: path, OutputDirectoryPath: path})
		_, startErr := caller.StartFileTransfer(t.Context(), &transfer.StartFileTransferInput{ConnectorId: &id, SendFilePaths: []string{"/p"}})
		_, resultErr := caller.ListFileTransferResults(t.Context(), &transfer.ListFileTransferResultsInput{ConnectorId: &id, TransferId: aws.String("t")})
		_, moveErr := caller.StartRemoteMove(t.Context(), &transfer.StartRemoteMoveInput{ConnectorId: &id, SourcePath: path, TargetPath: path})
		_, deleteErr := caller.StartRemoteDelete(t.Context(), &transfer.StartRemoteDeleteInput{ConnectorId: &id, DeletePath: path})
		_, testErr := caller.TestConnection(t.Context(), &transfer.TestConnectionInput{ConnectorId: &id})
		_, describeErr := caller.DescribeConnector(t.Context(), &transfer.DescribeConnectorInput{ConnectorId: &id})
		for _, err := range []error{listErr, startErr, resultErr, moveErr, deleteErr, testErr, describeErr} {
			if allowed {
				require.NoError(t, err)
			} else {
				refused(t, err, "AccessDeniedException")
			}
		}
	}
	_, err = caller.CreateConnector(t.Context(), &transfer.CreateConnectorInput{
		Url: aws.String(partnerURL), AccessRole: aws.String(role), SftpConfig: &types.SftpConnectorConfig{UserSecretId: aws.String(secretARN)},
	})
	refused(t, err, "AccessDeniedException")
	assert.ErrorContains(t, err, "iam:PassRole on resource: "+role)
}

// TestSecretPermissions has a caller read its own secret, by name and ARN, and another.
func TestSecretPermissions(t *testing.T) {
	t.Parallel()
	secrets := secretsmanager.NewFromConfig(account)
	create := func(name string) string {
		created, err := secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: aws.String("{}")})
		require.NoError(t, err)
		return *created.ARN
	}
	own, other := create("partner/own"), create("partner/other")
	caller := secretsmanager.NewFromConfig(newUser(t, allow("secretsmanager:GetSecretValue", own, "arn:aws:secretsmanager:*:*:secret:partner/later-??????")))
	read := func(id string) error {
		_, err := caller.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		return err
	}
	require.NoError(t, read(own))
	require.NoError(t, read("partner/own"))
	refused(t, read(other), "AccessDeniedException")
	refused(t, read("partner/other"), "AccessDeniedException")
	refused(t, read("partner/none"), "AccessDeniedException")
	refused(t, read("partner/later"), "ResourceNotFoundException")
}

// TestConnectorFromTemplate makes, changes and deletes a connector and its secret.
func TestConnectorFromTemplate(t *testing.T) {
	t.Parallel()
	stacks, name := cloudformation.NewFromConfig(account), aws.String("with-connector")
	template := func(url, description, more string) *string {
		return aws.String(fmt.Sprintf(`{"Resources":{
			"Secret":{"Type":"AWS::SecretsManager::Secret","Properties":{"Name":"of-template","Description":%q,
				"GenerateSecretString":{"SecretStringTemplate":"{\"Username\":\"archive\"}","GenerateStringKey":"Password","PasswordLength":"40","ExcludePunctuation":true}}},
			"Connector":{"Type":"AWS::Transfer::Connector","Properties":{"Url":%q,"AccessRole":%q,"SftpConfig":{"UserSecretId":{"Ref":"Secret"}%s}}}},
			"Outputs":{"Id":{"Value":{"Ref":"Connector"}},"ConnectorId":{"Value":{"Fn::GetAtt":["Connector","ConnectorId"]}},
				"Arn":{"Value":{"Fn::GetAtt":["Connector","Arn"]}},"Address":{"Value":{"Fn::Select":[0,{"Fn::GetAtt":["Connector","ServiceManagedEgressIpAddresses"]}]}},
				"Secret":{"Value":{"Ref":"Secret"}},"SecretId":{"Value":{"Fn::GetAtt":["Secret","Id"]}}}}`, description, url, role, more))
	}
	outputs := func() map[string]string {
		described, err := stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: name})
		require.NoError(t, err)
		values := map[string]string{}
		for _, output := range described.Stacks[0].Outputs {
			values[*output.OutputKey] = *output.OutputValue
		}
		return values
	}
	readSecret := func(id string) string {
		got, err := secretsmanager.NewFromConfig(account).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
		require.NoError(t, err)
		return *got.SecretString
	}
	_, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: template(partnerURL, "first", `,"MaxConcurrentConnections":"5"`)})
	require.NoError(t, err)
	before := outputs()
	id := before["Id"]
	created := describeConnector(t, id)
	assert.Equal(t, map[string]string{
		"Id": id, "ConnectorId": id, "Arn": *created.Arn, "Address": "127.0.0.1", "Secret": before["Secret"], "SecretId": before["Secret"],
	}, before)
	assert.Equal(t, before["Secret"], *created.SftpConfig.UserSecretId)
	assert.Equal(t, int32(5), *created.SftpConfig.MaxConcurrentConnections)
	assert.Regexp(t, `^arn:aws:secretsmanager:us-east-1:123456789012:secret:of-template-\w{6}$`, before["Secret"])
	var secret struct{ Username, Password string }
	value := readSecret(before["Secret"])
	require.NoError(t, json.Unmarshal([]byte(value), &secret))
	assert.Equal(t, "archive", secret.Username)
	assert.Regexp(t, `^[0-9A-Za-z]{40}$`, secret.Password)

	key := newHostKey(t, elliptic.P256())
	_, err = stacks.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: name, TemplateBody: template("sftp://other.example.org", "second", fmt.Sprintf(`,"TrustedHostKeys":[%q]`, key)),
	})
	require.NoError(t, err)
	assert.Equal(t, before, outputs(), "an update makes neither anew")
	updated := describeConnector(t, id)
	assert.Equal(t, "sftp://other.example.org", *updated.Url)
	assert.Equal(t, []string{key}, updated.SftpConfig.TrustedHostKeys)
	assert.Equal(t, int32(1), *updated.SftpConfig.MaxConcurrentConnections, "what a template has no more has its default")
	assert.Equal(t, value, readSecret("of-template"))

	_, err = stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: name})
	require.NoError(t, err)
	_, err = transfer.NewFromConfig(account).DescribeConnector(t.Context(), &transfer.DescribeConnectorInput{ConnectorId: &id})
	notFound(t, err, "Connector", id)
	_, err = secretsmanager.NewFromConfig(account).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("of-template")})
	var answer smithy.APIError
	require.ErrorAs(t, err, &answer)
	assert.Equal(t, "ResourceNotFoundException", answer.ErrorCode())
}
