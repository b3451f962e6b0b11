# make demo      shows mailflow at work on this machine, with nothing to set up (ARGS="..." for more)
# make test      runs the tests (ARGS="..." goes to pytest)
# make check     style, types, import rules, drawn pages, tests
# make format    formats and repairs what can be repaired by itself
# make lock      renews requirements.lock from pyproject.toml
# make crash     kills the daemon at random, and counts what was lost (ARGS="--kills N --postgres ...")
# make bench-containment  measures how long a failing job runs on after its alert (about a minute)
# make fuzz      parses 200,000 bent mails; prints what fails (ARGS="COUNT SEED")
# make clean     removes everything that is made here

PYTHON ?= python3
ARGS   ?=
BIN    := .venv/bin
STAMP  := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help fuzz venv demo test check static format lock clean crash bench-containment

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

venv: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "mailflow needs Python 3.11 or newer; say which with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null \
		|| { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
			&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y python3-venv; } \
		|| { echo "Python's venv is missing; install it with: sudo apt-get install python3-venv" >&2; exit 1; }
	@[ -x $(BIN)/pip ] || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: venv
	$(BIN)/mailflow demo $(ARGS)

test: venv
	$(BIN)/pytest $(ARGS)

fuzz: venv
	$(BIN)/python -m bench.fuzz_mail $(ARGS)

check: static test

static: venv
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy mailflow tests docs/tools $(wildcard bench/*.py)
	$(BIN)/lint-imports
	$(BIN)/python docs/tools/draw_states.py --check
	$(BIN)/python docs/tools/write_example.py --check
	$(BIN)/python docs/tools/write_manual.py --check

format: venv
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python docs/tools/draw_states.py
	$(BIN)/python docs/tools/write_example.py
	$(BIN)/python docs/tools/write_manual.py

# pip-tools is needed for this one target only, so it is not part of the lock.
lock:
	@rm -rf build/lock && mkdir -p build/lock
	$(PYTHON) -m venv build/lock/venv
	build/lock/venv/bin/pip install --quiet pip-tools
	cp requirements.lock build/lock/requirements.txt 2>/dev/null || true
	build/lock/venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
		--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
		--no-annotate --no-header --extra dev --extra demo --all-build-deps \
		--output-file build/lock/requirements.txt pyproject.toml
	{ echo "# Every package that mailflow needs, pinned with hashes. Renew with: make lock"; \
		sed -e '/^#/d' -e '/^mailflow /d' build/lock/requirements.txt; } > requirements.lock
	rm -rf build/lock

crash: venv
	$(BIN)/python -m bench.crash $(ARGS)

bench-containment: venv
	$(BIN)/python bench/containment.py $(ARGS)

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
