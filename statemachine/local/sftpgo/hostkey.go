package sftpgo

import (
	"crypto/ed25519"
	"encoding/pem"
	"os"
	"path/filepath"

	"golang.org/x/crypto/ssh"
)

func (s *Server) hostKeyFile() string { return filepath.Join(s.config.Folder, "id_ed25519") }

// writeHostKey makes a new key pair. SFTPGo would make three by itself, one of
// them RSA, which takes longer than all the rest of its start.
func (s *Server) writeHostKey() error {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return err
	}
	if s.HostKey, err = ssh.NewPublicKey(public); err != nil {
		return err
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return err
	}
	return os.WriteFile(s.hostKeyFile(), pem.EncodeToMemory(block), 0o600)
}
