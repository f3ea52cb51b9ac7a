"""Kickstarts for tests."""
