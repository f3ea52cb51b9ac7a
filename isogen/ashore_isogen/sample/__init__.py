"""The sample image: the example of how a bootable container image is made, and what tests and the demo install.

`image/` is the image as data, for people to read; README.md explains it. The Python files here only carry it out.
"""
