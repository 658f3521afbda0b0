# make lab        opens the lessons in JupyterLab (LAB_ARGS="--no-browser --port=8899" is passed on)
# make test       runs every test
# make nightly    compares 2,000 random programs, others each time, with numpy and autograd
# make bench      compares a training step with other libraries' (CASES="mlp-32 lstm" BENCH_ARGS=--quick are passed on)
# make bench-peers installs these libraries into .venv: gigabytes
# make lessons    generates the student copies of the lessons from the complete copies
# make lint, make clean
#
# .venv is built when first needed, with the first Python >= 3.11 found (PYTHON=... chooses), and pip runs again only when
# pyproject.toml has changed. This file keeps to what make 3.81, the one on macOS, understands.

PYTHON ?=
LAB_ARGS ?=
CASES ?=
BENCH_ARGS ?=

PYTHONS = $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
VENV_PYTHON = .venv/bin/python
PYTEST = $(VENV_PYTHON) -m pytest --continue-on-collection-errors
ALONE = browser or gpu or alone

.PHONY: lab test nightly bench bench-peers lessons lint clean venv for-lab for-test

# One thread for products: a lesson's matrices are small, and threads stall each other where anything else computes.
lab: for-lab
	@root=; if [ "$$(id -u)" = 0 ]; then root=--allow-root; fi; \
	export OPENBLAS_NUM_THREADS=$${OPENBLAS_NUM_THREADS:-1}; \
	exec $(VENV_PYTHON) -m jupyterlab --ServerApp.root_dir="$(CURDIR)/lessons" $$root $(LAB_ARGS)

# The second run tells what did not run for want of a browser or a GPU; it comes last, so that its summary is the last thing said.
test: for-test
	@$(VENV_PYTHON) tests/browser/get.py
	@status=0; \
	$(PYTEST) fluxlab tests lessons -m "not ($(ALONE))" -n 2 --dist loadscope --nbval --nbval-current-env \
	    --nbval-sanitize-with tests/nbval.cfg --nbval-cell-timeout 60 || status=1; \
	$(PYTEST) tests -m "$(ALONE)" || status=1; \
	exit $$status

nightly: for-test
	@HYPOTHESIS_PROFILE=nightly $(VENV_PYTHON) -m pytest tests/test_random_graphs.py -n 2

# What is not installed is named and left out.
bench: for-lab
	@$(VENV_PYTHON) -m benchmarks.programs $(CASES) $(BENCH_ARGS)

bench-peers: for-lab
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --editable ".[bench]"

lessons: for-test
	@$(VENV_PYTHON) lessons/make.py

lint: for-test
	@status=0; \
	$(VENV_PYTHON) -m ruff check . || status=1; \
	$(VENV_PYTHON) -m ruff format --check . || status=1; \
	exit $$status

clean:
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# JupyterLab asks a new user whether it may fetch news; the question would stand over the first picture.
NO_NEWS = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}
QUIET_LAB = mkdir -p .venv/share/jupyter/lab/settings && echo '$(NO_NEWS)' > .venv/share/jupyter/lab/settings/overrides.json

# The test extra holds the lab extra, so what is installed for the tests serves the lab too.
for-lab: venv
	@cmp -s pyproject.toml .venv/installed-lab || { \
	    echo "Installing fluxlab and JupyterLab into .venv; this takes a minute, once."; \
	    $(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --editable ".[lab]" && \
	    $(QUIET_LAB) && cp pyproject.toml .venv/installed-lab; }

for-test: venv
	@cmp -s pyproject.toml .venv/installed-test || { \
	    echo "Installing fluxlab and what its tests need into .venv; this takes a minute, once."; \
	    $(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --editable ".[test]" && \
	    $(QUIET_LAB) && cp pyproject.toml .venv/installed-lab && cp pyproject.toml .venv/installed-test; }

# Built anew where the folder has moved, or the Python that .venv stands on is gone.
venv:
	@if [ "$$(cat .venv/place 2>/dev/null)" = "$(CURDIR)" ] && $(VENV_PYTHON) -c "" 2>/dev/null; then exit 0; fi; \
	bare=; for python in $(PYTHONS); do \
	    $$python -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null || continue; \
	    if $$python -c "import venv, ensurepip" 2>/dev/null; then \
	        rm -rf .venv && $$python -m venv .venv && echo "$(CURDIR)" > .venv/place; exit $$?; \
	    fi; \
	    bare=$${bare:-$$($$python -c "import sys; print('python%d.%d' % sys.version_info[:2])")}; \
	done; \
	if [ -n "$$bare" ]; then echo "$$bare has no venv module: apt install $$bare-venv" >&2; \
	else echo "No Python 3.11 or newer is here: apt install python3-venv (on Ubuntu 22.04 python3.11-venv," \
	    "on macOS brew install python)" >&2; fi; \
	exit 1
