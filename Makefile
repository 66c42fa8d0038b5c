# Everything needs Python 3.11 or later and make, nothing else.
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
export PORT

bin := $(VENV)/bin
py  := $(bin)/python
manage := $(py) manage.py
# Checks look at code only: nothing is started for them.
bare := PAYSTORY_NO_EMBEDDED=1
# What a production environment looks like, as far as 'check --deploy' cares.
deploy := DEBUG=0 DEMO=0 SECRET_KEY=$$($(py) -c 'import secrets; print(secrets.token_urlsafe(50))') \
	DATABASE_URL=postgres://nobody@127.0.0.1:1/nowhere REDIS_URL=redis://127.0.0.1:1/0 \
	ALLOWED_HOSTS=example.com
tests_env := PAYSTORY_LOCAL_DIR=$${PAYSTORY_TEST_LOCAL_DIR:-$(CURDIR)/.local/test} PAYSTORY_LOCAL_FAST=1

.DEFAULT_GOAL := help
.PHONY: help demo demo-live test check bench reset lint types layers migrations templates deploy-check words format lock shell

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  \033[1mmake %-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the virtual environment: made once, brought up to date when a requirement file changes -----

$(py):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; choose one with: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ rm -rf $(VENV); echo "'$(PYTHON) -m venv' failed. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

$(VENV)/.runtime: requirements/runtime.txt | $(py)
	@echo "Installing what Paystory needs …"
	@$(py) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime | $(py)
	@echo "Installing what development needs …"
	@$(py) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

# --- running --------------------------------------------------------------------------------------

demo: $(VENV)/.runtime ## Everything with demo data on http://127.0.0.1:8000 (PORT=… for another)
	@$(py) -m config.demo

demo-live: $(VENV)/.runtime ## Beside a running demo: let things happen, to watch a timeline move
	@DEMO=1 $(manage) demo_live

reset: $(VENV)/.runtime ## Delete the demo data (asks first; FORCE=1 does not)
	@if [ -n "$$DATABASE_URL" ]; then \
		exec $(manage) reset_demo $(if $(filter 1,$(FORCE)),--yes); \
	fi; \
	if [ "$(FORCE)" != "1" ]; then \
		printf "Delete the demo database and queue in $${PAYSTORY_LOCAL_DIR:-.local}? [y/N] "; \
		read answer; [ "$$answer" = y ] || [ "$$answer" = Y ] || { echo "Nothing deleted."; exit 1; }; \
	fi; \
	$(py) -m embedded reset && echo "Deleted. 'make demo' starts anew."

shell: $(VENV)/.runtime ## A Django shell on the demo data
	@DEMO=1 $(manage) shell

# --- proving --------------------------------------------------------------------------------------

test: $(VENV)/.dev .browser ## Every test, browser tests included (ARGS="-k name" for some)
	@$(tests_env) $(py) -m embedded run $(py) -m pytest -n 2 $(ARGS)

check: lint types layers migrations templates deploy-check words ## Everything that can be known without running it
	@echo "All checks passed."

lint: $(VENV)/.dev
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .

types: $(VENV)/.dev
	@$(bare) $(bin)/mypy .

layers: $(VENV)/.dev
	@$(bin)/lint-imports

migrations: $(VENV)/.dev
	@$(bare) $(manage) makemigrations --check --dry-run

templates: $(VENV)/.dev
	@$(bin)/djlint templates --lint --quiet
	@$(bare) DEMO=1 $(py) -m config.checks templates

deploy-check: $(VENV)/.dev
	@$(deploy) $(manage) check --deploy --fail-level WARNING

words: $(VENV)/.dev
	@$(bare) $(py) -m config.checks words

bench: $(VENV)/.dev ## Every figure beside its yardstick, measured in the same run
	@PAYSTORY_LOCAL_DIR=$${PAYSTORY_LOCAL_DIR:-$(CURDIR)/.local/bench} DEMO=1 \
		$(py) -m embedded run $(py) -m bench $(ARGS)

format: $(VENV)/.dev ## Format the code, and fix what can be fixed by itself
	@$(bin)/ruff check --fix .
	@$(bin)/ruff format .

lock: $(VENV)/.dev ## Pin and hash the requirements again (after changing requirements/*.in)
	@$(py) -m config.checks lock

# Browser tests drive Debian's Chromium. A missing one is installed where that is possible.
.PHONY: .browser
.browser:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		echo "Installing Chromium for the browser tests …"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; } \
			|| echo "Chromium could not be installed: browser tests will be skipped."; \
	else echo "No Chromium found: browser tests will be skipped. On Debian: sudo apt-get install chromium"; fi
