// Package sendfile_test sends objects of moto's S3 to the real SFTPGo, and to servers that
// fail in ways that SFTPGo can't be made to.
package sendfile_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/digipres/sync-users/statemachine/local/childproc"
	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/moto"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

var (
	account aws.Config
	partner *sftpgo.Server
	admin   *fixture.SFTPGo
	// hostKey is the partner's, as SSH_HOST_KEYS has it.
	hostKey string
)

func TestMain(m *testing.M) {
	childproc.ExitIfWatchdog()
	if os.Getenv(senderVariable) != "" {
		sendInThisProcess()
	}
	slog.SetDefault(slog.New(slog.DiscardHandler))
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	build, err := filepath.Abs(filepath.Join("..", "..", "..", ".build"))
	if err != nil {
		return 0, err
	}
	folder, err := os.MkdirTemp("", "sendfile")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server, err := moto.Start(ctx, moto.Config{
		Python: filepath.Join(build, "venv", "bin", "python"), Launcher: filepath.Join("..", "..", "local", "moto", "launcher.py"),
		Log: filepath.Join(folder, "moto.log"),
	})
	if err != nil {
		return 0, fmt.Errorf("moto, run `make setup`: %w", err)
	}
	defer server.Stop()
	account = moto.AWS(server.URL.String(), moto.RootKey)
	partner, err = sftpgo.New(sftpgo.Config{
		Binary: filepath.Join(build, "sftpgo", "sftpgo"), Folder: folder,
		Log: filepath.Join(folder, "sftpgo.log"), ErrorLog: log.Default(),
	})
	if err != nil {
		return 0, err
	}
	if err := partner.Start(ctx); err != nil {
		return 0, fmt.Errorf("SFTPGo: %w", err)
	}
	defer partner.Stop()
	admin = fixture.NewSFTPGo(partner.URL, partner.Username, partner.Password)
	key, err := os.ReadFile(filepath.Join(folder, "id_ed25519.pub"))
	if err != nil {
		return 0, err
	}
	hostKey = string(key)
	return m.Run(), nil
}

// freeAddress returns an address where nothing listens.
func freeAddress(t *testing.T) *net.TCPAddr {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr)
}
