# Everything runs from `make`; the first call sets up .venv by itself. `make help` lists the targets.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEV := tests/requirements.lock
BENCH := tests/bench/requirements.lock
RELEASE := tests/release.lock
DOCS := tests/docs.lock
API := tests/api.lock

.DEFAULT_GOAL := help
.PHONY: help netbox demo test check fmt lint type cov rules oui enterprises accuracy replies bench million costs faults attack attack-guards soak kills damage fuzz mutants orders placing hub-demo hub-kills api year nights pages papers docs man architecture lock dist release wheels offline audit clean hub-sites site pictures stranger features bench-scale

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/pip-works:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "auditor needs Python 3.11 or newer as '$(PYTHON)'; on Debian: sudo apt install python3, or: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@if $(PYTHON) -c 'import ensurepip; ensurepip.version()' 2>/dev/null; then \
	  $(PYTHON) -m venv $(VENV); \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  $(PYTHON) -m venv --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $(VENV) install -q --require-hashes -r requirements-build.lock; \
	else \
	  echo "Python cannot make a virtual environment here; on Debian: sudo apt install python3-venv"; exit 1; \
	fi
	@touch $@

$(VENV)/runtime: $(VENV)/pip-works requirements.lock requirements-build.lock pyproject.toml
	@echo "setting up $(VENV) (once)" >&2
	@$(PIP) install -q --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PIP) install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/runtime $(DEV)
	@$(PIP) install -q --require-hashes -r $(DEV)
	@touch $@

$(VENV)/release: $(VENV)/dev $(RELEASE)
	@$(PIP) install -q --require-hashes -r $(RELEASE)
	@touch $@

$(VENV)/docs: $(VENV)/dev $(DOCS)
	@$(PIP) install -q --require-hashes -r $(DOCS)
	@touch $@

$(VENV)/api: $(VENV)/dev $(API)
	@$(PIP) install -q --require-hashes -r $(API)
	@touch $@

$(VENV)/bench: $(VENV)/dev $(BENCH)
	@$(PIP) install -q --require-hashes -r $(BENCH)
	@touch $@

demo: $(VENV)/runtime  ## play the sample network on loopback, scan it, write the reports to demo/
	@$(BIN)/auditor demo --output demo

test: $(VENV)/dev  ## run the tests
	@$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder

check: lint type test  ## what must be green before a commit

fmt: $(VENV)/dev  ## format the code
	@$(BIN)/ruff format auditor tests
	@$(BIN)/ruff check --fix auditor tests

lint: $(VENV)/dev  ## check style
	@$(BIN)/ruff format --check auditor tests
	@$(BIN)/ruff check auditor tests

type: $(VENV)/dev  ## check types
	@$(BIN)/mypy

cov: $(VENV)/dev  ## run the tests with coverage
	@$(BIN)/coverage run -m pytest -q
	@$(BIN)/coverage report --skip-covered

rules: $(VENV)/dev  ## check every rule, policy, filing and table
	@$(BIN)/auditor check

oui: $(VENV)/dev  ## rebuild oui_rules/oui/ from the registries that package clients reach
	@$(BIN)/python -m tests.tools.oui_build

accuracy: $(VENV)/dev  ## score the rules on the recorded devices in $$AUDITOR_CORPUS
	@$(BIN)/python -m tests.tools.accuracy

replies: $(VENV)/dev  ## score the CLI replies that were looked up, and how many rows of those in $$AUDITOR_REPLIES come out whole
	@$(BIN)/python -m tests.tools.first_sight
	@$(BIN)/python -m tests.tools.varied_replies
	@$(BIN)/python -m tests.tools.transcript_score

enterprises: $(VENV)/dev  ## build the table of enterprise numbers from its pinned package
	@$(BIN)/python -m tests.tools.enterprises_build

