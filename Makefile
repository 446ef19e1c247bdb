# Two commands, each alone on a fresh clone: `make train` and `make test`.  `make` lists the others.

VENV = .venv
# The Python to make $(VENV) with; found by scripts/find_python.sh if empty.
PYTHON =
# Passed to the training script: make train ARGS="--epochs 1 --data synthetic"
ARGS =
# 1: notebooks run on small data, to see that they run; 0: on all of it.
D2L_BN_FAST ?= 1

# Processes of `make test`.
WORKERS = auto

RUN = $(VENV)/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup train data test lint notebooks book book-test results lab clean release grade feedback grades similar answers

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv with everything in it; does nothing if it is there
	@sh scripts/setup.sh "$(VENV)" "$(PYTHON)"

train: setup ## train the chapter's LeNet with batch normalization on Fashion-MNIST (ARGS="--help")
	@$(RUN) scripts/train_lenet_bn.py $(ARGS)

data: setup ## get Fashion-MNIST now (train does it by itself)
	@$(RUN) -c "from d2l_bn.data.fashion_mnist import load_fashion_mnist as load; print(load(256)[0].source)"

test: setup ## run the tests and the examples in the documentation (WORKERS=1: in one process)
	@echo "some 7 minutes on two cores, twice as long in one process"
	@$(RUN) -m pytest -n $(WORKERS) --maxprocesses=8 --dist loadfile --no-loadscope-reorder

lint: setup ## check style, format and, on Python 3.11, types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@! $(RUN) -c "import mypy" 2>/dev/null || $(RUN) -m mypy

notebooks: setup ## make the notebooks from notebooks/source and run them (D2L_BN_FAST=0: in full)
	@$(RUN) scripts/build_notebooks.py
	@D2L_BN_FAST=$(D2L_BN_FAST) $(RUN) -m pytest --nbmake --nbmake-timeout=1800 notebooks/*.ipynb

# As small data as CI needs only where it is asked for: what a reader sees was computed in full.
book: D2L_BN_FAST = 0
book: setup ## make the book, book/_build/html, with its lessons executed (D2L_BN_FAST=1: small data)
	@$(RUN) scripts/install_book.py
	@$(RUN) scripts/build_book.py $(if $(filter 1,$(D2L_BN_FAST)),--fast)

book-test: setup ## look at each page of the book that was made, in Chromium
	@$(RUN) -m pytest book/tests -n 2

results: setup ## make what is missing of the studies in results/ (all: hours); goes on after a stop
	@$(RUN) -m d2l_bn run all

lab: setup ## open the notebooks in Jupyter Lab (LANGUAGE=zh: in Chinese)
	@$(RUN) -m jupyter lab notebooks$(if $(filter zh,$(LANGUAGE)),/zh)

# For instructors, see exercises/INSTRUCTORS.md. The course folder: exercises/course, or D2L_BN_COURSE.
ASSIGNMENT = $(basename $(notdir $(wildcard exercises/source/*/*.py)))
# make release LANGUAGE=zh; the environment's LANGUAGE is another thing.
ifeq ($(origin LANGUAGE),command line)
TEXT_IN = --language $(LANGUAGE)
endif
# nbgrader calls other commands of its environment, and has its settings in exercises/.
NBGRADER = cd exercises && PATH="$(abspath $(VENV))/bin:$$PATH" nbgrader
release grade feedback grades similar answers: export D2L_BN_COURSE := $(abspath $(or $(D2L_BN_COURSE),exercises/course))

release: setup ## hand out exercises: make release ASSIGNMENT=batchnorm LANGUAGE=zh (default: all, en)
	@$(RUN) scripts/build_exercises.py $(ASSIGNMENT) $(TEXT_IN)
	@set -e; for name in $(ASSIGNMENT); do \
		($(NBGRADER) generate_assignment $$name --force); \
		($(NBGRADER) release_assignment $$name --force); done

grade: setup ## collect, check, repair and grade what was submitted (ARGS=--force: again)
	@set -e; for name in $(ASSIGNMENT); do ($(NBGRADER) collect $$name --update); done
	@$(RUN) scripts/grade_exercises.py $(ASSIGNMENT) $(ARGS)

feedback: setup ## write a page for each student, and release it
	@status=0; for name in $(ASSIGNMENT); do \
		ls -d "$$D2L_BN_COURSE"/autograded/*/$$name >/dev/null 2>&1 || \
			{ echo "$$name: nothing is graded yet"; continue; }; \
		($(NBGRADER) generate_feedback $$name --force) || status=1; \
		($(NBGRADER) release_feedback $$name) || status=1; \
	done; exit $$status

grades: setup ## write the points and states of all students to exercises/course/grades.csv and .html
	@$(RUN) scripts/grade_table.py --course "$$D2L_BN_COURSE"

similar: setup ## show which submissions are alike, for a person to look at
	@$(RUN) scripts/similar_submissions.py $(ASSIGNMENT) --course "$$D2L_BN_COURSE"

answers: setup ## write the answer key, run, to exercises/course/solution
	@$(RUN) scripts/build_exercises.py $(ASSIGNMENT) $(TEXT_IN)
	@set -e; for name in $(ASSIGNMENT); do \
		($(NBGRADER) generate_assignment $$name); \
		($(NBGRADER) generate_solution $$name --force); done

clean: ## remove .venv and what tools leave behind; results and data stay
	rm -rf "$(VENV)" .venv-tools build book/_build *.egg-info .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
