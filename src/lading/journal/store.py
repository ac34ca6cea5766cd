"""Reading and writing the journal. Write goes through `record`, in the one order of locks (DESIGN 8)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from lading.database import failpoints, queries
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, spread
from lading.terms.ledger import AWAY, ON_ITS_WAY, End, Posting, place_of

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

    Raises BrokenLedger where a key is missing, LostRace where a guarded posting does not find what it takes; PostgreSQL's CHECK
    refuses a bucket below zero.
    """
    units: list[tuple[Any, ...]] = []
    money: list[tuple[Any, ...]] = []
    named: dict[tuple[UUID, str], _Named] = {}
    for envelope, decision in decided:
        if decision.event is not None:
            event_id, subject_id = envelope.event_id, decision.event.subject_id
            units += [_flat(event_id, number, subject_id, posting) for number, posting in enumerate(decision.postings)]
            money += [(event_id, number, *posting) for number, posting in enumerate(decision.money)]
            for posting in decision.postings:
                if posting.serial is not None:
                    _follow(named, subject_id, posting, posting.serial)
    if not units and not money:
        return
    await _create_stock_rows(
        tx, [posting for _, decision in decided if not decision.rows_exist for posting in decision.postings]
    )
    guarded = any(decision.guarded for _, decision in decided)
    columns = [
        *queries.narrowed(queries.transposed(units, _UNIT_COLUMNS)),
        *queries.narrowed(queries.transposed(money, _MONEY_COLUMNS)),
        *queries.transposed([(*key, *named[key]) for key in sorted(named)], _NAMED_COLUMNS),
    ]
    if not await (
        tx.fetchval(sql.post_units, *columns) if lines_exist else tx.fetchval(sql.post_stock, *columns, guarded)
    ):
        if guarded:
            raise LostRace("stock")
        raise BrokenLedger(
            "a posting names a stock row, a line or an order that does not exist, or a unit that is elsewhere"
        )


_UNIT_COLUMNS = 15
_MONEY_COLUMNS = 8
_NAMED_COLUMNS = 11
_WITH_ORDER = ("picked", "packed", *AWAY)


class _Named(NamedTuple):
    """From where to where a unit with a name goes in one batch, however many postings move it."""

    from_place: str | None
    from_location_id: UUID | None
    from_lot: str | None
    place: str | None
    location_id: UUID | None
    lot: str | None
    order_id: UUID | None
    line_number: int | None
    transfer_id: UUID | None


def _follow(named: dict[tuple[UUID, str], _Named], subject_id: UUID, posting: Posting, serial: str) -> None:
    """The serial is where its last posting leaves it; it must be where its first one takes it from."""
    source, target = posting.source, posting.target
    key = (posting.sku_id, serial)
    before = named.get(key)
    place = place_of(target, posting.line_to)
    taken = place_of(source, posting.line_from)
    outside = posting.line_number is None
    if outside and target is None:
        place = ON_ITS_WAY
    if outside and source is None:
        taken = ON_ITS_WAY
    if source is not None and source.location_id is None:
        taken = None  # An account: what was lost may be found, whoever it was bought from.
    if before is not None:
        from_place, from_location, from_lot = before[:3]
        if taken not in (None, before.place):
            raise BrokenLedger(f"{serial} is {before.place} by then, not {taken}")
    else:
        from_place = taken
        from_location, from_lot = (source.location_id, source.lot) if source and source.location_id else (None, None)
    location, lot = (target.location_id, target.lot) if target and target.location_id else (None, None)
    with_order = posting.line_number is not None and (posting.line_to in _WITH_ORDER or place == "quality_hold")
    named[key] = _Named(
        from_place,
        from_location,
        from_lot,
        place,
        location,
        lot or (before.lot if before else None),
        subject_id if with_order else None,
        posting.line_number if with_order else None,
        subject_id if outside and target is None else None,
    )


