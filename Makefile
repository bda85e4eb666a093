# Two commands matter: `make run` and `make test`. Each makes its own environment first.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LINTED := $(VENV)/.sql-linted
SQL := $(shell find dbt_project/models/staging dbt_project/models/intermediate dbt_project/models/marts dbt_project/tests cities/macros cities/steps releases -name '*.sql')
RECORDINGS ?= ../shared/recordings
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Where it is set, each of hundreds of processes would compile our code anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run recorded test check lint identity bench ui docs lock sbom faults clean

run: $(READY)
	@$(BIN)/wcn run

recorded: $(READY)
	@$(BIN)/wcn run --archive sources/recorded.csv --archive-root $(RECORDINGS)

ui: $(READY)
	@$(BIN)/wcn ui

test: lint
	@$(BIN)/python -m pytest -q -n 2 --dist loadscope --no-loadscope-reorder --durations 30

lint: $(READY) $(LINTED)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# SQL takes a minute in all: only files that have changed since the last time, or all for new rules.
$(LINTED): $(SQL) pyproject.toml | $(READY)
	@$(BIN)/sqlfluff lint --processes 2 --disable-progress-bar -q $(if $(filter pyproject.toml,$?),$(SQL),$(filter %.sql,$?))
	@touch $@

# While working: what needs no build.
check: lint
	@$(BIN)/python -m pytest -q -n 3 tests/unit

# No page may have a broken link; nothing in the site asks another host.
docs: $(READY)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "the site is in site/; wcn docs serves it"

# Every library with its version, hash-locked, and its licence, as CycloneDX.
sbom: $(READY)
	@$(BIN)/cyclonedx-py environment --output-reproducible --of JSON -o sbom.cdx.json $(BIN)/python
	@echo "sbom.cdx.json"

identity: $(READY)
	@$(BIN)/python -m cities.evaluation test $(RECORDINGS)

# Kills, hostile bodies, races and four hundred days: writes the scorecard of the docs (40 minutes).
faults: $(READY)
	@$(BIN)/python -m tests.faults

bench: $(READY)
	@$(BIN)/python -m benchmarks.commands --clone --recordings $(RECORDINGS)
	@$(BIN)/python -m benchmarks.names
	@$(BIN)/python -m benchmarks.networks
	@$(BIN)/python -m benchmarks.indices
	@$(BIN)/python -m benchmarks

# The installer comes from the lock as well, checked by its hash.
$(READY): requirements.lock pyproject.toml
	@python3 -m venv $(VENV) || { echo "python3 -m venv does not work here: install python3-venv"; exit 1; }
	@awk '/^[a-z]/ {mine = /^uv==/} mine' requirements.lock > $(VENV)/uv.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# Without two optional parts of jsonschema, which nothing here needs: they compile a grammar in every
# process that loads dbt or Great Expectations, for most of a second.
UNNEEDED := --no-emit-package rfc3987-syntax --no-emit-package lark
lock:
	@$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header $(UNNEEDED) \
		-o requirements.lock requirements.in

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
