# Every target installs what it needs first. `make run` is all a newcomer types.
PYTHON ?= python3
BIN := .venv/bin
HOST ?=
PORT ?=

.PHONY: run test lint bench eval peers ablations torture train train-embedder train-order train-intent train-drafter train-guard train-orders train-ledger train-book lock sbom advisories wheels install dev clean

run: install
	@$(BIN)/advisor-copilot serve $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

install:
	@$(PYTHON) install.py

dev:
	@$(PYTHON) install.py --dev

test: dev
	$(BIN)/python -m pytest
	@echo "The desk again, over the real product; what needs a failing part is skipped here and ran above."
	DESK_APP=real $(BIN)/python -m pytest tests/browser

lint: dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: dev
	$(BIN)/python -m evals.bench

eval: dev
	$(BIN)/advisor-copilot eval run --jobs 2 --fail-under evals/thresholds.toml

peers: dev
	$(BIN)/python -m evals.peers

ablations: dev
	$(BIN)/python -m evals.ablations

torture: dev
	$(BIN)/python -m tests.torture

train: train-embedder train-order train-intent train-drafter train-guard train-orders train-ledger train-book

train-%: dev
	$(BIN)/python -m training.train_$*

sbom: install
	@$(BIN)/python -m deploy.sbom dist/advisor-copilot.cdx.json

advisories: install
	@$(BIN)/python -m deploy.advisories

wheels:
	@$(PYTHON) install.py --wheels dist/wheels

lock:
	@$(PYTHON) install.py --lock

clean:
	rm -rf .venv var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
