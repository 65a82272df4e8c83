package moto_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// roleOfUsers is that of every Transfer user here.
const roleOfUsers = "arn:aws:iam::123456789012:role/of-users"

// Two public keys.
const (
	sshKey      = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUjZRfeDIUFzXKoYvOZhBnkVWDTvxgS7JcBPGBRNFPI"
	otherSSHKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHUjZRfeDIUFzXKoYvOZhBnkVWDTvxgS7JcBPGBRNFPJ"
)

// noServer is the id of a server that doesn't exist.
var noServer = aws.String("s-00000000000000000")

func createServer(t *testing.T, input transfer.CreateServerInput) *string {
	t.Helper()
	created, err := transfer.NewFromConfig(account).CreateServer(t.Context(), &input)
	require.NoError(t, err)
	return created.ServerId
}

// createTransferUser creates a user on a new server.
func createTransferUser(t *testing.T, name string) (server, user *string) {
	t.Helper()
	server = createServer(t, transfer.CreateServerInput{})
	_, err := transfer.NewFromConfig(account).CreateUser(t.Context(), &transfer.CreateUserInput{ServerId: server, UserName: &name, Role: aws.String(roleOfUsers)})
	require.NoError(t, err)
	return server, &name
}

func describeUser(t *testing.T, server, user *string) *types.DescribedUser {
	t.Helper()
	got, err := transfer.NewFromConfig(account).DescribeUser(t.Context(), &transfer.DescribeUserInput{ServerId: server, UserName: user})
	require.NoError(t, err)
	return got.User
}

func mapping(entry, target string) types.HomeDirectoryMapEntry {
	return types.HomeDirectoryMapEntry{Entry: &entry, Target: &target}
}

func TestTransferServer(t *testing.T) {
	t.Parallel()
	client := transfer.NewFromConfig(account)
	server := createServer(t, transfer.CreateServerInput{})
	describe := func() *types.DescribedServer {
		got, err := client.DescribeServer(t.Context(), &transfer.DescribeServerInput{ServerId: server})
		require.NoError(t, err)
		return got.Server
	}

	got := describe()
	assert.Equal(t, types.DomainS3, got.Domain)
	assert.Equal(t, types.IdentityProviderTypeServiceManaged, got.IdentityProviderType)
	assert.Equal(t, types.EndpointTypePublic, got.EndpointType)
	assert.Equal(t, []types.Protocol{types.ProtocolSftp}, got.Protocols)
	assert.Equal(t, types.StateOnline, got.State)

	_, err := client.StopServer(t.Context(), &transfer.StopServerInput{ServerId: server})
	require.NoError(t, err)
	assert.Equal(t, types.StateOffline, describe().State)
	_, err = client.StartServer(t.Context(), &transfer.StartServerInput{ServerId: server})
	require.NoError(t, err)
	assert.Equal(t, types.StateOnline, describe().State)

	_, err = client.DeleteServer(t.Context(), &transfer.DeleteServerInput{ServerId: server})
	require.NoError(t, err)
	for _, missing := range []*string{server, noServer} {
		_, err = client.DescribeServer(t.Context(), &transfer.DescribeServerInput{ServerId: missing})
		notFound(t, err, "Server", *missing)
		_, err = client.DeleteServer(t.Context(), &transfer.DeleteServerInput{ServerId: missing})
		notFound(t, err, "Server", *missing)
		_, err = client.StartServer(t.Context(), &transfer.StartServerInput{ServerId: missing})
		notFound(t, err, "Server", *missing)
		_, err = client.StopServer(t.Context(), &transfer.StopServerInput{ServerId: missing})
		notFound(t, err, "Server", *missing)
	}
}

