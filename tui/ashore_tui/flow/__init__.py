"""The way from a machine to a plan that a person has agreed to: what both faces share. Pure, and without Textual."""
