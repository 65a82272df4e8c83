package sftpgo

// Direct returns the address of SFTPGo itself, where nothing is counted and
// nothing fails on purpose.
func (p *Proxy) Direct() string { return p.server.String() }
