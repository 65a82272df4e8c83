# The deployment's targets, for the Makefile to include. SETTINGS names a file of
# settings (infra/examples has two); ARGS is whatever else the CDK's command
# line takes: `-c maxConcurrency=5`, `--profile production`.

CDK ?= infra/node_modules/.bin/cdk
SETTINGS ?=
ARGS ?=
deployment = $(if $(SETTINGS),-c settings=$(SETTINGS)) $(ARGS)

# The AWS command line, fetched with the rest.
with_aws = PATH="$(CURDIR)/$(VENV)/bin:$$PATH"

# `SFTPGO_PASSWORD=… make keep-secret deploy` deploys with what it has just kept.
ifneq ($(filter keep-secret,$(MAKECMDGOALS)),)
kept = $(if $(value SFTPGO_PASSWORD),SFTPGO_PASSWORD=ssm:/sftpgo/password) \
  $(if $(value SFTPGO_API_KEY),SFTPGO_API_KEY=ssm:/sftpgo/api-key)
endif

##@ Deploy it (SETTINGS=file.json says what; ARGS="--profile production" goes to the CDK)
settings: infra-app ## Print every setting with its default
	@$(BUILD)/bin/infra settings

bootstrap: infra/node_modules/.done ## Prepare an account and region for the CDK, once
	@$(kept) $(CDK) bootstrap $(deployment)

keep-secret: $(VENV)/.done ## Keep $$SFTPGO_PASSWORD or $$SFTPGO_API_KEY in Parameter Store
	@$(with_aws) infra/keep-secret

synth: infra/node_modules/.done ## Write the template that would be deployed into .build/cdk.out
	@$(kept) $(CDK) synth --quiet $(deployment)

diff: infra/node_modules/.done ## Show what a deploy would change
	@$(kept) $(CDK) diff $(deployment)

deploy: infra/node_modules/.done ## Deploy into the account of your AWS credentials
	@$(kept) $(CDK) deploy $(deployment)

# S3 deletes no bucket that holds something, so the records of runs go first.
destroy: infra/node_modules/.done $(VENV)/.done ## Delete the records of runs, and all that was deployed
	@$(with_aws) infra/empty-runs "$$($(CDK) list $(deployment))"
	@$(CDK) destroy --force $(deployment)

.PHONY: settings bootstrap keep-secret synth diff deploy destroy
