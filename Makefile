# The targets that people and CI use; `make help` lists them. It works with GNU
# make 3.81, the version of macOS.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BUILD := .build
HOST_OS := $(shell go env GOHOSTOS 2>/dev/null)
HOST_ARCH := $(shell go env GOHOSTARCH 2>/dev/null)
# The processor that functions are built for: arm64 or amd64.
GOARCH ?= $(HOST_ARCH)
# Everything else is built for this machine.
unexport GOARCH

FUNCTIONS := discover-users list-accounts sync-user sync-transfer-user summarize-run
FUNCTIONS += list-objects send-file summarize-send
FUNCTIONS += plan-fetch list-folder fetch-batch record-event summarize-fetch
DEPLOYABLE := $(FUNCTIONS:%=$(BUILD)/lambda/$(GOARCH)/%/bootstrap)
# The laptop cloud runs functions on this machine. Where that is not Linux, they are
# built once more, in a folder from which nothing is deployed.
LAPTOP := $(if $(filter linux,$(HOST_OS)),,$(BUILD)/$(HOST_OS)/)
RUNNABLE := $(FUNCTIONS:%=$(LAPTOP)$(BUILD)/lambda/$(HOST_ARCH)/%/bootstrap)

# The race detector needs cgo, which Go turns off where there is no C compiler. It
# is not for package infra, because the CDK's runtime, jsii, has races of its own.
RACE = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)

CDK := infra/node_modules/.bin/cdk
LOCAL := $(BUILD)/bin/local
SFTPGO := $(BUILD)/sftpgo
SFTPGO_MODULE := statemachine/local/sftpgo-server
VENV := $(BUILD)/venv
# What `make bench` compares send-files with.
RCLONE := $(BUILD)/rclone
ORIGINAL := $(BUILD)/original

