# Everything a newcomer needs: `make demo` and `make test` on a bare Debian machine with Python 3.11 or newer.
UV := $(shell command -v uv || echo .tools/bin/uv)
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
# Commands start in half the time, also where Python may not write beside the sources.
export UV_COMPILE_BYTECODE := 1
INSTALL = @$(UV) pip install -q --python .venv --require-hashes -r
SELF = $(UV) pip install -q --python .venv --no-deps -e .
LOCK = $(UV) pip compile -q --universal --generate-hashes --no-emit-index-url pyproject.toml
RUN = .venv/bin

setup: .venv/.test

.tools/bin/uv:
	@python3 -m pip --version >/dev/null || { echo "pip is missing: apt-get install python3-pip"; exit 1; }
	@PIP_ROOT_USER_ACTION=ignore python3 -m pip install -q --target .tools uv==0.13.9

.venv/pyvenv.cfg: | $(filter .tools/%,$(UV))
	@$(UV) venv -q .venv

.venv/.demo: requirements/demo.txt pyproject.toml | .venv/pyvenv.cfg
	$(INSTALL) $< && $(SELF) && .venv/bin/python -m compileall -q src && touch $@

.venv/.test: requirements/test.txt .venv/.demo
	$(INSTALL) $< && touch $@

demo: .venv/.demo
	@$(RUN)/habilis demo

test: .venv/.test
	@tests/run

check: .venv/.test
	@$(RUN)/ruff format --check && $(RUN)/ruff check && $(RUN)/mypy && $(RUN)/lint-imports
	@$(RUN)/habilis makemigrations --check --dry-run && $(RUN)/habilis check --fail-level WARNING

fix: .venv/.test
	@$(RUN)/ruff format && $(RUN)/ruff check --fix

bench: .venv/.test
	@$(RUN)/python -m bench

# After a change of the dependencies in pyproject.toml.
lock: $(filter .tools/%,$(UV))
	$(LOCK) -o requirements/demo.txt
	$(LOCK) --extra postgres --group test -c requirements/demo.txt -o requirements/test.txt
	@$(MAKE) -s setup && $(RUN)/python -m tests.house.licences

.PHONY: setup demo test check fix bench lock
