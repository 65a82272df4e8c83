package sftpgo

import (
	"encoding/json"
	"html"
	"net/url"
	"strings"

	"github.com/digipres/sync-users/shared/domain/secret"
)

// fragmentSize is the length of the fragments of a secret that are redacted, in
// bytes. A server may repeat a request cut short, with only a part of the secret.
const fragmentSize = 8

// redactor replaces secrets in the responses of a server. It holds the fragments
// of the secrets by their length, which is less than fragmentSize for a short secret.
type redactor map[int]map[string]bool

func newRedactor(secrets []secret.Text) redactor {
	r := redactor{}
	for _, text := range secrets {
		r.add(text.Reveal())
	}
	return r
}

// add adds a value in every form in which a server may repeat it.
func (r redactor) add(value string) {
	if value == "" {
		return
	}
	quoted, _ := json.Marshal(value) // a string never fails
	for _, form := range []string{
		value,
		string(quoted[1 : len(quoted)-1]),
		strings.ReplaceAll(value, "/", `\/`),
		url.QueryEscape(value),
		url.PathEscape(value),
		html.EscapeString(value),
	} {
		size := min(len(form), fragmentSize)
		if r[size] == nil {
			r[size] = map[string]bool{}
		}
		for i := range len(form) - size + 1 {
			r[size][form[i:i+size]] = true
		}
	}
}

// Redact returns a text without the secrets.
func (r redactor) Redact(text string) string {
	isSecret := make([]bool, len(text))
	for size, fragments := range r {
		for i := range len(text) - size + 1 {
			if fragments[text[i:i+size]] {
				for j := i; j < i+size; j++ {
					isSecret[j] = true
				}
			}
		}
	}
	var redacted strings.Builder
	for i := range len(text) {
		switch {
		case !isSecret[i]:
			redacted.WriteByte(text[i])
		case i == 0 || !isSecret[i-1]:
			redacted.WriteString(secret.Text{}.String())
		}
	}
	return redacted.String()
}
