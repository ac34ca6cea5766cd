"""Reading and saving the catalog."""

from collections.abc import Iterable, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from lading.catalog import schedule as schedules
from lading.catalog.attributes import Attribute
from lading.catalog.policies import Policies
from lading.catalog.types import (
    ChannelRow,
    Component,
    GroupRow,
    KitRow,
    Location,
    LocationRow,
    Network,
    PolicyRow,
    ProductRow,
    Sku,
    SubstitutesRow,
)
from lading.database import queries
from lading.database.pool import Transaction
from lading.database.queries import columns, transposed

sql = queries.load(__file__)


async def read_skus(tx: Transaction, codes: Iterable[str]) -> dict[str, Sku]:
    """Products by code; codes that nobody has are left out."""
    return {row[1]: Sku(*row) for row in await tx.fetch(sql.read_skus, sorted(set(codes)))}


async def read_components(tx: Transaction, kit_ids: Iterable[UUID]) -> dict[UUID, list[Component]]:
    """What those kits are made of, by kit, in the order of their components."""
    kits: dict[UUID, list[Component]] = {}
    for kit_id, per_kit, list_price, *sku in await tx.fetch(sql.read_components, sorted(set(kit_ids))):
        kits.setdefault(kit_id, []).append(Component(Sku(*sku), per_kit, list_price))
    return kits


async def read_substitutes(tx: Transaction, sku_ids: Iterable[UUID]) -> dict[UUID, list[Sku]]:
    """What may be sent in place of these products, the first that is thought of first."""
    found: dict[UUID, list[Sku]] = {}
    for sku_id, *sku in await tx.fetch(sql.read_substitutes, sorted(set(sku_ids))):
        found.setdefault(sku_id, []).append(Sku(*sku))
    return found


async def save_substitutes(tx: Transaction, rows: Sequence[SubstitutesRow]) -> None:
    """These instead of those that were known before. The rows of the products are locked."""
    latest = {row.sku_id: row for row in rows}
    await tx.execute(sql.clear_substitutes, list(latest))
    new = [
        (row.sku_id, number, substitute_id)
        for row in latest.values()
        for number, substitute_id in enumerate(row.substitutes, 1)
    ]
    await tx.execute(sql.insert_substitutes, *transposed(new, 3))


async def lock_skus(tx: Transaction, codes: Iterable[str]) -> dict[str, Sku]:
    """As read_skus, locked in primary-key order."""
    return {row[1]: Sku(*row) for row in await tx.fetch(sql.lock_skus, sorted(set(codes)))}


async def kits_made_of(tx: Transaction, sku_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, str]]:
    """The kits (id to code) that are made of the product, for each product that some kit is made of."""
    kits: dict[UUID, dict[UUID, str]] = {}
    for sku_id, kit_id, code in await tx.fetch(sql.kits_made_of, sorted(set(sku_ids))):
        kits.setdefault(sku_id, {})[kit_id] = code
    return kits


async def save_kits(tx: Transaction, rows: Sequence[KitRow]) -> None:
    """The components of those kits, instead of what they were made of before. The rows of the products are locked."""
    latest = {row.id: row for row in rows}.values()
    await tx.execute(sql.mark_kits, *columns(list(latest), "id kit"))
    components = [
        (row.id, number, sku_id, per_kit, list_price)
        for row in latest
        for number, (sku_id, per_kit, list_price) in enumerate(row.components, 1)
    ]
    await tx.execute(sql.clear_components, [row.id for row in latest])
    await tx.execute(sql.insert_components, *transposed(components, 5))


async def share_new_on_shelf(tx: Transaction, shelves: Iterable[tuple[str, UUID, str]]) -> None:
    """Nobody changes products that have no row of stock on one of their (code, location, lot) before the end of the transaction."""
    await tx.fetch(sql.share_new_on_shelf, *transposed(sorted(set(shelves)), 3))


async def skus_by_id(tx: Transaction, ids: Iterable[UUID], *, share: bool = False) -> dict[UUID, Sku]:
    """Products by id; with `share` nobody changes them before the end of the transaction."""
    statement = sql.share_skus_by_id if share else sql.skus_by_id
    return {row[0]: Sku(*row) for row in await tx.fetch(statement, sorted(set(ids)))}


async def skus_with_units(tx: Transaction, ids: Iterable[UUID]) -> set[UUID]:
    """Those that have units somewhere, or ever had."""
    return {row[0] for row in await tx.fetch(sql.skus_with_units, sorted(ids))}


async def read_skus_scanned(tx: Transaction, barcodes: Iterable[str]) -> dict[str, Sku]:
    """Products by what was scanned: a GTIN, or a product's code (which wins). Unknown ones are left out."""
    rows = await tx.fetch(sql.skus_scanned, sorted(set(barcodes)))
    return {scanned: Sku(*row) for scanned, _, *row in sorted(rows, key=lambda row: row[1])}


async def read_network(tx: Transaction) -> Network:
    """All channels and locations."""
    network = Network()
    for what, id_, code, name, priority, active, zone, returns in await tx.fetch(sql.read_network):
        if what == "channel":
            network.channels[code] = id_
        else:
            network.locations[id_] = Location(id_, code, name, priority, active, time_zone=zone, takes_returns=returns)
    return network


