package fetchconfig_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

const (
	ecdsaKey = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHUkWAHJ9jW9q0V6DAf9DPD8quUQVOE9uqW7i3GL/wRtJvGlin3tkQIujRJQ4OKdVN1QwRQ9K0w+09Qu5TBS/SI="
	keyARN   = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001"
)

func testdata(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return string(text)
}

// A file of TransferSync works as it is, with its names of schedules, without host keys, and
// with a host name where the URL of a connector has a scheme.
func TestParseOfTransferSync(t *testing.T) {
	t.Parallel()
	text := strings.Replace(testdata(t, "transfersync-example.json"), "arn:aws:kms:<region>:<accountID>:key/<keyId>", keyARN, 1)
	server, err := fetchconfig.Parse([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, &fetchconfig.Server{
		Name: "SFTP-Partner-1", Description: "Reports of the example partner",
		URL: "sftp://sftp.partner.example", SecurityPolicyName: "TransferSFTPConnectorSecurityPolicy-2024-03", Schedule: "cron(0 * * * ? *)",
		SyncSettings: []fetchconfig.Sync{
			{
				Name:            server.SyncSettings[0].Name,
				LocalRepository: fetchconfig.LocalRepository{BucketName: "example-local", Prefix: "sftp-partner-1/full", KmsKeyARN: keyARN},
				RemoteFolders:   fetchconfig.RemoteFolders{Folder: "/home/one", Recursive: true}, Schedule: "cron(0 * * * ? *)",
			},
			{
				Name:            server.SyncSettings[1].Name,
				LocalRepository: fetchconfig.LocalRepository{BucketName: "example-other", Prefix: "sftp-partner-1/root"},
				RemoteFolders:   fetchconfig.RemoteFolders{Folder: "/home/two"}, Schedule: "cron(0 0 ? * 1 *)",
			},
			{
				Name:            server.SyncSettings[2].Name,
				LocalRepository: fetchconfig.LocalRepository{BucketName: "example-other", Prefix: "sftp-partner-1/root"},
				RemoteFolders:   fetchconfig.RemoteFolders{Folder: "/home/three"}, Schedule: fetchconfig.OnDemand,
			},
		},
	}, server)
	assert.False(t, server.HasHostKeys())

	server, err = fetchconfig.Parse([]byte(testdata(t, "transfersync-connection.json")))
	require.NoError(t, err)
	assert.True(t, server.HasHostKeys())
}

// What the example leaves to be filled in is said by its place.
func TestParseSaysWhatIsToBeFilledIn(t *testing.T) {
	t.Parallel()
	_, err := fetchconfig.Parse([]byte(testdata(t, "transfersync-example.json")))
	assert.EqualError(t, err, "SyncSettings[0].LocalRepository.KmsKeyArn: <region> is still to be filled in: give the ARN of the bucket's key, or leave KmsKeyArn out")
}

// edited returns a right file in which some texts are replaced.
func edited(replacements ...string) string {
	return strings.NewReplacer(replacements...).Replace(`{
  "Name": "partner", "Url": "sftp.example.org", "Schedule": "@daily", "PublicKey": ["` + ecdsaKey + `"],
  "SyncSettings": [{
    "LocalRepository": {"BucketName": "incoming", "Prefix": "partner"},
    "RemoteFolders": {"Folder": "/out", "Recursive": true}, "//": null
  }]
}`)
}

func with(fields string) string { return edited(`"//": null`, fields) }

func TestParseOfOurFields(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give string
		want       func(*fetchconfig.Sync)
	}{
		{"patterns", `"Include": ["*.csv", "a/**"], "exclude": "*.tmp"`, func(s *fetchconfig.Sync) {
			s.Include, s.Exclude = []string{"*.csv", "a/**"}, []string{"*.tmp"}
		}},
		{"settle", `"settle": "15m"`, func(s *fetchconfig.Sync) { s.Settle = fetchconfig.Duration(15 * time.Minute) }},
		{"settle for the usual time", `"settle": true`, func(s *fetchconfig.Sync) { s.Settle = fetchconfig.Duration(time.Minute) }},
		{"settle not", `"settle": false`, func(*fetchconfig.Sync) {}},
		{"strip the folder", `"strip": true`, func(s *fetchconfig.Sync) { s.Strip = "/out" }},
		{"strip the root", `"strip": "/"`, func(s *fetchconfig.Sync) { s.Strip = "/" }},
		{"move", `"after": "move: /done/"`, func(s *fetchconfig.Sync) { s.After.MoveTo = "/done" }},
		{"delete", `"after": "delete"`, func(s *fetchconfig.Sync) { s.After.Delete = true }},
		{"keep", `"after": "keep", "deletions": "keep"`, func(*fetchconfig.Sync) {}},
		{"age", `"maxAge": "30d"`, func(s *fetchconfig.Sync) { s.MaxAge = fetchconfig.Duration(720 * time.Hour) }},
		{"mirror", `"deletions": "mirror"`, func(s *fetchconfig.Sync) { s.Deletions, s.MaxDeletions = fetchconfig.Mirror, 100 }},
		{"mirror with a limit", `"Deletions": "mirror", "MaxDeletions": 7`, func(s *fetchconfig.Sync) {
			s.Deletions, s.MaxDeletions = fetchconfig.Mirror, 7
		}},
		{"name", `"Name": "daily"`, func(s *fetchconfig.Sync) { s.Name = "daily" }},
		{"own schedule", `"Schedule": "rate(10 minutes)"`, func(s *fetchconfig.Sync) { s.Schedule = "rate(10 minutes)" }},
		{"a comment", `"//": "why", "//": "and why"`, func(*fetchconfig.Sync) {}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := fetchconfig.Sync{
				Name:            "out-373da6e5",
				LocalRepository: fetchconfig.LocalRepository{BucketName: "incoming", Prefix: "partner"},
				RemoteFolders:   fetchconfig.RemoteFolders{Folder: "/out", Recursive: true}, Schedule: "cron(0 0 * * ? *)",
			}
			tt.want(&want)
			server, err := fetchconfig.Parse([]byte(with(tt.give)))
			require.NoError(t, err)
			assert.Equal(t, want, server.SyncSettings[0])
			again, err := fetchconfig.ParseSync([]byte(want.JSON()))
			require.NoError(t, err)
			assert.Equal(t, &want, again)
		})
	}
}

func TestParseNamesMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, give, want string }{
		{"no JSON", "{\n\"Name\": \"a\",\n]", "this is no JSON, near line 3: invalid character ']' looking for beginning of object key string"},
		{"cut short", `{"Name": [`, "it ends too early; is a brace or bracket missing?"},
		{"two files", edited() + "{}", "there is more after its end"},
		{"a list", "[]", "this is a list; it must be an object in braces"},
		{"no name", edited(`"Name": "partner",`, ""), "Name: it is missing: give a name for the server"},
		{"a field of another case twice", edited(`"Name"`, `"name": "b", "Name"`), "Name: it is there twice: take one of them away"},
		{"unknown", edited(`"Schedule"`, `"Shedule": "x", "Schedule"`), "Shedule: there is no such field here; did you mean Schedule?"},
		{"unknown below", edited(`"Folder"`, `"Folders": "x", "Folder"`), "SyncSettings[0].RemoteFolders.Folders: there is no such field here; did you mean Folder?"},
		{"unlike anything", with(`"colour": "red"`), "SyncSettings[0].colour: there is no such field here"},
		{"another type", edited(`"partner",`, `7,`), "Name: this is a number; it must be text"},
		{"a scheme", edited("sftp.example.org", "https://example.org"), "Url: a connector talks SFTP, and this is https"},
		{"a username", edited("sftp.example.org", "sftp://us@example.org"), "Url: the username belongs into the secret"},
		{"a folder", edited("sftp.example.org", "example.org/out"), "Url: a folder has no place here"},
		{"a port", edited("sftp.example.org", "example.org:99999"), `Url: the port "99999" is not a number from 1 to 65535`},
		{"a host", edited("sftp.example.org", "exa mple"), `Url: "exa mple" is neither a host name nor an address`},
		{"a policy", edited(`"Name"`, `"SecurityPolicyName": "Policy-2024", "Name"`), `SecurityPolicyName: "Policy-2024" is no security policy of a connector`},
		{"a tag", edited("@daily", "@dayly"), `Schedule: there is no tag "@dayly"; did you mean @daily?; the tags are @daily, @every10min,`},
		{"a cron of Unix", edited("@daily", "0 6 * * *"), `Schedule: "0 6 * * *" is no schedule: a cron of AWS has six fields`},
		{"no schedule", edited(`"Schedule": "@daily",`, ""), "SyncSettings[0].Schedule: it is missing, here and for the whole server"},
		{"no folders", edited(`"SyncSettings": [{`, `"SyncSettings": [], "//": [{`), "SyncSettings: it is missing: give one folder at least"},
		{"a bucket", edited("incoming", "In_coming"), `SyncSettings[0].LocalRepository.BucketName: "In_coming" is not the name of a bucket`},
		{"an alias", edited(`"Prefix"`, `"KmsKeyArn": "alias/x", "Prefix"`), "SyncSettings[0].LocalRepository.KmsKeyArn: \"alias/x\" is not the ARN of a key"},
		{"a prefix out", edited(`"Prefix": "partner"`, `"Prefix": "a/../b"`), `SyncSettings[0].LocalRepository.Prefix: "a/../b" has the segment ".."`},
		{"a date in a prefix", edited(`"Prefix": "partner"`, `"Prefix": "%year%"`), "only remote folders can have one"},
		{"no folder", edited(`"Folder": "/out", `, ""), "SyncSettings[0].RemoteFolders.Folder: it is missing: give the folder that files are fetched from, like /outgoing"},
		{"a placeholder", edited("/out", "/out/%days%"), "SyncSettings[0].RemoteFolders.Folder: %days% is no placeholder; did you mean %day%?"},
		{"two slashes", edited("/out", "/out//a"), "has an empty segment: write one slash and not two"},
		{"a long folder", edited("/out", "/"+strings.Repeat("a", 1024)), "it has 1025 characters, and a connector takes 1024"},
		{"recursive", edited("true", "1"), "SyncSettings[0].RemoteFolders.Recursive: it must be true or false"},
		{"an empty pattern", with(`"Include": [""]`), "SyncSettings[0].Include[0]: it must be text, and not empty"},
		{"many patterns", with(`"Include": ["` + strings.Repeat("a", 9000) + `"]`), "SyncSettings[0]: it has 9"},
		{"a large file", strings.Repeat(" ", 1<<20) + edited(), "bytes, which is no configuration"},
		{"settle", with(`"settle": "soon"`), `SyncSettings[0].Settle: "soon" is not a time like 90s, 15m, 12h or 30d`},
		{"strip", with(`"strip": "/in"`), "SyncSettings[0].Strip: the folder /out does not begin with /in"},
		{"strip a part of a name", with(`"strip": "/ou"`), "SyncSettings[0].Strip: the folder /out does not begin with /ou"},
		{"after", with(`"after": "remove"`), `SyncSettings[0].After: "remove" is not "keep", "delete" or "move:<folder>"`},
		{"move nowhere", with(`"after": "move:"`), `SyncSettings[0].After: "move:" has no folder to move to`},
		{"move to itself", with(`"after": "move:/out/"`), "SyncSettings[0].After: files would be moved to where they are"},
		{"move into it", with(`"after": "move:/out/done"`), "SyncSettings[0].After: /out/done is in the folder /out"},
		{"deletions", with(`"deletions": "yes"`), `SyncSettings[0].Deletions: "yes" is not "keep" or "mirror"`},
		{"a mirror of what goes", with(`"deletions": "mirror", "after": "delete"`), "SyncSettings[0].Deletions: files are moved or deleted after they were fetched"},
		{"a mirror of a day", edited("/out", "/%day%", `"//": null`, `"deletions": "mirror"`), "SyncSettings[0].Deletions: the folder is another one each day"},
		{"a limit of nothing", with(`"maxDeletions": 5`), "SyncSettings[0].MaxDeletions: without \"Deletions\": \"mirror\" nothing is deleted"},
		{"no limit", with(`"deletions": "mirror", "maxDeletions": 0`), "SyncSettings[0].MaxDeletions: 0 is not a whole number of 1 or more"},
		{"ed25519", edited(ecdsaKey, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcGVyYXRvcnNvbmx5bm90YXJlYWxob3N0a2V5ISEh"), "PublicKey[0]: a connector takes host keys of the types RSA and ECDSA, and this is ssh-ed25519"},
		{"a key cut short", edited(ecdsaKey, "ecdsa-sha2-nistp256 AAAAE2Vj"), "PublicKey[0]: the text after ecdsa-sha2-nistp256 is not the whole key"},
		{"another key", edited(ecdsaKey, "ssh-rsa "+strings.Fields(ecdsaKey)[1]), "PublicKey[0]: the text after ssh-rsa is not the whole key"},
		{"a key to be filled in", edited(ecdsaKey, "ssh-rsa AAAAB[...]5yQ=="), "PublicKey[0]: it is still to be filled in"},
		{"no key", edited(ecdsaKey, "SHA256:abc"), "PublicKey[0]: this is no host key"},
		{"the same again", edited(`}]
}`, `}, {"LocalRepository": {"BucketName": "incoming", "Prefix": "/partner/"}, "RemoteFolders": {"Folder": "/out/"}}]}`),
			"SyncSettings[1]: it copies the same folder to the same place as SyncSettings[0]"},
		{"the same name", edited(`"//": null
  }]`, `"Name": "a"}, {"Name": "a", "LocalRepository": {"BucketName": "incoming"}, "RemoteFolders": {"Folder": "/x"}}]`),
			"SyncSettings[1]: it has the same name as SyncSettings[0]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := fetchconfig.Parse([]byte(tt.give))
			require.ErrorContains(t, err, tt.want)
			assert.Len(t, strings.Split(err.Error(), "\n"), 1, "one mistake is said once: %v", err)
		})
	}
}

func TestParseNamesAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	_, err := fetchconfig.Parse([]byte(`{
		"Url": "ftp://x", "Shedule": "@daily", "PublicKey": "none",
		"SyncSettings": [{"LocalRepository": {"BucketName": "B"}}, 7]
	}`))
	var mistakes fetchconfig.Mistakes
	require.ErrorAs(t, err, &mistakes)
	var places []string
	for _, m := range mistakes {
		places = append(places, m.Place)
	}
	assert.Equal(t, []string{
		"Name", "Url", "PublicKey[0]", "SyncSettings[1]",
		"SyncSettings[0].LocalRepository.BucketName", "SyncSettings[0].RemoteFolders", "SyncSettings[0].Schedule", "Shedule",
	}, places)
}

func TestURL(t *testing.T) {
	t.Parallel()
	for give, want := range map[string]string{
		"sftp.example.org": "sftp://sftp.example.org", "sftp.example.org:22": "sftp://sftp.example.org", "SFTP://h:2222/": "sftp://h:2222",
		"192.0.2.7": "sftp://192.0.2.7", "192.0.2.7:2222": "sftp://192.0.2.7:2222", "2001:db8::1": "sftp://[2001:db8::1]", "[2001:db8::1]:2222": "sftp://[2001:db8::1]:2222",
	} {
		server, err := fetchconfig.Parse([]byte(edited("sftp.example.org", give)))
		require.NoError(t, err, give)
		assert.Equal(t, want, server.URL)
	}
}

