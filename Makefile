# The two commands of the README are `make demo` and `make test`; they need Python 3.11 or newer with pip and venv.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
WORKSPACE ?= demo-town
HOST   ?= 127.0.0.1
PORT   ?= 8000

.PHONY: demo test quick lint lock wheel bundle bench manual manual-pictures clean

demo: $(VENV)/.run
	$(BIN)/geo-service --workspace $(WORKSPACE) demo --host $(HOST) --port $(PORT)

# Every test: also the long ones and those that drive a browser.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -m "" -n 2 --dist worksteal -q

# What one runs while writing.
quick: $(VENV)/.dev
	$(BIN)/python -m pytest -q

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

wheel: $(VENV)/.dev
	$(BIN)/python -m build --no-isolation --outdir dist .

# One folder that installs without internet and administrator; see docs/en/operation.md for BUNDLE_OPTIONS.
BUNDLE ?= dist/bundle
bundle: wheel
	$(BIN)/python deploy/make_bundle.py $(BUNDLE) --wheel "$$(ls -t dist/geo_service-*.whl | head -1)" $(BUNDLE_OPTIONS)

# The parts of the manual that are made from the code: chapters of commands, layers and settings.
manual: $(VENV)/.dev
	$(BIN)/python -m geo_service settings --write-manual docs

# The pictures of the manual, from the sample town in a real Chromium.
manual-pictures: $(VENV)/.dev
	GEO_MANUAL_PICTURES=docs/images/manual $(BIN)/python -m pytest -m "" -q tests/browser/test_manual_pictures.py

bench: $(VENV)/.dev
	for one in benchmarks/*.py; do $(BIN)/python $$one || exit 1; done

# The locks carry hashes, name no registry host and are whole, so they are installed with --no-deps: otherwise pip takes a
# newer release for a requirement with extras (coverage[toml]) and refuses it for want of a hash. `uv` is needed here only.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/build.in -c requirements/dev.txt -o requirements/build.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header requirements/bundle.in -o requirements/bundle.txt

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt requirements/build.txt pyproject.toml | $(BIN)/python
	$(PIP) install --no-deps --require-hashes -r requirements/run.txt -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --no-deps --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	rm -rf $(VENV) dist demo-town .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
