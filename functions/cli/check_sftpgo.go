package main

import (
	"context"

	"github.com/digipres/sync-users/shared/adapter/sftpgo"
)

// server tries SFTPGo, and where people's keys are.
func (c *checkup) server(ctx context.Context, eligible []string) {
	const section = "SFTPGo"
	server, err := c.app.server(ctx)
	reach := func() (string, error) {
		if err != nil {
			return "", err
		}
		version, err := server.admin.Version(ctx)
		return "version " + version + " at " + server.host, err
	}
	if !c.try(section, "server", reach, "Check SFTPGO_HOST, and SFTPGO_USERNAME and SFTPGO_PASSWORD or SFTPGO_API_KEY.") {
		return
	}
	for _, permission := range sftpgo.RequiredPermissions() {
		c.try(section, permission, func() (string, error) { return "the administrator may", server.admin.CheckPermission(ctx, permission) },
			"Give the administrator this permission in SFTPGo.")
	}
	if len(eligible) == 0 {
		c.skip("Keys", "Parameter Store", "not tried, because nobody has an Email tag and a stack group")
		return
	}
	c.may("Keys", "Parameter Store", func() (string, error) {
		username, err := someKeys(ctx, server.syncer.Keys, eligible)
		return "the keys of " + username + " can be read", err
	},
		"ssm:GetParameters on the keys, and kms:Decrypt where they have a KMS key of their own")
}
