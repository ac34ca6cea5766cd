"""kill -9 at every point of every command of a merchant's life: it ends as a life without deaths.

The process that runs a command dies at a failpoint, the command is sent again with its id, and in the end dies after the
commit, before anybody heard. Then the answer is there, and stays the same; journal and tables are those of a twin
who never died.
"""

from __future__ import annotations

import asyncio
import re
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from lading.access import store as access
from lading.database.pool import Database
from lading.entrypoints.feeding import feed, queue
from lading.entrypoints.files import Files
from lading.journal.types import Answer
from tests.conftest import CHECKOUT
from tests.operations.books import (
    assembly,
    counts,
    inbound,
    locations,
    orders,
    reservations,
    shortages,
    stock,
    transfers,
    waves,
)
from tests.races.dying import Heard, Task
from tests.races.shop import Payload, Shop
from tests.races.test_races import POINTS

Life = Callable[[Shop], Awaitable[object]]

DRAWN = {"orders", "transfer", "purchase_order", "stock_count", "work_order", "wave"}
"""Documents of the merchant's one series of numbers, in which a death leaves a gap."""


NAMES_OF_DOCUMENTS = re.compile(r"\b(PO|WV|[TCW])?1\d{3}\b")
"""An order, or a document, by its number."""

SILENT = {"promises.renew"}
"""Verbs that write nothing where nothing has changed."""


class Nursery:
    """The process whose children die."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def do(self, task: Task) -> list[Heard] | None:
        """What the child said, or None: it was killed."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(msgspec.json.encode(task) + b"\n")
        line = await self.process.stdout.readline()
        assert line, f"the child failed: {task}"
        return msgspec.json.decode(line, type=list[Heard] | None)


class Mortal(Shop):
    """Whoever runs its commands dies before the answer is heard: a verb's first time at every point, then at one after the other."""

    def __init__(self, database: Database, merchant_id: int, nursery: Nursery) -> None:
        super().__init__(database, merchant_id)
        self.nursery = nursery
        self.deaths = 0
        self.heard_of: dict[str, int] = {}
        """How often each verb was run."""

    async def die(self, task: Task) -> None:
        assert await self.nursery.do(task) is None, f"nobody came to {task.point}: {task}"
        self.deaths += 1

    async def answers(self, verb: str, payloads: Sequence[Payload]) -> list[Answer]:
        """Deaths that change nothing, one that changed everything, and then the same answer as often as one asks."""
        if verb in SILENT:
            return await super().answers(verb, payloads)
        task = Task(verb=verb, commands=[(uuid.uuid4(), dict(payload)) for payload in payloads])
        before = await self.told()
        times = self.heard_of[verb] = self.heard_of.get(verb, 0) + 1
        for point in POINTS[:-1] if times == 1 else [POINTS[times % (len(POINTS) - 1)]]:
            await self.die(msgspec.structs.replace(task, point=point))
            assert await self.told() == before, f"{verb} left something at {point}"
        await self.die(msgspec.structs.replace(task, point=POINTS[-1]))
        after = await self.told()
        assert after[0] == before[0] + len(payloads)
        heard = await self.nursery.do(task)
        assert heard and all(each.replayed for each in heard)
        once, again = heard[: len(payloads)], heard[len(payloads) :]
        assert once == again
        assert await self.told() == after
        return [Answer(each.accepted, each.body.encode(), each.replayed) for each in once]

    async def told(self) -> tuple[int, int, int, int]:
        """How many commands, events and postings there are, and units in all."""
        (row,) = await self.fetch(
            "SELECT (SELECT count(*) FROM command WHERE merchant_id = $1),"
            " (SELECT count(*) FROM event WHERE merchant_id = $1), (SELECT count(*) FROM posting WHERE merchant_id = $1),"
            " (SELECT coalesce(sum(available + reserved + allocated + picked + packed + damaged + quality_hold), 0)::int"
            " FROM stock WHERE merchant_id = $1)"
        )
        return tuple(row)


@asynccontextmanager
async def two_merchants(dsn: str) -> AsyncIterator[tuple[Shop, Mortal]]:
    """One who never dies, and one who always does; both have stock."""
    database = await Database.connect(dsn)
    try:
        shops = []
        for slug in ("immortal", "mortal"):
            shops.append(Shop(database, await access.create_merchant(database, slug, slug, "UTC", "EUR")))
            await shops[-1].stock_up(20)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.races.dying", dsn, str(shops[1].merchant_id), cwd=CHECKOUT,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            yield shops[0], Mortal(database, shops[1].merchant_id, Nursery(process))
        finally:
            assert process.stdin
            process.stdin.close()
            await process.wait()
    finally:
        await database.close()