func TestTransferUser(t *testing.T) {
	t.Parallel()
	client := transfer.NewFromConfig(account)
	server := createServer(t, transfer.CreateServerInput{})
	alice := aws.String("alice@example.org")
	create := &transfer.CreateUserInput{
		ServerId: server, UserName: alice, Role: aws.String(roleOfUsers), HomeDirectory: aws.String("/home/alice"),
		SshPublicKeyBody: aws.String(sshKey + " alice\n"), Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("one")}},
	}
	_, err := client.CreateUser(t.Context(), create)
	require.NoError(t, err)
	created := describeUser(t, server, alice)
	assert.Equal(t, "arn:aws:transfer:us-east-1:123456789012:user/"+*server+"/alice@example.org", *created.Arn)
	assert.Equal(t, types.HomeDirectoryTypePath, created.HomeDirectoryType)
	assert.Equal(t, "/home/alice", *created.HomeDirectory)
	assert.Empty(t, created.HomeDirectoryMappings)
	assert.Nil(t, created.Policy)
	assert.Nil(t, created.PosixProfile)
	require.Len(t, created.SshPublicKeys, 1)
	assert.Equal(t, sshKey+" alice", *created.SshPublicKeys[0].SshPublicKeyBody)
	assert.Regexp(t, "^key-[0-9a-f]{17}$", *created.SshPublicKeys[0].SshPublicKeyId)
	assert.False(t, created.SshPublicKeys[0].DateImported.IsZero())

	_, err = client.CreateUser(t.Context(), create)
	var exists *types.ResourceExistsException
	require.ErrorAs(t, err, &exists)
	assert.Equal(t, "User", *exists.ResourceType)
	assert.Equal(t, *alice, *exists.Resource)

	_, err = client.UpdateUser(t.Context(), &transfer.UpdateUserInput{
		ServerId: server, UserName: alice, HomeDirectoryType: types.HomeDirectoryTypeLogical, Policy: policy(everything),
		HomeDirectoryMappings: []types.HomeDirectoryMapEntry{
			mapping("/data", "/stack-data"), {Entry: aws.String("/note"), Target: aws.String("/stack-data/${transfer:UserName}/note"), Type: types.MapTypeFile},
		},
	})
	require.NoError(t, err)
	updated := describeUser(t, server, alice)
	assert.Equal(t, types.HomeDirectoryTypeLogical, updated.HomeDirectoryType)
	assert.Equal(t, []types.HomeDirectoryMapEntry{
		mapping("/data", "/stack-data"), {Entry: aws.String("/note"), Target: aws.String("/stack-data/alice@example.org/note"), Type: types.MapTypeFile},
	}, updated.HomeDirectoryMappings)
	assert.Equal(t, *policy(everything), *updated.Policy)
	assert.Equal(t, created.SshPublicKeys, updated.SshPublicKeys)
	assert.Equal(t, created.Tags, updated.Tags)

	_, err = client.UpdateUser(t.Context(), &transfer.UpdateUserInput{ServerId: server, UserName: alice, Role: aws.String(roleOfUsers + "-too")})
	require.NoError(t, err)
	updated.Role = aws.String(roleOfUsers + "-too")
	assert.Equal(t, updated, describeUser(t, server, alice), "what is left out stays as it is")

	_, err = client.DeleteUser(t.Context(), &transfer.DeleteUserInput{ServerId: server, UserName: alice})
	require.NoError(t, err)
	_, err = client.DescribeUser(t.Context(), &transfer.DescribeUserInput{ServerId: server, UserName: alice})
	notFound(t, err, "User", *alice)
	_, err = client.UpdateUser(t.Context(), &transfer.UpdateUserInput{ServerId: server, UserName: alice})
	notFound(t, err, "User", *alice)
	_, err = client.DeleteUser(t.Context(), &transfer.DeleteUserInput{ServerId: server, UserName: alice})
	notFound(t, err, "User", *alice)
	_, err = client.DescribeUser(t.Context(), &transfer.DescribeUserInput{ServerId: noServer, UserName: alice})
	notFound(t, err, "Server", *noServer)
}

func TestTransferKeys(t *testing.T) {
	t.Parallel()
	client := transfer.NewFromConfig(account)
	server, user := createTransferUser(t, "alice")
	add := func(body string) (*transfer.ImportSshPublicKeyOutput, error) {
		return client.ImportSshPublicKey(t.Context(), &transfer.ImportSshPublicKeyInput{ServerId: server, UserName: user, SshPublicKeyBody: &body})
	}
	first, err := add(sshKey)
	require.NoError(t, err)
	_, err = add(otherSSHKey + " comment")
	require.NoError(t, err)

	_, err = add(sshKey + " again")
	require.ErrorAs(t, err, new(*types.ResourceExistsException))
	_, err = add("no key")
	require.ErrorAs(t, err, new(*types.InvalidRequestException))
	_, err = client.ImportSshPublicKey(t.Context(), &transfer.ImportSshPublicKeyInput{ServerId: server, UserName: aws.String("bob"), SshPublicKeyBody: aws.String(sshKey)})
	notFound(t, err, "User", "bob")

	remove := &transfer.DeleteSshPublicKeyInput{ServerId: server, UserName: user, SshPublicKeyId: first.SshPublicKeyId}
	_, err = client.DeleteSshPublicKey(t.Context(), remove)
	require.NoError(t, err)
	_, err = client.DeleteSshPublicKey(t.Context(), remove)
	notFound(t, err, "SshPublicKey", *first.SshPublicKeyId)
	assert.Len(t, describeUser(t, server, user).SshPublicKeys, 1)
}

