"""What receiving, adjusting and moving stock have in common: one product, one location, two ends."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Location, Sku
from lading.database.pool import Transaction
from lading.inventory import lots, rules
from lading.inventory import store as inventory
from lading.inventory.commands import AdjustStock, MoveStock, ReceiveStock
from lading.inventory.lots import Lots, Serials
from lading.inventory.types import FirstOnShelf
from lading.journal.types import Decision, Envelope, refused
from lading.operations import telling_apart, telling_late
from lading.operations.giving_back import Over, count_over
from lading.operations.registry import Batch
from lading.operations.telling_late import Counted
from lading.terms.ledger import Event, Posting

MovesStock = ReceiveStock | AdjustStock | MoveStock

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
    """Products, locations, the rows of stock at hand, and what is known of the lots and serials that are named."""

    skus: Mapping[str, Sku]
    locations: Mapping[str, Location]
    rows: dict[inventory.Key, dict[str, int]]
    lots: Lots
    serials: Serials
    over: Over = field(default_factory=Over)
    """Reservations at those rows whose time is over."""
    counted: Counted = field(default_factory=Counted)
    """Of movements that are told late."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """What the commands are about, and whether it was counted since."""
    commands: list[MovesStock] = batch.commands
    world = await read(tx, batch, commands)
    moved = ((key, command.occurred_at) for command in commands if (key := key_of(command, world)))
    world.counted = await telling_late.read(tx, batch, moved)
    return world


async def read(tx: Transaction, batch: Batch, commands: Sequence[OneShelf]) -> World:
    """Products and locations by code; the rows of stock, locked; lots and serials where any are named."""
    network = await catalog.read_network(tx)
    locations = {location.code: location for location in network.locations.values()}
    if batch.lock:
        shelves = ((each.sku, locations[each.location].id, each.lot) for each in commands if each.location in locations)
        await catalog.share_new_on_shelf(tx, shelves)
    skus = await catalog.read_skus(tx, (command.sku for command in commands))
    world = World(skus, locations, {}, {}, {})
    keys = {key for command in commands if (key := key_of(command, world))}
    world.lots = await lots.read_lots(tx, ((sku_id, lot) for sku_id, _, lot in keys if lot))
    world.rows = await inventory.stock_rows(tx, keys, lock=batch.lock)
    named = (
        (skus[each.sku].id, name) for each in commands if each.sku in skus for name in getattr(each, "serials", ())
    )
    world.serials = await lots.read_serials(tx, named, lock=batch.lock)
    world.over = await count_over(tx, batch, world.rows, _taken(commands, world))
    return world


def _taken(commands: Iterable[OneShelf], world: World) -> dict[inventory.Key, int]:
    """How much the batch takes of what is available, by row."""
    taken: dict[inventory.Key, int] = {}
    for command in commands:
        key = key_of(command, world)
        if key and isinstance(command, AdjustStock | MoveStock):
            source = command.source if isinstance(command, MoveStock) else rules.ENDS[command.kind][0]
            if source == "available":
                taken[key] = taken.get(key, 0) + command.quantity
    return taken


def key_of(command: OneShelf, world: World) -> inventory.Key | None:
    """The row of stock that the command is about; None where its product or location is unknown."""
    if command.sku not in world.skus or command.location not in world.locations:
        return None
    return world.skus[command.sku].id, world.locations[command.location].id, command.lot


def decide(envelope: Envelope[MovesStock], kind: str, world: World, batch: Batch) -> Decision:
    """As `post`; what was counted since stays as it was counted."""
    command = envelope.command
    decision = telling_late.take_back(post(command, kind, world, batch), envelope, world.counted, world.rows)
    if decision.also and (key := key_of(command, world)):
        decision.outcome = StockMoved(command.sku, command.location, world.rows[key].get("available", 0))
    return decision


def post(command: MovesStock, kind: str, world: World, batch: Batch) -> Decision:
    """Refuse what is not there; otherwise one event, and one posting (or one for each unit that has a name)."""
    if command.sku not in world.skus:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    if command.location not in world.locations:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    sku, location_id = world.skus[command.sku], world.locations[command.location].id
    if refusal := telling_apart.refuse(sku, command.quantity, command.lot, command.serials):
        return refusal
    row = world.rows.setdefault((sku.id, location_id, command.lot), {})
    ends = (command.source, command.target) if isinstance(command, MoveStock) else rules.ENDS[kind]
    moved = rules.move(ends, sku.id, location_id, command.lot, command.quantity)
    if refusal := _refuse_units(command, moved, row, world.counted):
        return refusal
    expires_on = command.expires_on if isinstance(command, ReceiveStock) else None
    if refusal := telling_apart.other_expiry(sku, command.lot, expires_on, world.lots):
        return refusal
    if moved.source and (refusal := telling_apart.elsewhere(sku, command.serials, moved.source, world.serials)):
        return refusal
    return _moved(command, kind, moved, row, world, batch)


def _refuse_units(command: MovesStock, moved: Posting, row: Mapping[str, int], counted: Counted) -> Decision | None:
    source, target = moved.source, moved.target
    held_too = isinstance(command, AdjustStock) and command.held_too
    if source and source.location_id:
        there = rules.takeable(row, source.bucket, held_too=held_too)
        there += telling_late.given_back(counted, moved, command.occurred_at, row)
        if there < command.quantity:
            return refused(
                NOT_THERE, "/quantity", location=command.location, sku=command.sku, bucket=source.bucket,
                available=there, quantity=command.quantity,
            )  # fmt: skip
    if target and target.location_id and row.get(target.bucket, 0) + command.quantity > UNITS_MAX:
        return refused(
            TOO_MANY_UNITS, "/quantity", location=command.location, sku=command.sku, bucket=target.bucket,
            there=row.get(target.bucket, 0), quantity=command.quantity, most=UNITS_MAX,
        )  # fmt: skip
    return None


def use(row: dict[str, int], moved: Posting) -> None:
    """The buckets of the row after the move."""
    if moved.source and moved.source.location_id:
        row[moved.source.bucket] -= moved.quantity
    if moved.target and moved.target.location_id:
        row[moved.target.bucket] = row.get(moved.target.bucket, 0) + moved.quantity


EVENTS = {"received": "stock_received", "moved": "stock_moved"}
"""What the event of a kind of move is called; all others are adjustments."""


def _moved(command: MovesStock, kind: str, moved: Posting, row: dict[str, int], world: World, batch: Batch) -> Decision:
    sku, source, target = world.skus[command.sku], moved.source, moved.target
    assert source and target
    rows: list[object] = []
    if not row and target.location_id:
        rows.append(FirstOnShelf(sku.id, target.location_id, target.lot))
    use(row, moved)
    at = command.occurred_at or batch.now
    data: dict[str, Any] = {
        "sku": command.sku, "location_id": world.locations[command.location].id, "lot": command.lot, "kind": kind,
        "quantity": command.quantity, "reason": command.reason, "document": command.document,
    }  # fmt: skip
    if target.location_id:
        expires_on = command.expires_on if isinstance(command, ReceiveStock) else None
        if lot := telling_apart.open_lot(sku.id, command.lot, expires_on, at, world.lots):
            rows.append(lot)
            data |= {"new_lot": True, "expires_on": lot.expires_on}
    if command.serials:
        rows += telling_apart.carry(sku.id, command.serials, source, target, world.serials)
        data["serials"] = command.serials
    if isinstance(command, MoveStock):
        data |= {"from": command.source, "to": command.target}
    event = Event(EVENTS.get(kind, "stock_adjusted"), "sku", sku.id, at, data)
    outcome = StockMoved(command.sku, command.location, row.get("available", 0))
    return Decision(outcome, event, rules.by_name(moved, command.serials), (), rows, rows_exist=True)
