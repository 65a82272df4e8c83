// Package transfer is the endpoint of the laptop's AWS Transfer Family, where people
// log in over SFTP. It is a real SFTPGo that keeps no accounts of its own: at each login
// it asks here, and gets what Transfer's API has for the user at that moment. The files
// are in the laptop's S3, which is asked under the user's role and session policy. The
// API itself is moto's.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	transferapi "github.com/aws/aws-sdk-go-v2/service/transfer"

	"github.com/digipres/sync-users/statemachine/local/fixture"
	"github.com/digipres/sync-users/statemachine/local/moto"
	"github.com/digipres/sync-users/statemachine/local/sftpgo"
)

// service is the name of AWS Transfer Family as a principal of IAM, which assumes the
// users' roles.
const service = "transfer.amazonaws.com"

// Config says what to start, and where.
type Config struct {
	// Endpoint is where all of the laptop's AWS is.
	Endpoint string
	// Binary is the sftpgo program, beside its templates, static and openapi folders.
	Binary string
	// Folder is for SFTPGo's keys and temporary files. It must exist, and be another
	// than that of the SFTPGo in which people have accounts.
	Folder string
	// Log is the file that SFTPGo's output goes to.
	Log string
	// ErrorLog gets why logins were refused.
	ErrorLog *log.Logger
}

// Server is a Transfer server that is online.
type Server struct {
	// ID is the server's in Transfer's API, s-….
	ID string
	// SFTPPort is where it speaks SFTP, on 127.0.0.1.
	SFTPPort int

	sftpgo *sftpgo.Server
	admin  *fixture.SFTPGo
	errlog *log.Logger
	// folder is where SFTPGo has files while they are uploaded, and nothing else. It is
	// also the root of people who have none in S3.
	folder string

	sessions *sessions
	login    http.Server

	transfer *transferapi.Client
	sts      *sts.Client
	s3       *s3.Client
}

// Start creates a server by Transfer's API, with service-managed users and the defaults
// of CreateServer, and returns when its users can log in. Users of other servers can't.
func Start(ctx context.Context, config Config) (_ *Server, err error) {
	asAdministrator, asService := moto.AWS(config.Endpoint, moto.RootKey), moto.AWS(config.Endpoint, service)
	s := &Server{
		folder: filepath.Join(config.Folder, "files"), errlog: config.ErrorLog,
		transfer: transferapi.NewFromConfig(asService), sts: sts.NewFromConfig(asService), s3: s3.NewFromConfig(asService),
	}
	created, err := transferapi.NewFromConfig(asAdministrator).CreateServer(ctx, &transferapi.CreateServerInput{})
	if err != nil {
		return nil, fmt.Errorf("create Transfer server: %w", err)
	}
	s.ID = *created.ServerId
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.Stop()
		}
	}()
	if s.sessions, err = newSessions(config.Endpoint, config.ErrorLog); err != nil {
		return nil, err
	}
	hook, err := s.serveLogins()
	if err != nil {
		return nil, err
	}
	s.sftpgo, err = sftpgo.New(sftpgo.Config{
		Binary: config.Binary, Folder: config.Folder, Log: config.Log, ErrorLog: config.ErrorLog,
		Settings: []string{
			"SFTPGO_DATA_PROVIDER__EXTERNAL_AUTH_HOOK=" + hook,
			"SFTPGO_DATA_PROVIDER__EXTERNAL_AUTH_SCOPE=2", // Public keys: service-managed users have no passwords.
			"SFTPGO_SFTPD__PASSWORD_AUTHENTICATION=false",
			"SFTPGO_COMMON__MAX_PER_HOST_CONNECTIONS=0", // Here all clients are one host.
		},
	})
	if err != nil {
		return nil, err
	}
	if err := s.sftpgo.Start(ctx); err != nil {
		return nil, err
	}
	s.SFTPPort = s.sftpgo.SFTPAddress.Port
	s.admin = fixture.NewSFTPGo(s.sftpgo.DirectURL, s.sftpgo.Username, s.sftpgo.Password)
	return s, nil
}

// serveLogins begins to answer SFTPGo's questions, and returns where.
func (s *Server) serveLogins() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s.login = http.Server{Handler: http.HandlerFunc(s.answerLogin), ReadHeaderTimeout: 5 * time.Second, ErrorLog: s.errlog}
	go func() {
		if err := s.login.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.errlog.Printf("logins: %v", err)
		}
	}()
	return "http://" + listener.Addr().String(), nil
}

// Stop ends the endpoint and its sessions, and waits for that.
func (s *Server) Stop() {
	if s.sftpgo != nil {
		s.sftpgo.Stop()
	}
	_ = s.login.Close()
	if s.sessions != nil {
		s.sessions.close()
	}
}

// Done is closed when SFTPGo has ended.
func (s *Server) Done() <-chan struct{} { return s.sftpgo.Done() }