func TestListTransferUsers(t *testing.T) {
	t.Parallel()
	client := transfer.NewFromConfig(account)
	server := createServer(t, transfer.CreateServerInput{})
	for _, name := range []string{"carol", "alice", "bob"} {
		_, err := client.CreateUser(t.Context(), &transfer.CreateUserInput{
			ServerId: server, UserName: &name, Role: aws.String(roleOfUsers), SshPublicKeyBody: aws.String(sshKey),
		})
		require.NoError(t, err)
	}
	var sizes []int
	var names []string
	for pages := transfer.NewListUsersPaginator(client, &transfer.ListUsersInput{ServerId: server, MaxResults: aws.Int32(2)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		sizes = append(sizes, len(page.Users))
		for _, user := range page.Users {
			names = append(names, *user.UserName)
			assert.Equal(t, roleOfUsers, *user.Role)
			assert.EqualValues(t, 1, *user.SshPublicKeyCount)
		}
	}
	assert.Equal(t, []int{2, 1}, sizes)
	assert.Equal(t, []string{"alice", "bob", "carol"}, names)

	_, err := client.ListUsers(t.Context(), &transfer.ListUsersInput{ServerId: server, NextToken: aws.String("?")})
	require.ErrorAs(t, err, new(*types.InvalidNextTokenException))
	_, err = client.ListUsers(t.Context(), &transfer.ListUsersInput{ServerId: server, MaxResults: aws.Int32(1001)})
	require.ErrorAs(t, err, new(*types.InvalidRequestException))
	_, err = client.ListUsers(t.Context(), &transfer.ListUsersInput{ServerId: noServer})
	notFound(t, err, "Server", *noServer)
}

// TestInvalidTransferUser asserts which users are refused, and the first of each limit
// that isn't.
func TestInvalidTransferUser(t *testing.T) {
	t.Parallel()
	logical := func(mappings ...types.HomeDirectoryMapEntry) transfer.UpdateUserInput {
		return transfer.UpdateUserInput{HomeDirectoryType: types.HomeDirectoryTypeLogical, HomeDirectoryMappings: mappings}
	}
	at := func(home string, input transfer.UpdateUserInput) transfer.UpdateUserInput {
		input.HomeDirectory = &home
		return input
	}
	numbered := func(n int) (mappings []types.HomeDirectoryMapEntry) {
		for i := range n {
			mappings = append(mappings, mapping(fmt.Sprint("/", i), "/b"))
		}
		return mappings
	}
	long := func(n int) string { return "/" + strings.Repeat("x", n-1) }
	document := func(n int) *string {
		text := `{"Statement":[]}`
		return aws.String(text + strings.Repeat(" ", n-len(text)))
	}
	tests := []struct {
		name string
		give transfer.UpdateUserInput
		want string // part of the message; empty when the user is accepted
	}{
		{name: "name of 100", give: transfer.UpdateUserInput{UserName: aws.String("a" + strings.Repeat("b", 99))}, want: "Unknown user"},
		{name: "name of 101", give: transfer.UpdateUserInput{UserName: aws.String("a" + strings.Repeat("b", 100))}, want: "'userName' failed to satisfy constraint: Member must have length less than or equal to 100"},
		{name: "name of 3", give: transfer.UpdateUserInput{UserName: aws.String("abc")}, want: "Unknown user"},
		{name: "name of 2", give: transfer.UpdateUserInput{UserName: aws.String("ab")}, want: "length greater than or equal to 3"},
		{name: "name with a plus", give: transfer.UpdateUserInput{UserName: aws.String("a+b@example.org")}, want: "Value 'a+b@example.org' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern"},
		{name: "name with an umlaut", give: transfer.UpdateUserInput{UserName: aws.String("jürgen")}, want: "regular expression"},
		{name: "name that begins with a dot", give: transfer.UpdateUserInput{UserName: aws.String(".abc")}, want: "regular expression"},
		{name: "server's id", give: transfer.UpdateUserInput{ServerId: aws.String("s-1")}, want: "at 'serverId' failed"},
		{name: "role", give: transfer.UpdateUserInput{Role: aws.String("arn:aws:iam::123456789012:user/alice")}, want: "at 'role' failed"},

		{name: "mappings beside PATH", give: transfer.UpdateUserInput{HomeDirectoryMappings: numbered(1)}, want: "needs the HomeDirectoryType LOGICAL"},
		{name: "LOGICAL without mappings", give: logical(), want: "needs HomeDirectoryMappings"},
		{name: "empty mappings", give: transfer.UpdateUserInput{HomeDirectoryMappings: []types.HomeDirectoryMapEntry{}}, want: "greater than or equal to 1"},
		{name: "50,000 mappings", give: logical(numbered(50_000)...)},
		{name: "50,001 mappings", give: logical(numbered(50_001)...), want: "less than or equal to 50000"},
		{name: "entry without a slash", give: logical(mapping("data", "/b")), want: "'homeDirectoryMappings.1.member.entry' failed to satisfy constraint: Member must satisfy regular expression"},
		{name: "target without a slash", give: logical(mapping("/data", "b")), want: "member.target"},
		{name: "entry of 1,024", give: logical(mapping(long(1024), "/b"))},
		{name: "entry of 1,025", give: logical(mapping(long(1025), "/b")), want: "member.entry"},
		{name: "target of 1,025", give: logical(mapping("/data", long(1025))), want: "member.target"},
		{name: "target is missing", give: logical(types.HomeDirectoryMapEntry{Entry: aws.String("/data"), Target: aws.String("")}), want: "member.target"},
		{name: "the root alone", give: logical(mapping("/", "/b"))},
		{name: "the root and another", give: logical(mapping("/data", "/b"), mapping("/", "/c")), want: "overlap: / and /data/"},
		{name: "two of one entry", give: logical(mapping("/data", "/b"), mapping("/data/", "/c")), want: "overlap"},
		{name: "one in another", give: logical(mapping("/data", "/b"), mapping("/data/old", "/c")), want: "overlap: /data/ and /data/old/"},
		{name: "one begins like another", give: logical(mapping("/data", "/b"), mapping("/data-old", "/c"), mapping("/data.new", "/d"))},
		{name: "home in a mapping", give: at("/data/alice", logical(mapping("/data", "/b")))},
		{name: "home is a mapping", give: at("/data", logical(mapping("/data", "/b")))},
		{name: "home in none", give: at("/database", logical(mapping("/data", "/b"))), want: "HomeDirectory /database is in none"},

		{name: "policy of 2,048", give: transfer.UpdateUserInput{Policy: document(2048)}},
		{name: "policy of 2,049", give: transfer.UpdateUserInput{Policy: document(2049)}, want: "at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048"},
		{name: "policy is no JSON", give: transfer.UpdateUserInput{Policy: aws.String("{")}, want: "not a JSON object"},
		{name: "policy is no object", give: transfer.UpdateUserInput{Policy: aws.String("[]")}, want: "not a JSON object"},
		{name: "EFS profile", give: transfer.UpdateUserInput{PosixProfile: &types.PosixProfile{Uid: aws.Int64(1), Gid: aws.Int64(1)}}, want: "EFS domain only"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server, user := createTransferUser(t, "alice")
			if tt.give.ServerId == nil {
				tt.give.ServerId = server
			}
			if tt.give.UserName == nil {
				tt.give.UserName = user
			}
			before := describeUser(t, server, user)

			_, err := transfer.NewFromConfig(account).UpdateUser(t.Context(), &tt.give)

			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.want)
			if tt.want != "Unknown user" {
				require.ErrorAs(t, err, new(*types.InvalidRequestException))
			}
			assert.Equal(t, before, describeUser(t, server, user))
		})
	}
}

