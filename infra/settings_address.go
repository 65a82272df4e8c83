package main

import (
	"errors"
	"net"
	"net/url"
	"strings"
)

// webAddress takes a URL that a path can be put behind. Its errors don't repeat
// the value, in which a password may be. shared/sftpgo has the same rule for
// whoever runs without a deploy; infra imports nothing from there, so that the
// CDK and the Lambdas stay apart.
func webAddress(to *string, example string) func(string) error {
	return func(value string) error {
		address, err := url.Parse(value)
		switch {
		case err != nil || address.Hostname() == "" || address.Scheme != "https" && address.Scheme != "http":
			return errors.New("this is not a URL like " + example)
		case address.User != nil:
			return errors.New("a URL with a password in it would end in the template: leave the part before @ out")
		case address.RawQuery != "" || address.ForceQuery || address.Fragment != "":
			return errors.New("nothing can be put behind a query or fragment: leave the part from ? or # on out")
		}
		if port := address.Port(); port != "" {
			if _, ok := number(port, 1, 65535); !ok {
				return errors.New("the port is not a number from 1 to 65535")
			}
		}
		*to = strings.TrimRight(value, "/")
		return nil
	}
}

// inClear tells of an address to which a password would go over a network as it
// is. An address of this machine is none.
func inClear(address string) bool {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" {
		return false
	}
	host := parsed.Hostname()
	return host != "localhost" && !net.ParseIP(host).IsLoopback()
}