async def everything(shop: Shop) -> dict[str, list[str]]:
    """What words, counts and flags the merchant's tables hold, row by row; without ids, times and drawn numbers."""
    columns = await shop.fetch(
        "SELECT table_name::text AS table_name, array_agg(quote_ident(column_name) ORDER BY column_name) AS names"
        "  FROM information_schema.columns"
        " WHERE table_schema = current_schema() AND data_type IN ('text', 'integer', 'bigint', 'smallint', 'boolean')"
        "   AND column_name <> 'merchant_id' AND NOT (column_name = 'number' AND table_name = ANY($2::text[]))"
        "   AND table_name IN (SELECT table_name FROM information_schema.columns WHERE column_name = 'merchant_id' AND $1::int > 0)"
        "   AND table_name NOT IN ('journal_head', 'command')"
        " GROUP BY table_name",
        sorted(DRAWN),
    )
    found = {}
    for row in columns:
        names = ", ".join(row["names"])
        rows = await shop.fetch(f"SELECT ({names})::text AS row FROM {row['table_name']} WHERE merchant_id = $1")
        found[row["table_name"]] = sorted(NAMES_OF_DOCUMENTS.sub(r"\1#", each["row"] or "") for each in rows)
    return found


async def check_twins(immortal: Shop, mortal: Shop) -> None:
    """What died ends as what did not, and the books of both agree."""
    one, other = await everything(immortal), await everything(mortal)
    assert {name: rows for name, rows in one.items() if rows != other[name]} == {
        name: rows for name, rows in other.items() if rows != one[name]
    }
    for shop in (immortal, mortal):
        assert [each.sentence for each in await shop.audit()] == []


LIVES: dict[str, Life] = {
    "claims and pools": reservations.pool,
    "reservations": reservations.keep,
    "transfers": transfers.move,
    "counts": counts.count,
    "serials in transfers and counts": stock.name,
    "lots and serials": stock.tell_apart,
    "kits and work orders": assembly.sell_kits,
    "days of locations": locations.keep_days,
    "inbound and backorders": inbound.expect,
    "shortages and substitutes": shortages.replace_missing,
    "levels": stock.run_low,
    "waves": waves.walk,
    "an order": orders.send,
}


@pytest.mark.parametrize("life", LIVES)
async def test_a_life_with_deaths_ends_as_one_without(database_dsn: str, life: str) -> None:
    async with two_merchants(database_dsn) as (immortal, mortal):
        await LIVES[life](immortal)
        await LIVES[life](mortal)
        assert mortal.deaths >= len(POINTS)
        await check_twins(immortal, mortal)


ROWS = {
    "snapshot": b"sku,location,quantity\nA,HAM,3\nB,HAM,25\nC,BER,0\nNONE,HAM,1\nA,BER,20\n",
    "whole": b"sku,location,quantity\nA,HAM,3\nB,HAM,20\n",
    "delta": b"sku,location,quantity\nA,HAM,-3\nB,HAM,+5\nC,BER,-20\nNONE,HAM,1\nB,HAM,-1\n",
}


async def receive(shop: Shop, folder: Path, kind: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield ROWS[kind]

    kept = await Files(folder, shop.database).keep(shop.merchant_id, pieces(), "text/csv")
    how = {"kind": "snapshot", "complete": True} if kind == "whole" else {"kind": kind}
    await shop.do("stock-feeds.receive", {"reference": "F", "file": kept.sha256, **how})


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("kind", ROWS)
async def test_a_feed_whose_workers_die_counts_every_row_once(
    database_dsn: str, tmp_path: Path, kind: str, point: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two workers die, one at its second batch and one at its first; the last one lives, and finds little or nothing to do."""
    monkeypatch.setattr(feed, "BATCH_ROWS", 1)  # as it is in the processes that die: the events of both are the same
    async with two_merchants(database_dsn) as (immortal, mortal):
        await receive(immortal, tmp_path, kind)
        assert await queue.run_one(immortal.database, Files(tmp_path, immortal.database), immortal.merchant_id)
        await receive(mortal, tmp_path, kind)
        for reach in (2, 1):
            await mortal.die(Task(point=point, reach=reach, files=str(tmp_path)))
        assert await mortal.nursery.do(Task(files=str(tmp_path))) == []
        assert not await queue.run_one(mortal.database, Files(tmp_path, mortal.database), mortal.merchant_id)
        await check_twins(immortal, mortal)
