"""Frozen dataclasses as JSON and back: plans, machines, image facts, manifests, events.

Unknown keys and wrong types are refused with the path of the value. Unions of dataclasses carry a "type" key.
Secrets are left out (null) unless a writer is asked to reveal them, which only the engine's private pipe does.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

import cattrs
from cattrs import transform_error
from cattrs.preconf.json import make_converter
from cattrs.strategies import configure_tagged_union

from ashore_installer import events
from ashore_installer.errors import BadInput
from ashore_installer.secret import Secret

T = TypeVar("T")


def _converter(reveal: bool) -> cattrs.Converter:
    converter = make_converter(forbid_extra_keys=True, detailed_validation=True)
    converter.register_unstructure_hook(Secret, lambda secret: secret.reveal() if reveal else None)
    converter.register_structure_hook(Secret, _secret)
    converter.register_structure_hook(str, _exactly(str))
    converter.register_structure_hook(int, _exactly(int))
    converter.register_structure_hook(bool, _exactly(bool))
    configure_tagged_union(events.Event, converter, tag_name="type")
    return converter


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
_REVEALING = _converter(reveal=True)


def to_data(value: object, *, declared: Any = None, reveal_secrets: bool = False) -> Any:
    """Plain JSON data of a dataclass; `declared` names the union type that needs a "type" key."""
    return (_REVEALING if reveal_secrets else _HIDING).unstructure(value, unstructure_as=declared)


def from_data(data: Any, kind: type[T], what: str) -> T:
    """The value of type `kind` in plain JSON data. Raises BadInput that names `what` and each wrong value."""
    try:
        return _HIDING.structure(data, kind)
    except (cattrs.BaseValidationError, TypeError, ValueError) as error:
        wrong = "; ".join(transform_error(error))
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
