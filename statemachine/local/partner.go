package local

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/digipres/sync-users/statemachine/local/partner"
)

// Partner is how to log in to the partner's SFTP server.
type Partner struct {
	Host               string
	Port               int
	Username, Password string
	// Directory is where files are sent to.
	Directory string
	// HostKeys are the server's, separated by semicolons.
	HostKeys string
}

// exports are the variables by which the partner's server is found; none without it.
func (p Partner) exports() []Value {
	if p.Host == "" {
		return nil
	}
	return []Value{
		{"PARTNER_SFTP_HOST", p.Host},
		{"PARTNER_SFTP_PORT", strconv.Itoa(p.Port)},
		{"PARTNER_SFTP_USERNAME", p.Username},
		{"PARTNER_SFTP_PASSWORD", p.Password},
		{"PARTNER_DIRECTORY", p.Directory},
		{"PARTNER_SFTP_HOST_KEYS", p.HostKeys},
	}
}

// createPartner makes the partner's server, which systems share.
func (c *Cloud) createPartner() error {
	if c.PartnerSFTP != nil {
		return nil
	}
	folder := filepath.Join(c.folder, "partner")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	server, err := partner.New(partner.Config{
		Binary: c.artifacts.sftpgo(), Folder: folder, Log: c.logPath("partner"), ErrorLog: c.log,
	})
	if err != nil {
		return err
	}
	c.PartnerSFTP = server
	c.add(part{name: "partner", stop: server.Stop, done: server.Done})
	c.Partner = Partner{
		Host: "127.0.0.1", Port: server.Port(), Username: partner.Username, Password: server.Password, Directory: partner.Directory, HostKeys: server.HostKeys,
	}
	return nil
}

// startPartner starts the partner's server once, and waits for it.
func (c *Cloud) startPartner(ctx context.Context) error {
	c.partnerStarts.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, startTimeout)
		defer cancel()
		if c.partnerError = c.PartnerSFTP.Start(ctx); c.partnerError == nil {
			c.report("the partner's SFTP server is up")
		}
	})
	if c.partnerError != nil {
		return c.startError("partner", c.partnerError)
	}
	return nil
}
