"""What a person looks through before saying yes: what goes, what is done, what was checked, what the image is. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ashore_installer.image import ImageInfo
from ashore_installer.package_plan import PackagePayload, PackagesInfo
from ashore_installer.payload.package_protocol import Catalogue
from ashore_installer.payload.trust import Demand, Signed, Trust
from ashore_installer.plan import ImagePayload, InstallPlan, Problem
from ashore_installer.storage.losses import Loss, losses
from ashore_installer.storage.sentences import actions
from ashore_installer.units import human
from ashore_tui.flow.software import chosen_words, resolved_words
from ashore_tui.flow.state import Flow
from ashore_tui.text import _, n_, said

LABELS_SHOWN = (
    "org.opencontainers.image.title",
    "org.opencontainers.image.description",
    "org.opencontainers.image.vendor",
    "org.opencontainers.image.source",
    "org.opencontainers.image.licenses",
)
"""Labels that tell people something (image-spec, annotations.md); the rest is for programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A group of checks that were made, and what they found."""

    title: str
    problems: tuple[Problem, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.problems


def losses_of(flow: Flow) -> tuple[Loss, ...]:
    """Everything that the plan destroys, by name; empty without a plan."""
    return losses(flow.plan.storage, flow.machine) if flow.plan else ()


def actions_of(flow: Flow) -> tuple[str, ...]:
    """What is done to the disks, a sentence each; empty without a plan."""
    return tuple(map(said, actions(flow.plan.storage, flow.machine))) if flow.plan else ()


def checks(flow: Flow) -> tuple[Check, ...]:
    """The engine's checks by what they are about, with their results; empty while they were not made."""
    if not flow.checked:
        return ()
    titles = {
        "payload": _("The packages fit this machine and make a system that boots")
        if flow.draft.packages
        else _("The image fits this machine and can be installed"),
        "storage": _("The disks can be changed as planned"),
        "boot": _("The system will start on this machine"),
        "system": _("Names, accounts and settings are valid"),
        "scripts": _("The scripts of the kickstart can be run"),
    }
    if not flow.draft.scripts:
        del titles["scripts"]
    found = {area: tuple(one for one in flow.problems if _area(one) == area) for area in titles}
    return tuple(Check(title=title, problems=found[area]) for area, title in titles.items())


def _area(problem: Problem) -> str:
    head = problem.field.partition(".")[0].partition("[")[0]
    return {"kargs": "boot", "boot_disk": "boot", "packages": "payload"}.get(head, head)


def confirmation(flow: Flow) -> str:
    """The sentence that stands above the last question."""
    count = len(losses_of(flow))
    if not count:
        return _("Nothing that is on the disks now will be destroyed.")
    return n_(
        "What is named above will be destroyed.", "All {count} things named above will be destroyed.", count
    ).format(count=count)


# --- the packages --------------------------------------------------------------------------------------------


def payload_facts(flow: Flow, plan: InstallPlan) -> tuple[tuple[str, str], ...]:
    """What is known of what is installed, as names and values."""
    if flow.image and isinstance(plan.payload, ImagePayload):
        return image_facts(flow.image, plan.payload.target, flow.trust)
    if flow.packages and flow.draft.packages:
        return package_facts(flow.draft.packages, flow.packages, flow.catalogue)
    return ()


def package_facts(
    payload: PackagePayload, info: PackagesInfo, catalogue: Catalogue | None
) -> tuple[tuple[str, str], ...]:
    """What is known of resolved packages, as names and values."""
    found = (
        (_("System"), info.name if info.os_release else ""),
        (_("Chosen"), chosen_words(payload, catalogue)),
        (_("Packages"), resolved_words(info)),
        (_("Kernel"), info.kernel),
        (_("Architecture"), info.architecture),
        (_("Repositories"), ", ".join(one.name or one.id for one in payload.repositories)),
        (_("Signatures"), _checked_words(payload)),
        *((_("Left out"), said(warning)) for warning in info.warnings),
    )
    return tuple((name, value) for name, value in found if value)


def _checked_words(payload: PackagePayload) -> str:
    unchecked = [one.name or one.id for one in payload.repositories if not one.gpgcheck]
    if unchecked:
        return _("NOT checked for {names}").format(names=", ".join(unchecked))
    return _("checked for every package")


# --- the image -----------------------------------------------------------------------------------------------


def image_facts(image: ImageInfo, target: str, trust: Trust | None = None) -> tuple[tuple[str, str], ...]:
    """What is known of an image, as names and values; `target` is what the system updates from."""
    return tuple((name, value) for name, value in _facts(image, target, trust) if value)


def _facts(image: ImageInfo, target: str, trust: Trust | None) -> Iterator[tuple[str, str]]:
    yield _("System"), image.name if image.scanned else ""
    yield _("Version"), image.image_version
    yield _("Created"), image.created.replace("T", " ").removesuffix("Z")
    yield _("Size"), _sizes(image)
    yield _("Kernel"), image.kernel
    yield _("Architecture"), image.architecture
    yield _("Digest"), image.manifest_digest
    yield _("Updates from"), target
    yield _("Signature"), _signature(image, trust)
    yield _("Signed updates"), _("the image asks for them") if image.install.enforce_container_sigpolicy else ""
    yield from ((name.rpartition(".")[2].capitalize(), image.labels.get(name, "")) for name in LABELS_SHOWN)


def _sizes(image: ImageInfo) -> str:
    size = human(image.download_size)
    if not image.scanned:
        return _("{size} to fetch").format(size=size)
    return _("{size}, {unpacked} when installed").format(size=size, unpacked=human(image.unpacked_size))


def _signature(image: ImageInfo, trust: Trust | None) -> str:
    """What can be said of an image's signature before it is fetched; of one on the medium, there is nothing to ask."""
    if image.scanned:
        return ""
    if trust is None:
        return _("none is looked for: it comes from files")
    there = {
        Signed.YES: _("the registry has one"),
        Signed.NO: _("the registry has none that cosign made"),
        Signed.UNKNOWN: _("not known whether there is one"),
    }[trust.signed]
    demanded = {
        Demand.NOTHING: _("this system asks for none"),
        Demand.SIGNATURE: _("this system asks for one, and checks it when the image is fetched"),
        Demand.REFUSED: _("the policy of this system refuses this image"),
        Demand.UNKNOWN: _("this system has no policy for signatures"),
    }[trust.demand]
    return f"{there}; {demanded}"
