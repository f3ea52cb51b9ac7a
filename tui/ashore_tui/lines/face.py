"""The whole way in lines: topic by topic, the summary, the installation, and what comes after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ashore_installer.errors import ExitStatus
from ashore_tui.engine import Engine, Running
from ashore_tui.flow.evaluate import again, settle
from ashore_tui.flow.state import Flow, Mode, with_visit
from ashore_tui.flow.status import Kind, TopicStatus
from ashore_tui.flow.topics import (
    TOPICS,
    Topic,
    TopicId,
    begin_allowed,
    first_topic,
    next_topic,
    previous_topic,
    statuses,
    topic,
)
from ashore_tui.flow.wrong import wrong_lines
from ashore_tui.lines import (
    account_pages,
    destination_page,
    ending,
    network_page,
    software_pages,
    source_pages,
    system_pages,
)
from ashore_tui.lines.ending import After, Finisher
from ashore_tui.lines.page import Item, Page
from ashore_tui.lines.prompt import Back, Leave, Menu, Prompt, Quit
from ashore_tui.lines.review import agreed, show_plan
from ashore_tui.report import Meter
from ashore_tui.session import Prepared, request_of
from ashore_tui.text import _, use_language

_PAGES: Mapping[TopicId, Callable[[Flow], Page]] = {
    TopicId.WELCOME: system_pages.welcome,
    TopicId.MODE: source_pages.mode,
    TopicId.DESTINATION: destination_page.destination,
    TopicId.ACCOUNTS: account_pages.accounts,
    TopicId.HOSTNAME: system_pages.hostname,
    TopicId.TIME: system_pages.time,
    TopicId.NETWORK: network_page.network,
    TopicId.BOOT: system_pages.boot,
}


def _question(missing: Item | None) -> str:
    if missing:
        return _("Number to change, Enter for what is to do: ")
    return _("Number to change, Enter to go on: ")


def marks() -> dict[Kind, str]:
    return {Kind.DONE: _("done"), Kind.TODO: _("to do"), Kind.WRONG: _("WRONG"), Kind.WAITING: _("waits")}


@dataclass(kw_only=True)
class LineFace:
    """One person's way. `finish` ends the machine after an installation; None where it isn't ours to restart."""

    engine: Engine
    prompt: Prompt
    finish: Finisher | None
    flow: Flow
    ended: int | None = None
    """The exit status, once there is one."""

    def run(self) -> int:
        """Go the way to its end. The exit status is that of the installation, CANCELLED when there was none."""
        if self.flow.system.locale:
            use_language(self.flow.system.locale)
        self._greet()
        here = first_topic(self.flow)
        try:
            while self.ended is None:
                here = self._step(here)
        except (Quit, EOFError, KeyboardInterrupt):
            self.prompt.say()
            self.prompt.say(_("Nothing was written."))
            return ExitStatus.CANCELLED
        return self.ended

    def _greet(self) -> None:
        if self.flow.kickstart:
            self.prompt.say(_("The kickstart {name} has filled in what it says.").format(name=self.flow.kickstart))
        self.prompt.say(_("Answer with a number and Enter. b: back, m: all topics, ?: help, q: quit."))

    def _step(self, here: Topic) -> Topic:
        """One topic, and where it leads."""
        self.prompt.help = here.help
        try:
            if here.id is TopicId.SUMMARY:
                return self._summary()
            self._page(here)
        except Back:
            return previous_topic(self.flow, here.id) or here
        except Menu:
            return self._menu()
        self.flow = with_visit(self.flow, here.id)
        return next_topic(self.flow, here.id)

    # --- topics ----------------------------------------------------------------------------------------------

    def _page(self, here: Topic) -> None:
        """Show a topic until the person goes on."""
        while True:
            self._settle()
            page, status = self._page_of(here), here.status(self.flow)
            self._show(here, page, status)
            answer = self.prompt.command(_question(self._item("", page, status)))
            item = self._item(answer, page, status)
            if not answer and item is None:
                return
            if item:
                self._change(item)
            else:
                self.prompt.say(_("Give a number from 1 to {count}.").format(count=len(page.items)))

    def _page_of(self, here: Topic) -> Page:
        if here.id is TopicId.SOURCE and self.flow.mode is Mode.TRADITIONAL:
            return software_pages.software(self.flow, self.engine)
        if here.id is TopicId.SOURCE:
            return source_pages.source(self.flow, self.engine.tags)
        return _PAGES[here.id](self.flow)

    def _show(self, here: Topic, page: Page, status: TopicStatus) -> None:
        self.prompt.title(self._marked(here.title))
        for line in page.notes:
            self.prompt.say(line, "  ")
        for number, item in enumerate(page.items, 1):
            self.prompt.say(f"{number}) {item.label}: {item.value}" if item.value else f"{number}) {item.label}", "  ")
        if status.kind is Kind.TODO:
            self.prompt.say(_("To do: {what}.").format(what=status.text))
        for line in wrong_lines(status.problems):
            self.prompt.say(line)

    def _marked(self, title: str) -> str:
        return _("{title} (rehearsal: nothing is written)").format(title=title) if self.flow.rehearsal else title

    @staticmethod
    def _item(answer: str, page: Page, status: TopicStatus) -> Item | None:
        """What a number means; Enter means what is missing, as long as it is."""
        if not answer and status.kind is Kind.TODO:
            return next((one for one in page.items if one.needed), None)
        number = int(answer) if answer.isdecimal() else 0
        return page.items[number - 1] if 0 < number <= len(page.items) else None

    def _change(self, item: Item) -> None:
        """Going back from a setting leaves it as it was."""
        try:
            self.flow = item.change(self.flow, self.prompt)
        except Back:
            return

    def _settle(self) -> None:
        if self.flow.needs_connect:
            self.prompt.say(_("Setting up the network ..."))
        if self.flow.needs_catalogue:
            self.prompt.say(_("Reading the repositories ..."))
        if self.flow.needs_lookup and self.flow.draft.packages:
            self.prompt.say(_("Solving the packages ..."))
        elif self.flow.needs_lookup:
            self.prompt.say(_("Looking for {source} ...").format(source=self.flow.draft.payload.source))
        self.flow = settle(self.flow, self.engine, Meter(output=self.prompt.output).show)

    def _menu(self) -> Topic:
        """All topics with their state; any of them can be gone to."""
        self._settle()
        self.prompt.title(self._marked(_("All topics")))
        for number, (one, status) in enumerate(statuses(self.flow), 1):
            self.prompt.say(f"{number:2}) {one.title}: {marks()[status.kind]}. {status.text}", "  ")
        while True:
            try:
                answer = self.prompt.command(_("Number, or Enter for what is open: "))
            except (Back, Menu):
                continue
            if not answer:
                return next((one for one, status in statuses(self.flow) if not status.settled), TOPICS[-1])
            if answer.isdecimal() and 0 < int(answer) <= len(TOPICS):
                return TOPICS[int(answer) - 1]
            self.prompt.say(_("Give a number from 1 to {count}.").format(count=len(TOPICS)))

    # --- summary and installation ----------------------------------------------------------------------------

    def _summary(self) -> Topic:
        self._settle()
        here = topic(TopicId.SUMMARY)
        self.flow = with_visit(self.flow, here.id)
        status = here.status(self.flow)
        self.prompt.title(self._marked(here.title))
        show_plan(self.flow, self.engine, self.prompt)
        if not begin_allowed(self.flow):
            self.prompt.say(status.text + ".")
            for line in wrong_lines(status.problems):
                self.prompt.say(line)
            raise Menu
        if not agreed(self.flow, self.prompt):
            raise Menu
        return self._install()

    def _install(self) -> Topic:
        """Carry the plan out. What leads back is only a failure that the person wants to try again."""
        if not self.engine.privileged:
            self.prompt.say(_("Only root can install. Try it again with sudo."))
            raise Menu
        if self.flow.plan is None or self.flow.facts is None:
            raise Menu
        prepared = Prepared(plan=self.flow.plan, machine=self.flow.machine, image=self.flow.facts)
        running = self.engine.start(request_of(prepared))
        try:
            status = ending.follow(running, self.prompt)
        except KeyboardInterrupt:
            self.prompt.say(_("The disks are being written, so the installation goes on without this program."))
            self.prompt.say(_("To see it again: ashore install --follow"))
            self.ended = ExitStatus.CANCELLED
            return topic(TopicId.SUMMARY)
        return self._after(status, running)

    def _after(self, status: int, running: Running) -> Topic:
        """What is asked after the end changes nothing about how it ended, nor does going away from it."""
        try:
            if status == ExitStatus.DONE:
                ending.done(self.flow.plan, running, self.prompt, self.finish, rehearsal=self.flow.rehearsal)
            elif ending.failed(running, self.prompt) is After.RETRY:
                self.flow = again(self.flow, self.engine)
                return topic(TopicId.SUMMARY)
        except (Leave, EOFError, KeyboardInterrupt):
            self.prompt.say()
        self.ended = status
        return topic(TopicId.SUMMARY)
