"""Errors as problem+json (RFC 9457) that name every wrong field by its JSON pointer, and why."""

import types
import typing
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import Response

JSON_PROBLEM = "application/problem+json"


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


def malformed(kind: type[Struct], raw: Any, first: str, pointer: str = "", *, text: bool = False) -> Problem:
    """422: all fields that do not fit. With `text` values are those of a query string, where "10" is a number."""
    if text:
        raw = _read_text(kind, raw)
    errors = explain(kind, raw, pointer) or [FieldError(pointer, first)]
    count = "1 field does" if len(errors) == 1 else f"{len(errors)} fields do"
    return problem("malformed", 422, "Malformed command", f"{count} not fit; nothing was done.", errors)


def explain(kind: Any, raw: Any, pointer: str = "") -> list[FieldError]:
    """Every place where the raw value does not fit the type (msgspec itself stops at the first)."""
    kind = _unwrap(kind)
    if isinstance(kind, type) and issubclass(kind, Struct) and isinstance(raw, dict):
        errors = _explain_fields(kind, raw, pointer)
    elif typing.get_origin(kind) is list and isinstance(raw, list):
        inner = typing.get_args(kind)[0]
        errors = [error for index, value in enumerate(raw) for error in explain(inner, value, f"{pointer}/{index}")]
    else:
        errors = []
    return errors or _own_error(kind, raw, pointer)


def _read_text(kind: type[Struct], raw: dict[str, Any]) -> dict[str, Any]:
    """Texts as the values that they stand for; what stands for none is left as it is."""
    types_by_name = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    read = dict(raw)
    for name in raw.keys() & types_by_name.keys():
        for wanted in (types_by_name[name], _unwrap(types_by_name[name])):
            try:
                read[name] = msgspec.convert(raw[name], wanted, strict=False)
                break
            except msgspec.ValidationError:
                continue
    return read


def _explain_fields(kind: type[Struct], raw: dict[str, Any], pointer: str) -> list[FieldError]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    errors = [
        FieldError(f"{pointer}/{_escape(name)}", f"there is no such field; known are {', '.join(fields)}")
        for name in raw.keys() - fields.keys()
    ]
    for name, field in fields.items():
        if name in raw:
            errors += _fit(field.type, raw[name], f"{pointer}/{name}")
        elif field.required:
            errors.append(FieldError(f"{pointer}/{name}", "required, and missing"))
    return errors


def _fit(kind: Any, value: Any, pointer: str) -> list[FieldError]:
    """Nothing where the value fits; otherwise what does not."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return (explain(kind, value, pointer) if value is not None else []) or _own_error(kind, value, pointer)
    return []


def _own_error(kind: Any, raw: Any, pointer: str) -> list[FieldError]:
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        return [FieldError(pointer, str(error).partition(" - at `$")[0])]
    return []


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
