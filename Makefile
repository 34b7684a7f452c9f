# Everything a newcomer, a developer and CI do with this repository.
.DEFAULT_GOAL := help
SHELL := /bin/sh
# The first Python that runs and fits; a version manager's shim may exist without running.
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for p in python3.12 python3.13 python3.14 python3.11 python3; do $$p -c '$(FITS)' 2>/dev/null && echo $$p && exit; done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MADE := $(VENV)/.made
DEMO := $(VENV)/.demo-installed
DEMO_LOCKS := -r requirements.txt -r tests/demo/requirements.txt
# What running needs: everything, if that is installed already.
RUNNING := $(if $(wildcard $(STAMP)),$(STAMP),$(DEMO))
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Compiled tests are kept from one run to the next, also where the environment says otherwise.
export PYTHONDONTWRITEBYTECODE :=
# Runs what comes behind it on another date, if one is given (tests/support/moved_date).
ON_DATE = $(if $(DATE),$(abspath $(BIN))/python -m tests.support.moved_date --make $@ "$(DATE)")

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r target text; do printf '  make %-12s %s\n' "$$target" "$$text"; done

$(MADE):
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 to 3.14 is needed, and $(PYTHON) is not there: install it, or run make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(not (3, 11) <= v[:2] <= (3, 14) and f"Python 3.11 to 3.14 is needed, $(PYTHON) is {v[0]}.{v[1]}: run make PYTHON=/path/to/python3.12")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv: on Debian and Ubuntu, run sudo apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)
	@touch $@

# By uv, which takes a fraction of pip's time, and by pip where uv reaches no package index.
$(DEMO): $(MADE) requirements.txt tests/demo/requirements.txt
	@echo "Installing what running needs into $(VENV), once: less than a minute ..."
	@{ $(PIP) --no-compile uv && $(BIN)/uv pip install --quiet --no-cache --python $(BIN)/python $(DEMO_LOCKS) && $(BIN)/python -m pip uninstall --quiet --yes uv; } 2>/dev/null || $(PIP) --no-compile $(DEMO_LOCKS)
	@$(BIN)/python -m tests.demo.api_description
	@touch $@

$(STAMP): $(MADE) requirements.txt tests/requirements.txt
	@echo "Installing what testing needs into $(VENV), once: about two minutes ..."
	@$(PIP) -r requirements.txt -r tests/requirements.txt
	@touch $@

.PHONY: install
install: $(STAMP) ## create .venv with everything for running and testing

.PHONY: run
run: $(RUNNING) ## run the demo locally: local services, the function, a report (ONCE=1 exits by itself)
	@PYTHONPATH=function $(ON_DATE) $(BIN)/python -m tests.demo $(if $(ONCE),--once)

.PHONY: serve
serve: $(RUNNING) ## run the function against the real services, with the settings in .env (PORT=8080)
	@test -f .env || { echo "There is no .env yet: copy .env.example to .env and fill it in (infra/OPERATIONS.md, \"From your own machine\")."; exit 1; }
	@set -a && . ./.env && set +a && exec $(BIN)/functions-framework --source function/main.py --target seat_report --port $(or $(PORT),8080)

.PHONY: report
report: $(RUNNING) ## run once from this terminal, with the settings in .env (ARGS="--dry-run"); prints its exit status
	@test -f .env || { echo "There is no .env yet: copy .env.example to .env and fill it in (infra/OPERATIONS.md, \"From your own machine\")."; exit 3; }
	@set -a && . ./.env && set +a && PYTHONPATH=function $(BIN)/python -m seat_report $(ARGS) || { status=$$?; echo "exit status $$status" >&2; exit $$status; }

.PHONY: check
check: $(RUNNING) ## check in two minutes whether AvePoint and Google behave as expected, with the settings in .env (ARGS="--show --report FILE")
	@test -f .env || { echo "There is no .env yet: copy .env.example to .env and fill it in (infra/OPERATIONS.md, \"From your own machine\")."; exit 3; }
	@set -a && . ./.env && set +a && PYTHONPATH=function $(BIN)/python -m seat_report check $(ARGS) || { status=$$?; echo "exit status $$status" >&2; exit $$status; }

