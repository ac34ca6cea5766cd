"""Reading and saving the catalog."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from lading.catalog.policies import Policies
from lading.catalog.types import ChannelRow, Location, LocationRow, Network, ProductRow, Sku
from lading.database import queries
from lading.database.pool import Transaction
from lading.database.queries import columns

sql = queries.load(__file__)


async def read_skus(tx: Transaction, codes: Iterable[str]) -> dict[str, Sku]:
    """Products by code; codes that nobody has are left out."""
    return {row[1]: Sku(row[0], row[1], row[2]) for row in await tx.fetch(sql.read_skus, sorted(set(codes)))}


async def read_network(tx: Transaction) -> Network:
    """All channels and locations."""
    network = Network()
    for what, id_, code, name, priority, active in await tx.fetch(sql.read_network):
        if what == "channel":
            network.channels[code] = id_
        else:
            network.locations[id_] = Location(id_, code, name, priority, active)
    return network


_POLICY, _VERSION = -1, -2  # in the priority column of read_setup


async def read_setup(tx: Transaction, sku_ids: Iterable[UUID]) -> tuple[Network, Policies]:
    """Channels and locations, and the policies in force for the products at hand with the version that names them."""
    network, policies = Network(), Policies(0)
    for what, id_, code, name, priority, active, value in await tx.fetch(sql.read_setup, list(sku_ids)):
        if priority == _POLICY:
            policies.values.setdefault(name, {})[(what, id_)] = msgspec.json.decode(value)
        elif priority == _VERSION:
            policies.version = int(value)
        elif what == "channel":
            network.channels[code] = id_
        else:
            network.locations[id_] = Location(id_, code, name, priority, active)
    return network, policies


async def read_products(tx: Transaction, codes: Iterable[str]) -> dict[str, ProductRow]:
    """Whole products by code."""
    return {row["code"]: ProductRow(*row) for row in await tx.fetch(sql.read_products, sorted(set(codes)))}


async def save_products(tx: Transaction, rows: Sequence[ProductRow]) -> int:
    """Rows written; fewer than given means that somebody else saved one meanwhile. Two rows of one code raise UniqueViolationError."""
    names = "id code name gtin weight_grams length_mm width_mm height_mm active version"
    return await tx.execute(sql.save_products, *columns(rows, names))


async def read_locations(tx: Transaction, codes: Iterable[str]) -> dict[str, LocationRow]:
    """Whole locations by code."""
    return {row["code"]: LocationRow(*row) for row in await tx.fetch(sql.read_locations, sorted(set(codes)))}


async def save_locations(tx: Transaction, rows: Sequence[LocationRow]) -> int:
    """Rows written."""
    return await tx.execute(
        sql.save_locations, *columns(rows, "id code name kind time_zone country priority active version")
    )


async def read_channels(tx: Transaction, codes: Iterable[str]) -> dict[str, ChannelRow]:
    """Whole channels by code."""
    return {row["code"]: ChannelRow(*row) for row in await tx.fetch(sql.read_channels, sorted(set(codes)))}


async def save_channels(tx: Transaction, rows: Sequence[ChannelRow]) -> int:
    """Rows written."""
    return await tx.execute(sql.save_channels, *columns(rows, "id code name version"))
