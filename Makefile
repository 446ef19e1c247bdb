# Two commands, each alone on a fresh clone: `make train` and `make test`.  `make` lists the others.

VENV = .venv
# The Python to make $(VENV) with; found by scripts/find_python.sh if empty.
PYTHON =
# Passed to the training script: make train ARGS="--epochs 1 --data synthetic"
ARGS =
# 1: notebooks run on small data, to see that they run; 0: on all of it.
D2L_BN_FAST ?= 1

RUN = $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup train data test lint notebooks lab clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv with everything in it; does nothing if it is there
	@sh scripts/setup.sh "$(VENV)" "$(PYTHON)"

train: setup ## train the chapter's LeNet with batch normalization on Fashion-MNIST (ARGS="--help")
	@$(RUN) scripts/train_lenet_bn.py $(ARGS)

data: setup ## get Fashion-MNIST now (train does it by itself)
	@$(RUN) -c "from d2l_bn.fashion_mnist import load_fashion_mnist as load; print(load(256)[0].source)"

test: setup ## run the tests and the examples in the documentation
	@$(RUN) -m pytest

lint: setup ## check style and format
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .

notebooks: setup ## make the notebooks from notebooks/source and run them (D2L_BN_FAST=0: in full)
	@$(RUN) scripts/build_notebooks.py
	@D2L_BN_FAST=$(D2L_BN_FAST) $(RUN) -m pytest --nbmake --nbmake-timeout=1800 notebooks/*.ipynb

lab: setup ## open the notebooks in Jupyter Lab
	@$(RUN) -m jupyter lab notebooks

clean: ## remove .venv and what tools leave behind; results and data stay
	rm -rf "$(VENV)" build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
