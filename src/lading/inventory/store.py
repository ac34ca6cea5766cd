"""Reading and locking stock."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.database.queries import columns, narrowed, transposed
from lading.inventory import lots, rules
from lading.inventory.keeping import Basis, Demand
from lading.inventory.rules import GOOD
from lading.inventory.types import Key as Key
from lading.inventory.types import Level, Levels, Place, ReservationLine, Reservations, Shelf, StockFeed, Supplies
from lading.kernel.ids import first_id_at
from lading.terms.ledger import TOLD_AHEAD

sql = queries.load(__file__)

UNITS_MAX = 2**31 - 1
"""More than a row holds."""


async def read_supplies(
    tx: Transaction,
    wanted: Mapping[UUID, int],
    now: datetime,
    basis: Basis | None = None,
    known: Mapping[Key, int] | None = None,
    limited: set[UUID] | None = None,
    kept: Callable[[Place], int] | None = None,
) -> Supplies:
    """What is free, by SKU; no lock. Where a basis is given it learns what is on hand.

    Lots that are held or recalled are left out; expired ones are not. Where shelves bear lots, a statement reads their dates.

    `known` is what locked rows hold: better than an unlocked read says. Where less is available than the batch may want
    (`wanted`, units by SKU) beside what is `kept` back there at most, and something is reserved, reservations whose time is over
    are counted too: the oldest ones, as many as could ever be needed, for each holds a unit at least. `limited` learns which
    products have limits.
    """
    supplies: Supplies = {sku_id: [] for sku_id in wanted}
    in_lots: set[UUID] = set()
    short: dict[Key, Shelf] = {}
    missing: dict[Key, int] = {}
    below: list[Shelf] = []
    if basis is None:
        rows = await tx.fetch(sql.read_supplies, list(wanted))
    else:
        rows = await tx.fetch(sql.read_supplies_on_hand, list(wanted))
        basis.on_hand.clear()
        for row in rows:
            place = (row["sku_id"], row["location_id"])
            basis.on_hand[place] = basis.on_hand.get(place, 0) + row["on_hand"]
    for sku_id, location_id, lot, available, reserved, has_limits, *_ in rows:
        shelf = Shelf(location_id, lot, available)
        if known:
            shelf.available = known.get((sku_id, location_id, lot), available)
        supplies[sku_id].append(shelf)
        if reserved:
            lacks = wanted[sku_id] + (kept((sku_id, location_id)) if kept else 0) - shelf.available
            if lacks > 0:
                short[sku_id, location_id, lot] = shelf
                missing[sku_id, location_id, lot] = min(lacks, UNITS_MAX)
        if shelf.available < 0:
            below.append(shelf)
        if lot:
            in_lots.add(sku_id)
        if has_limits and limited is not None:
            limited.add(sku_id)
    if short:
        for key, lines in (await read_expired(tx, missing, now)).items():
            short[key].count_expired(lines)
    for shelf in below:
        shelf.available = max(shelf.available, 0)  # orders hold more in vain than lies free
    if in_lots:
        keys = ((sku_id, shelf.lot) for sku_id in in_lots for shelf in supplies[sku_id] if shelf.lot)
        known_lots = await lots.read_lots(tx, keys)
        for sku_id in in_lots:
            supplies[sku_id] = rules.first_to_expire_first(lots.dated(sku_id, supplies[sku_id], known_lots))
    return supplies


async def read_expired(tx: Transaction, missing: Mapping[Key, int], now: datetime) -> dict[Key, list[ReservationLine]]:
    """Reservations of those rows whose time is over, the oldest first, enough of them for so many units; no lock."""
    found: dict[Key, list[ReservationLine]] = {}
    rows = [(*key, units) for key, units in sorted(missing.items())]
    for row in await tx.fetch(sql.read_expired, now, *transposed(rows, 4)):
        line = ReservationLine(*row)
        found.setdefault(line.key, []).append(line)
    return found


async def read_reservations(tx: Transaction, ids: Iterable[UUID], *, lock: bool = False) -> Reservations:
    """Whole reservations, ended ones too; those that nobody made are left out. With `lock` their rows of stock come before."""
    found: Reservations = {}
    for row in await tx.fetch(sql.lock_reservations if lock else sql.read_reservations, sorted(set(ids))):
        line = ReservationLine(*row)
        found.setdefault(line.reservation_id, []).append(line)
    return found


LineId = tuple[UUID, int]
"""(reservation, number)"""


async def lock_reservation_lines(
    tx: Transaction, ids: Iterable[LineId], *, wait: bool = True
) -> dict[LineId, ReservationLine]:
    """Lock those lines; as they are now. Lines held by others are left out where `wait` is False."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await tx.fetch(sql.lock_lines if wait else sql.lock_free_lines, *transposed(wanted, 2))
    lines = (ReservationLine(*row) for row in rows)
    return {line.id: line for line in lines}


async def save_reservation_lines(tx: Transaction, lines: Sequence[ReservationLine]) -> None:
    """Insert new lines, save those that were extended or that ended."""
    new = [line[:9] for line in lines if not line.stored and line.location_id]
    if new:
        await tx.execute(sql.insert_reservation_lines, *narrowed(transposed(new, 9)))
    claims = [(*line[:3], line.group_id, *line[5:9]) for line in lines if not line.stored and line.location_id is None]
    if claims:
        await tx.execute(sql.insert_claims, *transposed(claims, 8))
    changed = {line.id: line for line in lines if line.stored}  # a line that was changed twice is saved as it was left
    if changed:
        known = [(*id_, line.expires_at, line.ended_as, line.ended_at, line.order_id) for id_, line in changed.items()]
        await tx.execute(sql.update_reservation_lines, *transposed(known, 6))


