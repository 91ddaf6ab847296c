# Every target makes its own .venv; a machine needs python3 (3.11 or newer), pip and make.

VENV := .venv
BIN := $(VENV)/bin
# One more than the two processors that there are at least: some tests wait for a server.
PYTEST := $(BIN)/pytest -n 3 --dist worksteal
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
MAJORS := 14 18
MATRIX := full
VSIX := dist/fumehood.vsix
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c '$(RECENT)' 2>/dev/null && echo $$name && break; done)

# Where it is set, each process that a test starts would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo try test test-postgres test-editors test-terminals test-vscode lint check format bench stall vscode pictures clean

help:  ## Show the targets
	@sed -n 's/^\([a-z-]*\):.*  ## /  make \1\t/p' Makefile | expand -t 16

demo: $(VENV)/.demo  ## The server at work on examples/, and who waits for a migration, before and after
	@$(BIN)/python examples/demo.py
	@# 2: there is no PostgreSQL for this platform.
	@$(BIN)/python bench/stall.py --rule only-concurrent-indexes --rows 500000 || test $$? = 2

try: $(VENV)/.runs  ## What would be found in DIR=~/repo; writes nothing
	@test -n "$(DIR)" || { echo "Say which project: make try DIR=~/repo" >&2; exit 2; }
	@$(BIN)/fumehood try "$(DIR)"

test: $(VENV)/.tests  ## All tests but those in real editors; WITHOUT="tests/postgres" leaves out what it names
	$(PYTEST) --ignore=tests/editors $(addprefix --ignore=,$(WITHOUT))

test-postgres: $(VENV)/.tests  ## Every fix on PostgreSQL 14 and 18; MAJORS="14 15 16 17 18" for all
	@FUMEHOOD_TEST_MATRIX=$(MATRIX) $(BIN)/python tests/postgres/majors.py $(MAJORS)

lint: $(VENV)/.tests  ## Format, lint, types, imports, generated text
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

check: lint  ## What a commit must pass: lint and the quick tests
	$(PYTEST) -m "not slow" --hypothesis-profile=quick --ignore=tests/postgres

format: $(VENV)/.tests  ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python docs/generate.py

bench: $(VENV)/.tests  ## Time from a keystroke to its diagnostics; what keeps an editor waiting; the index
	$(BIN)/python bench/run.py
	$(BIN)/python bench/latency.py
	$(BIN)/python bench/index.py

stall: $(VENV)/.demo  ## How long others wait for a migration, for each rule; draws the README's chart
	$(BIN)/python bench/stall.py --json docs/stall.json --chart docs

vscode: $(VENV)/.runs editors/vscode/node_modules/.ready  ## The extension for VS Code, as dist/fumehood.vsix
	@rm -rf build/vscode/wheel
	@$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir build/vscode/wheel .
	@cd editors/vscode && npm run --silent check && npm run --silent build
	@node editors/vscode/package.mjs build/vscode/wheel/*.whl $(VSIX)

editors/vscode/node_modules/.ready: editors/vscode/package-lock.json
	@node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null || { \
		echo "The extension is built with Node.js 20 or newer, and npm; this machine has" \
		"$$(node --version 2>/dev/null || echo no Node.js)." >&2; exit 1; }
	@echo "Installing what the extension is built with into editors/vscode/node_modules"
	@cd editors/vscode && npm ci --ignore-scripts --silent
	@touch $@

test-editors: test-terminals test-vscode  ## The tests in real editors

test-terminals: $(VENV)/.tests  ## Those in Neovim, Emacs and Vim, as far as they are installed
	$(BIN)/pytest -n 2 --dist worksteal -rs tests/editors

test-vscode: vscode $(VENV)/.tests  ## Those in VS Code; they need Chromium
	@{ command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || \
		command -v google-chrome; } >/dev/null || { \
		echo "VS Code is tested in Chromium; on Debian: apt-get install chromium-headless-shell" >&2; exit 1; }
	node --test --test-reporter=spec --test-concurrency=1 tests/editors/vscode/*.test.mjs

pictures: vscode  ## The pictures of the README, taken in VS Code; look at them before a commit
	@node tests/editors/vscode/pictures.mjs

clean:  ## Remove .venv and caches
	rm -rf $(VENV) build dist editors/vscode/node_modules editors/vscode/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# What fumehood itself needs: enough for the demo.
$(VENV)/.runs: pyproject.toml
	@test -n "$(PYTHON)" || { echo "fumehood needs Python 3.11 or newer; this machine has" \
		"$$(python3 --version 2>&1). Say where one is: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "Installing fumehood into $(VENV)"
	@# Debian has ensurepip in a package of its own; the pip that is there can stand in for it.
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || { \
		$(PYTHON) -m venv --clear --without-pip $(VENV) && \
		$(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# A PostgreSQL, and Alembic.
$(VENV)/.demo: $(VENV)/.runs
	@echo "Installing a PostgreSQL for the demo into $(VENV)"
	@$(BIN)/python -m pip install --quiet --group demo
	@touch $@

# What its tests and checks need besides.
$(VENV)/.tests: $(VENV)/.runs
	@echo "Installing the tools of the tests into $(VENV)"
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@
