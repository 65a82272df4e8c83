package page_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/digipres/sync-users/shared/domain/page"
	"github.com/digipres/sync-users/shared/domain/run"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/shared/domain/sendrun"
	"github.com/digipres/sync-users/shared/domain/summarize"
)

// browserNames are the names and places of Chromium and Chrome on Linux and macOS.
var browserNames = []string{
	"chromium", "chromium-browser", "chromium-headless-shell", "google-chrome", "google-chrome-stable", "chrome",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium",
}

// findBrowser returns the path of CHROMIUM, or of a browser that is installed. It skips the
// test if there is none, or fails it where REQUIRE_BROWSER is set.
func findBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range append([]string{os.Getenv("CHROMIUM")}, browserNames...) {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "no Chromium and no Chrome is on the PATH, and CHROMIUM names none: the pages were not opened in a browser"
	if os.Getenv("REQUIRE_BROWSER") != "" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}

// tab is a tab of a browser with a page in it.
type tab struct {
	context.Context
	t *testing.T
	// requests are the addresses of all that was requested, complaints what is on the console.
	mutex                sync.Mutex
	requests, complaints []string
}

func (p *tab) note(event any) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	case *log.EventEntryAdded:
		p.complaints = append(p.complaints, e.Entry.Text)
	case *runtime.EventConsoleAPICalled:
		p.complaints = append(p.complaints, string(e.Type))
	case *runtime.EventExceptionThrown:
		p.complaints = append(p.complaints, e.ExceptionDetails.Text)
	}
}

// newBrowser starts a browser, which ends with the test.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(t.Context(), chromedp.WithAllocatorOptions(
		// The sandbox needs rights that a container does not have.
		chromedp.ExecPath(findBrowser(t)), chromedp.NoSandbox, chromedp.WindowSize(1280, 900),
	))
	t.Cleanup(cancel)
	require.NoError(t, chromedp.Do(ctx), "start the browser")
	return ctx
}

// open opens a page in a new tab, after some actions. When the test ends, the page must
// have requested nothing but itself, and nothing may be on the console.
func open(t *testing.T, browser context.Context, p page.Page, before ...chromedp.Action[chromedp.Void]) *tab {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, []byte(write(t, p)), 0o600))
	address := (&url.URL{Scheme: "file", Path: file}).String()

	ctx, cancel := chromedp.NewContext(browser)
	opened := &tab{Context: ctx, t: t}
	require.NoError(t, chromedp.Do(ctx), "open a tab")
	require.NoError(t, chromedp.Listen(ctx, opened.note))
	t.Cleanup(func() {
		cancel()
		opened.mutex.Lock()
		defer opened.mutex.Unlock()
		assert.Equal(t, []string{address}, opened.requests, "requests")
		assert.Empty(t, opened.complaints, "on the console")
	})
	require.NoError(t, chromedp.Do(ctx, append(before, chromedp.Navigate(address))...))
	return opened
}

func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	require.NoError(p.t, chromedp.Do(p, actions...))
}

// eval returns the value of an expression of JavaScript.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p, chromedp.Evaluate[T](expression))
	require.NoError(p.t, err, expression)
	return value
}

// visible returns the headings of the rows that are shown, in their order.
func (p *tab) visible() string {
	p.t.Helper()
	return strings.Join(eval[[]string](p, `[...document.querySelectorAll('tbody th')].filter((th) => th.checkVisibility()).map((th) => th.textContent)`), " ")
}

func (p *tab) click(selector string) { p.t.Helper(); p.do(chromedp.Click(chromedp.CSS(selector))) }

// withoutHostile is the example with names that are easier to list.
func withoutHostile() page.Page {
	p := example()
	p.Tables = append(p.Tables[:2], p.Tables[3])
	return p
}