sources = go.mod go.sum $(shell find $(1) -name node_modules -prune -o -name '*.go' ! -name '*_test.go' -print)
FUNCTION_SOURCES := $(call sources,$(wildcard functions shared))
INFRA_SOURCES := $(call sources,infra) statemachine/definition.go $(wildcard statemachine/*.asl.json)
LOCAL_SOURCES := $(call sources,shared statemachine) $(wildcard statemachine/*.asl.json)

# The CDK has templates of Go files, which do not parse as Go.
GO_FILES = $(shell find docs functions infra shared statemachine -name node_modules -prune -o -name '*.go' -print)

# -trimpath and an empty build id: the same source gives the same zip anywhere,
# so that a deploy without a change changes nothing.
GO_BUILD_FUNCTION = CGO_ENABLED=0 GOARCH=$(firstword $(subst /, ,$*)) go build -trimpath -buildvcs=false \
  -tags lambda.norpc -ldflags '-s -w -buildid=' -o $@ ./functions/$(notdir $*)

##@ Try it
demo: setup ## Run a demo: users, a TRIGGER, the outcome of each, SFTP, a mail
	@$(LOCAL) demo

demo-transfer: setup ## Run the demo of AWS Transfer Family instead of SFTPGo
	@$(LOCAL) demo-transfer

demo-send: setup bin/sync-files ## Run the demo of sending files to a partner's SFTP server
	@$(LOCAL) demo-send

# Names of systems with spaces or commas between them; all by default.
SYSTEMS ?=
spaces_to_commas = $(subst $(eval) ,$(comma),$(strip $(1)))
comma := ,
up: setup ## Start the laptop cloud in the background: AWS, servers, SYSTEMS=… or all
	@$(LOCAL) up $(if $(SYSTEMS),--systems '$(call spaces_to_commas,$(SYSTEMS))')

people: setup ## Create a handful of users in it, in every situation
	@$(LOCAL) people

env: ## Print the exports for using it: eval "$$(make -s env)"
	@if test -x $(LOCAL); then $(LOCAL) env; else echo 'The laptop cloud is not up: run `make up`.' >&2; exit 1; fi

logs: ## Print the folder with the log of each of its parts
	@echo $(CURDIR)/$(BUILD)/local/laptop/logs

down: ## Stop it
	@if test -x $(LOCAL); then $(LOCAL) down; else echo 'The laptop cloud is not up.'; fi

##@ Work on it
test: setup fmt-check lint unit browser end-to-end ## Check the format, lint, and run every test

# Packages whose tests start the laptop cloud, a part of it or the CDK. They run
# without the race detector, which the CDK's library does not pass.
WITH_CLOUD := /infra$$|/infra/(construct|sync|send|fetch)|/endtoend|/local$$|/local/moto$$

# Tests of memory, which the race detector multiplies, as it does their time.
MEMORY := ^TestHandleFitsIntoMemory$$

# -count=1, because Go's test cache does not see all that the tests depend on.
unit: setup ## Run the unit tests, with the race detector if there is a C compiler
	go test -count=1 -timeout 20m $(RACE) -skip '$(MEMORY)' $$(go list ./... | grep -Ev '$(WITH_CLOUD)')
	go test -count=1 -run '$(MEMORY)' ./shared/domain/summarize

# Verbose, so that it says whether there was a browser. With REQUIRE_BROWSER=1 there must be one.
browser: | prerequisites ## Test the HTML pages in Chromium or Chrome, if there is one (CHROMIUM=path)
	$(if $(CHROMIUM),CHROMIUM='$(CHROMIUM)') go test -count=1 -v -run '^TestInBrowser$$' ./shared/domain/page

# Those that take longest come first, so that none of them is left alone at the end.
SLOWEST := ./statemachine/endtoend ./infra ./statemachine/endtoend/deployment

# Three packages at a time, because each waits for its servers most of the time.
end-to-end: setup ## Run the tests that need the laptop cloud or the CDK
	go test -count=1 -timeout 20m -p 3 $(SLOWEST) $$(go list ./... | grep -E '$(WITH_CLOUD)')

SEEDS ?= 1,2,3
ROUNDS ?= 10
faults: setup ## Run rounds of random faults: SEEDS=1,2,3 ROUNDS=10
	go test -count=1 -timeout 2h -v ./statemachine/endtoend/faults -faults.seeds '$(SEEDS)' -faults.rounds '$(ROUNDS)'

bench: setup $(RCLONE)/.done $(ORIGINAL)/.done ## Print measures: calls per user and per run, sizes
	go test -timeout 20m -run '^$$' -bench . -benchtime 1x ./...

fmt: | prerequisites ## Format the Go code
	gofmt -w $(GO_FILES)

fmt-check: | prerequisites
	@files=$$(gofmt -l $(GO_FILES)); \
	if test -n "$$files"; then echo "Not formatted: $$files"; echo 'Run `make fmt`.'; exit 1; fi

lint: | prerequisites ## Check the code, go.mod, and the links in documents
	go vet ./...
	go tool staticcheck -checks all ./...
	go mod tidy -diff
	go test ./docs

vuln: | prerequisites ## Look up known vulnerabilities (offline: GOVULNDB=file:///folder)
	go tool govulncheck $(if $(GOVULNDB),-db '$(GOVULNDB)') ./...

diagram: | prerequisites ## Draw the workflows into docs/architecture.md, from their definitions
	@go run ./statemachine/diagram docs/architecture.md

##@ Build it
setup: build $(LOCAL) laptop-parts ## Fetch and build, once, what the other targets need

laptop-parts: infra-app $(RUNNABLE) $(VENV)/.done $(SFTPGO)/.done infra/node_modules/.done

build: $(DEPLOYABLE) ## Build the functions (GOARCH=arm64 or amd64)

infra-app: $(BUILD)/bin/infra ## Build the CDK app

release: ## Make the release VERSION=1.2.3: changelog, commits, tag
	@infra/release/release '$(VERSION)'

clean: down ## Stop the laptop cloud; delete all that was built or fetched
	rm -rf $(BUILD) infra/node_modules

include functions/cli/cli.mk
include infra/deploy.mk

help: ## Explain every target
	@awk 'BEGIN { FS = ":.*## "; print "make <target>" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { gsub(/\$$\$$/, "$$"); printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(BUILD)/lambda/%/bootstrap: $(FUNCTION_SOURCES) | prerequisites
	@echo 'building $(notdir $*) for $(firstword $(subst /, ,$*))'
	@GOOS=linux $(GO_BUILD_FUNCTION)
	@touch $@

ifneq ($(LAPTOP),)
$(LAPTOP)$(BUILD)/lambda/%/bootstrap: $(FUNCTION_SOURCES) | prerequisites
	@echo 'building $(notdir $*) for this laptop'
	@GOOS=$(HOST_OS) $(GO_BUILD_FUNCTION)
	@touch $@
endif

$(BUILD)/bin/infra: $(INFRA_SOURCES) | prerequisites
	@echo 'building the CDK app'
	@go build -o $@ ./infra
	@touch $@

$(LOCAL): $(LOCAL_SOURCES) | prerequisites
	@echo 'building the laptop cloud'
	@go build -o $@ ./statemachine/local/cmd
	@touch $@

$(VENV)/.done: statemachine/local/moto/requirements.txt | prerequisites
	@echo 'fetching moto, which stands for AWS (a minute, once)'
	@python3 -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(SFTPGO)/.done: $(SFTPGO_MODULE)/go.mod $(SFTPGO_MODULE)/go.sum | prerequisites
	@echo 'fetching and building SFTPGo (two minutes, once)'
	@rm -rf $(SFTPGO) && mkdir -p $(SFTPGO)
	@cd $(SFTPGO_MODULE) && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' \
	  -tags nogcs,noazblob,nomysql,nopgsql,nosqlite \
	  -o $(CURDIR)/$(SFTPGO)/sftpgo github.com/drakkan/sftpgo/v2
	@cd $(SFTPGO_MODULE) && module=$$(go list -m -f '{{.Dir}}' github.com/drakkan/sftpgo/v2) && \
	  cd $(CURDIR)/$(SFTPGO) && cp -R "$$module/templates" "$$module/static" "$$module/openapi" . && chmod -R u+w .
	@touch $@

$(RCLONE)/.done: $(wildcard statemachine/endtoend/sendfile/rclone/*) | prerequisites
	@echo 'fetching and building rclone (two minutes, once)'
	@mkdir -p $(RCLONE)
	@cd statemachine/endtoend/sendfile/rclone && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o $(CURDIR)/$(RCLONE)/rclone .
	@touch $@

$(ORIGINAL)/.done: statemachine/endtoend/sendfile/requirements.txt | prerequisites
	@echo 'fetching paramiko and boto3 (a minute, once)'
	@python3 -m venv --clear $(ORIGINAL)
	@$(ORIGINAL)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

infra/node_modules/.done: infra/package.json infra/package-lock.json | prerequisites
	@echo 'fetching the CDK command line'
	@npm ci --prefix infra --no-audit --no-fund --loglevel error
	@touch $@

# The plus is for `make --question`, which takes any other command for something left to do.
prerequisites:
	+@statemachine/local/prerequisites

.PHONY: demo demo-transfer up people env logs down test unit browser end-to-end faults bench fmt fmt-check lint vuln diagram setup laptop-parts build infra-app release clean \
  synth diff deploy destroy keep-secret help prerequisites
