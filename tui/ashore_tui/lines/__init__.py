"""The flow as numbered lines: for screen readers, line printers and the poorest of terminals. Never imports Textual."""