func TestInBrowser(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	const all = "alice carol Bob"

	t.Run("it renders", func(t *testing.T) {
		p := open(t, browser, withoutHostile())
		assert.Equal(t, "Example", eval[string](p, "document.title"))
		assert.Equal(t, all, p.visible(), "without the collapsed")
		assert.NotEqual(t, "Times New Roman", eval[string](p, "getComputedStyle(document.body).fontFamily"), "the policy allows the style")
		assert.Equal(t, "", eval[string](p, "document.querySelector('output').textContent"))
	})
	t.Run("a hostile text is a text", func(t *testing.T) {
		p := open(t, browser, example())
		got := eval[[]string](p, `[...document.querySelectorAll('tbody th')].map((th) => th.textContent)`)
		for _, text := range hostile[:4] {
			assert.Contains(t, got, text)
		}
		assert.Contains(t, got, "alice�gro.elpmaxe")
		assert.Contains(t, got, "nul� escape�[31m")
		assert.Equal(t, "Example", eval[string](p, "document.title"))
		assert.Equal(t, 0, eval[int](p, "document.querySelectorAll('main img, main a, main script').length"))
		assert.Equal(t, 0, eval[int](p, "document.documentElement.scrollWidth - innerWidth"), "the long one is wrapped")
	})
	t.Run("a script that got in all the same is refused", func(t *testing.T) {
		p := open(t, browser, withoutHostile())
		directive, err := chromedp.Run(p, chromedp.Evaluate[string](`new Promise((resolve) => {
			document.addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective));
			const script = document.createElement('script');
			script.textContent = 'document.title = "stolen"';
			document.body.append(script);
			if (document.title === 'stolen') resolve('it ran');
		})`, chromedp.EvalAwaitPromise))
		require.NoError(t, err)
		assert.Equal(t, "script-src-elem", directive)
		assert.Equal(t, "Example", eval[string](p, "document.title"))
		p.mutex.Lock()
		defer p.mutex.Unlock()
		require.Len(t, p.complaints, 1)
		assert.Contains(t, p.complaints[0], "Content Security Policy")
		p.complaints = nil
	})
	t.Run("it filters by text", func(t *testing.T) {
		p := open(t, browser, withoutHostile())
		p.do(chromedp.SendKeys(chromedp.CSS("input"), "MANAGED ali"))
		assert.Equal(t, "alice", p.visible(), "every word, in a folded list as well, and in any case")
		assert.Equal(t, "1 of 4 rows", eval[string](p, "document.querySelector('output').textContent"))
		p.click("[type=reset]")
		assert.Equal(t, all, p.visible())
		p.do(chromedp.SendKeys(chromedp.CSS("input"), "dora"))
		assert.Equal(t, "dora", p.visible(), "the collapsed table opens")
	})
	t.Run("it filters by a count", func(t *testing.T) {
		p := open(t, browser, example())
		p.click("[data-tag=gained]")
		assert.Equal(t, all, p.visible())
		assert.Equal(t, "true", eval[string](p, "document.querySelector('[data-tag=gained]').getAttribute('aria-pressed')"))
		p.click("[data-tag=gained]")
		assert.NotEqual(t, all, p.visible())
	})
	t.Run("it sorts", func(t *testing.T) {
		p := open(t, browser, withoutHostile())
		p.click("thead th:first-child button")
		assert.Equal(t, "alice Bob carol", p.visible())
		p.click("thead th:first-child button")
		assert.Equal(t, "carol Bob alice", p.visible())
		assert.Equal(t, "descending", eval[string](p, "document.querySelector('thead th').getAttribute('aria-sort')"))
		p.click("thead th:last-child button")
		assert.Equal(t, "Bob carol alice", p.visible(), "by number")
	})
	t.Run("all of it works by the keyboard", func(t *testing.T) {
		p := open(t, browser, withoutHostile())
		press := func(keys ...string) {
			for _, key := range keys {
				p.do(chromedp.KeyEvent(key))
			}
		}
		press(kb.Tab, " ")
		assert.Empty(t, p.visible(), "the first count")
		press(kb.Tab, " ", kb.Tab, "c", "a", "r")
		assert.Equal(t, "carol", p.visible())
		press(kb.Tab, kb.Enter)
		assert.Equal(t, all, p.visible(), "everything again")
		press(kb.Tab, kb.Tab, kb.Tab, kb.Enter)
		assert.Equal(t, "alice Bob carol", p.visible(), "sorted")
	})
	t.Run("it prints", func(t *testing.T) {
		const list = "document.querySelector('td').innerText"
		p := open(t, browser, withoutHostile())
		assert.Equal(t, "10: digipres-dev1-data, …", eval[string](p, list), "a long list is folded")
		p.do(emulate(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"}))
		assert.Contains(t, eval[string](p, list), ", digipres-dev1-managed", "and unfolded on paper")
		assert.Equal(t, all, p.visible())
		assert.False(t, eval[bool](p, "document.querySelector('input').checkVisibility()"))
		assert.Equal(t, "rgb(255, 255, 255)", eval[string](p, background))
		pdf, err := chromedp.Run(p, chromedp.PrintToPDF())
		require.NoError(t, err)
		assert.Equal(t, "%PDF-", string(pdf[:5]))
	})
	t.Run("it is dark where people like it dark", func(t *testing.T) {
		p := open(t, browser, withoutHostile())
		assert.Equal(t, "rgb(255, 255, 255)", eval[string](p, background))
		p.do(emulate(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
		}))
		assert.Equal(t, "rgb(21, 24, 28)", eval[string](p, background))
	})
	t.Run("it fits on a phone", func(t *testing.T) {
		p := open(t, browser, example(), chromedp.EmulateViewport(360, 640, chromedp.EmulateMobile))
		assert.LessOrEqual(t, eval[int](p, "document.documentElement.scrollWidth"), 360)
		assert.Equal(t, "block", eval[string](p, "getComputedStyle(document.querySelector('td')).display"), "a cell is a line")
	})
	t.Run("the report of a run", func(t *testing.T) {
		p := open(t, browser, summarize.Page(exampleReport(), run.Installation{CloudFormationStack: "sync-users", RunsBucket: "runs"}))
		assert.Equal(t, "bob alice dave alice erin "+hostile[0], p.visible(), "failed, lost, gained, others")
		p.click("[data-tag=lost]")
		assert.Equal(t, "alice dave", p.visible())
		p.click("[data-tag=failed]")
		assert.Equal(t, "bob", p.visible())
		text, err := chromedp.Run(p, chromedp.Text(chromedp.CSS("main")))
		require.NoError(t, err)
		assert.Contains(t, text, "Put both keys into Parameter Store.")
	})
	t.Run("the report of a run of send-files", func(t *testing.T) {
		var report sendrun.Report
		for key, size := range map[string]int64{"out/small": 900, "out/large": 2 << 30, "out/middle": 500 << 20} {
			report.Results = append(report.Results, sendfile.Result{Object: sendfile.Object{Key: key, Size: size}, Outcome: sendfile.Sent})
		}
		report.Results = append(report.Results, sendfile.Result{Object: sendfile.Object{Key: hostile[0]}, Outcome: sendfile.Failed, Error: "DiskFull"})
		report.Totals = sendrun.Totals{Objects: 4, Sent: 3, Failed: 1}
		p := open(t, browser, sendrun.Page(report, run.Installation{CloudFormationStack: "send-files", RunsBucket: "runs"}))
		p.click("[data-tag=failed]")
		assert.Equal(t, hostile[0], p.visible())
		p.click("[data-tag=sent]")
		p.click("main > details:nth-of-type(2) thead th:nth-child(2) button")
		assert.Equal(t, "out/small out/middle out/large", p.visible(), "sorted by bytes, and not by text")
	})
	t.Run("the report of 5,000 users", func(t *testing.T) {
		report := exampleReport()
		for i := range 5000 {
			report.Results = append(report.Results, run.Result{
				Username: fmt.Sprintf("user%04d", i), Email: fmt.Sprintf("user%04d@example.org", i), Outcome: run.Unchanged, Reason: "already in sync",
				Buckets: []string{"digipres-dev1-data"},
			})
		}
		html := summarize.Page(report, run.Installation{})
		p := open(t, browser, html)
		assert.Equal(t, "bob alice dave alice", p.visible(), "who is unchanged is folded")
		loaded := eval[float64](p, "performance.getEntriesByType('navigation')[0].loadEventEnd")
		p.do(chromedp.SendKeys(chromedp.CSS("input"), "user1234"))
		assert.Equal(t, "user1234", p.visible())
		p.click("[type=reset]")
		filtered := eval[float64](p, measure("document.querySelector('[data-tag=unchanged]').click()"))
		sorted := eval[float64](p, measure("[...document.querySelectorAll('thead button')].at(-5).click()"))
		t.Logf("%d KiB; loaded after %.0f ms, filtered in %.0f ms, sorted in %.0f ms", len(write(t, html))>>10, loaded, filtered, sorted)
		assert.Equal(t, "5001 of 5006 rows", eval[string](p, "document.querySelector('output').textContent"))
	})
	t.Run("without JavaScript everything is shown", func(t *testing.T) {
		p := open(t, browser, withoutHostile(), emulate(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}))
		text, err := chromedp.Run(p, chromedp.Text(chromedp.CSS("main")))
		require.NoError(t, err)
		assert.Contains(t, text, "dora")
	})
}

