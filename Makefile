# The words an engineer types most; each one is a `tamaire` command or a single tool.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

.PHONY: help
help: ## Show these words
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: ## Start everything and stand until Ctrl+C
	./tamaire up

.PHONY: check
check: ## Run every check, as the server does
	.ci/run

.PHONY: slow
slow: ## Run the long proofs: crashes, full disks, two instances
	$(PYTHON) -m pytest -m slow

.PHONY: fix
fix: ## Format, and mend what can be mended without thinking
	$(PYTHON) -m ruff check --fix-only --quiet .
	$(PYTHON) -m ruff format --quiet .

.PHONY: migrate
migrate: ## Bring the roles and tables of .tamaire to the present
	./tamaire migrate

.PHONY: revision
revision: ## Begin a migration: make revision SCHEMA=benefits MESSAGE="add decision"
	$(PYTHON) -m migrations.revision "$(SCHEMA)" "$(MESSAGE)"

.PHONY: lock
lock: ## Pin the requirements anew, with hashes and without naming a registry
	cd requirements && for name in runtime development; do \
	  ../$(PYTHON) -m uv pip compile --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header --quiet $$name.in -o $$name.txt; done
