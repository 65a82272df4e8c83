package childproc

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
)

// StartServer starts a command that serves HTTP on a listener of a free port,
// which it inherits as file descriptor 3, and waits until it answers a GET of
// path with 200. It returns the server's URL.
func StartServer(ctx context.Context, command *exec.Cmd, path string) (*Process, *url.URL, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	inherited, err := listener.File()
	if err != nil {
		return nil, nil, errors.Join(err, listener.Close())
	}
	command.ExtraFiles = []*os.File{inherited}
	process, err := Start(command)
	// From now on the child alone holds it: connections wait until the child
	// accepts them, and break when it ends.
	if err := errors.Join(err, inherited.Close(), listener.Close()); err != nil {
		return nil, nil, err
	}
	server := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	if err := expectOK(ctx, server.JoinPath(path).String()); err != nil {
		process.Stop()
		return nil, nil, err
	}
	return process, server, nil
}

func expectOK(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return nil
}
