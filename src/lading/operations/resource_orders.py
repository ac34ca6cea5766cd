"""Source orders again as a preview showed it: all of it, or nothing where anything changed since."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment import store as fulfillment
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Work
from lading.journal.types import Decision, refused
from lading.operations import changing, choosing_stock, fulfilling, reading_stock
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch, Verb
from lading.orders.commands import ResourceOrder
from lading.orders.types import Order
from lading.sourcing import store as sourcing
from lading.sourcing.policies import in_force
from lading.sourcing.previews import Offer
from lading.sourcing.rules import Sourcing, Take
from lading.terms.money import Money

UNKNOWN_PREVIEW = ("unknown_preview", "There is no preview {preview}.")
NOT_IN_PREVIEW = ("not_in_preview", "Preview {preview} offers nothing for order {order}.")
CHANGED = (
    "changed_since_preview",
    "Order {order} stays as it is, for {what} changed since the preview: make another one.",
)


class OrderResourced(Struct, frozen=True):
    """What moved, and what that saved."""

    order: str
    version: int
    stage: str
    moved: int
    """Units."""
    saved: Money | None
    """None where no costs are given."""
    ship_on: date | None = None


@dataclass(slots=True)
class World(fulfilling.World):
    """The orders, what their previews offer, and the stock that these name."""

    offers: Mapping[tuple[UUID, UUID], Offer] = field(default_factory=dict)
    """By (preview, order)."""
    versions: Mapping[UUID, int] = field(default_factory=dict)
    """Of the rules, by preview."""
    rules_version: int = 0
    stock: Stock = field(default_factory=lambda: Stock(Policies(0)))


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The previews; the orders, locked; then the stock that is to be taken, locked and read again."""
    commands: list[ResourceOrder] = batch.commands
    previews = await sourcing.read_previews(tx, {command.preview for command in commands})
    found = await fulfilling.read_world(tx, batch, (command.order for command in commands), stock=False)
    world = World(found.orders, found.work)
    world.offers = {(row.id, each.order_id): each for row in previews.values() for each in row.orders}
    world.versions = {row.id: row.rules_version for row in previews.values()}
    skus = sorted({line.sku_id for order in world.orders.by_ref.values() for line in order.lines.values()})
    network, world.policies = await catalog.read_setup(tx, skus)
    world.rules_version = world.policies.version if in_force(world.policies.values) else 0
    wanted: dict[UUID, int] = {}
    for command in commands:
        order = world.orders.find(command.order)
        for part in _offered(command, order, world) if order else ():
            wanted[part.sku_id] = wanted.get(part.sku_id, 0) + part.quantity
    bookings = await fulfillment.read_bookings(tx, world.work)

    def propose(stock: Stock) -> list[Chosen]:
        plans = (_plan(command, world, stock) for command in commands)
        return [plan[0] for plan in plans if not isinstance(plan, Decision)]

    needs = Needs(wanted, bookings=bookings)
    world.stock, _ = await reading_stock.read_stock(tx, batch, needs, network, world.policies, propose)
    world.diary = await fulfillment.read_diary(tx, world.work, lock=batch.lock)
    if world.stock.days:
        chosen = world.stock.days.days.diary
        chosen.days |= world.diary.days
        chosen.bookings = world.diary.bookings
        world.diary = chosen
    return world


def _offered(command: ResourceOrder, order: Order, world: World) -> list[Take]:
    offered = world.offers.get((command.preview, order.id))
    if offered is None or any(part.line not in order.lines for part in offered.takes):
        return []
    return [
        Take(part.line, order.lines[part.line].sku_id, part.location_id, part.lot, part.quantity)
        for part in offered.takes
    ]


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_resource(command, world, batch) for command in batch.commands]


def _plan(command: ResourceOrder, world: World, stock: Stock) -> tuple[Chosen, Order, Offer] | Decision:
    """What is taken, taken off the stock; or why not."""
    order = changing.find(world.orders, command.order, None)
    if isinstance(order, Decision):
        return order
    if command.preview not in world.versions:
        return refused(UNKNOWN_PREVIEW, "/preview", preview=command.preview)
    offered = world.offers.get((command.preview, order.id))
    if offered is None:
        return refused(NOT_IN_PREVIEW, "/order", preview=command.preview, order=order.number)
    if refusal := fulfilling.held(order, "source"):
        return refusal
    if offered.version != order.version:
        return refused(CHANGED, "/order", order=order.number, what="it")
    if world.versions[command.preview] != world.rules_version:
        return refused(CHANGED, "/preview", order=order.number, what="a rule or policy")
    takes = _offered(command, order, world)
    if any(take.sku_id in stock.allowances for take in takes) or not _is_there(takes, order, stock):
        return refused(CHANGED, "/preview", order=order.number, what="the stock")
    sourcing = Sourcing(takes)
    if stock.days:
        sourcing = stock.days.choose(lambda _: Sourcing(list(takes)), stock.ranking, (), order.id)
        if sourcing.ship_on != {UUID(id_): day for id_, day in offered.ship_on.items()}:
            return refused(CHANGED, "/preview", order=order.number, what="the day on which it leaves")
    chosen = Chosen(sourcing.takes, ship_on=sourcing.ship_on, booked=sourcing.booked)
    choosing_stock.take(chosen, stock, order.channel_id)
    return chosen, order, offered