def _flat(event_id: UUID, number: int, subject_id: UUID, posting: Posting) -> tuple[Any, ...]:
    sku_id, quantity, source, target, line_number, line_from, line_to, serial = posting
    from_bucket, from_location, from_lot = source or _NO_END
    to_bucket, to_location, to_lot = target or _NO_END
    return (
        event_id, number, subject_id, sku_id, quantity, from_location, from_lot, from_bucket, to_location, to_lot, to_bucket,
        line_number, line_from, line_to, serial,
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


class Papers(NamedTuple):
    """What the journal keeps of a batch, as columns of its statement."""

    bodies: list[bytes]
    """The outcomes as JSON, in the order of the commands."""
    commands: list[list[Any]]
    """Sorted by id."""
    events: list[list[Any]]
    """In the order in which it happened."""


def papers_of(decided: Sequence[tuple[Envelope[Any], Decision]]) -> Papers:
    """Outcomes and events made out; nothing of it needs the database."""
    bodies = [_encode(decision.outcome) for _, decision in decided]
    rows = sorted(
        (envelope.command_id, envelope.payload_hash, body.decode())
        for (envelope, _), body in zip(decided, bodies, strict=True)
    )
    events = [(envelope.event_id, event.kind, event.version, event.subject_kind, event.subject_id, event.occurred_at, envelope.actor,
               envelope.command_id, _encode(event.data).decode())
              for envelope, decision in spread(decided) if (event := decision.event)]  # fmt: skip
    return Papers(bodies, queries.transposed(rows, 3), queries.narrowed(queries.transposed(events, 9)))


async def record(tx: Transaction, verb: str, papers: Papers, now: datetime) -> None:
    """Outcomes, then head and events, last.

    Raises LostRace where a command of the batch was recorded elsewhere meanwhile, BrokenLedger where there is no head.
    """
    await failpoints.reach("before_events")
    written = await tx.fetchrow(sql.record, verb, now, *papers.commands, *papers.events)
    assert written
    if written[0] != len(papers.bodies):
        raise LostRace("command")
    if written[1] != len(papers.events[0]):
        raise BrokenLedger("the merchant has no journal head: no event could be appended")


async def read_events(
    tx: Transaction, kind: str, subject_ids: Sequence[UUID]
) -> list[tuple[UUID, datetime, dict[str, Any]]]:
    """(subject, occurred at, data) of the events of one kind, the oldest first."""
    rows = await tx.fetch(sql.events_of_kind, kind, subject_ids)
    return [(row[0], row[1], msgspec.json.decode(row[2])) for row in rows]


class Told(NamedTuple):
    """An event, as somebody points at it by its position."""

    position: int
    event_id: UUID
    kind: str
    subject_kind: str
    subject_id: UUID


async def events_at(tx: Transaction, positions: Iterable[int]) -> dict[int, Told]:
    """The events at these positions; those that have none are left out."""
    return {row[0]: Told(*row) for row in await tx.fetch(sql.events_at, sorted(set(positions)))}


async def stock_postings(tx: Transaction, wanted: Iterable[tuple[UUID, UUID]]) -> dict[UUID, list[Posting]]:
    """What was posted of (product, event), by event, in their order."""
    postings: dict[UUID, list[Posting]] = {}
    keys = sorted(set(wanted))
    for row in await tx.fetch(sql.stock_postings_of, *queries.transposed(keys, 2)):
        source = End(row[3], row[4], row[5] or "") if row[3] else None
        target = End(row[6], row[7], row[8] or "") if row[6] else None
        postings.setdefault(row[0], []).append(Posting(row[1], row[2], source, target, serial=row[9]))
    return postings


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

    async def foreseen(self, tx: Transaction, count: int) -> list[int]:
        """The numbers that would be drawn next; none is drawn, and others may be quicker."""
        free = self._free.get(tx.merchant_id, [])[:count]
        last = await tx.fetchval(sql.last_order_number) if len(free) < count else 0
        return [*free, *range(last + 1, last + 1 + count - len(free))]

    def take(self, merchant_id: int, count: int) -> list[int]:
        """The next so many numbers; draw first."""
        free = self._free[merchant_id]
        taken, self._free[merchant_id] = free[:count], free[count:]
        return taken
