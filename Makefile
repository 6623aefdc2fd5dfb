# The words an engineer types most; each one is a `tamaire` command or a single tool.
.DEFAULT_GOAL := help
PYTHON := .venv/bin/python
COMPILE := uv pip compile --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --quiet

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

.PHONY: lock
lock: ## Pin the requirements anew, with hashes and without naming a registry (needs uv)
	$(COMPILE) requirements/runtime.in -o requirements/runtime.txt
	$(COMPILE) requirements/development.in -c requirements/runtime.txt \
	  -o requirements/development.txt
