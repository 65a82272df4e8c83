package local

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// system is one system of the family, with all that the laptop cloud has for it
// alone. Each is in a file of its own, and in the list below.
type system struct {
	// name is how Config and `make up SYSTEMS=…` choose it.
	name string
	// stack is the name of its CloudFormation stack.
	stack string
	// settings are those of the CDK app; an operator would write them into a file.
	settings func(*Cloud) map[string]string
	// mailbox is the queue that stands for the mail addresses of the deployment.
	mailbox string

	// listen opens the addresses of servers that it needs, before anything starts;
	// nil for none.
	listen func(*Cloud) error
	// start starts these servers; nil for none.
	start func(*Cloud, context.Context) error
	// seed creates what a deployment expects in an account.
	seed func(*Cloud, context.Context) error
	// seedFirst has the settings wait for what seed creates.
	seedFirst bool

	// exports are the variables of `make env`.
	exports func(*Addresses, *Deployment) []Value
	// summary is what `make up` shows.
	summary func(*Addresses, *Deployment) []Value
}

// systems are all there are, in the order in which they are shown.
var systems = []*system{&syncUsers, &syncTransferUsers, &sendFiles, &fetchFiles}

// Value is a value with its name.
type Value struct{ Name, Value string }

// Systems returns the names of all systems.
func Systems() []string {
	var names []string
	for _, s := range systems {
		names = append(names, s.name)
	}
	return names
}

// chooseSystems returns the systems of these names, each once.
func chooseSystems(names []string) ([]*system, error) {
	for _, name := range names {
		if !slices.Contains(Systems(), name) {
			return nil, fmt.Errorf("there is no system %q: choose from %s", name, strings.Join(Systems(), ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(systems), func(s *system) bool { return !slices.Contains(names, s.name) }), nil
}

// Exports returns the environment with which other programs use the cloud.
func (a *Addresses) Exports() []Value {
	return append(a.collect([]Value{
		{"AWS_ENDPOINT_URL", a.Endpoint},
		{"AWS_ACCESS_KEY_ID", AccessKeyID},
		{"AWS_SECRET_ACCESS_KEY", SecretAccessKey},
		{"AWS_REGION", Region},
		{"AWS_DEFAULT_REGION", Region},
	}, func(s *system) []Value { return s.exports(a, a.Deployments[s.name]) }), a.Partner.exports()...)
}

// Summary returns what a person wants to know who has started the cloud.
func (a *Addresses) Summary() []Value {
	return append(a.collect([]Value{{"AWS", a.Endpoint}}, func(s *system) []Value { return s.summary(a, a.Deployments[s.name]) }), Value{"logs", a.Logs})
}

// collect appends what each system of the cloud has.
func (a *Addresses) collect(values []Value, of func(*system) []Value) []Value {
	for _, s := range systems {
		if slices.Contains(a.Systems, s.name) {
			values = append(values, of(s)...)
		}
	}
	return values
}