// TestOtherTransferServers asserts what servers refuse whose files or users are
// somewhere else.
func TestOtherTransferServers(t *testing.T) {
	t.Parallel()
	client := transfer.NewFromConfig(account)
	create := func(server, policy *string, profile *types.PosixProfile) error {
		_, err := client.CreateUser(t.Context(), &transfer.CreateUserInput{
			ServerId: server, UserName: aws.String("alice"), Role: aws.String(roleOfUsers), Policy: policy, PosixProfile: profile,
		})
		return err
	}
	efs := createServer(t, transfer.CreateServerInput{Domain: types.DomainEfs})
	require.ErrorContains(t, create(efs, policy(everything), nil), "S3 domain only")
	profile := &types.PosixProfile{Uid: aws.Int64(1), Gid: aws.Int64(2), SecondaryGids: []int64{3}}
	require.NoError(t, create(efs, nil, profile))
	assert.Equal(t, profile, describeUser(t, efs, aws.String("alice")).PosixProfile)

	custom := createServer(t, transfer.CreateServerInput{IdentityProviderType: types.IdentityProviderTypeAwsLambda})
	require.ErrorContains(t, create(custom, nil, nil), "AWS_LAMBDA")
	_, err := client.DescribeUser(t.Context(), &transfer.DescribeUserInput{ServerId: custom, UserName: aws.String("alice")})
	require.ErrorAs(t, err, new(*types.InvalidRequestException))
}

