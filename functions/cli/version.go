package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// released is the version of a release; its build sets it.
var released string

// version says which program this is: a release's version, or else what Go
// knows of the source that it was built from.
func version() string {
	v := released
	if v == "" {
		v = "(unknown)"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			v = info.Main.Version
		}
	}
	return fmt.Sprintf("%s (%s, %s/%s)", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
