"""Errors as problem+json (RFC 9457) that name every wrong field by its JSON pointer, and why."""

import json
import re
import types
import typing
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from msgspec import inspect as kinds
from starlette.responses import Response

JSON_PROBLEM = "application/problem+json"
ERRORS_MAX = 100
"""Of a body that is wrong everywhere so many places are named, and the rest is counted."""

_PLACE = re.compile(r"(\w+)\[(\d+)\] ")
"""How a rule over a whole command names the item that breaks it."""


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
    return misfits(explain(kind, raw, strict=not text) or [FieldError("", first)])


def misfits(errors: list[FieldError]) -> Problem:
    """422: these fields do not fit."""
    count = "1 field does" if len(errors) == 1 else f"{len(errors):,} fields do"
    first = f" The first {ERRORS_MAX} are named." if len(errors) > ERRORS_MAX else ""
    detail = f"{count} not fit; nothing was done.{first}"
    return problem("malformed", 422, "Malformed command", detail, errors[:ERRORS_MAX])


def explain(kind: Any, raw: Any, pointer: str = "", *, strict: bool = True) -> list[FieldError]:
    """Every place where the raw value does not fit the type (msgspec itself stops at the first)."""
    inner = _unwrap(kind)
    if isinstance(inner, type) and issubclass(inner, Struct) and isinstance(raw, dict):
        errors = _explain_fields(inner, raw, pointer, strict)
    elif typing.get_origin(inner) is list and isinstance(raw, list):
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
        msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError:
        return explain(kind, value, pointer, strict=strict)
    return []


def _own_error(kind: Any, raw: Any, pointer: str, strict: bool) -> list[FieldError]:
    try:
        msgspec.convert(raw, kind, strict=strict)
    except msgspec.ValidationError as error:
        if isinstance(error.__cause__, ValueError):
            return [_broken_rule(str(error.__cause__), pointer)]
        return [FieldError(pointer, f"must be {allowed(kinds.type_info(kind))}, not {_given(raw)}")]
    return []


def _broken_rule(sentence: str, pointer: str) -> FieldError:
    """A rule over a whole command that names an item ("lines[2] is in USD ...") points to that item."""
    place = _PLACE.match(sentence)
    return FieldError(f"{pointer}/{place[1]}/{place[2]}" if place else pointer, sentence)


def allowed(kind: kinds.Type) -> str:
    """What fits the type, in words that finish the sentence "must be ..."."""
    match kind:
        case kinds.Metadata(type=kinds.StrType() as text, extra_json_schema={"description": told}) if _has_form(text):
            return str(told) if told[1].isupper() else told[0].lower() + told[1:]
        case kinds.Metadata():
            return allowed(kind.type)
        case kinds.UnionType():
            return " or ".join(allowed(each) for each in kind.types)
        case kinds.IntType():
            return f"a whole number{_between('from ', kind.ge, kind.le)}"
        case kinds.FloatType():
            return f"a number{_between('from ', kind.ge, kind.le)}"
        case kinds.StrType():
            safe = " without control characters" if kind.pattern else ""
            return f"text{_between('of ', kind.min_length or None, kind.max_length, ' characters')}{safe}"
        case kinds.ListType():
            return f"a list{_between('of ', kind.min_length or None, kind.max_length, ' items')}"
        case kinds.LiteralType():
            return "one of " + ", ".join(map(str, kind.values))
        case kinds.StructType():
            return "an object with " + ", ".join(field.encode_name for field in kind.fields)
        case kinds.DateTimeType():
            return "a time with its zone, such as 2026-03-01T12:00:00+01:00"
        case kinds.DateType():
            return "a date, such as 2026-03-01"
        case _:
            return _PLAIN.get(type(kind), "something else")


def _has_form(text: kinds.StrType) -> bool:
    """Whether more is asked for than a length and the absence of some characters: then the description says it."""
    if text.pattern is None:
        return text.min_length is None and text.max_length is None
    return not text.pattern.startswith("^[^")


_PLAIN: Mapping[type[kinds.Type], str] = {
    kinds.NoneType: "null",
    kinds.BoolType: "true or false",
    kinds.UUIDType: "a UUID",
    kinds.DictType: "an object",
}


def _between(word: str, low: float | None, high: float | None, unit: str = "") -> str:
    match low, high:
        case None, None:
            return ""
        case _, None:
            return f" of at least {low:,}{unit}"
        case None, _:
            return f" of at most {high:,}{unit}"
        case _:
            return f" {word}{low:,} to {high:,}{unit}"


def _given(raw: Any) -> str:
    """What stands there instead, kept short."""
    match raw:
        case dict():
            return "an object"
        case list():
            return f"a list of {len(raw):,}"
        case str() if len(raw) > 64:
            return f"text of {len(raw):,} characters"
        case int() if raw.bit_length() > 256:
            return "a number of that size"
        case _:
            return json.dumps(raw, default=str)


def _unwrap(kind: Any) -> Any:
    """The type behind Annotated and Optional."""
    if typing.get_origin(kind) is typing.Annotated:
        return _unwrap(typing.get_args(kind)[0])
    if typing.get_origin(kind) in (typing.Union, types.UnionType):
        inner = [each for each in typing.get_args(kind) if each is not type(None)]
        return _unwrap(inner[0]) if len(inner) == 1 else kind
    return kind


def _escape(name: str) -> str:
    """RFC 6901."""
    return name.replace("~", "~0").replace("/", "~1")
