package program

import (
	"fmt"
	"runtime"
	"runtime/debug"
)

// Version describes the program: the version of a release, or else what Go knows
// of the source that it was built from.
func Version(released string) string {
	v := released
	if v == "" {
		v = "(unknown)"
		if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
			v = info.Main.Version
		}
	}
	return fmt.Sprintf("%s (%s, %s/%s)", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
