"""The engine of Ashore: plan, checks, steps, storage, payloads, configuration.

Nothing here knows a face (Textual), a kickstart or how media are made; see the import contracts in pyproject.toml.
"""

__version__ = "0.1.0"
