package sendfile_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/digipres/sync-users/shared/domain/rangecopy"
	"github.com/digipres/sync-users/shared/domain/sendfile"
	"github.com/digipres/sync-users/statemachine/local/largestore"
)

// connections are as many as the workflow opens by default.
const connections = 10

// workload are objects to send.
type workload struct {
	name  string
	count int
	size  int64
}

var workloads = []workload{{"1 of 1 GiB", 1, 1 << 30}, {"1000 of 10 KiB", 1000, 10 << 10}}

// tool sends all objects of a world.
type tool struct {
	name string
	// share is which part of a workload it is measured by, so that a slow one ends.
	share int64
	send  func(*world, workload) error
}

var tools = []tool{{"send-files", 1, sendAll}, {"rclone", 1, runRclone}, {"original", 16, runOriginal}}

// share returns a part of a workload.
func (l workload) share(n int64) workload {
	if l.count == 1 {
		return workload{l.name, 1, l.size / n}
	}
	return workload{l.name, l.count / int(n), l.size}
}

// BenchmarkSpeed sends the same objects to the same server by each tool, one after the other,
// directly and with 20 ms until each answer. It reports MiB and files a second, and how many
// times as fast send-files is.
func BenchmarkSpeed(b *testing.B) {
	for _, latency := range []time.Duration{0, 20 * time.Millisecond} {
		for _, load := range workloads {
			var own float64 // MiB a second
			for _, tool := range tools {
				b.Run(fmt.Sprintf("%s/%v/%s", load.name, latency, tool.name), func(b *testing.B) {
					load := load.share(tool.share)
					for range b.N {
						took := measure(b, tool, load, latency).Seconds()
						rate := float64(load.size) * float64(load.count) / took / (1 << 20)
						if tool.name == "send-files" {
							own = rate
						}
						b.ReportMetric(rate, "MiB/s")
						b.ReportMetric(float64(load.count)/took, "files/s")
						b.ReportMetric(own/rate, "times-as-fast")
					}
				})
			}
		}
	}
}

func measure(b *testing.B, tool tool, load workload, latency time.Duration) time.Duration {
	b.Helper()
	objects, cfg := largestore.Serve(b)
	w := newWorld(b)
	w.cfg, w.copier = cfg, rangecopy.Default
	if latency > 0 {
		w.settings.Port = newDelay(b, partner.SFTPAddress.String(), latency).Port
	}
	for i := range load.count {
		objects.Put(fmt.Sprintf("/%s/out/%04d", w.settings.SourceBucket, i), largestore.Endless{}, load.size, fmt.Sprintf("%032x-1", i))
	}
	begun := time.Now()
	if err := tool.send(w, load); err != nil {
		b.Fatal(err)
	}
	took := time.Since(begun)
	files := w.files()
	if len(files) != load.count {
		b.Fatalf("%d files instead of %d", len(files), load.count)
	}
	for path, size := range files {
		if size != load.size {
			b.Fatalf("%s has %d bytes", path, size)
		}
	}
	if err := os.RemoveAll(w.home); err != nil {
		b.Fatal(err)
	}
	return took
}

// sendAll sends as the workflow does: several invocations at once, each with a connection that
// it keeps.
func sendAll(w *world, load workload) error {
	keys := make(chan string)
	group, ctx := errgroup.WithContext(context.Background())
	for range min(connections, load.count) {
		group.Go(func() error {
			own := *w
			own.client = nil
			sender := own.sender()
			defer own.client.Close()
			for key := range keys {
				result, err := sender.Send(ctx, own.event(key))
				if err != nil || result.Outcome != sendfile.Sent {
					return fmt.Errorf("%s: %s %w", key, result.Reason, err)
				}
			}
			return nil
		})
	}
	for i := range load.count {
		select {
		case keys <- fmt.Sprintf("out/%04d", i):
		case <-ctx.Done():
		}
	}
	close(keys)
	return group.Wait()
}

// build is what `make bench` has built.
var build, _ = filepath.Abs(filepath.Join("..", "..", "..", ".build"))

func runRclone(w *world, _ workload) error {
	program := filepath.Join(build, "rclone", "rclone")
	s := w.settings
	obscured, err := exec.Command(program, "obscure", s.Password.Reveal()).Output()
	if err != nil {
		return err
	}
	return w.run(program, "copy", "--config", "", "--no-check-dest",
		"--s3-provider", "Other", "--s3-endpoint", *w.cfg.BaseEndpoint, "--s3-access-key-id", "a", "--s3-secret-access-key", "b", "--s3-list-version", "2",
		"--sftp-host", s.Host, "--sftp-port", strconv.Itoa(s.Port), "--sftp-user", s.Username, "--sftp-pass", string(obscured[:len(obscured)-1]),
		":s3:"+s.SourceBucket+"/out", ":sftp:in")
}

func runOriginal(w *world, _ workload) error {
	return w.run(filepath.Join(build, "original", "bin", "python"), "original.py")
}

func (w *world) run(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Env = append(append(os.Environ(), w.environment()...), "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_REGION=us-east-1")
	if output, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s, run `make bench`: %w: %s", program, err, output)
	}
	return nil
}

// newDelay forwards connections to a server, so that each answer comes that much later, with
// any number of bytes on their way.
func newDelay(b *testing.B, target string, latency time.Duration) *net.TCPAddr {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", target)
			if err != nil {
				_ = client.Close()
				return
			}
			go delay(server, client, latency/2)
			go delay(client, server, latency/2)
		}
	}()
	return listener.Addr().(*net.TCPAddr)
}

func delay(to, from net.Conn, by time.Duration) {
	type part struct {
		data []byte
		due  time.Time
	}
	parts := make(chan part, 1<<14)
	var group sync.WaitGroup
	group.Go(func() {
		defer to.Close()
		for p := range parts {
			time.Sleep(time.Until(p.due))
			if _, err := to.Write(p.data); err != nil {
				_ = from.Close()
			}
		}
	})
	for {
		data := make([]byte, 64<<10)
		n, err := from.Read(data)
		if n > 0 {
			parts <- part{data[:n], time.Now().Add(by)}
		}
		if err != nil {
			break
		}
	}
	close(parts)
	group.Wait()
}
