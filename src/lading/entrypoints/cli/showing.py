"""Answers as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

WIDTH_OF_FILES = 180
"""Characters of a line where the output is no terminal."""

COLUMNS: Mapping[str, Sequence[str]] = {
    "OrderRow": ("number", "placed_at", "channel", "customer", "country", "total", "stage", "progress", "queued_at"),
    "Entry": ("at", "sentence", "who"),
    "EventView": ("position", "recorded_at", "kind", "subject_kind", "subject_id", "actor"),
    "StatementLine": ("at", "what", "debit", "credit", "owed", "balance", "event", "who"),
    "StockOfSku": ("sku", "name", "on_hand", "buckets"),
    "HintView": ("sku", "name", "location", "state", "order", "cover_days", "free", "inbound", "why"),
    "StockFeed": ("reference", "kind", "as_of", "doing", "rows", "unchanged", "applied", "not_taken", "trouble"),
    "SourcingDecision": ("at", "event", "sentence", "candidates"),
    "Possible": ("verb", "possible", "why_not", "documents"),
    "TaskView": (
        "task",
        "bin",
        "sku",
        "name",
        "lot",
        "fulfillment_order",
        "slot",
        "quantity",
        "picked",
        "short",
        "waiting",
    ),
    "WaveHead": (
        "wave",
        "reference",
        "location",
        "method",
        "status",
        "planned_at",
        "orders",
        "lists",
        "units",
        "picked",
        "short",
        "waiting",
    ),
}
"""What a table for people shows of long rows; of all others everything but ids."""

INSIDE: Mapping[str, Sequence[str]] = {
    "Address": ("name", "company", "line1", "line2", "postal_code", "city", "region", "country"),
    "AtLocation": ("location", "waiting"),
    "Charge": ("code", "amount"),
    "Count": ("label", "oldest"),
    "LedgerEnd": ("location", "lot", "bucket"),
    "Money": ("amount", "currency"),
    "Named": ("code",),
    "ParcelLine": ("quantity", "sku"),
    "Person": ("name", "email", "phone"),
    "WaveHead": ("wave", "location", "method", "status"),
    "ReturnLine": ("sku", "units", "refunded"),
    "SourcingCandidate": ("location", "units", "why"),
    "WorkLine": ("sku", "units"),
}
"""What of a row is shown inside a cell, one word after the other; of all others each field by its name."""


UNFOLDED: Mapping[str, str] = {"StopView": "tasks"}
"""Rows of which only the rows inside them are shown, one after the other."""

HEAD = "head"
"""The field whose own fields are told one in a line."""


def output() -> Console:
    """Standard output; wide where it goes into a file or to a program."""
    out = Console()
    if not out.is_terminal:
        out.width = WIDTH_OF_FILES
    return out


def show(kind: type[Struct], answer: Any) -> None:
    """The answer as tables; how to get the next page goes to standard error."""
    out = output()
    facts = Table(box=None, show_header=False, pad_edge=False)
    tables: list[RenderableType] = []
    alone = _lists(kind)
    for field in msgspec.structs.fields(kind):
        value = getattr(answer, field.name)
        if field.name in alone:
            if value or len(alone) == 1:
                tables += [Text()] if tables else []
                tables += [] if len(alone) == 1 else [Text(field.name.replace("_", " "), style="bold")]
                tables.append(_table(*_unfolded(value, alone[field.name])))
        elif field.name == HEAD and isinstance(value, Struct):
            for name, part in _fields_of(value):
                facts.add_row(name.replace("_", " "), cell(part))
        elif field.name not in ("next", "id") and value is not None:
            facts.add_row(field.name.replace("_", " "), cell(value), style=None)
    single = list(alone) in (["items"], ["events"])
    out.print(Group(*tables) if single else Group(facts, *([Text(), *tables] if tables else [])))
    if cursor := getattr(answer, "next", None):
        Console(stderr=True).print(f"More: --after {cursor}", highlight=False, soft_wrap=True)


def _lists(kind: type[Struct]) -> dict[str, type[Struct]]:
    """The fields that are lists of rows, each a table of its own."""
    found = {}
    for field in msgspec.structs.fields(kind):
        inner = get_args(field.type)
        if get_origin(field.type) is list and isinstance(inner[0], type) and issubclass(inner[0], Struct):
            found[field.name] = inner[0]
    return found


def _unfolded(rows: Sequence[Any], kind: type[Struct]) -> tuple[Sequence[Any], type[Struct]]:
    inside = UNFOLDED.get(kind.__name__)
    if inside is None:
        return rows, kind
    return [each for row in rows for each in getattr(row, inside)], _lists(kind)[inside]


def _table(rows: Sequence[Any], kind: type[Struct]) -> Table:
    names = COLUMNS.get(kind.__name__) or [
        field.name for field in msgspec.structs.fields(kind) if field.name != "id" and not field.name.endswith("_id")
    ]
    columns = {name: [cell(getattr(row, name)) for row in rows] for name in names}
    told = {name: cells for name, cells in columns.items() if any(cells) or not rows} or columns
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in told:
        numbers = bool(rows) and all(_is_number(getattr(row, name)) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numbers else "left", overflow="fold")
    for cells in zip(*told.values(), strict=True):
        table.add_row(*cells)
    return table


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def cell(value: Any) -> Text:
    """A value as people read it; never markup."""
    return Text(_words(value))


def _words(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M")
        case msgspec.Raw():
            return bytes(value).decode()
        case Struct() if plain := INSIDE.get(type(value).__name__):
            return " ".join(part for name in plain if (part := _words(getattr(value, name))))
        case Struct():
            return _joined(f"{name.replace('_', ' ')} {_words(part)}" for name, part in _fields_of(value))
        case {"amount": str(amount), "currency": str(currency), **others} if not others:
            return f"{amount} {currency}"
        case Mapping() if all(map(_is_number, value.values())):
            return _joined(f"{part} {key}" for key, part in value.items() if part)
        case Mapping():
            told = {key.replace("_", " "): _words(part) for key, part in value.items() if not key.endswith("_id")}
            return _joined(f"{key} {part}" for key, part in told.items() if part)
        case list() | tuple():
            return _joined(_words(part) for part in value)
        case _:
            return str(value)


def _fields_of(value: Struct) -> Iterator[tuple[str, Any]]:
    """What a row says; neither ids nor what is missing."""
    for name in value.__struct_fields__:
        part = getattr(value, name)
        if name != "id" and part is not None:
            yield name, part


def _joined(parts: Iterable[str]) -> str:
    return ", ".join(part for part in parts if part)