def _is_there(takes: list[Take], order: Order, stock: Stock) -> bool:
    """Whether the shelves still have all of it, for that channel, at places that may fill orders."""
    wanted: dict[tuple[UUID, UUID, str], int] = {}
    for take in takes:
        key = (take.sku_id, take.location_id, take.lot)
        wanted[key] = wanted.get(key, 0) + take.quantity
    seen = choosing_stock.seen_by(order.channel_id, choosing_stock.as_wants(takes), stock)
    free = {
        (sku_id, shelf.location_id, shelf.lot): shelf.available
        for sku_id in {take.sku_id for take in takes}
        for shelf in seen.get(sku_id, ())
    }
    return all(key[1] in stock.ranking and free.get(key, 0) >= units for key, units in wanted.items())


def _resource(command: ResourceOrder, world: World, batch: Batch) -> Decision:
    plan = _plan(command, world, world.stock)
    if isinstance(plan, Decision):
        return plan
    chosen, order, offered = plan
    work = world.work[order.id]
    moves = [
        moved for part in offered.leaves for moved in _leave(work, part.line, part.location_id, part.lot, part.quantity)
    ]
    days, booked_off = world.diary.give_back(order.id, moves)
    postings = fulfilling.post(order, moves)
    allocations = choosing_stock.allocations_of(order, chosen, len(work.allocations) + 1)
    work.allocations += allocations
    postings += [choosing_stock.allocate(order, take, "open", take.quantity) for take in chosen.takes]
    endings = choosing_stock.end(chosen.ended, batch.now)
    data: dict[str, Any] = {
        "preview": command.preview, "moves": rules.told(moves),
        "allocations": [
            {"number": each.number, "line": each.line_number, "location_id": each.location_id, "lot": each.lot,
             "quantity": each.allocated}
            for each in allocations
        ],
        **choosing_stock.told_days(chosen),
    }  # fmt: skip
    if bookings := [*booked_off, *data.pop("bookings", ())]:
        data["bookings"] = bookings
    if offered.currency:
        data |= {"saved_minor": offered.saves_minor, "currency": offered.currency}
    if offered.why:
        data["why"] = offered.why
    if endings.told:
        data["reservations_ended"] = endings.told
    touched = {moved.allocation.number: moved.allocation for moved in moves}
    rows = [
        order,
        *touched.values(),
        *allocations,
        *endings.rows,
        *days,
        *choosing_stock.book(order.id, chosen, world.stock),
    ]
    event = changing.changed(order, "order_resourced", batch, data)
    return Decision(_outcome(order, offered, chosen), event, [*postings, *endings.postings], (), rows)


def _leave(work: Work, line: int, location_id: UUID, lot: str, quantity: int) -> list[Move]:
    """The units lie free on the shelf where they lay."""
    ours = [
        each
        for each in rules.of_line(work.allocations, line)
        if (each.location_id, each.lot) == (location_id, lot) and each.fulfillment_order is None
    ]
    return rules.take(work, ours, "allocated", "open", quantity, "available")


def _outcome(order: Order, offered: Offer, chosen: Chosen) -> OrderResourced:
    return OrderResourced(
        str(order.number), order.version, fulfilling.stage(order), sum(take.quantity for take in chosen.takes),
        Money.of_minor(offered.saves_minor, offered.currency) if offered.currency else None,
        max(chosen.ship_on.values(), default=None),
    )  # fmt: skip


VERB = Verb(
    noun="orders",
    verb="resource",
    summary="Source an order that is not released yet again, as a preview showed it; refused where anything changed since.",
    command=ResourceOrder,
    outcome=OrderResourced,
    refusals=(changing.UNKNOWN_ORDER, UNKNOWN_PREVIEW, NOT_IN_PREVIEW, fulfilling.ON_HOLD, CHANGED),
    scope="orders:write",
    event="order_resourced",
    example={"order": "1042", "preview": "0193a1b2-0000-7000-8000-000000000000"},
    prefetch=prefetch,
    decide=decide,
)
