# What people and CI type. `make help` explains it.
# Kept to what GNU make 3.81 understands, which is the one that macOS has.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BUILD := .build
# The processor of the functions: arm64 or amd64, by default this machine's.
GOARCH ?= $(shell go env GOHOSTARCH)
# Where the functions run: linux, unless they are for a laptop that is none.
FUNCTIONS := discover-users sync-user summarize-run
BOOTSTRAPS := $(FUNCTIONS:%=$(BUILD)/lambda/$(GOARCH)/%/bootstrap)

VENV := $(BUILD)/venv
SFTPGO := $(BUILD)/sftpgo
SFTPGO_MODULE := statemachine/local/sftpgo-server
LOCAL := $(BUILD)/bin/local

GO_FILES = $(shell find functions infra shared statemachine -name node_modules -prune -o -name sftpgo-server -prune -o -name '*.go' -print)
SOURCES = $(GO_FILES) statemachine/sync-users.asl.json go.mod go.sum

# Node's own fault, not the reader's: the CDK's library warns of every Node that is not the newest.
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 1

##@ Try it
help: ## Explain every target
	@awk 'BEGIN { FS = ":.*## "; print "make <target>" } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z][a-z-]*:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup ## Show it: people, a TRIGGER, each one's outcome, an SFTP login, a mail
	@$(LOCAL) demo

up: setup ## Start the laptop cloud (AWS, SFTPGo, the deployed stack) in the background
	@$(LOCAL) up

env: ## Print the exports for it: eval "$$(make -s env)"
	@test -x $(LOCAL) || { echo 'echo "the laptop cloud is not up: run make up" >&2; false'; exit 1; }
	@$(LOCAL) env

logs: ## Print the folder with the log of each of its parts
	@$(LOCAL) logs

down: ## Stop it
	@if test -x $(LOCAL); then $(LOCAL) down; else echo 'The laptop cloud is not up.'; fi

##@ Work on it
test: setup fmt-check lint ## Check the format, lint, and run all tests
	go test -timeout 20m ./...

bench: setup ## Print the measures: calls a person, sizes
	go test -timeout 20m -run '^$$' -bench . -benchtime 1x ./...

fmt: ## Format the Go code
	gofmt -w $(GO_FILES)

fmt-check:
	@unformatted=$$(gofmt -l $(GO_FILES)); \
	if test -n "$$unformatted"; then echo "not formatted: $$unformatted: run \`make fmt\`"; exit 1; fi

lint: | prerequisites
	go vet ./...
	go tool staticcheck ./...
	go mod tidy -diff

##@ Build it
setup: build infra-app $(LOCAL) $(VENV)/.done $(SFTPGO)/.done infra/node_modules/.done ## Fetch and build everything the other targets need, once

build: $(BOOTSTRAPS) ## Build the functions (GOARCH=arm64 or amd64)

infra-app: $(BUILD)/bin/infra ## Build the CDK app

clean: down ## Stop the laptop cloud and delete everything that was built or fetched
	rm -rf $(BUILD) infra/node_modules

# -buildid= and -trimpath: the same source gives the same zip, on any machine.
$(BUILD)/lambda/$(GOARCH)/%/bootstrap: $(SOURCES) | prerequisites
	@echo "building $* for $(GOARCH)"
	@CGO_ENABLED=0 GOOS=linux GOARCH=$(GOARCH) go build -trimpath -buildvcs=false \
	  -tags lambda.norpc -ldflags '-s -w -buildid=' -o $@ ./functions/$*
	@touch $@

$(BUILD)/bin/infra: $(SOURCES) | prerequisites
	@echo 'building the CDK app'
	@go build -o $@ ./infra
	@touch $@

$(LOCAL): $(SOURCES) | prerequisites
	@echo 'building the laptop cloud'
	@go build -o $@ ./statemachine/local/cmd
	@touch $@

$(VENV)/.done: statemachine/local/moto/requirements.txt | prerequisites
	@echo 'fetching moto (about a minute, once)'
	@python3 -m venv --clear $(VENV)
	@$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

$(SFTPGO)/.done: $(SFTPGO_MODULE)/go.mod $(SFTPGO_MODULE)/go.sum | prerequisites
	@echo 'fetching and building SFTPGo (about two minutes, once)'
	@rm -rf $(SFTPGO)
	@mkdir -p $(SFTPGO)
	@cd $(SFTPGO_MODULE) && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' \
	  -tags nogcs,noazblob,nomysql,nopgsql,nosqlite \
	  -o $(CURDIR)/$(SFTPGO)/sftpgo github.com/drakkan/sftpgo/v2
	@module=$$(cd $(SFTPGO_MODULE) && go list -m -f '{{.Dir}}' github.com/drakkan/sftpgo/v2) && \
	  cp -R "$$module/templates" "$$module/static" "$$module/openapi" $(SFTPGO)/ && chmod -R u+w $(SFTPGO)
	@touch $@

infra/node_modules/.done: infra/package.json infra/package-lock.json | prerequisites
	@echo 'fetching the CDK command line'
	@npm ci --prefix infra --no-audit --no-fund --loglevel error
	@touch $@

##@ Nothing to type
prerequisites:
	@statemachine/local/prerequisites

.PHONY: help demo up env logs down test bench fmt fmt-check lint setup build infra-app clean prerequisites
