"""Reading what rules of sourcing look at, and saving where postal codes lie."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.sourcing.commands import SaveSourcingRules
from lading.sourcing.geography import Point, prefixes
from lading.sourcing.plans import Asked, Plan, Spot
from lading.sourcing.previews import Offer, SourcingPreview

sql = queries.load(__file__)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Offer]).decode

AreaKey = tuple[str, str]
"""(country, beginning of a postal code)"""


class Area(NamedTuple):
    """Where a postal code lies, as it is saved."""

    country: str
    code: str
    latitude: float
    longitude: float


async def read_spots(
    tx: Transaction, above: Mapping[UUID, frozenset[str]], *, count: bool
) -> tuple[list[Spot], dict[UUID, list[AreaKey]]]:
    """All locations; and by what postal codes those are to be found that do not say where they are.

    `above` are the codes of a group and of those above it; with `count` their orders to pick or to pack are counted.
    """
    spots, to_find = list[Spot](), dict[UUID, list[AreaKey]]()
    for row in await tx.fetch(sql.read_spots, count):
        at = (float(row["latitude"]), float(row["longitude"])) if row["latitude"] and row["longitude"] else None
        if at is None and row["postal_code"]:
            to_find[row["id"]] = [(row["country"], prefix) for prefix in prefixes(row["postal_code"])]
        spots.append(
            Spot(
                row["id"], row["code"], row["kind"], above.get(row["group_id"], frozenset()), row["country"], at,
                frozenset(row["capabilities"]), row["priority"], row["workload"],
            )
        )  # fmt: skip
    return spots, to_find


async def read_plan(
    tx: Transaction,
    rules: SaveSourcingRules,
    version: int,
    sku_ids: Iterable[UUID],
    asked: Iterable[Asked],
    *,
    above: Mapping[UUID, frozenset[str]],
    hazardous: frozenset[UUID],
) -> Plan:
    """These rules, and what they look at; `above` as for `read_spots`."""
    far = any(rule.by == "nearest" for rule in rules.rules) or any(rule.by == "distance" for rule in rules.filters)
    far = far or (rules.costs is not None and any(zone.up_to_km for zone in rules.costs.zones))
    count = any(rule.by == "lowest_workload" for rule in rules.rules)
    count = count or any(rule.by == "workload" for rule in rules.filters)
    spots, to_find = await read_spots(tx, above, count=count)
    areas: dict[AreaKey, Point] = {}
    if far:
        keys = {key for found in to_find.values() for key in found}
        for each in asked:
            if each.country and each.postal_code:
                keys.update((each.country, prefix) for prefix in prefixes(each.postal_code))
        areas = await read_areas(tx, keys)
        for number, spot in enumerate(spots):
            at = next((areas[key] for key in to_find.get(spot.id, ()) if key in areas), None)
            spots[number] = spot._replace(at=spot.at or at)
    grams = await read_weights(tx, sku_ids) if rules.costs else {}
    return Plan(rules, version, {spot.id: spot for spot in spots}, grams, areas, hazardous)


async def read_weights(tx: Transaction, sku_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Grams of one unit, of those that have a weight."""
    return {row[0]: row[1] for row in await tx.fetch(sql.read_weights, sorted(set(sku_ids)))}


async def read_areas(tx: Transaction, keys: Collection[AreaKey], *, lock: bool = False) -> dict[AreaKey, Point]:
    """Those of them that are known."""
    wanted = sorted(set(keys))
    rows = await tx.fetch(sql.lock_areas if lock else sql.read_areas, *queries.transposed(wanted, 2)) if wanted else []
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


async def save_areas(tx: Transaction, rows: Sequence[Area]) -> None:
    """The last one of a code counts."""
    latest = {(row.country, row.code): row for row in rows}
    await tx.execute(sql.save_areas, *queries.transposed([latest[key] for key in sorted(latest)], 4))


async def read_asked(tx: Transaction, order_ids: Iterable[UUID]) -> dict[UUID, Asked]:
    """What sourcing may know of these orders."""
    rows = await tx.fetch(sql.read_asked, sorted(order_ids))
    return {row["id"]: _asked(row) for row in rows}


def _asked(row: asyncpg.Record) -> Asked:
    elsewhere = tuple(map(tuple, msgspec.json.decode(row["elsewhere"] or "[]")))
    together = frozenset(row["whole_lines"] or ())
    return Asked(row["channel"], row["country"], row["postal_code"], row["may_split"], together, elsewhere)


async def waiting_orders(tx: Transaction, count: int) -> list[UUID]:
    """So many orders that wait for their release, the longest waiting first."""
    return [row[0] for row in await tx.fetch(sql.waiting_orders, count)]


async def latest_orders(tx: Transaction, count: int) -> list[UUID]:
    """The newest so many."""
    return [row[0] for row in await tx.fetch(sql.latest_orders, count)]


async def insert_previews(tx: Transaction, rows: Sequence[SourcingPreview]) -> None:
    """Kept as they were shown."""
    kept = [(row.id, row.made_at, row.rules_version, row.looked_at, _encode(row.orders).decode()) for row in rows]
    await tx.execute(sql.insert_previews, *queries.transposed(kept, 5))


async def read_previews(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, SourcingPreview]:
    """Those that there are."""
    rows = await tx.fetch(sql.read_previews, sorted(set(ids)))
    return {
        row["id"]: SourcingPreview(
            row["id"], row["made_at"], row["rules_version"], row["looked_at"], _decode(row["orders"])
        )
        for row in rows
    }