bench: $(VENV)/bench  ## measure speed and memory against named peers
	@for program in snmpbulkwalk onesixtyone nmap; do command -v $$program >/dev/null || \
	  echo "$$program is missing, so nothing is measured against it; on Debian: sudo apt install snmp onesixtyone nmap" >&2; done
	@broken=; for bench in tests/bench/bench_*.py; do name=$$(basename $$bench .py); echo "== $$name"; \
	  $(BIN)/python -m tests.bench.$$name || broken="$$broken $$name"; done; \
	  if [ -n "$$broken" ]; then echo "a promise was not kept:$$broken"; exit 1; fi

million: $(VENV)/bench  ## a million devices of twenty million rows, and a tenth and a hundredth of that: time, peak, exponent
	@$(BIN)/python -m tests.bench.bench_scale --million

costs: $(VENV)/dev  ## what one device, file or row costs in memory at most, against docs/promises.md
	@$(BIN)/python -m tests.tools.costs

bench-scale: $(VENV)/bench  ## what a hub and its workers cost; a million devices and 20 million sightings in PostgreSQL
	@$(BIN)/python -m tests.bench.scale_workers
	@$(BIN)/python -m tests.bench.scale_store

faults: $(VENV)/dev  ## how every hostile device was survived, then each promise R1 to R16: held or not
	@$(BIN)/python -m tests.tools.faults

attack: $(VENV)/dev  ## try every boundary as the attacker would, and print what came of it
	@$(BIN)/python -m tests.tools.attack

attack-guards: $(VENV)/dev  ## take each guard out of a copy of the house: its attack has to succeed there
	@$(BIN)/python -m tests.tools.attack --guards

soak: $(VENV)/dev  ## scan the demo network and hostile devices for an hour (MINUTES=60): nothing may grow
	@$(BIN)/python -m tests.tools.soak $(MINUTES)

kills: $(VENV)/dev  ## kill runs and resume them, start two at once, fill the disk (STORE=postgresql too)
	@$(BIN)/python -m tests.tools.kills 50 100 20 20 $(STORE)

damage: $(VENV)/dev  ## damage a store at random octets 100 times: one clear line, never a wrong verdict
	@$(BIN)/python -m tests.tools.damage

fuzz: $(VENV)/dev  ## a million broken packets and a hundred thousand hostile texts
	@$(BIN)/python -m tests.tools.fuzz

mutants: $(VENV)/dev  ## break the code that decides in 200 ways, and see that a test notices each
	@$(BIN)/python -m tests.tools.mutants

orders: $(VENV)/dev  ## 5,000 sets of contradicting marks: no order of records, facts or addresses changes a box
	@AUDITOR_TEST_SETS=5000 $(BIN)/python -m pytest -q -p no:cacheprovider tests/assets/test_orders.py

placing: $(VENV)/dev  ## 40 campuses and rural carriers in every variant, several faults at once too: who is placed where, how surely, against their wiring
	@$(BIN)/python -m tests.tools.network_score 40

netbox: $(VENV)/dev  ## write the demo network into a real NetBox 4 (Python 3.12 and PostgreSQL; says what is missing)
	@$(BIN)/python -m tests.tools.netbox_real

hub-demo: $(VENV)/dev  ## three sites on one machine: PostgreSQL, a hub, a worker at each, what was read by whom
	@$(BIN)/python -m tests.tools.hub_demo

hub-kills: $(VENV)/dev  ## the same, workers killed ten times, the hub twice, PostgreSQL once: nothing lost, nothing doubled
	@$(BIN)/python -m tests.tools.hub_demo 10 2 1

api: $(VENV)/api  ## ask `auditor serve` what its OpenAPI document allows, and what it does not: never a server error
	@$(BIN)/python -m tests.tools.api_requests

hub-sites: $(VENV)/dev  ## sites in network namespaces that the hub cannot dial into (SITES=8 for many), killed and cut off (as root)
	@$(BIN)/python -m tests.tools.hub_namespaces $(or $(SITES),2) 10 2 1 1

year: $(VENV)/dev  ## whole years of nights at two sites by seed: every event that was told against what happened
	@$(BIN)/python -m tests.tools.year $(SEEDS)

nights: $(VENV)/dev  ## thirty nights of a network played on loopback, really scanned: every event against what was done to it
	@$(BIN)/python -m tests.tools.lab_nights $(SEEDS)

