"""A plan in words: what will be destroyed, what will be made, what will be installed. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.facts import Facts
from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.plan import Finish, InstallPlan, SystemPlan, User
from ashore_installer.storage.losses import losses
from ashore_installer.units import human
from ashore_tui.flow.network import method_words
from ashore_tui.flow.repositories import address_of, key_words
from ashore_tui.flow.software import chosen_words, resolved_words
from ashore_tui.storage_text import storage_lines
from ashore_tui.text import N_, _, n_, said
from ashore_tui.text.cells import pad

_NAME = 14
"""Columns of the name of a fact."""

_FINISHES = {
    Finish.REBOOT: N_("restart"),
    Finish.POWEROFF: N_("power off"),
    Finish.HALT: N_("halt"),
    Finish.WAIT: N_("wait"),
}


def loss_lines(plan: InstallPlan, machine: MachineInfo) -> tuple[str, ...]:
    """Everything that the plan destroys, a line each."""
    return tuple(said(loss.text) for loss in losses(plan.storage, machine))


def plan_lines(plan: InstallPlan, image: Facts | None = None, machine: MachineInfo | None = None) -> Iterator[str]:
    """The plan; `image` and `machine` add what the plan itself does not know: its disks today, and what is lost."""
    if isinstance(plan.payload, PackagePayload):
        yield from package_lines(plan.payload, image if isinstance(image, PackagesInfo) else None)
    else:
        yield from image_lines(plan, image if isinstance(image, ImageInfo) else None)
    yield from storage_lines(plan, machine)
    if plan.boot.kargs:
        yield f"{_('Kernel arguments')}: {' '.join(plan.boot.kargs)}"
    yield from _system_lines(plan.system)
    if plan.scripts:
        numbers = (
            _("line {number}").format(number=one.line) if one.line else _("without line") for one in plan.scripts
        )
        yield _named(_("Scripts"), f"{len(plan.scripts)} ({', '.join(numbers)})")
    end = _(_FINISHES[plan.finish])
    yield _named(_("At the end"), _("{end} and eject the medium").format(end=end) if plan.eject else end)


def image_lines(plan: InstallPlan, image: ImageInfo | None) -> Iterator[str]:
    if image:
        version = image.image_version
        name = _("{name}, version {version}") if version else "{name}"
        size = _("{size}, {unpacked} when installed")
        yield _named(_("System"), name.format(name=image.name, version=version))
        yield f"  {pad(_('digest'), _NAME - 2)}{image.manifest_digest}"
        yield f"  {pad(_('kernel'), _NAME - 2)}{image.kernel}"
        yield f"  {pad(_('size'), _NAME - 2)}" + size.format(
            size=human(image.download_size), unpacked=human(image.unpacked_size)
        )
    yield _named(_("Image"), plan.image.source)
    target = _("{target}, signatures required") if plan.image.signed else "{target}"
    yield _named(_("Updates from"), target.format(target=plan.image.target))


def package_lines(payload: PackagePayload, info: PackagesInfo | None) -> Iterator[str]:
    """What is chosen, and what the solver made of it."""
    if info:
        yield from ([_named(_("System"), info.name)] if info.os_release else [])
        yield _named(_("Packages"), resolved_words(info))
    yield _named(_("Chosen"), chosen_words(payload, None))
    for one in payload.repositories:
        yield _named(_("Repository"), f"{one.name or one.id}: {' '.join(address_of(one)[1].split())}; {key_words(one)}")
    yield from (_named(_("Left out"), said(warning)) for warning in (info.warnings if info else ()))


def _named(name: str, value: str) -> str:
    """A fact in two columns."""
    return f"{pad(f'{name}:', _NAME - 1)} {value}"


def _system_lines(system: SystemPlan) -> Iterator[str]:
    zone = "{zone}" if system.utc else _("{zone} (hardware clock in local time)")
    facts = {
        _("Host name"): system.hostname,
        _("Language"): system.locale,
        _("Keyboard"): " ".join(filter(None, (system.keymap, ",".join(system.x11_layouts)))),
        _("Time zone"): system.timezone and zone.format(zone=system.timezone),
    }
    yield from (_named(name, value) for name, value in facts.items() if value)
    yield from (_named(_("Network"), f"{one.device}: {method_words(one)}") for one in system.network)
    root = system.root
    yield _named(_("Root"), _login(root.password is not None and not root.locked, root.ssh_keys))
    yield from (_named(_("User"), _user(user)) for user in system.users)
    yield from (_named(_("Group"), group.name) for group in system.groups)


def _user(user: User) -> str:
    facts = [_login(user.password is not None and not user.locked, user.ssh_keys)]
    facts += [_("groups {names}").format(names=", ".join(user.groups))] if user.groups else []
    return f"{user.name} ({'; '.join(facts)})"


def _login(password: bool, keys: tuple[str, ...]) -> str:
    count = n_("{count} ssh key", "{count} ssh keys", len(keys)).format(count=len(keys))
    if password and keys:
        return _("logs in with password or {keys}").format(keys=count)
    if password:
        return _("logs in with password")
    return _("logs in with {keys}").format(keys=count) if keys else _("can't log in")
