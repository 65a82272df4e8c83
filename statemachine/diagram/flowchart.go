package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// machine and state are the parts of the Amazon States Language that a diagram
// shows.
type machine struct {
	StartAt string
	States  map[string]state
}

type state struct {
	Type          string
	Next          string
	Default       string
	Choices       []transition
	Catch         []transition
	Retry         []json.RawMessage
	ItemProcessor *machine
	End           bool
}

type transition struct{ Next string }

// next returns the transitions to other states, except those that errors take.
func (s state) next() []transition {
	all := append(slices.Clone(s.Choices), transition{s.Default}, transition{s.Next})
	return slices.DeleteFunc(all, func(t transition) bool { return t.Next == "" })
}

// flowchart returns a definition as a Mermaid flowchart: solid arrows lead to the
// next state, dotted arrows to the one that catches an error. item is what a Map has one
// child execution for.
func flowchart(definition, item string) (string, error) {
	var m machine
	if err := json.Unmarshal([]byte(definition), &m); err != nil {
		return "", fmt.Errorf("read the definition: %w", err)
	}
	w := writer{ids: map[string]string{}, item: item}
	w.out.WriteString("flowchart TD\n")
	w.writeMachine(m, "  ")
	return w.out.String(), nil
}

// writer writes states under short ids, numbered in the order in which they are
// first written.
type writer struct {
	out  strings.Builder
	ids  map[string]string
	item string
}

func (w *writer) writeMachine(m machine, indent string) {
	names := m.statesInOrder()
	for _, name := range names {
		s := m.States[name]
		id := w.id(name)
		if s.ItemProcessor != nil {
			fmt.Fprintf(&w.out, "%ssubgraph %s [\"%s · one child execution %s\"]\n", indent, id, name, w.item)
			w.writeMachine(*s.ItemProcessor, indent+"  ")
			fmt.Fprintf(&w.out, "%send\n", indent)
		} else {
			fmt.Fprintf(&w.out, "%s%s%s\n", indent, id, shape(s, name))
		}
	}
	for _, name := range names {
		for _, to := range m.States[name].next() {
			fmt.Fprintf(&w.out, "%s%s --> %s\n", indent, w.id(name), w.id(to.Next))
		}
		for _, to := range m.States[name].Catch {
			fmt.Fprintf(&w.out, "%s%s -. error .-> %s\n", indent, w.id(name), w.id(to.Next))
		}
	}
}

// statesInOrder returns the names of the states in the order of a run: what comes
// next before what catches an error.
func (m machine) statesInOrder() (order []string) {
	var visit func(name string)
	visit = func(name string) {
		if slices.Contains(order, name) {
			return
		}
		order = append(order, name)
		for _, to := range append(m.States[name].next(), m.States[name].Catch...) {
			visit(to.Next)
		}
	}
	visit(m.StartAt)
	return order
}

func (w *writer) id(name string) string {
	if w.ids[name] == "" {
		w.ids[name] = fmt.Sprintf("s%d", len(w.ids)+1)
	}
	return w.ids[name]
}

// shape returns a state's node: a rhombus for a Choice, rounded for an end, and
// with ↻ for a state that retries.
func shape(s state, name string) string {
	switch {
	case s.Type == "Choice":
		return fmt.Sprintf(`{"%s"}`, name)
	case s.End && s.Type == "Pass", s.Type == "Succeed", s.Type == "Fail":
		return fmt.Sprintf(`(["%s"])`, name)
	case len(s.Retry) > 0:
		return fmt.Sprintf(`["%s ↻"]`, name)
	}
	return fmt.Sprintf(`["%s"]`, name)
}
