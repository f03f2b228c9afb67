# Every target installs what it needs first. `make run` is all a newcomer types.
PYTHON ?= python3
BIN := .venv/bin
HOST ?=
PORT ?=

.PHONY: run test lint bench eval train train-embedder train-intent train-drafter train-guard train-orders lock install dev clean

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
	$(BIN)/advisor-copilot eval run

train: train-embedder train-intent train-drafter train-guard train-orders

train-%: dev
	$(BIN)/python -m training.train_$*

lock:
	@$(PYTHON) install.py --lock

clean:
	rm -rf .venv var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
