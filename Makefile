# The commands of nextedit-lsp.  Each sets up what it needs first; only Python 3.10+, make, a C++
# compiler and git are assumed.
#
#   PYTHON=python3.12         the Python that makes .venv (default: the first one that will do)
#   NEXTEDIT_WHEELS=folder    wheels to take before the network
#   NEXTEDIT_MODEL=file.gguf  the model that demo and evaluate load (default: none)

SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-editors editors lint lint-lua lint-vscode test-vscode vsix format format-lua evaluate bench bench-engine bench-index bench-editors clean

BIN := .venv/bin
SETUP := sh tools/setup.sh
RUN_STAMP := .venv/.setup-run
DEV_STAMP := .venv/.setup-dev
CODE := nextedit_lsp tests benchmarks tools training
LUA := client-nvim tests/editors/nvim benchmarks
NODE_STAMP := node_modules/.package-lock.json
STYLUA := .cache/stylua/node_modules/@johnnymorganz/stylua

export PYTHON NEXTEDIT_WHEELS

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

setup: $(RUN_STAMP) ## The environment in .venv; afterwards .venv/bin/nextedit runs

demo: $(RUN_STAMP) ## A recorded session, replayed against the real server
	@$(BIN)/nextedit demo $(ARGS)

test: $(DEV_STAMP) ## All tests, those with a real server last
	$(BIN)/python -m pytest $(ARGS)

test-editors: editors vsix ## What a person sees in VS Code, Neovim, Emacs and Helix, on screens of their own
	$(BIN)/python -m pytest -m editors tests/editors $(ARGS)

editors: $(DEV_STAMP) ## The editors that test-editors drives, into .cache/editors
	$(BIN)/python tools/get_editors.py nvim hx emacs tmux chromium
	$(BIN)/python tools/get_code_server.py

vsix: $(NODE_STAMP) ## The VS Code extension, in client-vscode/dist
	npm run --silent package

lint-vscode: $(NODE_STAMP) ## tsc, eslint and prettier for the VS Code extension
	npm run --silent lint

test-vscode: $(DEV_STAMP) $(NODE_STAMP) ## The VS Code extension's decisions, and its words with the real server
	NEXTEDIT_COMMAND=$(abspath $(BIN))/nextedit npm test --silent

lint-lua: $(DEV_STAMP) $(STYLUA) ## luacheck and stylua for the Neovim plugin
	$(BIN)/python tools/get_editors.py luacheck
	.cache/editors/bin/luacheck --quiet --config client-nvim/.luacheckrc $(LUA)
	node tools/format_lua.mjs --check $(LUA)

format-lua: $(STYLUA) ## stylua
	node tools/format_lua.mjs $(LUA)

lint: $(DEV_STAMP) ## Style, types and the import contracts
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV_STAMP) ## Puts the code into shape
	$(BIN)/ruff check --fix-only --quiet $(CODE)
	$(BIN)/ruff format $(CODE)

evaluate: $(RUN_STAMP) ## How often it is right (ARGS="--git PATH --html page.html" for your own commits)
	@$(BIN)/nextedit evaluate $(ARGS)

bench: $(RUN_STAMP) ## How fast it is; writes docs/performance.md
	@$(BIN)/python benchmarks/latency.py $(ARGS)
	@$(BIN)/python benchmarks/memory.py
	@$(MAKE) --no-print-directory bench-engine

bench-engine: $(DEV_STAMP) ## How fast a model is run, beside others: 12 minutes on a quiet machine
	@$(BIN)/python benchmarks/engine.py $(ENGINE_ARGS)

bench-index: $(RUN_STAMP) ## What the index of 1,000 to 50,000 files costs: some minutes; writes docs/performance.md
	@$(BIN)/python benchmarks/index.py $(ARGS)

bench-editors: editors ## What the Neovim plugin costs; writes docs/performance.md
	@$(BIN)/python -m benchmarks.neovim $(ARGS)

clean: ## Removes .venv and what the tools left behind
	rm -rf .venv .cache node_modules client-vscode/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(NODE_STAMP): package-lock.json
	@command -v npm >/dev/null || { echo "the VS Code extension needs npm and node 20 or later" >&2; exit 1; }
	npm ci --silent --no-fund --no-audit
	@touch $@

$(STYLUA):
	@command -v npm >/dev/null || { echo "lint-lua needs npm and node (Debian and Ubuntu: sudo apt install npm)" >&2; exit 1; }
	npm install --silent --no-fund --no-audit --prefix .cache/stylua @johnnymorganz/stylua@2.5.2

$(RUN_STAMP): pyproject.toml
	@$(SETUP)

$(DEV_STAMP): pyproject.toml
	@$(SETUP) --extra dev
