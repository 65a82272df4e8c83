package sftpgo

import "time"

// SetClock sets the clock by which tokens and rejections end.
func (c *Client) SetClock(now func() time.Time) { c.tokens.now = now }
