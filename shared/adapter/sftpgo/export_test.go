package sftpgo

import "time"

// SetClock makes the client tell the time by that clock.
func (c *Client) SetClock(now func() time.Time) { c.now = now }
