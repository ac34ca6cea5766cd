"""Loading and saving counts."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from lading.counts.rules import Since
from lading.counts.types import SHELF, CountLine, Counts, Entry, StockCount
from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import first_id_at
from lading.terms.documents import number_or_id

sql = queries.load(__file__)

Row = tuple[UUID, UUID, str]
"""(SKU, location, lot): a row of stock."""

_HEAD = "id number reference location_id zone blind opened_at approved_at cancelled_at reason version"


async def load(tx: Transaction, refs: Iterable[str], *, lock: bool) -> Counts:
    """The counts that the references (C1044, or an id) mean, with lines and entries; unknown ones are left out.

    With `lock` their rows are locked first, in primary-key order; everything else is read in later statements.
    """
    keys = {number_or_id(ref, "C") for ref in refs}
    ids = {key for key in keys if isinstance(key, UUID)}
    if numbers := sorted(key for key in keys if isinstance(key, int)):
        ids.update(row[0] for row in await tx.fetch(sql.count_ids, numbers))
    found = Counts()
    if not ids:
        return found
    by_id = {
        row["id"]: StockCount(**dict(row))
        for row in await tx.fetch(sql.lock_counts if lock else sql.read_counts, sorted(ids))
    }
    for row in await tx.fetch(sql.read_count_lines, list(by_id)):
        by_id[row[0]].lines[row[1]] = CountLine(*row[1:])
    for row in await tx.fetch(sql.read_count_entries, list(by_id)):
        names = [None if told is None else msgspec.json.decode(told, type=list[str]) for told in row[9:12]]
        by_id[row[0]].lines[row[1]].entries[row[2]] = Entry(*[*row[2:9], *names, row[12]])
    for count in by_id.values():
        found.by_key[count.number] = found.by_key[count.id] = count
    return found


async def taken_references(tx: Transaction, references: Iterable[str]) -> dict[str, int]:
    """The numbers of the counts that bear these references already."""
    wanted = sorted(set(references))
    return {row[0]: row[1] for row in await tx.fetch(sql.count_references, wanted)} if wanted else {}


async def rows_at(tx: Transaction, location_ids: Iterable[UUID], most: int) -> dict[UUID, list[Row]]:
    """Rows of stock at each location that the book says hold units; at most one more than `most` of each."""
    found: dict[UUID, list[Row]] = {}
    for row in await tx.fetch(sql.rows_at_locations, sorted(set(location_ids)), most + 1):
        found.setdefault(row[1], []).append((row[0], row[1], row[2]))
    return found


async def rows_in_zones(
    tx: Transaction, zones: Iterable[tuple[UUID, str]], most: int
) -> dict[tuple[UUID, str], list[Row]]:
    """Rows of stock of which units lie in bins of (location, zone); at most one more than `most` of each."""
    found: dict[tuple[UUID, str], list[Row]] = {}
    for row in await tx.fetch(sql.rows_in_zones, *queries.transposed(sorted(set(zones)), 2), most + 1):
        found.setdefault((row[1], row[3]), []).append((row[0], row[1], row[2]))
    return found


async def rows_of(tx: Transaction, pairs: Iterable[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], list[Row]]:
    """All rows of stock (one for each lot) of (SKU, location)."""
    found: dict[tuple[UUID, UUID], list[Row]] = {}
    for row in await tx.fetch(sql.rows_of_skus, *queries.transposed(sorted(set(pairs)), 2)):
        found.setdefault((row[0], row[1]), []).append((row[0], row[1], row[2]))
    return found


async def moved_since(
    tx: Transaction, wanted: Iterable[tuple[Row, datetime]], first_id: UUID
) -> dict[tuple[Row, datetime], int]:
    """How many units came onto a shelf (below zero: left it) by events that occurred after a moment; corrections left out.

    `first_id`: no event that occurred after any of the moments has a lower id. Hold the rows' locks.
    """
    keys = sorted(set(wanted))
    columns = queries.transposed([(*row, moment) for row, moment in keys], 4)
    rows = await tx.fetch(sql.moved_since, *columns, first_id, list(SHELF))
    return {((row[0], row[1], row[2]), row[3]): row[4] for row in rows}


async def since(
    tx: Transaction, wanted: Iterable[tuple[Row, int, datetime]], first_id: UUID
) -> dict[tuple[Row, int], Since]:
    """What events after a position said of a shelf on which was counted at a moment. Hold the rows' locks."""
    keys = sorted(set(wanted))
    columns = queries.transposed([(*row, position, counted_at) for row, position, counted_at in keys], 5)
    rows = await tx.fetch(sql.since, *columns, first_id, list(SHELF))
    return {((row[0], row[1], row[2]), row[3]): Since(row[4], row[5]) for row in rows}


async def counted_after(
    tx: Transaction, moments: Iterable[tuple[Row, datetime]], *, packed: bool = False
) -> dict[tuple[Row, datetime], tuple[datetime, str]]:
    """(when, by which document) each of these shelves was counted first after a moment; others are left out. Hold the rows' locks.

    Packed units are counted by those only who count all that is in the building: counts of shelves do not see them.
    """
    keys = sorted(set(moments))
    rows = [(number, *row, moment, first_id_at(moment)) for number, (row, moment) in enumerate(keys)]
    found = await tx.fetch(sql.counted_after, *queries.transposed(rows, 6), packed)
    return {keys[number]: (counted_at, document) for number, counted_at, document in found}


