# Targets for people. "make demo" is the first thing to try.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(BIN)/xueji
OFFICIAL := .cache/official
BENCH := .cache/bench

.DEFAULT_GOAL := help
.PHONY: help install demo demo-story check test test-servers official chaos eval bench simulate train figures pictures lock clean

help:
	@echo "make demo        the chatroom in your browser: ask, be guided, confirm"
	@echo "make demo-story  the whole story as a transcript, under 30 s"
	@echo "make install     the locked dependencies into $(VENV)"
	@echo "make check       ruff, mypy, import-linter, content lint"
	@echo "make test        the tests"
	@echo "make test-servers the tests of whatever is stored, on Redis 7, Sentinel and Cluster"
	@echo "make official    the tests against programs that others wrote for the platforms"
	@echo "make chaos       notices and confirmations while bot, relays and store are killed (ROUNDS=50, SEED=…)"
	@echo "make eval        how well the search finds"
	@echo "make bench       how fast it is, as ratios in one run (JSON=1 for one object a line)"
	@echo "make simulate    a wave to half a million students on a virtual clock, as one line of JSON"
	@echo "make train       build the search artefact anew from the content"
	@echo "make figures     draw the guides' figures anew"
	@echo "make pictures    take the README's pictures anew, from the demo"
	@echo "make lock        resolve the dependencies anew"
	@echo "make clean       remove what the targets made"

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "This Python has no venv module. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# One stamp per set of dependencies: the locks are installed again only when they change.
$(VENV)/runtime.stamp: $(BIN)/python requirements/runtime.txt pyproject.toml
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/runtime.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/runtime.stamp requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

install: $(VENV)/runtime.stamp

demo: install
	@exec $(RUN) demo

demo-story: install
	@exec $(RUN) demo --story

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(RUN) content check

test: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -n auto --dist loadfile

# Debian's redis-server is started by the tests themselves, on loopback.
test-servers: $(VENV)/dev.stamp
	@command -v redis-server >/dev/null || \
		{ echo "make test-servers needs redis-server 7. On Debian or Ubuntu: apt install redis-server"; exit 1; }
	@for kind in redis sentinel cluster; do \
		echo "on $$kind"; \
		$(BIN)/python -m pytest -q -n auto --dist loadfile --server $$kind tests/integration/test_*.py || exit 1; \
	done

# What others wrote lives apart from our own dependencies, in folders that are made anew when its locks change.
$(OFFICIAL)/python.stamp: $(BIN)/python requirements/official.txt
	@rm -rf $(OFFICIAL)/venv
	@$(PYTHON) -m venv $(OFFICIAL)/venv
	@$(OFFICIAL)/venv/bin/python -m pip install -q --disable-pip-version-check \
		--require-hashes -r requirements/official.txt
	@touch $@

$(OFFICIAL)/node.stamp: tests/official/wecom-node/package.json tests/official/wecom-node/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || \
		{ echo "make official needs Node 18 or newer with npm. On Debian or Ubuntu: apt install nodejs npm"; exit 1; }
	@mkdir -p $(OFFICIAL)/node
	@cp $^ $(OFFICIAL)/node
	@npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(OFFICIAL)/node
	@touch $@

official: $(VENV)/dev.stamp $(OFFICIAL)/python.stamp $(OFFICIAL)/node.stamp
	$(BIN)/python -m pytest -m official tests/official

chaos: $(VENV)/dev.stamp
	@command -v redis-server >/dev/null || \
		{ echo "make chaos needs redis-server 7 for the Sentinel. On Debian or Ubuntu: apt install redis-server"; exit 1; }
	@$(BIN)/python -m tests.chaos

eval: $(VENV)/dev.stamp
	$(BIN)/python -m knowledge.search.evaluating

# The peers of the outbox live apart, too.
$(BENCH)/python.stamp: $(BIN)/python requirements/bench.txt
	@rm -rf $(BENCH)/venv
	@$(PYTHON) -m venv $(BENCH)/venv
	@$(BENCH)/venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

bench: $(VENV)/dev.stamp $(BENCH)/python.stamp
	$(BIN)/python -m tests.bench $(if $(JSON),--json)

simulate: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.bench.simulation

train: $(VENV)/dev.stamp
	$(BIN)/python -m knowledge.search.training

figures: $(VENV)/dev.stamp
	$(BIN)/python -m knowledge.figures

pictures: $(VENV)/dev.stamp
	$(BIN)/python -m tests.browser.pictures

lock: $(VENV)/dev.stamp
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra semantic \
		pyproject.toml requirements/build.in -o requirements/runtime.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra semantic \
		--group dev -c requirements/runtime.txt pyproject.toml requirements/build.in -o requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		requirements/official.in -o requirements/official.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
		requirements/bench.in -o requirements/bench.txt

clean:
	rm -rf $(VENV) $(OFFICIAL) $(BENCH) data/demo data/story build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
