# Needs only make and Python 3.11 to 3.13. Everything is installed into .venv.
PYTHON ?= python3
BIN = .venv/bin
INSTALLED = .venv/.installed

# What must run on every backend of Keras.
LAYERS = $(wildcard $(addprefix kerasinpaint/, layers losses metrics models \
	inpainter_test.py adversarial_test.py exemplar_inpainter_test.py \
	two_rates_test.py optimizers_test.py))

.PHONY: help demo test test-torch notebooks benchmark

help:
	@echo "make demo       restore a damaged photograph with every method"
	@echo "make test       check the style and run every test"
	@echo "make test-torch run those of layers and models on PyTorch"
	@echo "make notebooks  run the notebooks and store them with their output"
	@echo "make benchmark  measure speed and quality, write them into README"
	@echo ""
	@echo "Each sets itself up in .venv first. Another interpreter than"
	@echo "python3: make demo PYTHON=python3.12"

demo: $(INSTALLED)
	$(BIN)/kerasinpaint demo

# What runs a few times is not worth optimizing. Examples run on TensorFlow.
test: export XLA_FLAGS := $(XLA_FLAGS) --xla_backend_optimization_level=0
test: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/python -m pytest -n 2 --dist worksteal
	KERAS_BACKEND=jax $(BIN)/python -m pytest -n 2 --dist worksteal \
	--override-ini addopts= $(LAYERS)

test-torch: $(INSTALLED)
	@$(BIN)/python -c 'import torch' 2>/dev/null \
	|| { echo "PyTorch is not installed. Try: $(BIN)/pip install torch"; \
	exit 1; } >&2
	KERAS_BACKEND=torch $(BIN)/python -m pytest $(LAYERS)

notebooks: $(INSTALLED)
	$(BIN)/python notebooks/build.py

benchmark: $(INSTALLED)
	$(BIN)/kerasinpaint benchmark speed
	$(BIN)/kerasinpaint benchmark quality
	$(BIN)/kerasinpaint demo
	$(BIN)/python -m kerasinpaint.readme

# The stamp is written last: an installation that was broken off is repeated.
$(INSTALLED): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	|| { echo "kerasinpaint needs Python 3.11 to 3.13." \
	"Received: $$($(PYTHON) --version 2>&1 || true)." \
	"Try: make PYTHON=python3.12"; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	|| { echo "$(PYTHON) cannot make environments: 'venv' or 'ensurepip'" \
	"is missing. On Debian and Ubuntu: apt install python3-venv"; \
	exit 1; } >&2
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
