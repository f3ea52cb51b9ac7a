"""Groups and environments (comps.xml) of several repositories as those of one with fewer packages. Pure.

The format is libcomps': below `<comps>`, `<group>`, `<environment>` and `<category>` elements, each with an `<id>`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ashore_installer.errors import InstallerError
from ashore_installer.package_plan import CORE, PackagePayload

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def groups_text(texts: Iterable[bytes], choice: PackagePayload, packages: Collection[str]) -> bytes:
    """One comps.xml of several, for a repository with these packages; empty when nothing is left of them.

    Of two groups with the same id the earlier one counts, with the packages of the later one added. A group stays if
    it was chosen, or if what always comes with it is there; an environment, if its groups stay. Packages that are not
    there are taken out of groups. Raises InstallerError for what is no comps.xml.
    """
    found = _merged(texts)
    asked = {CORE, *(one.id for one in choice.groups)}
    environments = (one for (tag, _), one in found.items() if tag == "environment" and _is(one, {choice.environment}))
    chosen = asked | {name for one in environments for name in _mandatory(one)}
    groups = {name for (tag, name), one in found.items() if tag == "group" and _stays(one, chosen, packages)}
    top = Element("comps")
    for (tag, name), one in found.items():
        if tag == "group" and name in groups:
            _keep(one, "packagelist", packages)
            top.append(one)
        elif tag == "environment" and set(_mandatory(one)) <= groups:
            _keep(one, "optionlist", groups)
            top.append(one)
    if not len(top):
        return b""
    ElementTree.indent(top)
    return (_HEAD + ElementTree.tostring(top, encoding="unicode") + "\n").encode()


def _merged(texts: Iterable[bytes]) -> dict[tuple[str, str], Element]:
    """By kind and id, in their order."""
    known: dict[tuple[str, str], Element] = {}
    for text in texts:
        for element in _parsed(text):
            before = known.setdefault((element.tag, _id(element)), element)
            if before is not element and element.tag == "group":
                _add_packages(before, element)
    return known


def _parsed(text: bytes) -> Element:
    try:
        found = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise InstallerError("The groups of a repository can't be read.", "Tell who maintains it.") from error
    if found.tag != "comps":
        raise InstallerError("The groups of a repository can't be read.", "Tell who maintains it.")
    return found


def _id(element: Element) -> str:
    return (element.findtext("id") or "").strip()


def _add_packages(group: Element, more: Element) -> None:
    place, others = group.find("packagelist"), more.find("packagelist")
    if place is None or others is None:
        return
    names = set(_names(place))
    place.extend(one for one in others if (one.text or "").strip() not in names)


def _names(place: Element | None) -> Iterator[str]:
    for one in place if place is not None else ():
        yield (one.text or "").strip()


def _is(element: Element, asked: Collection[str]) -> bool:
    """Whether it is asked for, by its id or by the name that people read, whose case does not count."""
    name = (element.findtext("name") or "").strip().casefold()
    return _id(element) in asked or name in {one.casefold() for one in asked}


def _mandatory(environment: Element) -> tuple[str, ...]:
    """The groups that always come with an environment."""
    return tuple(_names(environment.find("grouplist")))


def _stays(group: Element, chosen: Collection[str], packages: Collection[str]) -> bool:
    place = group.find("packagelist")
    if _is(group, chosen):
        return True
    if place is None:
        return False
    needed = {(one.text or "").strip() for one in place if one.get("type", "mandatory") == "mandatory"}
    return needed <= set(packages) and any(name in packages for name in _names(place))


def _keep(element: Element, name: str, known: Collection[str]) -> None:
    place = element.find(name)
    if place is not None:
        place[:] = [one for one in place if (one.text or "").strip() in known]
