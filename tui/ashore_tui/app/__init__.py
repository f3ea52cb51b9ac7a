"""The Textual face: screens, widgets and looks. What they say and decide is in `ashore_tui.flow`."""
