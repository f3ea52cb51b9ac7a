"""Storage on real block devices, in a live system that was booted once: see `python -m tests.vm.storage --help`."""
