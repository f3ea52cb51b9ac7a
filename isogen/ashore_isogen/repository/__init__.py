"""A package repository for a medium, made of other repositories: what was chosen with all that it needs, and its keys.

libdnf5 and createrepo_c run in the runtime root, so the build machine needs neither.
"""
