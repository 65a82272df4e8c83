package sftpgo

import (
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"strings"

	"github.com/digipres/sync-users/shared/domain/secret"
)

// glimpse is how many bytes of a secret may be seen. A server may repeat a
// request cut short, so that only a part of the secret is there to be found.
const glimpse = 8

// veil hides secrets in what a server says. It holds their pieces, by length.
type veil map[int]map[string]bool

// newVeil hides a request's token, and the secrets that go with it.
func newVeil(r *http.Request, hidden []secret.Text) veil {
	v := veil{}
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	v.add(token)
	for _, text := range hidden {
		v.add(text.Reveal())
	}
	return v
}

// add hides a value in every form in which a server may repeat it.
func (v veil) add(value string) {
	if value == "" {
		return
	}
	quoted, _ := json.Marshal(value) // a string always can be
	for _, form := range []string{
		value,
		string(quoted[1 : len(quoted)-1]),
		strings.ReplaceAll(value, "/", `\/`),
		url.QueryEscape(value),
		url.PathEscape(value),
		html.EscapeString(value),
	} {
		length := min(len(form), glimpse)
		if v[length] == nil {
			v[length] = map[string]bool{}
		}
		for i := range len(form) - length + 1 {
			v[length][form[i:i+length]] = true
		}
	}
}

// from gives a text without the secrets.
func (v veil) from(text string) string {
	hidden := make([]bool, len(text))
	for length, pieces := range v {
		for i := range len(text) - length + 1 {
			if pieces[text[i:i+length]] {
				for j := i; j < i+length; j++ {
					hidden[j] = true
				}
			}
		}
	}
	var shown strings.Builder
	for i := range len(text) {
		switch {
		case !hidden[i]:
			shown.WriteByte(text[i])
		case i == 0 || !hidden[i-1]:
			shown.WriteString(secret.Text{}.String())
		}
	}
	return shown.String()
}
