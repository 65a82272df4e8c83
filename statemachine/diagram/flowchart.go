package main

import (
	"encoding/json"
	"fmt"
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
	Choices       []struct{ Next string }
	Catch         []struct{ Next string }
	Retry         []json.RawMessage
	ItemProcessor *machine
	End           bool
}

// flowchart returns a definition as a Mermaid flowchart: solid arrows lead to the
// next state, dotted arrows to the one that catches an error.
func flowchart(definition string) (string, error) {
	var m machine
	if err := json.Unmarshal([]byte(definition), &m); err != nil {
		return "", fmt.Errorf("read the definition: %w", err)
	}
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	w := writer{out: &b, ids: map[string]string{}}
	w.writeMachine(m, "  ")
	return b.String(), nil
}

// writer writes states under short ids, numbered in the order in which they are
// first written.
type writer struct {
	out *strings.Builder
	ids map[string]string
}

func (w writer) writeMachine(m machine, indent string) {
	for _, name := range m.statesInOrder() {
		s := m.States[name]
		id := w.id(name)
		if s.ItemProcessor != nil {
			fmt.Fprintf(w.out, "%ssubgraph %s [\"%s · one child execution a user\"]\n", indent, id, name)
			w.writeMachine(*s.ItemProcessor, indent+"  ")
			fmt.Fprintf(w.out, "%send\n", indent)
		} else {
			fmt.Fprintf(w.out, "%s%s%s\n", indent, id, shape(s, name))
		}
	}
	for _, name := range m.statesInOrder() {
		s := m.States[name]
		for _, choice := range s.Choices {
			fmt.Fprintf(w.out, "%s%s --> %s\n", indent, w.id(name), w.id(choice.Next))
		}
		for _, next := range []string{s.Default, s.Next} {
			if next != "" {
				fmt.Fprintf(w.out, "%s%s --> %s\n", indent, w.id(name), w.id(next))
			}
		}
		for _, caught := range s.Catch {
			fmt.Fprintf(w.out, "%s%s -. error .-> %s\n", indent, w.id(name), w.id(caught.Next))
		}
	}
}

// statesInOrder returns the names of the states in the order of a run: what comes
// next before what catches an error.
func (m machine) statesInOrder() []string {
	var order []string
	seen := map[string]bool{"": true}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		order = append(order, name)
		s := m.States[name]
		visit(s.Next)
		for _, choice := range s.Choices {
			visit(choice.Next)
		}
		visit(s.Default)
		for _, caught := range s.Catch {
			visit(caught.Next)
		}
	}
	visit(m.StartAt)
	return order
}

func (w writer) id(name string) string {
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
