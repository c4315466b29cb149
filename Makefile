# The two commands of the README are `make report` and `make test`. The first builds .venv from
# requirements.lock, what the product imports; the second adds requirements-dev.lock, all the rest.
PYTHON ?= $(firstword $(foreach p,python3 python3.13 python3.12 python3.11,\
            $(if $(shell $(p) -c 'import sys, venv; print(1 if (3, 11) <= sys.version_info < (3, 14) else "")' 2>/dev/null),$(p),)))
VENV := .venv
BIN := $(VENV)/bin
PRODUCT := $(VENV)/.product-installed
STAMP := $(VENV)/.all-installed
# A file of tests to a core at a time: what its tests share is made once. Long files begin (`LONG` in
# tests/conftest.py), where xdist would begin with those of most tests and end with long ones.
# Workers: one a core, four at most. One more fills the time in which tests wait: make test WORKERS=3.
WORKERS ?= auto
PYTEST := $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONUTF8 := 1
# Tests are compiled once and not in each worker of each run.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help report gallery notebooks test test-proofs test-training mutants coverage lint check check-quick weights lab lock licences vulnerabilities dictionary clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 15

report: $(PRODUCT) ## simulate 618-2020 at 1:20, run everything, write build/618-2020/report.{zh,en}.html
	$(BIN)/caodian report --study studies/618-2020.yaml --scale $(SCALE)
SCALE ?= 0.05

# MIRROR is a folder with a copy of the public export, for a machine without network.
gallery: $(PRODUCT) ## draw the figures of the README: simulated 618-2020, a public export of reviews
	$(BIN)/caodian report --study studies/618-2020.yaml --scale 0.1 --no-notebooks
	$(BIN)/caodian figures build/618-2020 --only grievances --only sms_by_day --format png --out docs/figures/618-2020
	$(BIN)/caodian fetch 618-2019-water-heaters $(if $(MIRROR),--mirror $(MIRROR))
	$(BIN)/caodian report data/raw/618-2019-water-heaters --study studies/618-2019-water-heaters.yaml
	$(BIN)/caodian figures build/618-2019-water-heaters --only grievances --format png --out docs/figures/618-2019-water-heaters

STUDY ?= studies/618-2020.yaml
notebooks: $(PRODUCT) ## execute and render the notebooks of any study: make notebooks STUDY=studies/x.yaml EXPORTS="a.csv"
	$(BIN)/caodian report $(EXPORTS) --study $(STUDY) --notebooks

test: $(STAMP) ## run the tests, all but those of test-proofs and test-training
	$(PYTEST)

test-proofs: $(STAMP) ## run whole reports in other surroundings, killed, at once, by several processes
	$(PYTEST) -m proof tests

test-training: $(STAMP) ## rebuild the shipped weights, and repeat a run as other processors would
	$(BIN)/python -m pytest -m training
	$(BIN)/python -m analysis.training.proof --write

mutants: $(STAMP) ## change modules a little and see whether the nearest tests notice (MUTANTS="trend --sample 40")
	$(BIN)/python benchmarks/mutants.py $(MUTANTS)

coverage: $(STAMP) ## lines and branches of the modules of `mutants` that their nearest tests go through
	$(BIN)/python benchmarks/mutants.py --coverage $(MUTANTS)

check: lint test test-proofs ## format, lint, types and tests, as CI does

check-quick: lint ## lint and the quick tests, in a minute
	$(PYTEST) tests -m "not (slow or browser or proof or training)"

lint: $(STAMP) ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

weights: $(PRODUCT) ## train the shipped weights anew, after a change of training or of its data
	$(BIN)/caodian train names --out src/analysis/corpus/weights
	$(BIN)/caodian train sentiment --out src/analysis/sentiment/weights
	$(BIN)/caodian train coder --out src/analysis/coding/weights

lab: $(PRODUCT) ## open JupyterLab on the notebooks
	$(BIN)/caodian lab

# Two locks, each complete: what the product imports, and that with tests, benchmarks and extras.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
  --no-annotate --no-emit-index-url pyproject.toml
lock: ## solve the versions again (needs uv)
	$(COMPILE) --group build -o requirements.lock
	$(COMPILE) --group build --group test --group bench --extra cluster --extra vectors \
	  --constraint requirements.lock -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	  --no-annotate --no-emit-index-url --group install -o requirements-uv.lock

licences: $(STAMP) ## write docs/licences.csv anew, after a change of the lock
	$(BIN)/python tests/test_licences.py

# Which versions are known to be bad is asked of the Python Packaging Advisory Database.
vulnerabilities: ## ask whether a version of the lock is known to be vulnerable (needs pip-audit and the network)
	@command -v pip-audit >/dev/null 2>&1 || { echo "vulnerabilities: not checked, pip-audit is not installed (pipx install pip-audit)"; exit 0; }; \
	pip-audit --disable-pip --require-hashes --progress-spinner off -r requirements-dev.lock >.pip-audit 2>&1; code=$$?; \
	cat .pip-audit; \
	if [ $$code -ne 0 ] && ! grep -q "known vulnerabilit" .pip-audit; then echo "vulnerabilities: not checked, no answer from the network"; code=0; fi; \
	rm -f .pip-audit; exit $$code

dictionary: $(PRODUCT) ## write docs/data-dictionary.md anew
	$(BIN)/python -c "from analysis.schema.tables import write_dictionary; from analysis.storage import write_text; write_text(write_dictionary(), 'docs/data-dictionary.md')"

clean: ## remove everything that the pipeline makes, not the environment
	rm -rf build data/processed/*/

# $(call step,WHAT,COMMAND) says what begins, and after it the seconds that it took.
step = @echo '$(1)'; start=$$(date +%s); $(2) && echo "  $$(($$(date +%s) - start)) s"

# uv, itself by hash, installs in a fifth of pip's time; pip does where uv cannot. uv does not read
# pip's configuration: the index that stands there, a mirror for example, is handed on.
INSTALL_UV = $(BIN)/python -m pip install --quiet --no-compile --only-binary :all: --require-hashes \
  -r requirements-uv.lock || echo "  no uv for this machine: pip takes its place, which is slower"
WITH_UV = index=$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}}; \
  test -x $(BIN)/uv && env $${index:+UV_DEFAULT_INDEX="$$index"} $(BIN)/uv pip install --python $(BIN)/python
INSTALL = { $(WITH_UV) --require-hashes --build-constraint $(1) -r $(1) || \
  $(BIN)/python -m pip install --no-compile --require-hashes -r $(1); }

$(PRODUCT): requirements.lock requirements-uv.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Caodian needs Python 3.11, 3.12 or 3.13 with venv; none was found on PATH. Install one, or name it: make report PYTHON=/path/to/python3" >&2; exit 1; }
	@rm -rf $(VENV)
	$(call step,An environment for Caodian in $(VENV),$(PYTHON) -m venv $(VENV))
	$(call step,The installer,$(INSTALL_UV))
	$(call step,The packages of requirements.lock,$(call INSTALL,requirements.lock))
	$(call step,Caodian itself,$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .)
	@touch $@

$(STAMP): $(PRODUCT) requirements-dev.lock
	$(call step,The packages of requirements-dev.lock for tests and benchmarks,$(call INSTALL,requirements-dev.lock))
	@touch $@
