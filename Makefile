# make demo    train, export and serve models of the sample data, and ask each a question
# make test    run every test
# make extras  the tests that need Ray, TensorBoard, datasets or polars, which it installs
# make check   ruff, mypy, and the links and the English of the documents
# make docs    build the documentation as a site: build/site/index.html
# make coverage  run every test and show which lines none of them reaches
# make lowest  the core's and the service's tests with the lowest versions that pyproject.toml allows
# make bench   measure the runtime and the service; writes build/bench.txt and bench.json
# make mutate  put faults into the code, one at a time, and name those that no test notices
# make qualify break the service in every way it promises to bear; writes docs/lab/qualification.md
# make release wheel and source distribution, the same bytes for the same commit; writes dist/
# make airgap  a kit that installs and serves without a network; writes build/airgap/
# make setup   only install; the others do so by themselves
# make clean   remove what these left, the environment too

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test extras check coverage docs lowest bench mutate qualify release airgap setup clean

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
WORKERS ?= 2

export BENTOML_DO_NOT_TRACK := True
export HF_HUB_DISABLE_TELEMETRY := 1
export ORT_DISABLE_TELEMETRY := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

help:
	@sed -n 's/^# //p' Makefile

$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("burnish needs Python 3.11 or newer: make PYTHON=/path/to/python3.11") if sys.version_info < (3, 11) else None'
	@echo "setting up $(VENV): some minutes, once" >&2
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[all,dev,docs]'
	@touch $@

setup: $(INSTALLED)

demo: $(INSTALLED)
	$(BIN)/burnish demo --directory demo

test: $(INSTALLED)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

# These are large, so that setup leaves them out and their tests skip.
extras: $(INSTALLED)
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[ray,tensorboard]' datasets polars
	$(BIN)/python -m pytest tests/core/cli/test_shard_files.py tests/core/data/test_frames.py \
		tests/core/data/test_data_set.py tests/training/loop/test_trackers.py tests/training/pipeline/test_ray.py

# The rooms are mapped into the package when it is installed. mypy follows files, not
# mappings, so it is shown the tree as installed: a folder of links.
TYPED := .cache/typed
ROOMS := training export service torch_models
PROGRAMS := tests benchmarks qualification release

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tests.prose
	@rm -rf $(TYPED) && mkdir -p $(TYPED)/burnish
	@ln -s $(CURDIR)/burnish/* $(addprefix $(CURDIR)/,$(ROOMS)) $(TYPED)/burnish/
	@ln -s $(addprefix $(CURDIR)/,$(PROGRAMS)) $(TYPED)/
	cd $(TYPED) && $(CURDIR)/$(BIN)/mypy --config-file $(CURDIR)/pyproject.toml \
		--cache-dir $(CURDIR)/.mypy_cache burnish $(PROGRAMS)

coverage: $(INSTALLED)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup --cov --cov-report=term:skip-covered --cov-report=html

# Without a network: every page, script and style is local.
docs: $(INSTALLED)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

lowest: $(INSTALLED)
	$(BIN)/python -m tests.lowest

bench: $(INSTALLED)
	$(BIN)/python -m benchmarks

mutate: $(INSTALLED)
	$(BIN)/python -m tests.mutation

qualify: $(INSTALLED)
	$(BIN)/python -m qualification

release: $(INSTALLED)
	$(BIN)/python -m release build -o dist

airgap: $(INSTALLED)
	$(BIN)/python -m release airgap -o build/airgap

clean:
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist demo .coverage* *.egg-info
