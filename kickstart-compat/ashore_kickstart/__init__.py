"""Kickstart text to a Draft and back, the support table, and the checker."""
