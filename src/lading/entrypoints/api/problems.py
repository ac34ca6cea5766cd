"""Errors as problem+json (RFC 9457) that name every wrong field by its JSON pointer, and why."""

import re
import types
import typing
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import Struct
from starlette.responses import Response

from lading.kernel.wording import must_be

Query = TypeVar("Query", bound=Struct)

JSON_PROBLEM = "application/problem+json"
ERRORS_MAX = 100
"""Of a body that is wrong everywhere so many places are named, and the rest is counted."""

_PLACE = re.compile(r"`?(\w+)`?(?:\[(\d+)\])? ")
"""How a rule over a whole command names the field, or the item of it, that breaks it: by its first word."""


class FieldError(Struct, frozen=True):
    """One wrong field."""

    pointer: str
    detail: str


class Problem(Struct, frozen=True, omit_defaults=True):
    """What is wrong, where, and what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
    facts: dict[str, Any] = {}


def problem(
    name: str, status: int, title: str, detail: str, errors: list[FieldError] | None = None, **facts: Any
) -> Problem:
    """A problem whose type names it: /problems/NAME."""
    return Problem(f"/problems/{name}", title, status, detail, errors or [], facts)


def render(value: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The response that says it."""
    return Response(msgspec.json.encode(value), value.status, headers, JSON_PROBLEM)


class Malformed(Exception):
    """What was sent does not fit; the problem says where (422)."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


def malformed(kind: type[Struct], raw: Any, first: str, *, text: bool = False) -> Problem:
    """422: all fields that do not fit. With `text` values are those of a query string, where "10" is a number."""
    return misfits(explain(kind, raw, strict=not text) or [_placed(first)])


def _placed(told: str) -> FieldError:
    """What a decoder says of a place: "... - at `$.lines[0].due_at`"."""
    sentence, _, path = told.partition(" - at `$")
    return FieldError(re.sub(r"\.|\[", "/", path.strip("`").replace("]", "")), sentence)


def read_texts(kind: type[Query], raw: Mapping[str, Any]) -> Query:
    """What a query string says: "10" is a number there, but never a time. Raises msgspec.ValidationError."""
    query = msgspec.convert(raw, kind, strict=False)
    for field in msgspec.structs.fields(kind):
        if field.encode_name in raw and _is_moment(field.type):
            msgspec.convert(raw[field.encode_name], field.type)
    return query


def misfits(errors: list[FieldError]) -> Problem:
    """422: these fields do not fit."""
    count = "1 field does" if len(errors) == 1 else f"{len(errors):,} fields do"
    first = f" The first {ERRORS_MAX} are named." if len(errors) > ERRORS_MAX else ""
    detail = f"{count} not fit; nothing was done.{first}"
    return problem("malformed", 422, "Malformed request", detail, errors[:ERRORS_MAX])


def explain(kind: Any, raw: Any, pointer: str = "", *, strict: bool = True) -> list[FieldError]:
    """Every place where the raw value does not fit the type (msgspec itself stops at the first)."""
    inner = _unwrap(kind)
    if isinstance(inner, type) and issubclass(inner, Struct) and isinstance(raw, dict):
        errors = _explain_fields(inner, raw, pointer, strict)
    elif typing.get_origin(inner) in (list, tuple) and isinstance(raw, list):
        item = typing.get_args(inner)[0]
        places = [explain(item, value, f"{pointer}/{index}", strict=strict) for index, value in enumerate(raw)]
        errors = [error for place in places for error in place]
    else:
        errors = []
    return errors or _own_error(kind, raw, pointer, strict)


def _explain_fields(kind: type[Struct], raw: dict[str, Any], pointer: str, strict: bool) -> list[FieldError]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    closed = kind.__struct_config__.forbid_unknown_fields
    errors = [
        FieldError(f"{pointer}/{_escape(name)}", f"there is no such field; known are {', '.join(fields)}")
        for name in raw
        if closed and name not in fields
    ]
    for name, field in fields.items():
        if name in raw:
            errors += _fit(field.type, raw[name], f"{pointer}/{name}", strict)
        elif field.required:
            errors.append(FieldError(f"{pointer}/{name}", "required, and missing"))
    return errors


def _fit(kind: Any, value: Any, pointer: str, strict: bool) -> list[FieldError]:
    """Nothing where the value fits; otherwise what does not."""
    try:
        msgspec.convert(value, kind, strict=strict or _is_moment(kind))
    except msgspec.ValidationError:
        return explain(kind, value, pointer, strict=strict)
    return []


def _own_error(kind: Any, raw: Any, pointer: str, strict: bool) -> list[FieldError]:
    try:
        msgspec.convert(raw, kind, strict=strict or _is_moment(kind))
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, ValueError):
            return [_broken_rule(str(error.__cause__), _unwrap(kind), pointer)]
        return [FieldError(pointer, must_be(kind, raw))]
    return []


def _broken_rule(sentence: str, kind: Any, pointer: str) -> FieldError:
    """A rule over a whole command that names a field or an item ("lines[2] is in USD ...") points to it."""
    place = _PLACE.match(sentence)
    if place and place[1] in getattr(kind, "__struct_fields__", ()):
        pointer += f"/{place[1]}" + (f"/{place[2]}" if place[2] else "")
    return FieldError(pointer, sentence)


def _is_moment(kind: Any) -> bool:
    """Of times the decoder would also take seconds since 1970, which name no zone."""
    return _unwrap(kind) is datetime


def _unwrap(kind: Any) -> Any:
    """The type behind Annotated, Optional and what may be left out."""
    if typing.get_origin(kind) is typing.Annotated:
        return _unwrap(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        inner = [each for each in typing.get_args(kind) if each not in (type(None), msgspec.UnsetType)]
        return _unwrap(inner[0]) if len(inner) == 1 else kind
    return kind


def _escape(name: str) -> str:
    """RFC 6901."""
    return name.replace("~", "~0").replace("/", "~1")
