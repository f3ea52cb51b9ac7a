"""Boot loaders, kernel arguments and boot entries."""
