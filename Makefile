# Every target sets up what it needs. None of them touches AWS, but for `make smoke`, which asks the gateway that it is told to.
.DEFAULT_GOAL := help
STACK ?= dev
SOURCE ?= image/sample
BASE ?= origin/main
FORMAT ?= terminal
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/.ready

.PHONY: help up preview rehearse diff picture refresh destroy outputs test test-image check local local-down smoke demo bench bench-image pin-bases generate lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22
	@echo "STACK=dev by default: make up STACK=prod"

up: $(READY) ## deploy a stack into the simulator
	@$(RUN) -m simulator up --stack $(STACK)

preview: $(READY) ## show what up would change
	@$(RUN) -m simulator preview --stack $(STACK)

rehearse: $(READY) ## show what up would refuse and change, found out in a throw-away copy
	@$(RUN) -m simulator rehearse --stack $(STACK) --format $(FORMAT)

diff: $(READY) ## what the working tree changes in every stack, for a reviewer: BASE=origin/main FORMAT=markdown
	@$(RUN) -m simulator diff --base '$(BASE)' --format $(FORMAT)

picture: $(READY) ## draw what a stack deploys, as Mermaid
	@$(RUN) -m simulator picture --stack $(STACK)

refresh: $(READY) ## make Pulumi's state what the simulated cloud holds, after an up that was cut off
	@$(RUN) -m simulator refresh --stack $(STACK)

destroy: $(READY) ## delete a stack from the simulator
	@$(RUN) -m simulator destroy --stack $(STACK)

outputs: $(READY) ## a stack's outputs, as JSON
	@$(RUN) -m simulator outputs --stack $(STACK)

test: $(READY) ## unit tests with mocks, and engine tests in the simulator
	@$(RUN) -m simulator.toolchain
	@$(RUN) -m pytest -n auto

test-image: $(READY) ## the image, on a real Docker engine; TEST_REGISTRY=host:port is a registry to push to
	@$(RUN) -m pytest tests/image

check: $(READY) ## format, lint and types of the Python; the workflows; vet, format and tests of the Go
	$(RUN) -m ruff format --check .
	$(RUN) -m ruff check .
	$(RUN) -m pyright
	$(VENV)/bin/zizmor --offline --quiet .github
	go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	cd image/sample && test -z "$$(gofmt -l .)" && go vet ./... && go test ./...

local: $(READY) ## Marginalia on this machine, in containers: SOURCE=../mrgnl-{service} for the real ones
	@$(RUN) -m tools.local up --source '$(SOURCE)'
	@$(RUN) tools/smoke.py http://localhost:8080

local-down: $(READY) ## remove those containers, and what they stored
	@$(RUN) -m tools.local down

smoke: $(READY) ## whether a deployed gateway is well: make smoke URL=https://...
	@$(RUN) tools/smoke.py '$(URL)'

demo: $(READY) ## a change goes from dev to prod and back, in the simulator
	@$(RUN) -m tools.demo

bench: $(READY) ## time preview and up at 5, 20 and 50 services
	@$(RUN) tools/bench.py

bench-image: $(READY) ## time and size of the image, against the plain pattern; empties the builder cache
	@$(RUN) -m tools.bench_image

pin-bases: $(READY) ## pin the base images in image/Dockerfile to what their tags mean today
	@$(RUN) -m image.bases

generate: $(READY) ## write anew what follows from the program: compose.yaml, the stack files' schema, the README's picture
	@$(RUN) -m tools.generate
	@$(RUN) -m simulator picture --into README.md

lock: $(READY) ## pin what the *.in files ask for, with hashes
	$(RUN) -m pip install --quiet uv==0.13.9
	for name in requirements requirements-dev; do \
	  $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-emit-index-url --no-emit-find-links $$name.in --output-file $$name.txt; done

clean: ## remove the environment, the Pulumi CLI and all that the simulator holds
	rm -rf $(VENV) .cache .simulator

$(READY): requirements-dev.txt
	@echo "Installing the pinned Python packages into $(VENV): about a minute, this one time."
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