_POLICY, _VERSION = -1, -2  # in the priority column of read_setup


async def read_zone(tx: Transaction) -> ZoneInfo:
    """Where the merchant's clock stands: its days begin there, and documents have their dates."""
    return ZoneInfo(await tx.fetchval(sql.zone_of_merchant))


async def read_setup(tx: Transaction, sku_ids: Iterable[UUID]) -> tuple[Network, Policies]:
    """Channels and locations, and the policies in force for the products at hand with the version that names them."""
    network, policies = Network(), Policies(0)
    rows = await tx.fetch(sql.read_setup, list(sku_ids))
    for what, id_, code, name, priority, active, ships, time_zone, value, hands_out, is_vendor in rows:
        if priority == _POLICY:
            policies.values.setdefault(name, {})[(what, id_)] = msgspec.json.decode(value)
        elif priority == _VERSION:
            policies.version = int(value)
        elif what == "channel":
            network.channels[code] = id_
        elif what == "attribute":
            known = msgspec.json.decode(value)
            network.attributes[(time_zone, code)] = Attribute(
                time_zone, code, name, known["type"], known["allowed"], active, ships
            )
        else:
            schedule = schedules.parse(value) if value else None
            network.locations[id_] = Location(
                id_, code, name, priority, active, ships, time_zone, schedule, hands_out=hands_out, is_vendor=is_vendor
            )
    return network, policies


async def read_codes(tx: Transaction, sku_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The codes of these products."""
    return {row[0]: row[1] for row in await tx.fetch(sql.read_codes, sorted(set(sku_ids)))}


async def read_weights(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, int | None]:
    """What a unit of each product weighs, in grams; None where nobody said."""
    return {row[0]: row[1] for row in await tx.fetch(sql.read_weights, sorted(set(ids)))}


async def read_products(tx: Transaction, codes: Iterable[str], *, lock: bool) -> dict[str, ProductRow]:
    """Whole products by code."""
    statement = sql.lock_products if lock else sql.read_products
    return {row["code"]: ProductRow(*row) for row in await tx.fetch(statement, sorted(set(codes)))}


async def save_products(tx: Transaction, rows: Sequence[ProductRow]) -> int:
    """Rows written; fewer than given means that somebody else saved one meanwhile. Two rows of one code raise UniqueViolationError."""
    names = (
        "id code name gtin weight_grams length_mm width_mm height_mm active version tracking upright fragile keep_apart hs_code origin"
        " tax_category"
    )
    return await tx.execute(sql.save_products, *columns(rows, names))


async def read_locations(tx: Transaction, codes: Iterable[str], *, lock: bool) -> dict[str, LocationRow]:
    """Whole locations by code."""
    statement = sql.lock_locations if lock else sql.read_locations
    return {row["code"]: LocationRow(*row) for row in await tx.fetch(statement, sorted(set(codes)))}


async def save_locations(tx: Transaction, rows: Sequence[LocationRow]) -> int:
    """Rows written."""
    names = "id code name kind time_zone country priority active version group_id address"
    capabilities = [",".join(row.capabilities) for row in rows]
    return await tx.execute(sql.save_locations, *columns(rows, names), capabilities, [row.schedule for row in rows])


async def read_groups(tx: Transaction, *, lock: bool) -> dict[str, GroupRow]:
    """All location groups by code."""
    return {row["code"]: GroupRow(*row) for row in await tx.fetch(sql.lock_groups if lock else sql.read_groups)}


async def save_groups(tx: Transaction, rows: Sequence[GroupRow]) -> int:
    """Rows written."""
    return await tx.execute(sql.save_groups, *columns(rows, "id code name parent_id version"))


async def read_channels(tx: Transaction, codes: Iterable[str], *, lock: bool) -> dict[str, ChannelRow]:
    """Whole channels by code."""
    statement = sql.lock_channels if lock else sql.read_channels
    return {row["code"]: ChannelRow(*row) for row in await tx.fetch(statement, sorted(set(codes)))}


async def save_channels(tx: Transaction, rows: Sequence[ChannelRow]) -> int:
    """Rows written."""
    return await tx.execute(sql.save_channels, *columns(rows, "id code name version"))


PolicyKey = tuple[str, str, UUID]
"""(policy, scope kind, scope id)"""


async def current_policies(tx: Transaction, keys: Iterable[PolicyKey]) -> tuple[dict[PolicyKey, PolicyRow], int]:
    """The versions in force by key, and the last version number of the merchant."""
    rows = await tx.fetch(sql.current_policies, *transposed(sorted(set(keys)), 3))
    current = {(row[0], row[1], row[2]): PolicyRow(*row) for row in rows}
    return current, int(await tx.fetchval(sql.last_policy_version))


async def save_policies(tx: Transaction, rows: Sequence[PolicyRow]) -> None:
    """Mark what is superseded, then insert the new versions."""
    await tx.execute(sql.supersede_policies, *columns([row for row in rows if row.stored], "version superseded_by"))
    new = [row for row in rows if not row.stored]
    names = "name scope_kind scope_id version value set_at set_by superseded_by"
    await tx.execute(sql.insert_policies, *columns(new, names))