pages: $(VENV)/dev  ## every filing of the carrier sample as PDF and its pages as pictures, into artefacts/pages/
	@$(BIN)/python -m tests.tools.pages artefacts/pages

papers: $(VENV)/dev  ## every filing over 200 hostile records: no word leaves its page or lies on another
	@AUDITOR_TEST_RECORDS=200 $(BIN)/python -m pytest -q -p no:cacheprovider tests/paperwork/test_paper_boxes.py

docs: $(VENV)/dev  ## refresh the command reference, the manual, keys and schema of auditor.toml in docs/
	@$(BIN)/python -m tests.tools.reference --write

man: $(VENV)/dev  ## write the manual, a page for every command, into docs/man/
	@$(BIN)/python -m tests.tools.manual

architecture: $(VENV)/dev  ## redraw floors and walk in docs/ARCHITECTURE.md
	@$(BIN)/python -m tests.tools.architecture

lock: $(VENV)/release  ## resolve the dependencies anew
	@$(BIN)/uv lock --upgrade -q
	@$(BIN)/uv export -q --no-dev --no-emit-project --format requirements-txt -o requirements.lock
	@$(BIN)/uv export -q --only-group build --format requirements-txt -o requirements-build.lock
	@$(BIN)/uv export -q --only-group dev --format requirements-txt -o $(DEV)
	@$(BIN)/uv export -q --only-group bench --format requirements-txt -o $(BENCH)
	@$(BIN)/uv export -q --only-group docs --format requirements-txt -o $(DOCS)
	@$(BIN)/uv export -q --only-group release --format requirements-txt -o $(RELEASE)
	@$(BIN)/uv export -q --only-group api --format requirements-txt -o $(API)
	@$(BIN)/python -m tests.tools.licences --write

dist: $(VENV)/release  ## build wheel, sdist, bill of materials and checksums into dist/
	@rm -rf dist
	@$(BIN)/python -m hatchling build -d dist
	@$(BIN)/uv export -q --no-dev --frozen --format cyclonedx1.5 -o dist/sbom.cdx.json >/dev/null
	@cd dist && sha256sum * > SHA256SUMS

release: $(VENV)/release  ## a dry run: build twice and compare, list, sum, try under every Python found; the tag is printed, not set
	@$(BIN)/python -m tests.tools.release --pythons dist

wheels: dist  ## a folder from which a machine without a network installs: dist/wheels, every file by its hash
	@$(PIP) download -q --require-hashes --only-binary :all: -r requirements.lock -d dist/wheels
	@cp dist/*.whl dist/wheels/
	@$(BIN)/python -m tests.tools.wheel_folder dist/wheels
	@echo "there: python3 -m venv auditor && auditor/bin/pip install --no-index --find-links wheels --require-hashes -r wheels/requirements.txt"

offline: wheels  ## install from dist/wheels where there is no network, and run the demo there
	@unshare -rn $(BIN)/python -m tests.tools.wheel_folder --try dist/wheels

site: $(VENV)/docs  ## build the documentation as a site in artefacts/site/html, follow its links, look at its spelling
	@$(BIN)/python -m tests.tools.site

pictures: $(VENV)/dev  ## make the pictures of README from a demo with Chromium, into docs/pictures/
	@$(BIN)/python -m tests.tools.showcase

stranger: $(VENV)/dev  ## follow README and tutorial as an account with an empty home would, compare every output, print the times
	@$(BIN)/python -m tests.tools.stranger

features: $(VENV)/dev  ## ask the program every row of docs/features.toml, what users of such tools want, and print yes or no
	@$(BIN)/python -m tests.tools.features $(ROWS)

audit: $(VENV)/release  ## look up known vulnerabilities of what the lock pins
	@$(BIN)/python -m tests.tools.vulnerabilities requirements.lock requirements-build.lock

clean:  ## remove everything that was made
	@rm -rf $(VENV) demo dist build artefacts .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage htmlcov
	@find auditor oui_rules tests -name __pycache__ -type d -prune -exec rm -rf {} +