func TestHostKeys(t *testing.T) {
	t.Parallel()
	server, err := fetchconfig.Parse([]byte(edited(`["`+ecdsaKey+`"]`, `["[sftp.example.org]:2222 `+ecdsaKey+` root@host", "`+ecdsaKey+`"]`)))
	require.NoError(t, err)
	assert.Equal(t, []string{ecdsaKey}, server.PublicKey)
}

// A configuration that was read, written and read again is the same.
func TestParseOfItsOwnJSON(t *testing.T) {
	t.Parallel()
	server, err := fetchconfig.Parse([]byte(with(`"settle": "90s", "strip": "/", "after": "move:/done", "maxAge": "2w", "Include": "*.csv"`)))
	require.NoError(t, err)
	text, err := json.Marshal(server)
	require.NoError(t, err)
	again, err := fetchconfig.Parse(text)
	require.NoError(t, err)
	assert.Equal(t, server, again)
}

// Parse answers any file with a configuration, or with mistakes; what it takes, it takes again
// from its own JSON, and all names in it are safe and unique.
func FuzzParse(f *testing.F) {
	f.Add(testdata(f, "transfersync-example.json"))
	f.Add(testdata(f, "transfersync-connection.json"))
	f.Add(with(`"settle": "90s", "strip": "/", "after": "move:/done", "maxAge": "2w", "Include": "*.csv"`))
	f.Add(edited("@daily", "cron(0/5 L-3 LW JAN-MAR MON#2 2026)"))
	f.Fuzz(func(t *testing.T, text string) {
		server, err := fetchconfig.Parse([]byte(text))
		if err != nil {
			var mistakes fetchconfig.Mistakes
			require.ErrorAs(t, err, &mistakes)
			require.NotEmpty(t, mistakes)
			return
		}
		names := map[string]bool{}
		for _, s := range server.SyncSettings {
			require.Regexp(t, `^[a-z0-9-]{1,32}$`, s.Name)
			require.False(t, names[s.Name])
			names[s.Name] = true
			again, err := fetchconfig.ParseSync([]byte(s.JSON()))
			require.NoError(t, err)
			require.Equal(t, &s, again)
		}
		own, err := json.Marshal(server)
		require.NoError(t, err)
		again, err := fetchconfig.Parse(own)
		require.NoError(t, err)
		require.Equal(t, server, again)
	})
}
