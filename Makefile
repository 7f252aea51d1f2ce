# make run    set everything up and serve the product on http://127.0.0.1:8000
# make test   set everything up and pass all tests
# make bench  measure speed and memory, results in benchmarks/
# make statutes    what a new corpus changes, and what rests on it (ACCEPT=yes once all is read again)
# make content  check everything lawyers maintain, and show what it covers and lacks (TOPIC=family for one topic)
# make nlu-report  how well the NLU places held-out examples, in benchmarks/nlu/
# Every step leaves a stamp when it is done, and is skipped until its inputs change.

SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup app bot run test bench statutes content nlu-report lint lock clean

STAMPS := var/stamps
APP_PYTHONS := 3.11 3.12 3.13
BOT_PYTHON := 3.10
LEXICON := $(wildcard nlu_data/lexicon/*)
ANSWERS := $(shell find knowledge_base/content/answers -name '*.yml')
CONTENT := $(shell find knowledge_base/content -name '*.yml')
NLU := $(shell find nlu_data/intents nlu_data/entities -name '*.yml') $(LEXICON)
BOT := $(shell find bot/domain bot/rules bot/components -name '*.yml' -o -name '*.py') $(wildcard bot/*.py bot/*.yml)

help:
	@sed -n '1,7s/^# //p' Makefile

# Two things at a time; broken content is told before anything is made of it.
setup: $(STAMPS)/pythons
	@$(MAKE) -s --no-print-directory -j2 $(STAMPS)/app $(STAMPS)/bot
	@$(MAKE) -s --no-print-directory $(STAMPS)/lint
	@$(MAKE) -s --no-print-directory -j2 app bot
app: $(STAMPS)/app $(STAMPS)/lint $(STAMPS)/index
bot: $(STAMPS)/bot bot/models/fazhu.tar.gz

run: setup
	@exec ops/run

test: setup $(STAMPS)/dev
	@ops/test-packages
	@.venv/bin/ruff check --quiet . && .venv/bin/ruff format --quiet --check . && .venv/bin/mypy
	@.venv/bin/python -m pytest

bench: setup $(STAMPS)/dev
	@.venv/bin/python -m benchmarks

statutes: $(STAMPS)/app
	@.venv/bin/python -m knowledge_base.corpus_update $(if $(ACCEPT),--accept)

content: lint
	@.venv/bin/python -m knowledge_base.coverage $(TOPIC)

nlu-report: setup $(STAMPS)/dev
	@.venv/bin/python -m benchmarks.nlu

lint: $(STAMPS)/app
	@.venv/bin/python -m knowledge_base.lint
	@.venv/bin/python -m knowledge_base.lay_lint
	@.venv/bin/python -m nlu_data.lint

# A missing Python is found out before anything is installed.
$(STAMPS)/pythons:
	@mkdir -p $(STAMPS)
	@ops/find-python $(APP_PYTHONS) >/dev/null && ops/find-python $(BOT_PYTHON) >/dev/null
	@ops/uv --version >/dev/null
	@touch $@

# The development packages stand on top of the same pinned set, so .venv serves both.
$(STAMPS)/app: requirements.lock ops/environment
	@mkdir -p $(STAMPS)
	@echo "[1/5] application packages"
	@ops/environment .venv requirements.lock $(APP_PYTHONS)
	@rm -f $(STAMPS)/dev && touch $@

$(STAMPS)/dev: requirements-dev.lock $(STAMPS)/app
	@echo "development packages"
	@ops/environment .venv requirements-dev.lock $(APP_PYTHONS)
	@touch $@

$(STAMPS)/bot: bot/requirements.lock ops/environment
	@mkdir -p $(STAMPS)
	@echo "[2/5] Rasa packages"
	@ops/environment bot/.venv bot/requirements.lock $(BOT_PYTHON)
	@touch $@

$(STAMPS)/lint: $(STAMPS)/app $(CONTENT) $(NLU) nlu_data/taxonomy.yml
	@echo "[3/5] checking answers and training data"
	@$(MAKE) --no-print-directory lint
	@touch $@

$(STAMPS)/index: $(STAMPS)/app $(STAMPS)/lint $(CONTENT) $(NLU) $(addprefix knowledge_base/,index.py answers.py search.py statute_search.py projection.py text.py text_model.py statutes.py national.py local_laws.py lay_index.py danger.py red_lines.py followup.py)
	@echo "[4/5] search index over the statutes (about 3 minutes the first time)"
	@.venv/bin/python -m knowledge_base
	@touch $@

bot/models/fazhu.tar.gz: $(STAMPS)/bot $(NLU) $(ANSWERS) $(BOT) bot/requirements.lock
	@echo "[5/5] training the Rasa model"
	@bot/.venv/bin/python -W ignore -m bot train

# Resolve each environment anew, as one set. Lock files hold names, versions and hashes only.
lock:
	ops/uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade --generate-hashes --no-header --no-annotate --quiet -o requirements.lock
	ops/uv pip compile pyproject.toml --universal --python-version 3.11 --group dev -c requirements.lock --generate-hashes --no-header --no-annotate --quiet -o requirements-dev.lock
	ops/uv pip compile bot/requirements.in --python-version $(BOT_PYTHON) --python $$(ops/find-python $(BOT_PYTHON)) --upgrade --generate-hashes --no-header --no-annotate --quiet -o bot/requirements.lock
	echo "uv" | ops/uv pip compile - --universal --python-version 3.10 --generate-hashes --no-header --no-annotate --quiet -o ops/uv.lock

clean:
	rm -rf .venv bot/.venv bot/models bot/spacy_zh bot/.rasa $(STAMPS) var/cache var/uv
