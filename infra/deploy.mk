# The deployment's targets, for the Makefile to include. SETTINGS names a file of
# settings (infra/examples has two); ARGS is whatever else the CDK's command
# line takes, such as `-c maxConcurrency=5`.

CDK ?= infra/node_modules/.bin/cdk
SETTINGS ?=
ARGS ?=

# The account is chosen in the environment, which the CDK and the scripts here
# share. They read two names for it, each another one first.
ifneq ($(AWS_PROFILE),)
export AWS_PROFILE
export AWS_DEFAULT_PROFILE := $(AWS_PROFILE)
endif
ifneq ($(filter --profile --profile=%,$(ARGS)),)
deployment = $(error ARGS has --profile, which only the CDK would follow: take it away, and choose the account for everything with AWS_PROFILE=…)
else
deployment = $(if $(SETTINGS),-c settings=$(SETTINGS)) $(ARGS)
endif

# The AWS command line, fetched with the rest.
with_aws = PATH="$(CURDIR)/$(VENV)/bin:$$PATH"

# Has the CDK itself say what it would deploy and where, and puts that into the
# environment of what follows in the recipe. Nothing follows if it can't say.
aim = folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
  $(CDK) list --app '$(BUILD)/bin/infra target' --build true --output "$$folder" $(deployment) >/dev/null && \
  set -a && . "$$folder/target" && set +a

# `SFTPGO_PASSWORD=… make keep-secret deploy` deploys with what it has just kept.
ifneq ($(filter keep-secret,$(MAKECMDGOALS)),)
kept = $(aim) && set -a && . "$$folder/kept" && set +a &&
bootstrap synth diff deploy: keep-secret
endif

# One after the other, as they were asked for, also with -j.
ifneq ($(filter bootstrap keep-secret synth diff deploy destroy,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

##@ Deploy it (AWS_PROFILE and AWS_REGION say where, SETTINGS=file.json what; ARGS goes to the CDK)
settings: infra-app ## Print every setting with its default
	@$(BUILD)/bin/infra settings

bootstrap: infra/node_modules/.done ## Prepare an account and region for the CDK, once
	@$(kept) $(CDK) bootstrap $(deployment)

keep-secret: infra-app infra/node_modules/.done $(VENV)/.done ## Keep $$SFTPGO_PASSWORD or $$SFTPGO_API_KEY in Parameter Store
	@$(aim) && $(with_aws) infra/keep-secret "$$folder/kept"

synth: infra/node_modules/.done ## Write the template that would be deployed into .build/cdk.out
	@$(kept) $(CDK) synth --quiet $(deployment)

diff: infra/node_modules/.done ## Show what a deploy would change
	@$(kept) $(CDK) diff $(deployment)

deploy: infra/node_modules/.done ## Deploy into the account of your AWS credentials
	@$(kept) $(CDK) deploy $(deployment)

# S3 deletes no bucket that holds something, so the records of runs go first.
destroy: infra-app infra/node_modules/.done $(VENV)/.done ## Delete the records of runs, and all that was deployed
	@$(aim) && $(with_aws) infra/empty-runs "$$STACK" $(CDK) destroy --force $(deployment)

.PHONY: settings bootstrap keep-secret synth diff deploy destroy
