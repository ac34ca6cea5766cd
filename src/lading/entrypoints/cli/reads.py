"""`lading NOUN list`, `show` and the other questions: each read of the HTTP API as a command, from the same table."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, get_args, get_origin

import cyclopts
import msgspec
from cyclopts import Parameter
from msgspec import Struct
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from lading.database.pool import Database, Transaction
from lading.entrypoints.api.problems import malformed, read_texts
from lading.entrypoints.api.reads import READS, Read
from lading.entrypoints.cli.access import Json, MerchantSlug, choose_merchant, with_database
from lading.kernel.trouble import Trouble
from lading.views import events
from lading.views.pages import NotFound

_encode = msgspec.json.Encoder(decimal_format="string").encode

WIDTH_OF_FILES = 180
"""Characters of a line where the output is no terminal."""


class EventsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From where on."""

    after: events.Position = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=events.FEED_MAX, description="At most so many")] = 100


async def _feed(tx: Transaction, query: EventsQuery) -> events.Feed:
    return await events.feed(tx, query.after, query.limit)


FEED = Read(
    "/v1/events", "Events after a position, in order and without a gap.", "events:read", _feed, EventsQuery, events.Feed
)
"""Over HTTP the feed waits for news, so it is no view of the table; here it answers at once."""

NAMES: Mapping[str, str] = {"/v1/policies/{name}": "resolve"}
"""Names that the path does not give away: otherwise its last fixed part, or `list`, or `show`."""

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
    "ReturnLine": ("sku", "units", "refunded"),
    "SourcingCandidate": ("location", "units", "why"),
    "WorkLine": ("sku", "units"),
}
"""What of a row is shown inside a cell, one word after the other; of all others each field by its name."""


def add_to(groups: dict[str, cyclopts.App]) -> None:
    """Put every question under its noun; nouns that only answer are new groups."""
    for read in (*READS, FEED):
        noun = read.path.split("/")[2]
        if noun not in groups:
            groups[noun] = cyclopts.App(name=noun, help=f"What can be asked of {noun}.", result_action="return_value")
        groups[noun].command(_command(read), name=name_of(read), help=read.summary)


def name_of(read: Read) -> str:
    """orders list, orders show, orders timeline: the command's name under its noun."""
    parts = read.path.split("/")[3:]
    if read.path in NAMES:
        return NAMES[read.path]
    fixed = [part for part in parts if not part.startswith("{")]
    return fixed[-1] if fixed else "show" if parts else "list"


def _command(read: Read) -> Any:
    """The function that cyclopts calls; its signature is made of the query's fields."""

    fields = [_parameter(read, field) for field in msgspec.structs.fields(read.query)]
    parameters = sorted(fields, key=lambda parameter: parameter.kind)
    parameters += [_keyword("merchant", MerchantSlug, None), _keyword("json", Json, False)]
    names = [parameter.name for parameter in parameters]
    shapes = {field.encode_name: field.type for field in msgspec.structs.fields(read.query)}

    def run(*values: Any, json: bool = False, merchant: str | None = None, **options: Any) -> None:
        raw = {name: value for name, value in (dict(zip(names, values, strict=False)) | options).items() if value}
        try:
            query = read_texts(read.query, {name: _read_json(shapes[name], value) for name, value in raw.items()})
        except msgspec.ValidationError as error:
            problem = malformed(read.query, raw, str(error), text=True)
            told = "\n".join(f"{_option(each.pointer)}: {each.detail}" for each in problem.errors)
            raise Trouble(told or problem.detail) from None
        answer = with_database(lambda database: _ask(database, read, query, merchant))
        if json:
            print(_encode(answer).decode())
        else:
            show(read.answer, answer)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _read_json(kind: Any, value: Any) -> Any:
    """What has fields of its own is written as JSON."""
    if not _has_fields(kind):
        return value
    try:
        return [msgspec.json.decode(each) for each in value] if isinstance(value, list) else msgspec.json.decode(value)
    except msgspec.DecodeError as error:
        raise Trouble(f"{value} is no JSON: {error}.") from None


def _has_fields(kind: Any) -> bool:
    if isinstance(kind, type) and issubclass(kind, Struct):
        return True
    return any(_has_fields(part) for part in get_args(kind))


def _option(pointer: str) -> str:
    return "--" + pointer.strip("/").replace("_", "-") if pointer else "This"


def _parameter(read: Read, field: msgspec.structs.FieldInfo) -> inspect.Parameter:
    """Parts of the path, and what a question cannot do without, may stand without an option's name."""
    name, told = field.encode_name, Parameter(help=", ".join(_told(field.type)) or None)
    if get_origin(_bare(field.type)) is list and not field.required:
        return _keyword(name, Annotated[list[str] | None, told], None)
    if get_origin(_bare(field.type)) is list:
        annotation: Any = Annotated[list[str], told]
        return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)
    if field.required or f"{{{name}}}" in read.path:
        return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Annotated[str, told])
    return _keyword(name, Annotated[str | None, told], None)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _told(kind: Any) -> Iterator[str]:
    """What the type says of itself: descriptions, and the words that are allowed."""
    if get_origin(kind) is Literal:
        yield "one of " + ", ".join(map(str, get_args(kind)))
        return
    for part in get_args(kind):
        if isinstance(part, msgspec.Meta):
            if part.description:
                yield part.description
        else:
            yield from _told(part)


async def _ask(database: Database, read: Read, query: Struct, slug: str | None) -> Any:
    merchant = await choose_merchant(database, slug)
    async with database.read(merchant.id) as tx:
        try:
            answer = await read.handler(tx, query)
        except NotFound as error:
            raise Trouble(str(error)) from None
    return msgspec.json.decode(answer, type=read.answer) if isinstance(answer, bytes) else answer


def show(kind: type[Struct], answer: Any) -> None:
    """The answer as tables; how to get the next page goes to standard error."""
    out = Console()
    if not out.is_terminal:
        out.width = WIDTH_OF_FILES
    facts = Table(box=None, show_header=False, pad_edge=False)
    tables: list[RenderableType] = []
    alone = _lists(kind)
    for field in msgspec.structs.fields(kind):
        value = getattr(answer, field.name)
        if field.name in alone:
            if value or len(alone) == 1:
                tables += [Text()] if tables else []
                tables += [] if len(alone) == 1 else [Text(field.name.replace("_", " "), style="bold")]
                tables.append(_table(value, alone[field.name]))
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


def _table(rows: Sequence[Any], kind: type[Struct]) -> Table:
    names = COLUMNS.get(kind.__name__) or [
        field.name for field in msgspec.structs.fields(kind) if field.name != "id" and not field.name.endswith("_id")
    ]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        numbers = bool(rows) and all(_is_number(getattr(row, name)) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*(cell(getattr(row, name)) for name in names))
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
