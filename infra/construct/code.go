package construct

import (
	"fmt"
	"os"
	"path/filepath"
)

// GoArch returns Go's name for a processor that Lambda calls architecture; the
// builds are stored under that name.
func GoArch(architecture string) string {
	if architecture == "x86_64" {
		return "amd64"
	}
	return architecture
}

// FindCode returns each function's folder of code below root, and an error that
// says how to build a function whose folder has no program.
func FindCode(root, architecture string, functions []string) (map[string]string, error) {
	code := map[string]string{}
	for _, function := range functions {
		folder := filepath.Join(root, GoArch(architecture), function)
		if _, err := os.Stat(filepath.Join(folder, "bootstrap")); err != nil {
			return nil, fmt.Errorf("%s is not built for %s: run `make build GOARCH=%s`", function, architecture, GoArch(architecture))
		}
		code[function] = folder
	}
	return code, nil
}
