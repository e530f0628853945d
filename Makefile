# make setup   an environment in .venv with the pinned set
# make demo    master the example song into out/demo
# make test    everything: style, types, layers, tests
# make quality, make bench    the figures of docs/benchmarks.md

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
JOBS   ?= 3

# The tests start hundreds of processes; without its byte code each would compile all modules again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup tools demo test lint quality bench clean

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("burnish needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt -e '.[dev]'
	touch $@

# Programs that the tests hold burnish against. Root may install them; elsewhere the tests that need
# them are skipped, loudly, and with CI=true they fail.
tools:
	@missing=""; for tool in ffmpeg ffprobe flac metaflac sox cdrdao cueprint mediainfo exiftool \
	    opusinfo ogginfo pdftotext pdftoppm chromium g++ ip; do \
	  command -v $$tool >/dev/null || missing=yes; done; \
	for name in libebur128 libburn; do \
	  ldconfig -p 2>/dev/null | grep -q $$name || missing=yes; done; \
	PATH="$$PATH:$$(echo /usr/lib/postgresql/*/bin | tr ' ' :)" command -v initdb >/dev/null \
	  || missing=yes; \
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  (apt-get update -qq && apt-get install -y -qq --no-install-recommends \
	    ffmpeg flac sox libebur128-1 libsndfile1 cdrdao cuetools libburn4 mediainfo \
	    libimage-exiftool-perl opus-tools vorbis-tools poppler-utils chromium postgresql \
	    fonts-dejavu-core g++ iproute2) >/dev/null 2>&1 \
	  || echo "make: the system's packages cannot be installed; some tests will be skipped"; \
	fi

demo: setup
	$(BIN)/burnish demo out/demo --overwrite

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The example is mastered beside the checks of style and types: it compiles most kernels, once and
# not in each of the processes that test.
test: setup tools
	$(MAKE) -j 2 --output-sync=target lint demo
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

quality: setup tools
	$(BIN)/pytest -n $(JOBS) --dist loadfile -m long
	$(BIN)/python -m bench.quality

bench: setup tools
	$(BIN)/python -m bench.speed
	$(BIN)/python -m bench.album
	$(BIN)/python -m bench.studio
	$(BIN)/python -m bench.sketches
	$(BIN)/python -m bench.batch

clean:
	rm -rf $(VENV) build dist out .pytest_cache .mypy_cache .ruff_cache \
	  .hypothesis .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