Part = tuple[UUID, UUID, str, str]
"""(SKU, location, lot, beginning of bin codes)"""


async def first_bins(tx: Transaction, zones: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], str]:
    """The first bin of each zone, an active one if there is any; zones without bins are left out."""
    return {(row[0], row[1]): row[2] for row in await tx.fetch(sql.first_bins, *_ranges(zones))}


def _ranges(zones: Iterable[tuple[UUID, str]]) -> list[list[object]]:
    wanted = [(location_id, zone, zone + _LAST) for location_id, zone in sorted(set(zones))]
    return queries.transposed(wanted, 3)


_LAST = "\U0010ffff"


async def moved_in_zones(
    tx: Transaction, wanted: Iterable[tuple[Part, datetime]], first_id: UUID
) -> dict[tuple[Part, datetime], int]:
    """As `moved_since`, of the bins of a zone. Hold the locks of the rows of stock."""
    keys = sorted(set(wanted))
    columns = queries.transposed([(*part[:3], part[3], part[3] + _LAST, moment) for part, moment in keys], 6)
    rows = await tx.fetch(sql.moved_in_zones, *columns, first_id)
    return {((row[0], row[1], row[2], row[3]), row[4]): row[5] for row in rows}


async def zones_since(
    tx: Transaction, wanted: Iterable[tuple[Part, int, datetime]], first_id: UUID
) -> dict[tuple[Part, int], Since]:
    """As `since`, of the bins of a zone. Hold the locks of the rows of stock."""
    keys = sorted(set(wanted))
    columns = queries.transposed(
        [(*part, part[3] + _LAST, position, counted_at) for part, position, counted_at in keys], 7
    )
    rows = await tx.fetch(sql.zones_since, *columns, first_id)
    return {((row[0], row[1], row[2], row[3]), row[4]): Since(row[5], row[6]) for row in rows}


async def names_there(tx: Transaction, rows: Iterable[Row]) -> dict[Row, list[str]]:
    """Names of the units that the book has on these shelves. Hold the rows' locks."""
    found: dict[Row, list[str]] = {}
    for row in await tx.fetch(sql.names_there, *queries.transposed(sorted(set(rows)), 3)):
        found.setdefault((row[0], row[1], row[2]), []).append(row[3])
    return found


async def names_then(tx: Transaction, wanted: Iterable[tuple[Row, datetime]]) -> dict[tuple[Row, datetime], list[str]]:
    """Names of the units that the book had on these shelves at those moments. Hold the rows' locks."""
    found: dict[tuple[Row, datetime], list[str]] = {}
    keys = [(*row, moment) for row, moment in sorted(set(wanted))]
    for row in await tx.fetch(sql.names_then, *queries.transposed(keys, 4), list(SHELF)):
        found.setdefault(((row[0], row[1], row[2]), row[3]), []).append(row[4])
    return found


Name = tuple[UUID, str]
"""(SKU, serial)"""


async def names_moved(tx: Transaction, names: Iterable[tuple[Name, int]], first_id: UUID) -> set[tuple[Name, int]]:
    """Which of these units were moved by events after a position; no such event has a lower id than the first."""
    keys = [(*name, position) for name, position in sorted(set(names))]
    rows = await tx.fetch(sql.names_moved, *queries.transposed(keys, 3), first_id)
    return {((row[0], row[1]), row[2]) for row in rows}


async def insert_counts(tx: Transaction, counts: Sequence[StockCount]) -> int:
    """Rows written; fewer than given means that a reference was taken meanwhile."""
    return await tx.execute(sql.insert_counts, *queries.columns(counts, _HEAD))


async def save_lines(tx: Transaction, counts: Sequence[StockCount]) -> None:
    """New and changed lines, and what was counted."""
    new = [(count, line) for count in counts for line in count.lines.values() if not line.stored]
    if new:
        await tx.execute(sql.insert_count_lines, *_lines(new, "number sku_id lot snapshot wanted"))
    changed = [(count, line) for count in counts for line in count.lines.values() if line.stored and line.changed]
    if changed:
        await tx.execute(sql.update_count_lines, *_lines(changed, "number wanted variance"))
    entries = [
        (count.id, line.number, line.entries[passed])
        for count in counts
        for line in count.lines.values()
        for passed in sorted(line.fresh)
    ]
    if entries:
        names = "passed counted expected short counted_at counted_by event_id"
        await tx.execute(
            sql.save_count_entries,
            [entry[0] for entry in entries],
            [entry[1] for entry in entries],
            *queries.columns([entry[2] for entry in entries], names),
            *(
                [None if told is None else msgspec.json.encode(told).decode() for told in column]
                for column in queries.columns([entry[2] for entry in entries], "serials missing strange")
            ),
        )


async def update_counts(tx: Transaction, counts: Sequence[StockCount]) -> None:
    """How far they are."""
    await tx.execute(sql.update_counts, *queries.columns(counts, "id approved_at cancelled_at reason version"))


def _lines(pairs: Sequence[tuple[StockCount, CountLine]], names: str) -> list[list[object]]:
    return [[count.id for count, _ in pairs], *queries.columns([line for _, line in pairs], names)]
