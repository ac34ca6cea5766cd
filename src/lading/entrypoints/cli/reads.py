"""`lading NOUN list`, `show` and the other questions: each read of the HTTP API as a command, from the same table."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin

import msgspec
from cyclopts import Parameter
from msgspec import Struct

from lading.database.pool import Database, Transaction
from lading.entrypoints.api import questions
from lading.entrypoints.api.problems import malformed, read_texts
from lading.entrypoints.api.questions import Read
from lading.entrypoints.cli.access import Json, MerchantSlug, choose_merchant, with_database
from lading.entrypoints.cli.groups import Groups, group, panel, told
from lading.entrypoints.cli.showing import show
from lading.kernel.trouble import Trouble
from lading.views import events
from lading.views.pages import NotFound

_encode = msgspec.json.Encoder(decimal_format="string").encode


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


def of(noun: str) -> list[Read]:
    """The questions of a noun; of the tables only the one is loaded in which they stand."""
    table = importlib.import_module(f"{questions.__name__}.{panel(noun).lower().replace(' ', '_')}")
    return [read for read in (*table.READS, FEED) if noun_of(read) == noun]


def find(noun: str, name: str) -> Read | None:
    """The question of that name."""
    return next((read for read in of(noun) if name_of(read) == name), None)


def add(groups: Groups, read: Read) -> None:
    """Put it under its noun; nouns that only answer are new groups."""
    noun = noun_of(read)
    group(groups, noun).command(_command(read), name=name_of(read), help=read.summary)


def noun_of(read: Read) -> str:
    """orders, of /v1/orders/{order}."""
    return read.path.split("/")[2]


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
            why = "\n".join(f"{_option(each.pointer)}: {each.detail}" for each in problem.errors)
            raise Trouble(why or problem.detail) from None
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
    name, meant = field.encode_name, Parameter(help="; ".join(told(field.type)) or None)
    if get_origin(_bare(field.type)) is list and not field.required:
        return _keyword(name, Annotated[list[str] | None, meant], None)
    if get_origin(_bare(field.type)) is list:
        annotation: Any = Annotated[list[str], meant]
        return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation)
    if field.required or f"{{{name}}}" in read.path:
        return inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Annotated[str, meant])
    return _keyword(name, Annotated[str | None, meant], None)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


async def _ask(database: Database, read: Read, query: Struct, slug: str | None) -> Any:
    merchant = await choose_merchant(database, slug)
    async with database.read(merchant.id) as tx:
        try:
            answer = await read.handler(tx, query)
        except NotFound as error:
            raise Trouble(str(error)) from None
    return msgspec.json.decode(answer, type=read.answer) if isinstance(answer, bytes) else answer
