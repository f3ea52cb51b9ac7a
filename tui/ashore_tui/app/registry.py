"""Which screen shows which topic. The screens are imported when they are first shown."""

from __future__ import annotations

import importlib
from collections.abc import Mapping

from ashore_tui.app.screens.base import TopicScreen
from ashore_tui.app.setting import Setting
from ashore_tui.flow.state import Flow, Mode
from ashore_tui.flow.topics import TopicId

_SCREENS: Mapping[TopicId, str] = {
    TopicId.WELCOME: "welcome:WelcomeScreen",
    TopicId.MODE: "mode:ModeScreen",
    TopicId.SOURCE: "source:SourceScreen",
    TopicId.DESTINATION: "destination:DestinationScreen",
    TopicId.ACCOUNTS: "accounts:AccountsScreen",
    TopicId.HOSTNAME: "hostname:HostnameScreen",
    TopicId.TIME: "time:TimeScreen",
    TopicId.NETWORK: "network:NetworkScreen",
    TopicId.BOOT: "boot:BootScreen",
    TopicId.SUMMARY: "summary:SummaryScreen",
}

_SOFTWARE = "software:SoftwareScreen"
"""The source in traditional mode."""


def screen_for(topic: str, setting: Setting, flow: Flow) -> TopicScreen:
    """A new screen of the topic."""
    traditional = flow.mode is Mode.TRADITIONAL and topic == TopicId.SOURCE
    module, _, name = (_SOFTWARE if traditional else _SCREENS[TopicId(topic)]).partition(":")
    found: type[TopicScreen] = getattr(importlib.import_module(f"ashore_tui.app.screens.{module}"), name)
    return found(setting, flow)
