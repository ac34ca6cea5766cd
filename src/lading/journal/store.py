"""Reading and writing the journal. Write goes through `record`, in the one order of locks (DESIGN 8)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from lading.database import failpoints, queries
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.terms.ledger import End, Posting

sql = queries.load(__file__)
_encode = msgspec.json.Encoder(decimal_format="string").encode


class LostRace(Exception):
    """Another transaction wrote the same key first: roll back and run the batch again, which will see the winner."""


class BrokenLedger(Exception):
    """Postings name a stock row, line or order that is not there: a bug; nothing of the batch is kept."""


async def read_commands(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """The stored (payload_hash, outcome) of those commands that were answered before."""
    return {row["command_id"]: row for row in await tx.fetch(sql.read_commands, ids)}


async def post(tx: Transaction, decided: Sequence[tuple[Envelope[Any], Decision]], *, lines_exist: bool) -> None:
    """Move the units and the money of all postings, stock and (where they exist already) lines and orders, in one statement.

    Raises BrokenLedger where a key is missing; PostgreSQL's CHECK refuses a bucket below zero.
    """
    units: list[tuple[Any, ...]] = []
    money: list[tuple[Any, ...]] = []
    for envelope, decision in decided:
        if decision.event is not None:
            event_id, subject_id = envelope.event_id, decision.event.subject_id
            units += [_flat(event_id, number, subject_id, posting) for number, posting in enumerate(decision.postings)]
            money += [(event_id, number, *posting) for number, posting in enumerate(decision.money)]
    if not units and not money:
        return
    await _create_stock_rows(tx, [posting for _, decision in decided for posting in decision.postings])
    statement = sql.post_units if lines_exist else sql.post_stock
    if not await tx.fetchval(
        statement, *queries.transposed(units, _UNIT_COLUMNS), *queries.transposed(money, _MONEY_COLUMNS)
    ):
        raise BrokenLedger("a posting names a stock row, a line or an order that does not exist")


_UNIT_COLUMNS = 14
_MONEY_COLUMNS = 8


def _flat(event_id: UUID, number: int, subject_id: UUID, posting: Posting) -> tuple[Any, ...]:
    sku_id, quantity, source, target, line_number, line_from, line_to = posting
    from_bucket, from_location, from_lot = source or _NO_END
    to_bucket, to_location, to_lot = target or _NO_END
    return (
        event_id, number, subject_id, sku_id, quantity, from_location, from_lot, from_bucket, to_location, to_lot, to_bucket,
        line_number, line_from, line_to,
    )  # fmt: skip


_NO_END = (None, None, None)


async def _create_stock_rows(tx: Transaction, postings: Sequence[Posting]) -> None:
    """Only what comes from elsewhere can lack its row: a move inside a row proves the row."""
    keys = sorted(
        {
            (posting.sku_id, target.location_id, target.lot)
            for posting in postings
            if (target := posting.target) and target.location_id and not _same_row(posting.source, target)
        }
    )
    if keys:
        await tx.execute(sql.create_stock_rows, *map(list, zip(*keys, strict=True)))


def _same_row(source: End | None, target: End) -> bool:
    return source is not None and (source.location_id, source.lot) == (target.location_id, target.lot)


async def record(
    tx: Transaction,
    verb: str,
    decided: Sequence[tuple[Envelope[Any], Decision]],
    bodies: Sequence[bytes],
    now: datetime,
) -> None:
    """Outcomes, then head and events, last.

    Raises LostRace where a command of the batch was recorded elsewhere meanwhile, BrokenLedger where there is no head.
    """
    rows = sorted(
        ((envelope.command_id, envelope.payload_hash, body.decode())
         for (envelope, _), body in zip(decided, bodies, strict=True))
    )  # fmt: skip
    ids, hashes, outcomes = map(list, zip(*rows, strict=True))
    if await tx.execute(sql.insert_commands, verb, now, ids, hashes, outcomes) != len(rows):
        raise LostRace("command")
    events = [(envelope.event_id, event.kind, event.version, event.subject_kind, event.subject_id, event.occurred_at, envelope.actor,
               envelope.command_id, _encode(event.data).decode())
              for envelope, decision in decided if (event := decision.event)]  # fmt: skip
    if events:
        await failpoints.reach("before_events")
        if await tx.execute(sql.append_events, now, *map(list, zip(*events, strict=True))) != len(events):
            raise BrokenLedger("the merchant has no journal head: no event could be appended")


async def read_events(
    tx: Transaction, kind: str, subject_ids: Sequence[UUID]
) -> list[tuple[UUID, datetime, dict[str, Any]]]:
    """(subject, occurred at, data) of the events of one kind, the oldest first."""
    rows = await tx.fetch(sql.events_of_kind, kind, subject_ids)
    return [(row[0], row[1], msgspec.json.decode(row[2])) for row in rows]


async def position_at(tx: Transaction, at: datetime) -> int:
    """The last position recorded by that time."""
    return int(await tx.fetchval(sql.position_at, at))


class OrderNumbers:
    """Order numbers drawn in blocks, ahead of the batches that use them; a gap never matters."""

    def __init__(self) -> None:
        self._free: dict[int, list[int]] = {}
        self._size: dict[int, int] = {}

    def enough(self, merchant_id: int, count: int) -> bool:
        """Whether so many are in hand."""
        return len(self._free.get(merchant_id, ())) >= count

    async def draw(self, tx: Transaction, count: int) -> range:
        """Draw at least so many more, in the given transaction (its own: the row is the journal's head). Blocks double to 1,000.

        Keep them once it is committed: what was rolled back is drawn again by somebody else.
        """
        size = max(count, self._size.get(tx.merchant_id, 16))
        self._size[tx.merchant_id] = min(1_000, size * 2)
        last = await tx.fetchval(sql.draw_order_numbers, size)
        if last is None:
            raise LookupError(f"there is no merchant {tx.merchant_id}")
        return range(last - size + 1, last + 1)

    def keep(self, merchant_id: int, drawn: range) -> None:
        """These are in hand now."""
        self._free.setdefault(merchant_id, []).extend(drawn)

    def take(self, merchant_id: int, count: int) -> list[int]:
        """The next so many numbers; draw first."""
        free = self._free[merchant_id]
        taken, self._free[merchant_id] = free[:count], free[count:]
        return taken
