"""Lorax's template language: what goes into the live runtime, as files that a distribution can read and change.

Reading (`parse`) and doing (`execute`) are separate: a parsed template is a tuple of typed commands that can be listed,
counted and tested without a root tree. The language is that of lorax 46 (its documentation and `ltmpl.py` are the
source): Mako first, then one command a line, split like a shell splits words, with `{a,b}` expanded.
"""
