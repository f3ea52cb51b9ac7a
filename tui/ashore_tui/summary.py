"""A plan in words: what will be destroyed, what will be made, what will be installed. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ashore_installer.image import ImageInfo
from ashore_installer.machine import MachineInfo
from ashore_installer.plan import Finish, InstallPlan, SystemPlan, User
from ashore_installer.storage.losses import losses
from ashore_installer.units import human
from ashore_tui.storage_text import storage_lines

_FINISHES = {
    Finish.REBOOT: "restart",
    Finish.POWEROFF: "power off",
    Finish.HALT: "halt",
    Finish.WAIT: "wait",
}


def loss_lines(plan: InstallPlan, machine: MachineInfo) -> tuple[str, ...]:
    """Everything that the plan destroys, a line each."""
    return tuple(loss.text for loss in losses(plan.storage, machine))


def plan_lines(plan: InstallPlan, image: ImageInfo | None = None, machine: MachineInfo | None = None) -> Iterator[str]:
    """The plan; `image` and `machine` add what the plan itself does not know: its disks today, and what is lost."""
    yield from image_lines(plan, image)
    yield from storage_lines(plan, machine)
    if plan.boot.kargs:
        yield f"Kernel arguments: {' '.join(plan.boot.kargs)}"
    yield from _system_lines(plan.system)
    if plan.scripts:
        lines = ", ".join(f"line {script.line}" if script.line else "without line" for script in plan.scripts)
        yield f"Scripts:      {len(plan.scripts)} ({lines})"
    yield f"At the end:   {_FINISHES[plan.finish]}" + (" and eject the medium" if plan.eject else "")


def image_lines(plan: InstallPlan, image: ImageInfo | None) -> Iterator[str]:
    if image:
        version = image.image_version
        yield f"System:       {image.name}" + (f", version {version}" if version else "")
        yield f"  digest      {image.manifest_digest}"
        yield f"  kernel      {image.kernel}"
        yield f"  size        {human(image.download_size)}, {human(image.unpacked_size)} when installed"
    yield f"Image:        {plan.payload.source}"
    yield f"Updates from: {plan.payload.target}" + (", signatures required" if plan.payload.signed else "")


def _system_lines(system: SystemPlan) -> Iterator[str]:
    facts = {
        "Host name": system.hostname,
        "Language": system.locale,
        "Keyboard": " ".join(filter(None, (system.keymap, ",".join(system.x11_layouts)))),
        "Time zone": system.timezone and system.timezone + ("" if system.utc else " (hardware clock in local time)"),
    }
    yield from (f"{name + ':':<13} {value}" for name, value in facts.items() if value)
    root = system.root
    yield f"Root:         {_login(root.password is not None and not root.locked, root.ssh_keys)}"
    yield from (f"User:         {_user(user)}" for user in system.users)
    yield from (f"Group:        {group.name}" for group in system.groups)


def _user(user: User) -> str:
    facts = [_login(user.password is not None and not user.locked, user.ssh_keys)]
    facts += [f"groups {', '.join(user.groups)}"] if user.groups else []
    return f"{user.name} ({'; '.join(facts)})"


def _login(password: bool, keys: tuple[str, ...]) -> str:
    ways = ["password"] if password else []
    ways += [f"{len(keys)} ssh key{'s' if len(keys) > 1 else ''}"] if keys else []
    return f"logs in with {' or '.join(ways)}" if ways else "can't log in"
