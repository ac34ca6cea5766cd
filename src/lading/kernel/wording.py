"""Words for people: what a value must be, said of types by whoever refuses a value; and sentences that count."""

import json
from collections.abc import Mapping
from string import Formatter
from typing import Any

from msgspec import inspect as kinds


class _Counting(Formatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        one, counts, many = format_spec.partition("|")
        if not counts:
            return super().format_field(value, format_spec)
        return one if abs(value) == 1 else many


def filled(sentence: str, facts: Mapping[str, Any]) -> str:
    """The sentence with its {holes} filled; {count:unit|units} is the word that fits the count."""
    return _Counting().vformat(sentence, (), facts) if "|" in sentence else sentence.format_map(facts)


def must_be(kind: Any, raw: Any) -> str:
    """Why the value does not fit the type: "must be a whole number from 1 to 9, not 12"."""
    return f"must be {_allowed(kinds.type_info(kind))}, not {_given(raw)}"


def _allowed(kind: kinds.Type) -> str:
    """What fits the type."""
    match kind:
        case kinds.Metadata(type=kinds.StrType() as text, extra_json_schema={"description": told}) if _has_form(text):
            return str(told) if told[1].isupper() else told[0].lower() + told[1:]
        case kinds.Metadata():
            return _allowed(kind.type)
        case kinds.UnionType():
            return " or ".join(_allowed(each) for each in kind.types)
        case kinds.IntType():
            return f"a whole number{_between('from ', kind.ge, kind.le)}"
        case kinds.FloatType():
            return f"a number{_between('from ', kind.ge, kind.le)}"
        case kinds.StrType():
            safe = " without control characters" if kind.pattern else ""
            return f"text{_between('of ', kind.min_length or None, kind.max_length, ' characters')}{safe}"
        case kinds.ListType() | kinds.VarTupleType():
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