.PHONY: picture
picture: $(RUNNING) ## take the README's pictures again (needs chromium)
	@PYTHONPATH=function $(BIN)/python -m tests.demo.picture

.PHONY: bench
bench: $(STAMP) ## measure speed and size against the plain ways (tests/benchmarks/README.md; ARGS="--quick")
	$(PIP) -c requirements.txt -c tests/requirements.txt -r tests/benchmarks/requirements.txt
	@PYTHONPATH=function $(ON_DATE) $(BIN)/python -m tests.benchmarks $(ARGS)

.PHONY: infra
infra: $(STAMP) ## check the Terraform code, where terraform is installed
	@PYTHON=$(PYTHON) infra/check $(INFRA_TESTS)

.PHONY: plan
plan: ## show what a deployment would change in Google Cloud
	terraform -chdir=infra init -input=false
	terraform -chdir=infra plan

.PHONY: deploy
deploy: ## deploy to Google Cloud; asks for confirmation (infra/README.md)
	terraform -chdir=infra init -input=false
	terraform -chdir=infra apply

.PHONY: invoke
invoke: ## run what is deployed, and show its answer (DRY_RUN=1 only shows what it would write)
	@sh -c "$$(terraform -chdir=infra output -raw invoke_command)$(if $(DRY_RUN),?dry_run=true)"

.PHONY: logs
logs: ## show the newest log lines of what is deployed
	@sh -c "$$(terraform -chdir=infra output -raw logs_command)"

.PHONY: test
test: $(STAMP) ## lint, types, Terraform and all tests (DATE="2028-02-29 23:59" or DATE=random: on another date)
	@$(MAKE) --no-print-directory --jobs=3 lint infra pytest INFRA_TESTS="minimal full"

# Beside the Terraform checks, of which the longest run in `make infra`, in continuous integration and in `make proof`.
.PHONY: pytest
pytest: $(STAMP)
	$(subst --make $@,--make test,$(ON_DATE)) $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: proof
proof: $(STAMP) ## the full long-running tests: crashes, people at work, hostile input, a long life (DATE=...)
	PROOF=all $(ON_DATE) $(BIN)/python -m pytest -n auto --dist worksteal

.PHONY: coverage
coverage: $(STAMP) ## run all tests and list the lines and branches of function/ that none of them reaches
	$(BIN)/coverage erase
	$(ON_DATE) $(BIN)/coverage run -m pytest -n auto
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: audit
audit: $(STAMP) ## look for weaknesses in function/ and known vulnerabilities in its dependencies
	$(PIP) -c requirements.txt -c tests/requirements.txt -r tests/audit/requirements.txt
	@$(BIN)/python -m tests.audit

.PHONY: mutation
mutation: $(STAMP) ## check that tests notice when the code changes (tests/mutation/README.md)
	$(PIP) -c requirements.txt -c tests/requirements.txt -r tests/mutation/requirements.txt
	$(BIN)/python -m tests.mutation.prepare .mutation
	cd .mutation && $(ON_DATE) ../$(BIN)/mutmut run --max-children $(or $(JOBS),2)
	$(BIN)/python -m tests.mutation.survivors .mutation

.PHONY: lint
lint: $(STAMP) ## style, format and types, changing nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy function tests

.PHONY: format
format: $(STAMP) ## format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: lock
lock: ## re-lock dependencies: pin the ranges of pyproject.toml in the requirements files
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(VENV)-lock/bin/uv pip compile --quiet --universal --upgrade --python-version 3.11 --custom-compile-command 'make lock' pyproject.toml -o requirements.txt
	$(VENV)-lock/bin/uv pip compile --quiet --universal --upgrade --python-version 3.11 --custom-compile-command 'make lock' --group dev -c requirements.txt -o tests/requirements.txt
	$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command 'make lock' --group demo -c requirements.txt -c tests/requirements.txt -o tests/demo/requirements.txt
	rm -rf $(VENV)-lock

.PHONY: clean
clean: ## remove what the other targets created
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .mutation .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
