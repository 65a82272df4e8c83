package fetchconfig_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/fetchconfig"
)

// person gives answers, one a line, and remembers what was asked and said.
type person struct {
	answers []string
	asked   []fetchconfig.Question
	said    []string
	shown   []string
	err     error
}

func (p *person) Ask(q fetchconfig.Question) (string, error) {
	if len(p.answers) == 0 {
		return "", io.EOF
	}
	p.asked = append(p.asked, q)
	answer := p.answers[0]
	p.answers = p.answers[1:]
	return answer, nil
}

func (p *person) Say(line string) { p.said = append(p.said, line) }

func (p *person) HostKeys(string) ([]string, error) { return p.shown, p.err }

func TestAsk(t *testing.T) {
	t.Parallel()
	p := &person{
		answers: strings.Split("partner||https://x|sftp.example.org||@dayly|@hourly|y|/out/%days%|/out/%day%/||incoming|/a/|||y|/x|no|In|other|||on-demand|", "|"),
		shown:   []string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcGVyYXRvcnNvbmx5bm90YXJlYWxob3N0a2V5ISEh", ecdsaKey},
	}
	text, err := fetchconfig.Ask(p)
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"Name": "partner", "Url": "sftp://sftp.example.org", "SecurityPolicyName": "TransferSFTPConnectorSecurityPolicy-2024-03",
		"Schedule": "@hourly", "PublicKey": ["`+ecdsaKey+`"],
		"SyncSettings": [
			{"LocalRepository": {"BucketName": "incoming", "Prefix": "a"}, "RemoteFolders": {"Folder": "/out/%day%", "Recursive": true}},
			{"LocalRepository": {"BucketName": "other"}, "RemoteFolders": {"Folder": "/x", "Recursive": false}, "Schedule": "on-demand"}
		]
	}`, string(text))
	_, err = fetchconfig.Parse(text)
	require.NoError(t, err)
	said := strings.Join(p.said, "\n")
	for _, want := range []string{"a connector talks SFTP", "did you mean @daily?", "%days% is no placeholder", `"In" is not the name of a bucket`, "The server shows the host key " + ecdsaKey} {
		assert.Contains(t, said, want)
	}
	assert.NotContains(t, said, "ed25519", "a connector does not know such keys")
}

// A server that does not answer, or whose keys nobody confirms, leaves the key to be typed in.
func TestAskForHostKeys(t *testing.T) {
	t.Parallel()
	const before, after = "partner||sftp.example.org|||", "|/out||incoming||||"
	tests := []struct {
		name, answers string
		person        person
		want          []string
	}{
		{"no answer", "nonsense|" + ecdsaKey, person{err: errors.New("no route")}, []string{ecdsaKey}},
		{"not confirmed", "no|", person{shown: []string{ecdsaKey}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.person.answers = strings.Split(before+tt.answers+after, "|")
			text, err := fetchconfig.Ask(&tt.person)
			require.NoError(t, err)
			server, err := fetchconfig.Parse(text)
			require.NoError(t, err)
			assert.Equal(t, tt.want, server.PublicKey)
		})
	}
}

// The same folder twice is asked for again; answers that end early are an error.
func TestAskForAnotherFolder(t *testing.T) {
	t.Parallel()
	p := &person{answers: strings.Split("partner||sftp.example.org||||/out||incoming||||y|/out||incoming||||y|/other||incoming||||", "|")}
	text, err := fetchconfig.Ask(p)
	require.NoError(t, err)
	server, err := fetchconfig.Parse(text)
	require.NoError(t, err)
	assert.Len(t, server.SyncSettings, 2)
	assert.Contains(t, strings.Join(p.said, "\n"), "SyncSettings[1]: it copies the same folder to the same place")

	_, err = fetchconfig.Ask(&person{answers: []string{"partner"}})
	assert.ErrorIs(t, err, io.EOF)
}
