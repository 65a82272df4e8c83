package fetchconfig

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

// Question is one that Ask asks.
type Question struct {
	Text string
	// Fallback is the answer of an empty line.
	Fallback string
	// Optional questions need no answer.
	Optional bool
}

// Asker asks people.
type Asker interface {
	// Ask returns the line that is the answer.
	Ask(Question) (string, error)
	// Say prints a line, such as what is wrong with an answer.
	Say(string)
	// HostKeys returns the host keys that a server shows, by its URL.
	HostKeys(url string) ([]string, error)
}

// Ask asks for what a configuration needs, and returns the file. An answer that is wrong is
// asked for again. It returns the errors of the Asker's Ask.
func Ask(a Asker) ([]byte, error) {
	w := &wizard{Asker: a}
	server := &Server{
		Name:               w.text(Question{Text: "A name for the server"}, nil),
		Description:        w.text(Question{Text: "A description", Optional: true}, nil),
		URL:                w.text(Question{Text: "Its host name, and its port if that is not 22, as in sftp.example.org:2222"}, checkURL),
		SecurityPolicyName: w.text(Question{Text: "The security policy of the connector", Fallback: defaultSecurityPolicy}, checkSecurityPolicy),
		Schedule: Schedule(w.text(Question{
			Text: "When files are fetched: a tag like @hourly, a cron of AWS in UTC, or on-demand", Fallback: "@daily",
		}, checkScheduleText)),
	}
	server.PublicKey = w.hostKeys(server.URL)
	for more := true; more && w.err == nil; more = w.yes("Another folder?", false) {
		server.SyncSettings = append(server.SyncSettings, w.sync())
		if _, err := Parse(server.file()); err != nil && w.err == nil {
			w.Say(err.Error())
			server.SyncSettings = server.SyncSettings[:len(server.SyncSettings)-1]
		}
	}
	if w.err == nil && len(server.SyncSettings) == 0 {
		return nil, fmt.Errorf("there is no folder to fetch")
	}
	return server.file(), w.err
}

// file returns the file of a configuration.
func (s *Server) file() []byte {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s); err != nil {
		panic(err) // It holds nothing but text, numbers and booleans.
	}
	return text.Bytes()
}

// wizard asks, and remembers the first error.
type wizard struct {
	Asker
	err error
}

// text returns an answer that a check takes, as the check has it.
func (w *wizard) text(q Question, check func(*reader, string) string) string {
	for w.err == nil {
		var answer string
		if answer, w.err = w.Ask(q); w.err != nil {
			break
		}
		if answer = cmp.Or(strings.TrimSpace(answer), q.Fallback); answer == "" && !q.Optional {
			w.Say("It needs an answer.")
			continue
		}
		var mistakes Mistakes
		if check != nil {
			answer = check(&reader{mistakes: &mistakes}, answer)
		}
		if mistakes == nil {
			return answer
		}
		for _, m := range mistakes {
			w.Say(m.Text)
		}
	}
	return ""
}

func (w *wizard) yes(question string, fallback bool) bool {
	usual := map[bool]string{true: "yes", false: "no"}[fallback]
	answer := w.text(Question{Text: question, Fallback: usual}, func(r *reader, text string) string {
		switch strings.ToLower(text) {
		case "y", "yes":
			return "yes"
		case "n", "no":
			return "no"
		}
		r.mistakes.add("", "Answer yes or no.")
		return ""
	})
	return answer == "yes"
}

// hostKeys returns the keys that the server shows and a person confirms, or those that a
// person types in.
func (w *wizard) hostKeys(url string) (keys []string) {
	if w.err != nil {
		return nil
	}
	shown, err := w.HostKeys(url)
	if err != nil {
		w.Say("The server's host keys could not be read: " + err.Error())
	}
	for _, line := range shown {
		if key, err := parseHostKey(line); err == nil {
			w.Say("The server shows the host key " + line)
			if w.yes("Does its operator say that this is right?", false) {
				keys = append(keys, key)
			}
		}
	}
	for len(keys) == 0 && w.err == nil {
		key := w.text(Question{Text: "A host key of the server, like ssh-rsa AAAA…; none for now, and nothing is fetched until there is one", Optional: true},
			func(r *reader, text string) string {
				if text == "" {
					return ""
				}
				key, err := parseHostKey(text)
				if err != nil {
					r.mistakes.add("", "%v", err)
				}
				return key
			})
		if key == "" {
			return nil
		}
		keys = append(keys, key)
	}
	return keys
}

func (w *wizard) sync() Sync {
	return Sync{
		RemoteFolders: RemoteFolders{
			Folder: w.text(Question{Text: "The folder to fetch, like /outgoing or /reports/%year%/%month%/%day%"},
				func(r *reader, text string) string { return checkFolder(r, "Folder", text) }),
			Recursive: w.yes("With the folders below it?", true),
		},
		LocalRepository: LocalRepository{
			BucketName: w.text(Question{Text: "The bucket for its files"}, checkBucket),
			Prefix:     w.text(Question{Text: "The prefix of their keys", Optional: true}, checkPrefix),
			KmsKeyARN:  w.text(Question{Text: "The ARN of the bucket's KMS key, if it has one of your own", Optional: true}, checkKey),
		},
		Schedule: Schedule(w.text(Question{Text: "When, if not as the server's others", Optional: true}, checkScheduleText)),
	}
}

// checkScheduleText returns a schedule as it was given.
func checkScheduleText(r *reader, text string) string {
	if text != "" {
		if _, err := ParseSchedule(text); err != nil {
			r.mistakes.add("", "%v", err)
		}
	}
	return text
}
