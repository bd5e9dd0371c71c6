# Every target sets up what it needs. No target touches AWS; `make smoke` sends requests to the address that it is given.
.DEFAULT_GOAL := help
STACK ?= dev
SOURCE ?= image/sample
SMOKE ?= quick
HOLD ?= 0
GREEN ?=
VERBOSE ?=
REFRESH ?=
SEEDS ?= 1:100
MUTATIONS ?= 5000
PROFILE ?=
NAME :=
URL :=
BASE ?= origin/main
FORMAT ?= terminal
ADVICE ?=
export STACK SOURCE HOLD SEEDS MUTATIONS NAME URL BASE FORMAT # recipes read these from the environment: they may hold a quote
# On the command line `stack=prod` would set another variable and deploy dev.
$(foreach each,stack source smoke hold green verbose refresh profile seeds mutations name url base format advice,\
  $(if $(filter command,$(firstword $(origin $(each)))),$(error $(each)=: write variables in capitals, as in STACK=prod)))
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready
TESTS := $(RUN) -m pytest -n auto --dist worksteal --junitxml=.cache/test-times.xml

.PHONY: help up preview outputs refresh drift destroy secret demo diff rehearse cost picture generate check test test-failures \
  test-review test-times test-commands test-kill test-fuzz test-judges test-image local local-down smoke bench \
  bench-image pin-bases limits lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@printf '\nVariables: STACK=%s BASE=%s FORMAT=%s SOURCE=%s\n' "$$STACK" "$$BASE" "$$FORMAT" "$$SOURCE"
	@echo 'Example:   make up STACK=prod'

##@ Try it: the simulator, no account

up: $(READY) ## deploy a stack; REFRESH=1 reads the cloud first, VERBOSE=1 prints the Pulumi engine's own output
	@$(RUN) -m simulator up --stack "$$STACK"$(if $(REFRESH), --refresh)$(if $(VERBOSE), --verbose)

preview: $(READY) ## show what up would change
	@$(RUN) -m simulator preview --stack "$$STACK"$(if $(VERBOSE), --verbose)

outputs: $(READY) ## print a stack's outputs as JSON
	@$(RUN) -m simulator outputs --stack "$$STACK"

refresh: $(READY) ## read the simulated cloud into Pulumi's state, after an interrupted up
	@$(RUN) -m simulator refresh --stack "$$STACK"$(if $(VERBOSE), --verbose)

drift: $(READY) ## show what changed in the simulated cloud behind Pulumi's back; exit code 2 if anything did
	@$(RUN) -m simulator drift --stack "$$STACK"$(if $(VERBOSE), --verbose)

destroy: $(READY) ## delete a stack
	@$(RUN) -m simulator destroy --stack "$$STACK"$(if $(VERBOSE), --verbose)

secret: $(READY) ## create a simulated secret and print the lines for the stack file; NAME=smtp-password
	@test -n "$$NAME" || { echo "NAME: missing. make secret NAME=smtp-password STACK=$$STACK" >&2; exit 1; }
	@$(RUN) -m simulator secret --stack "$$STACK" -- "$$NAME"

demo: $(READY) ## deploy, promote and roll back, in a temporary clone
	@$(RUN) -m simulator.process tools.demo

##@ Change it

diff: $(READY) ## show what the working tree changes in every stack; STACK=one BASE=commit FORMAT=terminal|markdown|json
	@$(RUN) -m review diff --base="$$BASE" --format "$$FORMAT"$(if $(filter command,$(firstword $(origin STACK))), --stack "$$STACK")

rehearse: $(READY) ## run up in a copy of the simulated cloud and show what it changes or refuses
	@$(RUN) -m review rehearse --stack "$$STACK" --format "$$FORMAT"

cost: $(READY) ## estimate what a stack costs in a month; ADVICE=1 tries changes that cost less
	@$(RUN) -m review cost --stack "$$STACK"$(if $(ADVICE), --advice)

picture: $(READY) ## draw a stack as a Mermaid diagram
	@$(RUN) -m review picture --stack "$$STACK"

generate: $(READY) ## write the generated files: compose.yaml, the schema, the reference pages, README's diagram
	@$(RUN) -m simulator.process tools.generate

check: $(READY) ## check format, lint and types; the workflows; the Go code
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m pyright
	@$(RUN) -m simulator.process tools.generate --check
	$(VENV)/bin/zizmor --offline --quiet .github
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	@set -e; for each in image/sample image/logins; do (cd $$each; \
	  test -z "$$(gofmt -l .)" || { echo "$$each: run gofmt -w on $$(gofmt -l .)" >&2; exit 1; }; \
	  echo "$$each: go vet, go test"; go vet ./... && go test ./...); done

test: $(READY) ## run the tests: unit, program and engine
	@$(RUN) -m simulator.process simulator.toolchain
	@$(TESTS)

