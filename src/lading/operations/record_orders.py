"""Record orders of the past: delivered from a location, paid elsewhere; nobody is told and nothing is to do."""

from typing import NamedTuple
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.catalog.types import Location
from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.journal.types import Decision, Envelope, refused
from lading.operations import making_orders, placing, selling_kits
from lading.operations.giving_back import Over, count_over, give_back
from lading.operations.registry import Batch, Verb
from lading.orders.commands import RecordOrder
from lading.orders.types import Order
from lading.terms.ledger import End, Event, Posting
from lading.terms.money import Money

UNKNOWN_LOCATION = ("unknown_location", "There is no location {location}.")
INSUFFICIENT_STOCK = (
    "insufficient_stock",
    "{location} has {available} {sku} available, not the {quantity} that left it: receive them first.",
)


class OrderRecorded(Struct, frozen=True):
    """The order as it stands in the books."""

    order_id: UUID
    number: str
    version: int
    total: Money


class World(Struct):
    """What placement looks at, and the stock that the orders left."""

    base: placing.World
    locations: dict[str, Location]
    available: dict[tuple[UUID, UUID], int]
    """(SKU, location) to units; each order uses its own up."""
    leaving: dict[UUID, "list[Leaving]"]
    """What left the shelves, by command."""
    over: Over = msgspec.field(default_factory=Over)
    """Reservations there whose time is over."""
    guarded: bool = False
    """The rows were not locked: the postings find out (ADR 0024)."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """As for placement; then the rows of stock at the locations that the orders left, locked where they might not reach."""
    base = await placing.read_world(tx, batch)
    locations = {location.code: location for location in base.network.locations.values()}
    leaving = {each.command_id: _leaving(each.command, base) for each in batch.envelopes}
    keys = {
        (left.sku_id, location.id, "")
        for each in batch.envelopes
        if (location := locations.get(each.command.location))
        for left in leaving[each.command_id]
    }
    world = World(base, locations, {}, leaving, guarded=batch.lock and not batch.attempt)
    rows = await inventory.available(tx, keys, lock=batch.lock and not world.guarded)
    world.available = {(sku, location): units for (sku, location, _), units in rows.items()}
    if is_short(world, batch):
        buckets = await inventory.stock_rows(tx, keys, lock=world.guarded)  # or locked already
        world.guarded = False
        world.over = await count_over(tx, batch, buckets)
        world.available = {(sku, location): row["available"] for (sku, location, _), row in buckets.items()}
        if not batch.attempt and is_short(world, batch):
            # An order that is recorded already gets its answer again, whatever its stock is by now.
            await placing.read_references(tx, batch, base)
    return world


class Leaving(NamedTuple):
    """Units that left the location for a line; for a kit those of one of its parts."""

    line_index: int
    """Of the command's line."""
    sku_id: UUID
    quantity: int
    per_kit: int


def _leaving(command: RecordOrder, base: placing.World) -> list[Leaving]:
    """What left the shelves; lines of unknown products are left out."""
    parts = selling_kits.parts_of(command, base)
    apart = {part.part_of - 1 for part in parts}
    lines = [
        Leaving(index, base.skus[line.sku].id, line.quantity, 1)
        for index, line in enumerate(command.lines)
        if index not in apart and line.sku in base.skus
    ]
    return lines + [Leaving(part.part_of - 1, part.sku_id, part.quantity, part.per_kit) for part in parts]


def is_short(world: World, batch: Batch) -> bool:
    """Whether stock does not reach for all orders of the batch together."""
    wanted: dict[tuple[UUID, UUID], int] = {}
    for each in batch.envelopes:
        if location := world.locations.get(each.command.location):
            for leaving in world.leaving[each.command_id]:
                key = (leaving.sku_id, location.id)
                wanted[key] = wanted.get(key, 0) + leaving.quantity
    return any(units > world.available.get(key, 0) for key, units in wanted.items())


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each order sees the stock that the earlier ones left."""
    decisions = [
        _refuse(envelope, world) or _record(envelope, number, world, batch)
        for envelope, number in zip(batch.envelopes, batch.numbers, strict=True)
    ]
    return give_back(decisions, world.over, batch.now)


def _refuse(envelope: Envelope[RecordOrder], world: World) -> Decision | None:
    command = envelope.command
    if decision := placing.refuse(command, world.base, history=True):
        return decision
    if command.location not in world.locations:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    return placing.heard_before(envelope, world.base, OrderRecorded) or _refuse_missing(envelope, world)


def _refuse_missing(envelope: Envelope[RecordOrder], world: World) -> Decision | None:
    """All of it or nothing: the same product on two lines needs the units of both."""
    command = envelope.command
    location = world.locations[command.location]
    left: dict[UUID, int] = {}
    for index, sku_id, quantity, per_kit in world.leaving[envelope.command_id]:
        available = left.get(sku_id)
        if available is None:
            available = world.available.get((sku_id, location.id), 0)
        if available < quantity:
            return refused(
                INSUFFICIENT_STOCK,
                f"/lines/{index}/quantity",
                sku=command.lines[index].sku,
                location=command.location,
                available=available // per_kit,
                quantity=quantity // per_kit,
            )
        left[sku_id] = available - quantity
    for sku_id, available in left.items():
        world.available[(sku_id, location.id)] = available
    return None


def _record(envelope: Envelope[RecordOrder], number: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    location = world.locations[command.location]
    placed = making_orders.new_order(envelope, number, world.base, batch, history=True)
    order = placed.order
    data = placing.event_data(placed, command)
    data["location_id"] = location.id
    data["delivered_at"] = command.delivered_at
    outcome = OrderRecorded(order.id, str(number), 1, Money.of_minor(order.charged_minor, order.currency))
    placing.remember(envelope, order, outcome, world.base)
    event = Event("order_recorded", "order", order.id, order.placed_at, data)
    postings = deliver(order, location.id)
    return Decision(outcome, event, postings, placed.money, placed.rows, guarded=world.guarded)


def deliver(order: Order, location_id: UUID) -> list[Posting]:
    """All units leave the shelf and are with the customer, in one posting a line."""
    shelf = End("available", location_id)
    postings = []
    for line in order.lines.values():
        if line.is_kit:
            continue
        line.move("open", "delivered", line.ordered)
        postings.append(Posting(line.sku_id, line.ordered, shelf, None, line.number, "open", "delivered"))
    return postings


VERB = Verb(
    noun="orders",
    verb="record",
    summary="Record an order of the past: delivered from a location, paid elsewhere; nobody is told, nothing is to do.",
    command=RecordOrder,
    outcome=OrderRecorded,
    refusals=(
        placing.UNKNOWN_CHANNEL,
        placing.UNKNOWN_SKU,
        selling_kits.TOO_MANY_PARTS,
        UNKNOWN_LOCATION,
        placing.REFERENCE_TAKEN,
        INSUFFICIENT_STOCK,
    ),
    scope="orders:write",
    event="order_recorded",
    example={
        "channel": "web",
        "external_reference": "2019-0815",
        "currency": "EUR",
        "location": "HAM",
        "placed_at": "2019-11-02T10:15:00+01:00",
        "delivered_at": "2019-11-04T12:00:00+01:00",
        "customer": {"reference": "17850"},
        "lines": [{"sku": "MUG-BLUE", "quantity": 2, "unit_price": {"amount": "12.50", "currency": "EUR"}}],
        "charges": [{"kind": "shipping", "code": "POST", "amount": {"amount": "4.90", "currency": "EUR"}}],
        "tenders": [{"amount": {"amount": "29.90", "currency": "EUR"}}],
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
)
