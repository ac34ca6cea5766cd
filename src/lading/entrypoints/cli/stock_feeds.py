"""`lading stock-feeds load`: hand a file of stock in, load it here and now, and report on every row."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from lading.access.store import Caller
from lading.database.pool import Database
from lading.entrypoints.api.verbs import answer_problem
from lading.entrypoints.cli.access import Json, MerchantSlug, choose_merchant, with_database
from lading.entrypoints.cli.bars import Bars
from lading.entrypoints.feeding import queue
from lading.entrypoints.feeding.feed import header_of
from lading.entrypoints.files import Files
from lading.entrypoints.service import Service, envelope
from lading.kernel.ids import named_id
from lading.kernel.trouble import Trouble
from lading.operations.registry import verbs
from lading.settings import load_settings
from lading.views.stock_feeds import StockFeed, StockFeedQuery, stock_feed

LOOK_SECONDS = 0.5


def load(
    file: Path,
    *,
    as_of: str | None = None,
    delta: Annotated[bool, Parameter(negative="")] = False,
    complete: Annotated[bool, Parameter(negative="")] = False,
    location: str | None = None,
    reference: str | None = None,
    merchant: MerchantSlug = None,
    json: Json = False,
) -> int:
    """Load a file of stock (CSV with a header: sku, quantity, and if need be location, lot, reason; plain or gzipped).

    Running it twice changes nothing; a run that was killed is completed by the worker, or by running it again.

    Parameters
    ----------
    file
        The file.
    as_of
        The moment that the counts tell of, with its offset; now if left out. What moved later is kept.
    delta
        The quantities are changes, not counts.
    complete
        Shelves of the file's locations that it does not name are empty.
    location
        Where rows lie that name no location.
    reference
        The feed's name; the file's name and content if left out.
    json
        Print JSON for programs.
    """
    header_of(file)
    fields = {"as_of": as_of, "kind": "delta" if delta else "snapshot", "complete": complete, "location": location}
    with Progress(
        TextColumn("{task.description:<10}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    ) as progress:  # fmt: skip
        feed = with_database(lambda database: _load(database, file, fields, reference, merchant, Bars(progress)))
    print(msgspec.json.encode(feed).decode() if json else told(feed))
    return 0 if feed.trouble is None and not feed.not_taken else 1


async def _load(
    database: Database, path: Path, fields: dict[str, Any], reference: str | None, slug: str | None, bars: Bars
) -> StockFeed:
    merchant = await choose_merchant(database, slug)
    files = Files(load_settings().files, database)
    kept = await files.keep(merchant.id, _pieces(path), "text/csv")
    name = reference or f"{path.name[:80]}-{kept.sha256[:12]}"
    caller = Caller(merchant.id, named_id(merchant.id, "cli"), "cli:local", "command line", frozenset("*"))
    raw = {name_: value for name_, value in fields.items() if value is not None}
    raw |= {"file": kept.sha256, "reference": name}
    verb = verbs()["stock-feeds.receive"]
    try:
        work = envelope(caller, verb, raw, named_id(merchant.id, "stock-feed", name))
    except msgspec.ValidationError as error:
        raise Trouble(f"{error}.") from None
    (answer,) = await Service(database).run(caller, verb, [work])
    if not answer.accepted:
        raise Trouble(answer_problem(answer).detail)

    async def tell(doing: str, done: int, total: int) -> None:
        bars.tell(doing, done, total)

    await queue.run_one(database, files, merchant.id, reference=name, tell=tell)
    return await _finished(database, merchant.id, name, bars)


async def _finished(database: Database, merchant_id: int, reference: str, bars: Bars) -> StockFeed:
    """The feed once it is finished: the worker of a running installation may have been quicker."""
    while True:
        async with database.read(merchant_id) as tx:
            feed = await stock_feed(tx, StockFeedQuery(reference))
        if feed.finished_at:
            return feed
        bars.tell(feed.doing, feed.done, feed.total)
        await asyncio.sleep(LOOK_SECONDS)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(1_000_000):
            yield piece


def told(feed: StockFeed) -> str:
    """The report for people."""
    if feed.trouble:
        return f"{feed.reference}: {feed.trouble}"
    rows = [
        f"{feed.reference}, as of {feed.as_of:%Y-%m-%d %H:%M:%S %Z}",
        f"  rows of the file    {feed.rows:>12,}",
        f"  unchanged           {feed.unchanged:>12,}",
        f"  applied             {feed.applied:>12,}",
    ]
    rows += [
        f"  not taken           {each.rows:>12,}  {each.sentence} (lines {_lines(each.lines, each.rows)})"
        for each in feed.why_not
    ]
    if feed.zeroed:
        rows.append(f"  shelves set to zero {feed.zeroed:>12,}  (they stood in no row)")
    return "\n".join(rows)


def _lines(lines: list[int], rows: int) -> str:
    return ", ".join(map(str, lines)) + (", ..." if rows > len(lines) else "")