async def read_demand(tx: Transaction, sku_ids: Sequence[UUID], basis: Basis) -> None:
    """The basis learns how much is asked for of these products, as it was counted last."""
    for sku_id, location_id, units, days in await tx.fetch(sql.read_demand, sku_ids):
        basis.demand[(sku_id, location_id)] = Demand(units, days)


async def lock_supplies(
    tx: Transaction, keys: Iterable[Key], *, wait: bool = True, limited: set[UUID] | None = None
) -> dict[Key, int]:
    """Lock those rows; what is available in each now, less what orders hold in vain there: it may be below zero.

    Rows held by others are left out where `wait` is False. `limited` learns which products have limits by now.
    """
    wanted = sorted(keys)
    if not wanted:
        return {}
    columns = [list(column) for column in zip(*wanted, strict=True)]
    rows = await tx.fetch(sql.lock_supplies if wait else sql.lock_free_supplies, *columns)
    if limited is not None:
        limited.update(row[0] for row in rows if row[4])
    return {(row[0], row[1], row[2]): row[3] for row in rows}


async def available(tx: Transaction, keys: Iterable[Key], *, lock: bool) -> dict[Key, int]:
    """What is available in those rows; rows that do not exist are left out."""
    if lock:
        found = await lock_supplies(tx, keys)
    else:
        rows = await tx.fetch(sql.read_stock, *transposed(sorted(set(keys)), 3))
        found = {(row[0], row[1], row[2]): row["available"] - row["short"] for row in rows}
    return {key: max(units, 0) for key, units in found.items()}


async def stock_rows(tx: Transaction, keys: Iterable[Key], *, lock: bool) -> dict[Key, dict[str, int]]:
    """All buckets of those rows, by key; rows that do not exist are left out."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    columns = [list(column) for column in zip(*wanted, strict=True)]
    rows = await tx.fetch(sql.lock_stock if lock else sql.read_stock, *columns)
    return {(row[0], row[1], row[2]): dict(list(row.items())[3:]) for row in rows}


async def anything_after(tx: Transaction, moment: datetime) -> bool:
    """Whether anything occurred after a moment, whatever it is and whenever it was told."""
    return bool(await tx.fetchval(sql.anything_after, moment))


async def moved_after(tx: Transaction, moments: Sequence[tuple[Key, datetime]]) -> list[int]:
    """For each (row of stock, moment): by how much its good units grew with what occurred after that moment."""
    grown = [0] * len(moments)
    if moments:
        first = {moment: first_id_at(moment - TOLD_AHEAD) for _, moment in moments}
        rows = [(number, *key, first[moment], moment) for number, (key, moment) in enumerate(moments)]
        for number, change in await tx.fetch(sql.moved_after, *queries.transposed(rows, 6), list(GOOD)):
            grown[number] = change
    return grown


async def read_feeds(tx: Transaction, references: Iterable[str], *, lock: bool) -> dict[str, StockFeed]:
    """Feeds by reference."""
    statement = sql.lock_feeds if lock else sql.read_feeds
    return {row["reference"]: StockFeed(*row) for row in await tx.fetch(statement, sorted(set(references)))}


async def files_there(tx: Transaction, digests: Iterable[bytes]) -> set[bytes]:
    """Those that the merchant handed in."""
    return {row[0] for row in await tx.fetch(sql.files_there, sorted(set(digests)))}


async def insert_feeds(tx: Transaction, feeds: Sequence[StockFeed]) -> int:
    """Rows written; fewer than given means that somebody else took a reference meanwhile."""
    names = "id reference kind complete as_of location_id sha256 received_at"
    return await tx.execute(sql.insert_feeds, *queries.columns(feeds, names))


async def finish_feeds(tx: Transaction, feeds: Sequence[StockFeed]) -> None:
    """Save what became of them."""
    names = "id finished_at rows_read unchanged applied zeroed not_taken trouble report"
    await tx.execute(sql.finish_feeds, *queries.columns(feeds, names))


async def create_rows(tx: Transaction, keys: Iterable[Key]) -> int:
    """Make those rows, empty, where they do not exist; how many were made."""
    return await tx.execute(sql.create_rows, *queries.transposed(sorted(keys), 3))


async def read_levels(tx: Transaction, sku_ids: Sequence[UUID], *, lock: bool) -> Levels:
    """What was told of the availability of these products."""
    levels: Levels = {}
    for sku_id, level, reached in await tx.fetch(sql.lock_levels if lock else sql.read_levels, sku_ids):
        levels.setdefault(sku_id, {})[level] = Level(sku_id, level, reached)
    return levels


async def save_levels(tx: Transaction, rows: Sequence[Level]) -> int:
    """Rows written; fewer than given means that somebody else told it first."""
    known = [row for row in rows if row.stored]
    written = await tx.execute(sql.update_levels, *columns(known, "sku_id level reached")) if known else 0
    new = [row for row in rows if not row.stored]
    return written + (await tx.execute(sql.insert_levels, *columns(new, "sku_id level reached")) if new else 0)
