# The deployment's targets, for the Makefile to include. SETTINGS names a file of
# settings (infra/examples has some); ARGS is whatever else the CDK's command
# line takes, such as `-c maxConcurrency=5`.

CDK ?= infra/node_modules/.bin/cdk
SETTINGS ?=
ARGS ?=

# The account is chosen in the environment, which the CDK and the scripts here
# share. They read two variables for the profile, each a different one first.
ifneq ($(AWS_PROFILE),)
export AWS_PROFILE
export AWS_DEFAULT_PROFILE := $(AWS_PROFILE)
endif
ifneq ($(filter --profile --profile=%,$(ARGS)),)
deployment = $(error ARGS has --profile, which only the CDK would follow: take it away, and choose the account for everything with AWS_PROFILE=…)
else
deployment = $(if $(SETTINGS),-c settings=$(SETTINGS)) $(ARGS)
endif

# The AWS command line that `make setup` fetches.
with_aws = PATH="$(CURDIR)/$(VENV)/bin:$$PATH"

# Puts into the environment of the recipe what the CDK itself would deploy and
# where. The recipe ends if the CDK can't tell.
resolve_target = folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && \
  $(CDK) list --app '$(BUILD)/bin/infra target' --build true --output "$$folder" $(deployment) >/dev/null && \
  set -a && . "$$folder/target" && set +a

# `SFTPGO_PASSWORD=… make keep-secret deploy` deploys with a reference to the secret
# that it has just stored.
ifneq ($(filter keep-secret,$(MAKECMDGOALS)),)
use_secret_references = $(resolve_target) && set -a && . "$$folder/secret-references" && set +a &&
bootstrap synth diff deploy: keep-secret
endif

# These run one after the other, in the order given, also with -j.
ifneq ($(filter bootstrap keep-secret synth diff deploy destroy,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

##@ Deploy it (AWS_PROFILE and AWS_REGION say where, SETTINGS=file.json what; ARGS goes to the CDK)
settings: infra-app ## Print every setting with its default
	@$(BUILD)/bin/infra settings

settings-doc: ## Write the tables of docs/settings.md from the settings themselves
	go test ./infra/systems -run '^TestDocumentShowsEverySetting$$' -update

bootstrap: infra/node_modules/.done ## Prepare an account and region for the CDK, once
	@$(use_secret_references) $(CDK) bootstrap $(deployment)

keep-secret: infra-app infra/node_modules/.done $(VENV)/.done ## Store the secrets of the environment where the deployment reads them
	@$(resolve_target) && $(with_aws) infra/keep-secret "$$folder/secret-references"

synth: infra/node_modules/.done ## Write the template that would be deployed into .build/cdk.out
	@$(use_secret_references) $(CDK) synth --quiet $(deployment)

diff: infra/node_modules/.done ## Show what a deploy would change
	@$(use_secret_references) $(CDK) diff $(deployment)

deploy: infra/node_modules/.done ## Deploy into the account of your AWS credentials
	@$(use_secret_references) $(CDK) deploy $(deployment)

# S3 deletes no bucket that holds something, so the records of runs go first.
destroy: infra-app infra/node_modules/.done $(VENV)/.done ## Delete the records of runs, and all that was deployed
	@$(resolve_target) && $(with_aws) infra/empty-runs "$$STACK" $(CDK) destroy --force $(deployment)

.PHONY: settings settings-doc bootstrap keep-secret synth diff deploy destroy