// TestTransferPermissions has a caller ask for its own users and for others.
func TestTransferPermissions(t *testing.T) {
	t.Parallel()
	server, alice := createTransferUser(t, "alice@example.org")
	other, _ := createTransferUser(t, "alice@example.org")
	const arn = "arn:aws:transfer:us-east-1:123456789012:"
	caller := transfer.NewFromConfig(newUser(t,
		allow("transfer:*User", arn+"user/"+*server+"/alice@*", arn+"server/"+*server),
		allow("transfer:ListUsers", arn+"server/"+*server),
		statement{
			"Effect": "Allow", "Action": "iam:PassRole", "Resource": roleOfUsers,
			"Condition": map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "transfer.amazonaws.com"}},
		},
	))
	describe := func(server, user *string) error {
		_, err := caller.DescribeUser(t.Context(), &transfer.DescribeUserInput{ServerId: server, UserName: user})
		return err
	}
	require.NoError(t, describe(server, alice))
	refused(t, describe(other, alice), "AccessDeniedException")
	refused(t, describe(server, aws.String("bob")), "AccessDeniedException")

	list := func(server *string) error {
		_, err := caller.ListUsers(t.Context(), &transfer.ListUsersInput{ServerId: server})
		return err
	}
	require.NoError(t, list(server))
	refused(t, list(other), "AccessDeniedException")
	_, err := caller.ListServers(t.Context(), &transfer.ListServersInput{})
	refused(t, err, "AccessDeniedException")

	update := func(role *string) error {
		_, err := caller.UpdateUser(t.Context(), &transfer.UpdateUserInput{ServerId: server, UserName: alice, Role: role})
		return err
	}
	require.NoError(t, update(nil))
	require.NoError(t, update(aws.String(roleOfUsers)))
	err = update(aws.String(role))
	refused(t, err, "AccessDeniedException")
	assert.ErrorContains(t, err, "iam:PassRole on resource: "+role)
	withoutPassing := transfer.NewFromConfig(newNamedUser(t, "without-passing", allow("transfer:UpdateUser", "*")))
	_, err = withoutPassing.UpdateUser(t.Context(), &transfer.UpdateUserInput{ServerId: server, UserName: alice})
	refused(t, err, "AccessDeniedException")
	create := func(role, name string) error {
		_, err := caller.CreateUser(t.Context(), &transfer.CreateUserInput{ServerId: server, UserName: &name, Role: &role})
		return err
	}
	require.NoError(t, create(roleOfUsers, "bob"))
	refused(t, create(role, "carol"), "AccessDeniedException")
}

// notFound asserts that a resource doesn't exist.
func notFound(t *testing.T, err error, kind, name string) {
	t.Helper()
	var missing *types.ResourceNotFoundException
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, kind, *missing.ResourceType)
	assert.Equal(t, name, *missing.Resource)
	assert.Equal(t, smithy.FaultClient, missing.ErrorFault())
}
