"""Frozen dataclasses as JSON and back: plans, machines, image facts, manifests, events.

Unknown keys and wrong types are refused with the path of the value. Unions of dataclasses carry a "type" key.
Secrets are left out unless a writer is asked to reveal them, which only the engine's private pipe does. What is left
out leaves a mark, so that a saved plan is refused rather than carried out without its passwords.
"""

from __future__ import annotations

import json
from dataclasses import is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

import cattrs
from cattrs import transform_error
from cattrs.gen import make_dict_structure_fn
from cattrs.strategies import configure_tagged_union
from cattrs.v import format_exception

from ashore_installer import events
from ashore_installer.errors import BadInput
from ashore_installer.facts import Facts
from ashore_installer.image import ImageInfo
from ashore_installer.plan import ImagePayload, Payload
from ashore_installer.secret import Secret

T = TypeVar("T")

LEFT_OUT = {"secret": "left out"}
"""The JSON that stands where a secret was."""


def _converter(reveal: bool) -> cattrs.Converter:
    converter = cattrs.Converter(forbid_extra_keys=True, unstruct_collection_overrides={tuple: list})
    converter.register_unstructure_hook(Secret, lambda secret: secret.reveal() if reveal else LEFT_OUT)
    converter.register_structure_hook(Secret, _secret)
    converter.register_structure_hook(str, _exactly(str))
    converter.register_structure_hook(int, _exactly(int))
    converter.register_structure_hook(bool, _exactly(bool))
    # A StrEnum is a str to cattrs, which would let any text through.
    converter.register_structure_hook(StrEnum, lambda value, kind: kind(value))
    converter.register_structure_hook_factory(is_dataclass, lambda kind: _from_object(kind, converter))
    configure_tagged_union(events.Event, converter, tag_name="type")
    # What is older than traditional mode has an image and says nothing of it.
    configure_tagged_union(Payload, converter, tag_name="type", default=ImagePayload)
    configure_tagged_union(Facts, converter, tag_name="type", default=ImageInfo)
    return converter


def _from_object(kind: type[Any], converter: cattrs.Converter) -> Any:
    """cattrs takes it for granted that a dataclass comes from a JSON object."""
    structure = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True)

    def checked(value: Any, _: type[Any]) -> Any:
        if not isinstance(value, dict):
            raise TypeError(f"{value!r} is not an object")
        return structure(value, kind)

    return checked


def _said(error: BaseException, kind: type[Any] | None) -> str:
    if isinstance(error, TypeError | ValueError | KeyError) and not isinstance(error, cattrs.BaseValidationError):
        return f"{error} is missing" if isinstance(error, KeyError) else str(error)
    return format_exception(error, kind)


def _secret(value: Any, _: type[Secret]) -> Secret:
    if not isinstance(value, str):
        raise TypeError("the secret was left out when this was saved")
    return Secret(value)


def _exactly(kind: type) -> Any:
    """JSON has types of its own: "8" is no size and true is no number."""

    def structure(value: Any, _: type) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{value!r} is not {'text' if kind is str else f'of type {kind.__name__}'}")
        return value

    return structure


_HIDING = _converter(reveal=False)


@cache
def _revealing() -> cattrs.Converter:
    """For the engine's private pipe alone: a converter takes long to make, and most programs need this one never."""
    return _converter(reveal=True)


def to_data(value: object, *, declared: Any = None, reveal_secrets: bool = False) -> Any:
    """Plain JSON data of a dataclass; `declared` names the union type that needs a "type" key."""
    return (_revealing() if reveal_secrets else _HIDING).unstructure(value, unstructure_as=declared)


def from_data(data: Any, kind: type[T], what: str) -> T:
    """The value of type `kind` in plain JSON data. Raises BadInput that names `what` and each wrong value."""
    try:
        return _HIDING.structure(data, kind)
    except (cattrs.BaseValidationError, TypeError, ValueError, AttributeError) as error:
        # cattrs meets a list where an object should be with an AttributeError.
        wrong = "; ".join(transform_error(error, format_exception=_said))
        raise BadInput(f"{what} is not valid: {wrong}", "Make it again with this version of Ashore.") from error


def to_json(value: object, *, reveal_secrets: bool = False) -> str:
    """Indented JSON text with a final newline; the same value always gives the same text."""
    data = to_data(value, reveal_secrets=reveal_secrets)
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def from_json(text: str, kind: type[T], what: str) -> T:
    """The value of type `kind` in JSON text. Raises BadInput that names `what`."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise BadInput(f"{what} is not JSON: {error}", "Check that the file is whole.") from error
    return from_data(data, kind, what)
