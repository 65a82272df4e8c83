package main

import (
	"encoding/json"
	"fmt"
	"strings"
)

// machine and state are what a picture shows of the Amazon States Language.
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

// flowchart draws a definition as a Mermaid flowchart: whole arrows are
// the way of a run, dotted ones that of an error.
func flowchart(definition string) (string, error) {
	var m machine
	if err := json.Unmarshal([]byte(definition), &m); err != nil {
		return "", fmt.Errorf("read the definition: %w", err)
	}
	var b strings.Builder
	b.WriteString("flowchart TD\n")
	d := drawing{out: &b, ids: map[string]string{}}
	d.machine(m, "  ")
	return b.String(), nil
}

// drawing gives each state a short id, in the order of the way through.
type drawing struct {
	out *strings.Builder
	ids map[string]string
}

func (d drawing) machine(m machine, indent string) {
	for _, name := range m.inOrder() {
		s := m.States[name]
		id := d.id(name)
		if s.ItemProcessor != nil {
			fmt.Fprintf(d.out, "%ssubgraph %s [\"%s · one child execution a user\"]\n", indent, id, name)
			d.machine(*s.ItemProcessor, indent+"  ")
			fmt.Fprintf(d.out, "%send\n", indent)
		} else {
			fmt.Fprintf(d.out, "%s%s%s\n", indent, id, shape(s, name))
		}
	}
	for _, name := range m.inOrder() {
		s := m.States[name]
		for _, choice := range s.Choices {
			fmt.Fprintf(d.out, "%s%s --> %s\n", indent, d.id(name), d.id(choice.Next))
		}
		for _, next := range []string{s.Default, s.Next} {
			if next != "" {
				fmt.Fprintf(d.out, "%s%s --> %s\n", indent, d.id(name), d.id(next))
			}
		}
		for _, caught := range s.Catch {
			fmt.Fprintf(d.out, "%s%s -. error .-> %s\n", indent, d.id(name), d.id(caught.Next))
		}
	}
}

// inOrder are the states as a reader meets them: along the way of a run first.
func (m machine) inOrder() []string {
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

func (d drawing) id(name string) string {
	if d.ids[name] == "" {
		d.ids[name] = fmt.Sprintf("s%d", len(d.ids)+1)
	}
	return d.ids[name]
}

// shape tells the types apart: a decision is a rhombus, an end is round, and a
// state that retries says so.
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
