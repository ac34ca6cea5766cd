"""What receiving and adjusting stock have in common: one product, one location, one posting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Location, Sku
from lading.database.pool import Transaction
from lading.inventory import rules
from lading.inventory import store as inventory
from lading.inventory.commands import AdjustStock, ReceiveStock
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch
from lading.terms.ledger import Event

UNKNOWN_SKU = ("unknown_sku", "There is no product {sku}.")
UNKNOWN_LOCATION = ("unknown_location", "There is no location {location}.")
NOT_THERE = ("not_there", "{location} has {available} {sku} {bucket}, not {quantity}.")
UNITS_MAX = 2_000_000_000
"""What a row of stock holds in one bucket: less than its column could, so that units which come back still fit."""
TOO_MANY_UNITS = ("too_many_units", "{location} has {there} {sku} {bucket}; with {quantity} more it is above {most}.")


class OneShelf(Protocol):
    """A command about one product at one location."""

    @property
    def sku(self) -> str: ...
    @property
    def location(self) -> str: ...
    @property
    def lot(self) -> str: ...


class StockMoved(Struct, frozen=True):
    """What the touched bucket holds now."""

    sku: str
    location: str
    available: int
    """Units that can be promised there (this lot)."""


@dataclass(slots=True)
class World:
    """Products, locations and the rows of stock at hand."""

    skus: Mapping[str, Sku]
    locations: Mapping[str, Location]
    rows: dict[inventory.Key, dict[str, int]]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Products and locations by code, and the rows of stock, locked."""
    commands: list[OneShelf] = batch.commands
    skus = await catalog.read_skus(tx, (command.sku for command in commands))
    network = await catalog.read_network(tx)
    locations = {location.code: location for location in network.locations.values()}
    world = World(skus, locations, {})
    keys = {key for command in commands if (key := key_of(command, world))}
    world.rows = await inventory.stock_rows(tx, keys, lock=batch.lock)
    return world


def key_of(command: OneShelf, world: World) -> inventory.Key | None:
    """The row of stock that the command is about; None where its product or location is unknown."""
    if command.sku not in world.skus or command.location not in world.locations:
        return None
    return world.skus[command.sku].id, world.locations[command.location].id, command.lot


def decide(command: ReceiveStock | AdjustStock, kind: str, world: World, batch: Batch) -> Decision:
    """Refuse what is not there; otherwise one posting and one event."""
    if command.sku not in world.skus:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    if command.location not in world.locations:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    sku_id, location_id = world.skus[command.sku].id, world.locations[command.location].id
    row = world.rows.setdefault((sku_id, location_id, command.lot), {})
    source, target = rules.taken_from(kind), rules.left_in(kind)
    if source and row.get(source, 0) < command.quantity:
        return refused(
            NOT_THERE, "/quantity", location=command.location, sku=command.sku, bucket=source, available=row.get(source, 0),
            quantity=command.quantity,
        )  # fmt: skip
    if target and row.get(target, 0) + command.quantity > UNITS_MAX:
        return refused(
            TOO_MANY_UNITS, "/quantity", location=command.location, sku=command.sku, bucket=target, there=row.get(target, 0),
            quantity=command.quantity, most=UNITS_MAX,
        )  # fmt: skip
    if source:
        row[source] -= command.quantity
    if target:
        row[target] = row.get(target, 0) + command.quantity
    return _moved(command, kind, sku_id, location_id, row, batch)


def _moved(
    command: ReceiveStock | AdjustStock,
    kind: str,
    sku_id: UUID,
    location_id: UUID,
    row: Mapping[str, int],
    batch: Batch,
) -> Decision:
    data = {
        "sku": command.sku, "location_id": location_id, "lot": command.lot, "kind": kind, "quantity": command.quantity,
        "reason": command.reason, "document": command.document,
    }  # fmt: skip
    event = Event(
        "stock_received" if kind == "received" else "stock_adjusted",
        "sku",
        sku_id,
        command.occurred_at or batch.now,
        data,
    )
    posting = rules.move(kind, sku_id, location_id, command.lot, command.quantity)
    return Decision(StockMoved(command.sku, command.location, row.get("available", 0)), event, [posting])
