"""Bins: where in a location units lie. They are below the promise: nothing that is sold or allocated looks at them.

What is on a shelf (good, damaged or held units, promised ones too) lies in bins or on the floor; picked units do neither.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.ledger import Posting

sql = queries.load(__file__)

SHELF = ("available", "reserved", "allocated", "damaged", "quality_hold")
"""Buckets whose units lie in bins or on the floor."""

Key = tuple[UUID, UUID, str]
"""(SKU, location, lot): its row of stock guards its bins."""

Contents = dict[Key, dict[str, int]]
"""Units by bin, in the order in which they are taken out."""


@dataclass(slots=True)
class Bin:
    """A place inside a location."""

    location_id: UUID
    code: str
    sequence: int
    """Lower is emptied first."""
    active: bool
    """Nothing more is put into an inactive one."""
    version: int
    aisle: str | None = None
    """None: nobody said where it is."""
    position_cm: int | None = None
    """Down its aisle, from the front."""


class BinPosting(NamedTuple):
    """Units that moved between two bins; None is the floor (or, leaving, away)."""

    event_id: UUID
    sku_id: UUID
    location_id: UUID
    lot: str
    source: str | None
    target: str | None
    quantity: int
    subject_id: UUID
    """Of the event."""
    corrects: bool = False
    """Nothing moved: the book was wrong."""


def shelf_units(row: Mapping[str, int]) -> int:
    """How much of a row of stock lies in bins or on the floor: what is short lies nowhere."""
    return max(sum(row.get(bucket, 0) for bucket in SHELF) - row.get("short", 0), 0)


def on_floor(row: Mapping[str, int], bins: Mapping[str, int]) -> int:
    """How much of a row of stock lies in no bin."""
    return max(shelf_units(row) - sum(bins.values()), 0)


def in_zone(bins: Mapping[str, int], zone: str) -> int:
    """How much lies in the bins whose codes begin so."""
    return sum(units for code, units in bins.items() if code.startswith(zone))


def leaves_shelf(posting: Posting) -> Key | None:
    """The row of stock whose shelf loses the units; None where they stay on it, or were not there."""
    source, target = posting.source, posting.target
    if source is None or source.location_id is None or source.bucket not in SHELF:
        return None
    stays = (
        target is not None
        and target.bucket in SHELF
        and (target.location_id, target.lot) == (source.location_id, source.lot)
    )
    return None if stays else (posting.sku_id, source.location_id, source.lot)


def emptied(
    contents: Contents, key: Key, row: Mapping[str, int], by: tuple[UUID, UUID], on_paper: int
) -> list[BinPosting]:
    """What bins give up where they hold more than lies there, in memory too; so many units of it were never there.

    `by`: (event, its subject) that says why.
    """
    held = contents.get(key, {})
    gone = []
    for code, units in take_excess(held, shelf_units(row)).items():
        held[code] -= units
        corrected = min(units, on_paper)
        on_paper -= corrected
        gone += [
            BinPosting(by[0], *key, code, None, part, by[1], corrects)
            for part, corrects in ((units - corrected, False), (corrected, True))
            if part
        ]
    return gone


def take_excess(bins: Mapping[str, int], on_shelf: int) -> dict[str, int]:
    """What bins give up where they hold more than there is: one after the other."""
    excess, taken = sum(bins.values()) - on_shelf, {}
    for code, units in bins.items():
        if excess <= 0:
            break
        if gone := min(units, excess):
            taken[code] = gone
            excess -= gone
    return taken


async def read_bins(tx: Transaction, places: Iterable[tuple[UUID, str]], *, lock: bool) -> dict[tuple[UUID, str], Bin]:
    """Bins by location and code; with `lock` nobody changes them before the end of the transaction."""
    wanted = sorted(set(places))
    if not wanted:
        return {}
    rows = await tx.fetch(sql.lock_bins if lock else sql.read_bins, *queries.transposed(wanted, 2))
    return {(row[0], row[1]): Bin(*row) for row in rows}


async def save_bins(tx: Transaction, rows: Sequence[Bin]) -> int:
    """Rows written; fewer than given where somebody else saved one meanwhile."""
    return await tx.execute(
        sql.save_bins, *queries.columns(rows, "location_id code sequence active version aisle position_cm")
    )


async def read_contents(tx: Transaction, keys: Collection[Key]) -> Contents:
    """What lies in bins; keys without any are left out. Locked rows of stock keep it as it is."""
    contents: Contents = {}
    if keys:
        for row in await tx.fetch(sql.read_contents, *queries.transposed(sorted(keys), 3)):
            contents.setdefault((row[0], row[1], row[2]), {})[row[3]] = row[4]
    return contents


async def post(tx: Transaction, postings: Sequence[BinPosting], first: int = 0) -> None:
    """Write down what moved, numbered from `first`, and move it. PostgreSQL's CHECK refuses a bin below nothing."""
    numbered = [
        (each.event_id, number, each.sku_id, each.location_id, each.lot, each.source, each.target, each.quantity,
         each.subject_id, each.corrects)
        for number, each in enumerate(postings, first)
    ]  # fmt: skip
    columns = queries.transposed(numbered, 10)
    into = sorted({(p.sku_id, p.location_id, p.lot, p.target) for p in postings if p.target is not None})
    if into:
        await tx.execute(sql.open_contents, *queries.transposed(into, 4))
    if not await tx.fetchval(sql.post_bins, *columns):
        raise LookupError("a bin posting names units that lie in no bin")
