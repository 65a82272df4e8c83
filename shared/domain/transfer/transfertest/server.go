// Package transfertest provides a Transfer server in memory, for tests.
package transfertest

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/digipres/sync-users/shared/domain/errkind"
	"github.com/digipres/sync-users/shared/domain/transfer"
)

// Role is the role of users that AddUser adds.
const Role = "arn:aws:iam::123456789012:role/transfer"

// Server is a Transfer server in memory, without users at first. It follows the rules of
// the real one: a user's mappings are 1 to 50,000 and don't overlap, a home directory
// lies in one of them, and a session policy has up to 2,048 characters.
//
// Its methods may be called concurrently. Its fields are for tests to set and read while
// no call is running.
type Server struct {
	Users map[string]transfer.User
	// State is what Description returns.
	State transfer.Description
	// Calls are the calls so far, such as "UpdateUser alice@example.org".
	Calls []string
	// Fault, unless nil, runs before each call. If it returns an error, the call
	// does nothing and returns it.
	Fault func(call string) error

	mu sync.Mutex
}

var (
	_ transfer.Users             = (*Server)(nil)
	_ transfer.Lister            = (*Server)(nil)
	_ transfer.DescriptionReader = (*Server)(nil)
)

// NewServer returns a server with users as AWS creates them from a name and a role: they
// see absolute paths, and have neither home directory nor session policy.
func NewServer(names ...string) *Server {
	s := &Server{
		Users: map[string]transfer.User{},
		State: transfer.Description{ID: "s-0123456789abcdef0", State: "ONLINE", IdentityProvider: "SERVICE_MANAGED", Domain: "S3"},
	}
	for _, name := range names {
		s.Users[name] = transfer.User{Name: name, Role: Role}
	}
	return s
}

// Entries returns where a user sees something, in order.
func (s *Server) Entries(name string) []string {
	var entries []string
	for _, m := range s.Users[name].Mappings {
		entries = append(entries, m.Entry)
	}
	slices.Sort(entries)
	return entries
}

// Description implements transfer.DescriptionReader.
func (s *Server) Description(context.Context) (transfer.Description, error) {
	if err := s.begin("DescribeServer"); err != nil {
		return transfer.Description{}, err
	}
	return s.State, nil
}

// UserNames implements transfer.Lister.
func (s *Server) UserNames(context.Context) ([]string, error) {
	if err := s.begin("ListUsers"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.Users)), nil
}

// User implements transfer.Users.
func (s *Server) User(_ context.Context, name string) (*transfer.User, error) {
	if err := s.begin("DescribeUser " + name); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok := s.Users[name]
	if !ok {
		return nil, transfer.ErrNoUser
	}
	user.Mappings = slices.Clone(user.Mappings)
	return &user, nil
}

// UpdateUser implements transfer.Users.
func (s *Server) UpdateUser(_ context.Context, current *transfer.User, update transfer.Update) error {
	if err := s.begin("UpdateUser " + current.Name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	user, ok := s.Users[current.Name]
	if !ok {
		return errkind.Errorf(errkind.Unavailable, "the user is gone")
	}
	if update.Mappings != nil {
		user.Mappings, user.Logical = slices.Clone(update.Mappings), true
	}
	if update.ClearHomeDirectory {
		user.HomeDirectory = ""
	}
	if update.Policy != "" {
		user.Policy = update.Policy
	}
	if err := validate(user); err != nil {
		return err
	}
	s.Users[current.Name] = user
	return nil
}

func validate(user transfer.User) error {
	refuse := func(format string, args ...any) error {
		return errkind.Errorf(errkind.Unexpected, "InvalidRequestException: "+format, args...)
	}
	if count := len(user.Mappings); user.Logical && count < 1 || count > 50_000 {
		return refuse("%d mappings", count)
	}
	if length := utf8.RuneCountInString(user.Policy); length > 2048 {
		return refuse("the policy has %d characters", length)
	}
	if user.Policy != "" && !json.Valid([]byte(user.Policy)) {
		return refuse("the policy is no JSON")
	}
	entries := map[string]bool{}
	homeFound := user.HomeDirectory == "" || !user.Logical
	for _, m := range user.Mappings {
		if !strings.HasPrefix(m.Entry, "/") || !strings.HasPrefix(m.Target, "/") || len(m.Entry) > 1024 || len(m.Target) > 1024 {
			return refuse("the mapping %v", m)
		}
		if entries[m.Entry] || m.Entry == "/" && len(user.Mappings) > 1 {
			return refuse("the entry %s overlaps another", m.Entry)
		}
		entries[m.Entry] = true
		homeFound = homeFound || strings.HasPrefix(user.HomeDirectory+"/", strings.TrimSuffix(m.Entry, "/")+"/")
	}
	for entry := range entries {
		for i := 1; i < len(entry); i++ {
			if entry[i] == '/' && entries[entry[:i]] {
				return refuse("the entry %s is in %s", entry, entry[:i])
			}
		}
	}
	if !homeFound {
		return refuse("the home directory %s is in no mapping", user.HomeDirectory)
	}
	return nil
}

// begin records a call and runs Fault.
func (s *Server) begin(call string) error {
	s.mu.Lock()
	s.Calls = append(s.Calls, call)
	fault := s.Fault
	s.mu.Unlock()
	if fault != nil {
		return fault(call)
	}
	return nil
}
