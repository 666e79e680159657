# 征询 Zhengxun. `make run` and `make test` do everything on a fresh machine with Python 3.11+.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= var
DEMO := ZHENGXUN_DEMO=true ZHENGXUN_ORGANISATION_NAME="临江区人民政府（虚构）"
export ZHENGXUN_DATA_DIR ?= $(DATA)

.PHONY: run setup setup-dev test check drill quality lock frontend screens clean

run: setup  ## set up, migrate, load the demo, serve on http://127.0.0.1:8000
	$(DEMO) $(BIN)/zhengxun migrate
	$(DEMO) $(BIN)/zhengxun demo
	$(DEMO) $(BIN)/zhengxun serve

setup: $(VENV)/.installed  ## make .venv with the zhengxun command
	@$(BIN)/python scripts/fetch_fonts.py || true

setup-dev: setup $(VENV)/.installed-dev

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	$(BIN)/python -c "from analysis.sentiment import warm_up; warm_up()"  # compile once, now
	touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

test: setup-dev  ## the whole suite, after the checks
	bash scripts/system_packages.sh
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not drill"

check: setup-dev  ## style, types, import rules, templates, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint frontend/templates --lint --quiet --ignore H015,H025,H052
	$(BIN)/python scripts/check_migrations.py

drill: setup-dev  ## the long runs with full counts
	$(BIN)/python -m pytest -m drill

quality: setup-dev  ## measure the reading of plans and comments; writes docs/quality.md
	mkdir -p $(DATA)
	printf '# Measured quality\n\nWritten by `make quality`. Keys and labels were made by machine reading passes; each part says how.\nThe keys of the plans were drafted with the parser and corrected by hand against the raw text; three\nof them were read a second time, from the raw text alone, and the agreement is printed.\n\n' > $(DATA)/quality.md
	$(BIN)/python -m analysis.evaluation >> $(DATA)/quality.md
	mv $(DATA)/quality.md docs/quality.md

lock:  ## renew the locked dependencies (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements.txt
	uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 --extra dev pyproject.toml -c requirements.txt -o requirements-dev.txt

frontend:  ## compile the styles and vendor htmx again (needs npm)
	npm ci && npm run build

screens: setup-dev  ## take the screenshots of docs/screens
	$(BIN)/python scripts/take_screens.py

clean:
	rm -rf $(VENV) var build dist *.egg-info
