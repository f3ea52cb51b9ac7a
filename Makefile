# Every target sets up what it needs: Debian packages when you are root, a Python environment in the cache.
# The cache is $ASHORE_CACHE, else $XDG_CACHE_HOME/ashore, else ~/.cache/ashore.

IMAGE ?=
ISO ?= out/ashore.iso
PYTHON = "$$(.ci/setup --where)/bin/python"

.DEFAULT_GOAL = help
.PHONY: help setup demo test test-fast test-root test-vm storage-matrix lint catalogue bench iso clean

help: ## show this text
	@echo 'make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' Makefile | expand -t 18

setup: ## install what is missing (as root) and make the Python environment
	@.ci/setup

demo: setup ## the whole way: sample image, ISO, installation in QEMU, boot of the installed disk
	@$(PYTHON) -m tests.vm.demo

test: setup ## lint and all tests, with virtual machines last
	@$(PYTHON) -m tests

test-fast: setup ## the tests that need nothing but Python
	@$(PYTHON) -m tests unit

test-root: setup ## the tests inside the runtime root: loop devices, libostree, blivet (as root)
	@$(PYTHON) -m tests root

test-vm: setup ## all tests in virtual machines: those of make test, the screens, packages, and installations on LUKS, RAID, LVM, btrfs
	@$(PYTHON) -m tests vm long

storage-matrix: setup ## all storage scenarios on real block devices: one booted live system, thawed for each
	@$(PYTHON) -m tests storage-matrix

lint: setup ## format, style, types and the arrows between the packages
	@$(PYTHON) -m tests lint

catalogue: setup ## collect all texts, and bring the translations in tui/ashore_tui/text/locale up to date
	@$(PYTHON) -m ashore_tui.text.extract

bench: setup ## how long things take, against the plain way to do them
	@$(PYTHON) -m tests.bench

iso: setup ## an installer ISO in out/: of the sample image, or of IMAGE=docker://…
	@mkdir -p out
	@set -e; image='$(IMAGE)'; \
	if [ -z "$$image" ]; then layout=$$($(PYTHON) -m ashore_isogen.sample build); image=oci:$$layout:1; fi; \
	$(PYTHON) -m ashore_tui iso build "$$image" -o '$(ISO)'

clean: ## remove what was built in this checkout; the cache stays
	@rm -rf out dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