// measure returns an expression for the milliseconds that a statement takes with its layout.
func measure(statement string) string {
	return "(() => { const start = performance.now(); " + statement + "; document.body.offsetHeight; return performance.now() - start; })()"
}

// exampleReport is the report of a run in which everything happened.
func exampleReport() run.Report {
	buckets := []string{"digipres-dev1-data", "digipres-dev1-managed"}
	results := []run.Result{
		{Username: "alice", Email: "alice@example.org", Outcome: run.Updated, Added: buckets[:1], Removed: buckets[1:], Buckets: buckets[:1]},
		{Username: "bob", Email: "bob@example.org", Outcome: run.Failed, Error: "KeysMissing", Reason: "/iam/access_key/bob is missing"},
		{Username: "dave", Email: "dave@example.org", Outcome: run.Revoked, Removed: buckets},
		{Username: "erin", Email: "erin@example.org", Outcome: run.Unchanged, Reason: "already in sync", Buckets: buckets},
		{Username: hostile[0], Outcome: run.Skipped, Reason: "no Email tag"},
	}
	started := time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC)
	return run.Report{Results: results, Summary: run.Summary{
		Execution: "start-20261121T100000Z-jane-k3m9xq", StartedAt: started, EndedAt: started.Add(time.Minute), Totals: run.Count(results),
	}}
}

const background = "getComputedStyle(document.body).backgroundColor"

// emulate changes what the browser tells the page about itself.
func emulate[P any](command cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, params)
		return err
	})
}
