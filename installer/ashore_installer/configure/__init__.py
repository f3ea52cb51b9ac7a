"""The identity of the installed system: fstab, names, accounts, scripts, records."""
