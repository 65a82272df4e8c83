# The command lines' part of the Makefile, which includes it.

CLI := bin/sync-users
PROGRAMS := $(CLI) bin/sync-files
CLI_SOURCES := $(call sources,functions/cli shared) $(wildcard functions/cli/*/command/output.txt)
# The version of a build that is no release.
CLI_VERSION = $(shell git describe --tags --always --dirty 2>/dev/null)
PREFIX ?= /usr/local

##@ The command lines
cli: $(PROGRAMS) ## Build bin/sync-users and bin/sync-files

install: cli ## Install them for all users: PREFIX=/usr/local
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(PROGRAMS) '$(DESTDIR)$(PREFIX)/bin'

reference: ## Write functions/cli/REFERENCE*.md from the commands themselves
	go test ./functions/cli/sync-users/command ./functions/cli/sync-files/command -run '^TestReference$$' -update

# Established names: they stay as they are.
run-sync-users: cli ## Sync from here: p=PROFILE, u=USER for one, s=STACK (s= for none)
	@$(CLI) sync --yes $(if $(p),--profile '$(p)') $(if $(u),--username '$(u)') $(if $(filter-out undefined,$(origin s)),--stack-name '$(s)')

upload: ## Upload a file to S3: b=BUCKET d=FOLDER f=FILE p=PROFILE
	@test -n '$(b)' && test -n '$(d)' && test -n '$(f)' || \
	  { echo 'usage: make upload b=digipres-dev1-managed d=sync-users f=TRIGGER p=default' >&2; exit 2; }
	@PATH="$$PATH:$(CURDIR)/$(VENV)/bin" aws s3 cp '$(f)' 's3://$(b)/$(d)/$(notdir $(f))' $(if $(p),--profile '$(p)')

$(PROGRAMS): bin/%: $(CLI_SOURCES) | prerequisites
	@echo 'building $@'
	@CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.released=$(CLI_VERSION)' -o $@ ./functions/cli/$*
	@touch $@

.PHONY: cli install reference run-sync-users upload
