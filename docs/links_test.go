// Package docs checks the documents.
package docs

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// document is what this test needs of a Markdown file.
type document struct {
	links   []string
	anchors map[string]bool
}

// notInAnchors is what GitHub leaves out when it makes an anchor of a heading.
var notInAnchors = regexp.MustCompile(`[^\p{L}\p{N}\p{M}_ -]`)

func read(t *testing.T, name string) document {
	t.Helper()
	source, err := os.ReadFile(name)
	require.NoError(t, err)
	found := document{anchors: map[string]bool{}}
	root := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	require.NoError(t, ast.Walk(root, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch node := node.(type) {
		case *ast.Link:
			found.links = append(found.links, string(node.Destination))
		case *ast.Image:
			found.links = append(found.links, string(node.Destination))
		case *ast.Heading:
			found.anchors[anchor(headingText(node, source))] = true
		}
		return ast.WalkContinue, nil
	}))
	return found
}

func headingText(heading ast.Node, source []byte) string {
	var words bytes.Buffer
	_ = ast.Walk(heading, func(node ast.Node, entering bool) (ast.WalkStatus, error) {
		if leaf, ok := node.(*ast.Text); ok && entering {
			words.Write(leaf.Segment.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return words.String()
}

func anchor(heading string) string {
	return strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// Links between documents, and to files and headings of the project, have to lead
// somewhere. Addresses on the web are not fetched.
func TestLinks(t *testing.T) {
	t.Parallel()
	var names []string
	for _, pattern := range []string{"../*.md", "../*/*.md", "../functions/*/*.md", "../statemachine/*/*.md"} {
		matches, err := filepath.Glob(pattern)
		require.NoError(t, err)
		names = append(names, matches...)
	}
	require.Contains(t, names, "../README.md")
	for _, name := range names {
		for _, link := range read(t, name).links {
			if strings.Contains(link, "://") || strings.HasPrefix(link, "mailto:") {
				continue
			}
			path, fragment, _ := strings.Cut(link, "#")
			target := name
			if path != "" {
				target = filepath.Join(filepath.Dir(name), path)
			}
			if _, err := os.Stat(target); !assert.NoError(t, err, "%s links to %s", name, link) || fragment == "" {
				continue
			}
			assert.True(t, read(t, target).anchors[fragment], "%s links to %s, which has no such heading", name, link)
		}
	}
}

func TestAnchor(t *testing.T) {
	t.Parallel()
	for give, want := range map[string]string{
		"KMS keys of your own":         "kms-keys-of-your-own",
		"SFTPGo's `ssm:/…` references": "sftpgos-ssm-references",
		"Ways a run can end — and why": "ways-a-run-can-end--and-why",
	} {
		assert.Equal(t, want, anchor(strings.ReplaceAll(give, "`", "")))
	}
}
