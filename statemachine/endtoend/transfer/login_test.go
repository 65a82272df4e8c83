package transfer

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	transferapi "github.com/aws/aws-sdk-go-v2/service/transfer"
	"github.com/aws/aws-sdk-go-v2/service/transfer/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	"github.com/digipres/sync-users/statemachine/local/fixture"
)

// person is a user of the Transfer server, with buckets and a role of her own.
type person struct {
	name, role string
	key        ssh.Signer
}

// newPerson creates a user who may do everything with buckets that begin with the
// prefix.
func newPerson(t *testing.T, name, prefix string) person {
	t.Helper()
	role, err := users.CreateRole(t.Context(), "transfer-"+prefix, fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::%[1]s-*","arn:aws:s3:::%[1]s-*/*"]}]}`, prefix))
	require.NoError(t, err)
	key, err := users.CreateUser(t.Context(), name, role)
	require.NoError(t, err)
	return person{name, role, key}
}

// show has a person see buckets, and no more than those, under a session policy unless
// that is empty.
func (p person) show(t *testing.T, policy string, buckets ...string) {
	t.Helper()
	var mappings []types.HomeDirectoryMapEntry
	for _, bucket := range buckets {
		mappings = append(mappings, types.HomeDirectoryMapEntry{Entry: aws.String("/" + bucket), Target: aws.String("/" + bucket)})
	}
	p.update(t, transferapi.UpdateUserInput{HomeDirectoryType: types.HomeDirectoryTypeLogical, HomeDirectoryMappings: mappings}, policy)
}

func (p person) update(t *testing.T, input transferapi.UpdateUserInput, policy string) {
	t.Helper()
	input.ServerId, input.UserName = &users.ServerID, &p.name
	if policy != "" {
		input.Policy = &policy
	}
	_, err := users.API.UpdateUser(t.Context(), &input)
	require.NoError(t, err)
}

// login begins a session that ends with the test.
func (p person) login(t *testing.T) *fixture.Session {
	t.Helper()
	session, err := users.Login(p.name, p.key)
	require.NoError(t, err)
	t.Cleanup(func() { _ = session.Close() })
	return session
}

func createBuckets(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		_, err := s3.NewFromConfig(cloud.AWS()).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
		require.NoError(t, err)
	}
}

func putObject(t *testing.T, bucket, key, text string) {
	t.Helper()
	_, err := s3.NewFromConfig(cloud.AWS()).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader(text)})
	require.NoError(t, err)
}

func listing(t *testing.T, session *fixture.Session, path string) []string {
	t.Helper()
	entries, err := session.ReadDir(path)
	require.NoError(t, err)
	names := []string{}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	slices.Sort(names)
	return names
}

// put writes a file, and returns the first error on the way.
func put(session *fixture.Session, path, text string) error {
	file, err := session.Create(path)
	if err != nil {
		return err
	}
	_, err = io.WriteString(file, text)
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

func get(session *fixture.Session, path string) (string, error) {
	file, err := session.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(file)
	return string(text), err
}

func TestLoginShowsMappings(t *testing.T) {
	t.Parallel()
	createBuckets(t, "login-data", "login-other")
	putObject(t, "login-data", "letters/one.txt", "Dear archive")
	alice := newPerson(t, "alice.login@example.org", "login")
	alice.update(t, transferapi.UpdateUserInput{HomeDirectoryType: types.HomeDirectoryTypeLogical, HomeDirectoryMappings: []types.HomeDirectoryMapEntry{
		{Entry: aws.String("/login-data"), Target: aws.String("/login-data")},
		{Entry: aws.String("/deep/letters"), Target: aws.String("/login-data/letters")},
		{Entry: aws.String("/nowhere"), Target: aws.String("/login-missing")},
	}}, "")
	session := alice.login(t)

	assert.Equal(t, []string{"deep", "login-data"}, listing(t, session, "/"), "a mapping without a bucket isn't shown")
	assert.Equal(t, []string{"letters"}, listing(t, session, "/login-data"))
	assert.Equal(t, []string{"one.txt"}, listing(t, session, "/deep/letters"))
	text, err := get(session, "/deep/letters/one.txt")
	require.NoError(t, err)
	assert.Equal(t, "Dear archive", text)
	large := strings.Repeat("0123456789", 1<<20) // more than one part of an upload
	require.NoError(t, put(session, "/login-data/two.txt", large))
	text, err = get(session, "/login-data/two.txt")
	require.NoError(t, err)
	assert.Len(t, text, len(large))
	require.NoError(t, session.Remove("/login-data/two.txt"))

	require.Error(t, put(session, "/three.txt", "x"), "the root is no bucket")
	require.Error(t, session.Mkdir("/login-other"))
	for _, outside := range []string{"/login-other", "/login-data/../../login-other", "/nowhere", "../login-other"} {
		_, err := session.ReadDir(outside)
		require.Error(t, err, outside)
	}
}

func TestLoginToRootMapping(t *testing.T) {
	t.Parallel()
	createBuckets(t, "root-data")
	putObject(t, "root-data", "home/rooted/one.txt", "x")
	putObject(t, "root-data", "home/else/two.txt", "x")
	person := newPerson(t, "rooted", "root")
	person.update(t, transferapi.UpdateUserInput{HomeDirectoryType: types.HomeDirectoryTypeLogical, HomeDirectoryMappings: []types.HomeDirectoryMapEntry{
		{Entry: aws.String("/"), Target: aws.String("/root-data/home/${transfer:UserName}")},
	}}, "")

	session := person.login(t)

	assert.Equal(t, []string{"one.txt"}, listing(t, session, "/"))
	assert.Equal(t, []string{"one.txt"}, listing(t, session, "/.."))
}

func TestLoginToHomeDirectory(t *testing.T) {
	t.Parallel()
	createBuckets(t, "home-data")
	putObject(t, "home-data", "carol/one.txt", "x")
	carol := newPerson(t, "carol", "home")
	assert.Empty(t, listing(t, carol.login(t), "/"), "there is no home directory yet")
	carol.update(t, transferapi.UpdateUserInput{HomeDirectory: aws.String("/home-data/carol")}, "")

	session := carol.login(t)

	at, err := session.Getwd()
	require.NoError(t, err)
	assert.Equal(t, "/home-data/carol", at)
	assert.Equal(t, []string{"one.txt"}, listing(t, session, at))
}

// TestSessionPolicyBinds asserts that the session policy takes away from what the role
// permits, for every kind of request.
func TestSessionPolicyBinds(t *testing.T) {
	t.Parallel()
	createBuckets(t, "policy-data", "policy-managed")
	for _, bucket := range []string{"policy-data", "policy-managed"} {
		putObject(t, bucket, "report.txt", "text")
	}
	dora := newPerson(t, "dora", "policy")
	dora.show(t, `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::policy-*","arn:aws:s3:::policy-*/*"]},
		{"Effect":"Deny","NotAction":["s3:GetObject*","s3:List*","s3:GetBucketLocation"],"Resource":["arn:aws:s3:::*-managed","arn:aws:s3:::*-managed/*"]}]}`,
		"policy-data", "policy-managed")
	session := dora.login(t)

	require.NoError(t, put(session, "/policy-data/mine.txt", "x"))
	assert.Equal(t, []string{"report.txt"}, listing(t, session, "/policy-managed"))
	text, err := get(session, "/policy-managed/report.txt")
	require.NoError(t, err)
	assert.Equal(t, "text", text)
	require.Error(t, put(session, "/policy-managed/mine.txt", "x"))
	require.Error(t, session.Remove("/policy-managed/report.txt"))
	require.Error(t, session.Rename("/policy-managed/report.txt", "/policy-managed/other.txt"))
	require.Error(t, session.Mkdir("/policy-managed/folder"))
	assert.Equal(t, []string{"report.txt"}, listing(t, session, "/policy-managed"))

	deny := `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	dora.show(t, deny, "policy-data")
	denied := dora.login(t)
	_, err = denied.ReadDir("/policy-data")
	require.Error(t, err)
	require.Error(t, put(denied, "/policy-data/mine.txt", "y"))

	require.NoError(t, put(session, "/policy-data/again.txt", "x"), "a session keeps what it began with")
	assert.Equal(t, []string{"policy-data", "policy-managed"}, listing(t, session, "/"))
}

