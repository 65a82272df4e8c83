package stack_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/digipres/sync-users/shared/domain/stack"
)

func TestOfGroup(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give, want string
	}{
		{"role", "digipres-dev1-users", "digipres-dev1"},
		{"role of two parts", "digipres-dev1-power-users", "digipres-dev1"},
		{"shortest parts", "ab-c1-x", "ab-c1"},
		{"no role", "digipres-dev1", ""},
		{"empty role", "digipres-dev1-", ""},
		{"one part", "admins", ""},
		{"one-letter part", "a-dev1-users", ""},
		{"part starting with a digit", "digipres-1dev-users", ""},
		{"upper case", "Digipres-dev1-users", ""},
		{"underscore", "digi_pres-dev1-users", ""},
		{"empty", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := stack.OfGroup(tt.give)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.want != "", ok)
		})
	}
}

func TestOfBucket(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, give, want string
	}{
		{"bucket", "digipres-dev1-data", "digipres-dev1"},
		{"managed", "digipres-dev1-managed", "digipres-dev1"},
		{"stack whose name starts with another stack's", "digipres-dev10-data", "digipres-dev10"},
		{"replica", "digipres-dev1-data-repl", ""},
		{"replica without a name", "digipres-dev1-repl", ""},
		{"repl not at the end", "digipres-dev1-repl-logs", "digipres-dev1"},
		{"other bucket", "website", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := stack.OfBucket(tt.give)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.want != "", ok)
		})
	}
}

func TestOfGroups(t *testing.T) {
	t.Parallel()
	groups := []string{"org-prod-users", "admins", "org-dev-users", "org-dev-admins"}
	assert.Equal(t, []string{"org-dev", "org-prod"}, stack.OfGroups(groups))
	assert.Empty(t, stack.OfGroups([]string{"admins"}))
}

func TestKey(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "test_user_example_com", stack.Key("test.user@example.com"))
	assert.Equal(t, "t__sel_x_org", stack.Key("t+üsel@x.org"), "one _ for each character, not for each byte")
	assert.NotEqual(t, stack.UniqueKey("a.b@x.org"), stack.UniqueKey("a_b@x.org"))
}

// The stack of a bucket is a well-formed prefix of its name, and a replica has
// none.
func TestOfBucketReturnsPrefix(t *testing.T) {
	t.Parallel()
	name := regexp.MustCompile(`^[a-z][a-z0-9]+-[a-z][a-z0-9]+$`)
	rapid.Check(t, func(t *rapid.T) {
		give := rapid.StringMatching(`[a-zA-Z0-9_.]{0,4}-?[a-z0-9]{0,4}-?[a-z-]{0,5}(-repl)?`).Draw(t, "name")
		got, ok := stack.OfBucket(give)
		if ok && (!name.MatchString(got) || !strings.HasPrefix(give, got+"-") || strings.HasSuffix(give, "-repl")) {
			t.Fatalf("OfBucket(%q) = %q", give, got)
		}
	})
}

// A key has only characters that SFTPGo allows in a folder's name, and no hyphen,
// which separates it from the bucket.
func FuzzKey(f *testing.F) {
	f.Add("test.user@example.com")
	f.Add("a+b@x.org")
	f.Add("\xff")
	allowed := regexp.MustCompile(`^[A-Za-z0-9_]*$`)
	f.Fuzz(func(t *testing.T, username string) {
		for _, key := range []string{stack.Key(username), stack.UniqueKey(username)} {
			if !allowed.MatchString(key) {
				t.Errorf("key %q of %q", key, username)
			}
		}
		if stack.UniqueKey(username) == stack.Key(username) {
			t.Errorf("the unique key of %q is the plain one", username)
		}
	})
}