test-failures: ## play each failure of the runbook and run the commands that end it
test-review: ## compare review pages, pictures, previews and promotions with the expected ones
test-failures test-review: test-%: $(READY)
	@$(RUN) -m simulator.process simulator.toolchain
	@$(TESTS) tests/$*

test-times: $(READY) ## list the slowest files and tests of the last make test, test-failures or test-review
	@$(RUN) -m simulator.process tools.test_times

test-commands: $(READY) ## run the commands of the README and of the how-tos as written, in clones of this repository
	@$(RUN) -m simulator.process simulator.toolchain
	@$(RUN) -m pytest -n auto tests/commands

test-kill: $(READY) ## kill the engine at each request of two updates and complete them; takes an hour
	@$(RUN) -m simulator.process simulator.toolchain
	@$(RUN) -m pytest -n auto -vv tests/kill

test-fuzz: $(READY) ## recover from random faults; SEEDS=1:1000 takes an hour, SEEDS=7 repeats one sequence
	@$(RUN) -m simulator.process simulator.toolchain
	@$(RUN) -m tests.fuzz --seeds="$$SEEDS"

##@ Run it: containers and a deployed gateway

local: $(READY) ## run the services, PostgreSQL and S3 in Docker; SOURCE=../mrgnl-{service} SMOKE=stream
	@$(RUN) -m simulator.process tools.local up --source "$$SOURCE"
	@$(RUN) tools/smoke.py http://localhost:8080 --hold '$(if $(filter stream,$(SMOKE)),65,0)'

local-down: $(READY) ## delete those containers and their data
	@$(RUN) -m simulator.process tools.local down

smoke: $(READY) ## check the health of a deployed gateway; URL=https://..., HOLD=65 seconds to keep a stream open, GREEN=1 for new tasks that wait
	@test -n "$$URL" || { echo "URL: missing. make smoke URL=https://api.marginalia.sh" >&2; exit 1; }
	@$(RUN) tools/smoke.py --hold="$$HOLD"$(if $(GREEN), --green) -- "$$URL"

test-judges: $(READY) ## compare the refusals with cfn-lint and botocore on random changes; MUTATIONS=5000
	@MUTATIONS="$$MUTATIONS" $(RUN) -m pytest tests/program/test_judges.py

test-image: $(READY) ## test the images on a Docker engine, the logins on PostgreSQL; TEST_REGISTRY=host:port is a registry
	@$(RUN) -m pytest tests/image

##@ Maintain it

pin-bases: $(READY) ## pin the base images of image/Dockerfile to the current digests of their tags
	@$(RUN) -m image.bases

limits: $(READY) ## write the values that AWS takes, from the schemas in cfn-lint: simulator/aws/limits.json
	@$(RUN) -m tools.limits

# Renovate runs the command that uv writes into each file. It reads only options with an equals sign.
lock: $(READY) ## pin the Python packages of tools/requirements/*.in, with hashes
	$(RUN) -m pip install --quiet uv==0.13.9
	for pair in program:requirements.txt dev:tools/requirements/dev.txt; do \
	  $(VENV)/bin/uv pip compile --quiet --universal --python-version=3.11 --generate-hashes \
	    tools/requirements/$${pair%%:*}.in --output-file=$${pair#*:}; done

bench: $(READY) ## time preview and up of small and large catalogues; PROFILE=1 shows where the time of a preview goes
	@$(RUN) -m simulator.process tools.bench$(if $(PROFILE), --profile)

bench-image: $(READY) ## time the image build and compare sizes with a plain Dockerfile; empties the builder cache
	@$(RUN) -m tools.bench_image

clean: ## delete the virtual environment, the built Pulumi CLI and the simulator's state
	rm -rf $(VENV) .cache .simulator

# Without its interpreter, which an upgrade of Python removes, an environment is not ready.
ifneq ($(shell test -x $(RUN) || echo missing),)
.PHONY: $(READY)
endif

$(READY): tools/requirements/dev.txt
	@command -v $(PYTHON) > /dev/null || \
	  { echo "$(PYTHON): not found. Install Python 3.11 or later, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is older than Python 3.11. Name another one: make PYTHON=python3.11" >&2; exit 1; }
	@test -w . || { echo "$(CURDIR): cannot be written. Clone the repository into a folder of yours." >&2; exit 1; }
	@test -x $(RUN) -a -e $@ || test ! -e $(VENV) || echo "$(VENV) is incomplete: creating it again."
	@test -x $(RUN) -a -e $@ || $(PYTHON) -m venv --clear $(VENV)
	@$(PYTHON) simulator/progress.py "Installing the pinned Python packages into $(VENV): about a minute, this one time" \
	  $(RUN) -m pip install --disable-pip-version-check --no-input --require-hashes -r tools/requirements/dev.txt
	@touch $@