// TestVariablesOfSessionPolicy asserts that Transfer fills in who the user is.
func TestVariablesOfSessionPolicy(t *testing.T) {
	t.Parallel()
	createBuckets(t, "variable-data")
	emma := newPerson(t, "emma", "variable")
	emma.show(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":["arn:aws:s3:::variable-data","arn:aws:s3:::variable-data/${transfer:UserName}/*"]}]}`, "variable-data")
	session := emma.login(t)

	require.NoError(t, put(session, "/variable-data/emma/own.txt", "x"))
	require.Error(t, put(session, "/variable-data/other/own.txt", "x"))
}

// TestRolePolicyEndsSessions asserts that a role can deny the open sessions of one user,
// by the name and time of the session.
func TestRolePolicyEndsSessions(t *testing.T) {
	t.Parallel()
	createBuckets(t, "ending-data")
	frank := newPerson(t, "frank", "ending")
	frank.show(t, "", "ending-data")
	session := frank.login(t)
	require.NoError(t, put(session, "/ending-data/one.txt", "x"))

	deny := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{
		"StringLike":{"aws:userid":"*:frank.*@%s"},"DateLessThan":{"aws:TokenIssueTime":%q}}}]}`,
		users.ServerID, time.Now().UTC().Format("2006-01-02T15:04:05.000000Z"))
	_, err := iam.NewFromConfig(cloud.AWS()).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("transfer-ending"), PolicyName: aws.String("sessions"), PolicyDocument: &deny,
	})
	require.NoError(t, err)

	require.Error(t, put(session, "/ending-data/two.txt", "x"))
	require.NoError(t, put(frank.login(t), "/ending-data/three.txt", "x"))
}

func TestRefusedLogins(t *testing.T) {
	t.Parallel()
	grace, henry := newPerson(t, "grace", "refused"), newPerson(t, "henry", "other")
	_, err := users.Login(grace.name, henry.key)
	require.Error(t, err, "another's key")
	_, err = users.Login("nobody", grace.key)
	require.Error(t, err, "an unknown user")
	grace.login(t)

	described, err := users.User(t.Context(), grace.name)
	require.NoError(t, err)
	_, err = users.API.DeleteSshPublicKey(t.Context(), &transferapi.DeleteSshPublicKeyInput{
		ServerId: &users.ServerID, UserName: &grace.name, SshPublicKeyId: described.SshPublicKeys[0].SshPublicKeyId,
	})
	require.NoError(t, err)
	_, err = users.Login(grace.name, grace.key)
	require.Error(t, err, "a key that was deleted")

	_, err = iam.NewFromConfig(cloud.AWS()).UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{
		RoleName: aws.String("transfer-other"), PolicyDocument: aws.String(
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`),
	})
	require.NoError(t, err)
	_, err = users.Login(henry.name, henry.key)
	require.Error(t, err, "a role that doesn't trust Transfer")

	_, err = ssh.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", users.SFTPPort), &ssh.ClientConfig{
		User: henry.name, Auth: []ssh.AuthMethod{ssh.Password("")}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	require.ErrorContains(t, err, "attempted methods [none]", "there are no passwords")
}

// TestRoleAlone asserts what the deployment's role permits where no session policy says
// more, as with the setting sessionPolicy: false.
func TestRoleAlone(t *testing.T) {
	t.Parallel()
	putObject(t, "digipres-dev1-managed", "report-for-role.txt", "text")
	ida := newTransferUser(t, "ida")
	ida.show(t, "", "digipres-dev1-data", "digipres-dev1-managed", "digipres-dev1-data-repl", cloud.Outputs.RunsBucketName)
	session := ida.login(t)

	require.NoError(t, put(session, "/digipres-dev1-data/role.txt", "x"))
	require.NoError(t, session.Rename("/digipres-dev1-data/role.txt", "/digipres-dev1-data/renamed.txt"))
	text, err := get(session, "/digipres-dev1-managed/report-for-role.txt")
	require.NoError(t, err)
	assert.Equal(t, "text", text)
	require.Error(t, put(session, "/digipres-dev1-managed/role.txt", "x"))
	require.Error(t, session.Remove("/digipres-dev1-managed/report-for-role.txt"))
	for _, bucket := range []string{"digipres-dev1-data-repl", cloud.Outputs.RunsBucketName} {
		_, err := session.ReadDir("/" + bucket)
		require.Error(t, err, bucket)
	}
}
