"""The looks: dark, light, high contrast, and one for terminals with 16 colours. One accent colour each."""

from __future__ import annotations

from textual.theme import Theme


def _theme(name: str, *, dark: bool, accent: str, text: str, ground: str, raised: str, **more: str) -> Theme:
    """`ground` is the screen, `raised` what lies on it; `more`: dim, line, on_accent, field, cursor, bar,
    good, warn, bad."""
    return Theme(
        name=name,
        dark=dark,
        primary=accent,
        secondary=accent,
        accent=accent,
        foreground=text,
        background=ground,
        surface=raised,
        panel=raised,
        success=more["good"],
        warning=more["warn"],
        error=more["bad"],
        ansi=ground.startswith("ansi_"),
        variables={
            "dim": more["dim"],
            "line": more["line"],
            "on-accent": more["on_accent"],
            "field": more["field"],
            "cursor": more["cursor"],
            "good": more["good"],
            "warn": more["warn"],
            "bad": more["bad"],
            "bar": more["bar"],
            "scrollbar": more["line"],
            "scrollbar-background": ground,
            "scrollbar-hover": accent,
            "scrollbar-active": accent,
            "scrollbar-background-hover": ground,
            "scrollbar-background-active": ground,
            "scrollbar-corner-color": ground,
            "input-cursor-background": accent,
            "input-cursor-foreground": more["on_accent"],
            "input-selection-background": accent,
            "input-selection-foreground": more["on_accent"],
        },
    )


DARK = _theme(
    "dark",
    dark=True,
    accent="#6cc5c1",
    text="#d7dde3",
    ground="#12171d",
    raised="#1a2129",
    field="#26303a",
    cursor="#1d464a",
    bar="#1a2129",
    dim="#95a2ae",
    line="#3a4652",
    on_accent="#0c1217",
    good="#8ec98a",
    warn="#e0b566",
    bad="#ef8276",
)
LIGHT = _theme(
    "light",
    dark=False,
    accent="#0f6b70",
    text="#1d242b",
    ground="#faf8f3",
    raised="#efece4",
    field="#e3dfd4",
    cursor="#c9e4e2",
    bar="#e9e5db",
    dim="#5b6670",
    line="#bdb7a9",
    on_accent="#ffffff",
    good="#2f6b2c",
    warn="#8a5a00",
    bad="#a32a1c",
)
CONTRAST = _theme(
    "contrast",
    dark=True,
    accent="#ffe100",
    text="#ffffff",
    ground="#000000",
    raised="#000000",
    field="#303030",
    cursor="#0000b0",
    bar="#000000",
    dim="#ffffff",
    line="#ffffff",
    on_accent="#000000",
    good="#ffffff",
    warn="#ffe100",
    bad="#ff9d94",
)
LINUX = _theme(
    "linux",
    dark=True,
    accent="ansi_cyan",
    text="ansi_default",
    ground="ansi_default",
    raised="ansi_default",
    field="ansi_blue",
    cursor="ansi_default",
    bar="ansi_default",
    dim="ansi_default",
    line="ansi_default",
    on_accent="ansi_black",
    good="ansi_green",
    warn="ansi_yellow",
    bad="ansi_red",
)
THEMES = (DARK, LIGHT, CONTRAST, LINUX)
