"""Place orders: validate, price, check holds, source, allocate or backorder, in one transaction."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment.types import Allocation
from lading.inventory import store as inventory
from lading.inventory.types import Shelf, Supplies
from lading.journal.types import Decision, Envelope, refused
from lading.operations import placing
from lading.operations.placing import World
from lading.operations.registry import Batch, Verb
from lading.orders import rules, status
from lading.orders.commands import PlaceOrder
from lading.orders.types import Order
from lading.sourcing.rules import Ranking, Sourcing, Take, Want, source, use_up
from lading.terms.ledger import End, Event, Posting
from lading.terms.money import Money

INSUFFICIENT_STOCK = ("insufficient_stock", "{missing} of {quantity} {sku} cannot be promised, and backorders are not allowed for it.")


class OrderPlaced(Struct, frozen=True):
    """The order as it stands after placement."""

    order_id: UUID
    number: str
    version: int
    total: Money
    stage: str
    """The queue that it stands in now."""
    holds: list[str]
    sourcing: str
    """Why it is sourced as it is: one_location, two_locations, several_locations, short, split_not_allowed."""


_ROUNDS_MAX = 3
_encode = msgspec.json.encode


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Catalog, people, policies; then the stock that sourcing would choose, locked and read again."""
    world = await placing.read_world(tx, batch)
    world.supplies = await (_lock_chosen(tx, batch, world) if batch.lock else inventory.read_supplies(tx, world.sku_ids))
    return world


async def _lock_chosen(tx: Transaction, batch: Batch, world: World) -> Supplies:
    """Propose on an unlocked read, lock what was chosen. Undisturbed that is one round; what lost stock meanwhile looks further."""
    locked: dict[inventory.Key, int] = {}
    sku_ids = world.sku_ids
    for round_number in range(_ROUNDS_MAX):
        world.supplies = await inventory.read_supplies(tx, sku_ids)
        _correct(world.supplies, locked)
        chosen = _propose(batch, world)
        locked |= await inventory.lock_supplies(tx, chosen.keys() - locked.keys(), wait=round_number == 0)
        if all(locked.get(key, 0) >= units for key, units in chosen.items()):
            break
    supplies: Supplies = {sku_id: [] for sku_id in sku_ids}
    for (sku_id, location_id, lot), available in sorted(locked.items()):
        supplies[sku_id].append(Shelf(location_id, lot, available))
    return supplies


def _correct(supplies: Supplies, locked: Mapping[inventory.Key, int]) -> None:
    """What is locked is known better than an unlocked read says."""
    for sku_id, shelves in supplies.items():
        for shelf in shelves:
            shelf.available = locked.get((sku_id, shelf.location_id, shelf.lot), shelf.available)


def _propose(batch: Batch, world: World) -> dict[inventory.Key, int]:
    """The rows that the batch would take from, and how many units: the same decision in the same order."""
    chosen: dict[inventory.Key, int] = {}
    ranking = _ranking(world)
    for command in batch.commands:
        if placing.refuse(command, world) is None and isinstance(plan := _plan(command, world, ranking), Sourcing):
            for take in plan.takes:
                key = (take.sku_id, take.location_id, take.lot)
                chosen[key] = chosen.get(key, 0) + take.quantity
    return chosen


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each order sees the stock that the earlier ones left."""
    ranking = _ranking(world)
    return [
        _refuse(envelope, world) or _place(envelope, number, world, batch, ranking)
        for envelope, number in zip(batch.envelopes, batch.numbers, strict=True)
    ]


def _ranking(world: World) -> Ranking:
    """Active locations that policies let fill orders, by their priority."""
    return {
        location.id: location.priority
        for location in world.network.locations.values()
        if location.active and world.policies.value("fills_orders", location=location.id)
    }


def _refuse(envelope: Envelope[PlaceOrder], world: World) -> Decision | None:
    return placing.refuse(envelope.command, world) or placing.heard_before(envelope, world, OrderPlaced)


def _plan(command: PlaceOrder, world: World, ranking: Ranking) -> Sourcing | Decision:
    """Where it all comes from; what is short waits where backorders are allowed, otherwise the order is refused."""
    channel_id = world.network.channels[command.channel]
    wants = [Want(number, world.skus[line.sku].id, line.quantity) for number, line in enumerate(command.lines, 1)]
    sourcing = source(wants, world.supplies, ranking, may_split=world.policies.value("may_split", channel=channel_id))
    for line_number, missing in sourcing.short.items():
        line = command.lines[line_number - 1]
        if not world.policies.value("may_backorder", channel=channel_id, sku=world.skus[line.sku].id):
            return refused(
                INSUFFICIENT_STOCK, f"/lines/{line_number - 1}/quantity", sku=line.sku, quantity=line.quantity, missing=missing
            )
    use_up(sourcing.takes, world.supplies)
    return sourcing


def _place(envelope: Envelope[PlaceOrder], number: int, world: World, batch: Batch, ranking: Ranking) -> Decision:
    sourcing = _plan(envelope.command, world, ranking)
    if isinstance(sourcing, Decision):
        return sourcing
    placed = placing.new_order(envelope, number, world, batch, history=False)
    order = placed.order
    kinds = rules.check_holds(envelope.command, order, world.policies)
    holds = [rules.hold(order, kind, None, batch.now) for kind in kinds]
    allocations = [
        Allocation(order.id, index, take.line_number, take.sku_id, take.location_id, take.lot, take.quantity, stored=False)
        for index, take in enumerate(sourcing.takes, 1)
    ]
    postings = [*allocate(order, sourcing.takes), *_backorder(order, sourcing.short)]
    data = placing.event_data(placed, envelope.command)
    data["sourcing"] = {"reason": sourcing.reason, "takes": [list(take) for take in _told(sourcing.takes)]}
    if kinds:
        data["holds"] = kinds
    outcome = OrderPlaced(
        order.id, str(number), 1, Money.of_minor(order.charged_minor, order.currency), stage_of(order), kinds, sourcing.reason
    )
    placing.remember(envelope, order, _encode(outcome), world)
    event = Event("order_placed", "order", order.id, order.placed_at, data)
    return Decision(outcome, event, postings, placed.money, [*placed.rows, *holds, *allocations])


def _told(takes: Sequence[Take]) -> list[tuple[int, UUID, str, int]]:
    return [(take.line_number, take.location_id, take.lot, take.quantity) for take in takes]


def allocate(order: Order, takes: Sequence[Take], stage: str = "open") -> list[Posting]:
    """Move what sourcing took from available to allocated, stock and line at once."""
    postings = []
    for take in takes:
        order.lines[take.line_number].move(stage, "allocated", take.quantity)
        shelf, promised = End("available", take.location_id, take.lot), End("allocated", take.location_id, take.lot)
        postings.append(Posting(take.sku_id, take.quantity, shelf, promised, take.line_number, stage, "allocated"))
    return postings


def _backorder(order: Order, short: Mapping[int, int]) -> list[Posting]:
    return [rules.to_stage(order.lines[number], units, "open", "backordered") for number, units in short.items()]


def stage_of(order: Order) -> str:
    """The queue that the order stands in."""
    return status.stage(order.sums())


VERB = Verb(
    noun="orders",
    verb="place",
    path="/v1/orders",
    summary="Place an order: it is validated, checked for holds, sourced and its stock allocated, all or nothing.",
    command=PlaceOrder,
    outcome=OrderPlaced,
    refusals=(
        placing.UNKNOWN_CHANNEL, placing.UNKNOWN_SKU, placing.INACTIVE_SKU, placing.REFERENCE_TAKEN, INSUFFICIENT_STOCK,
    ),
    scope="orders:write",
    event="order_placed",
    example={
        "channel": "web", "external_reference": "W-10482", "currency": "EUR",
        "customer": {"name": "Ada Meyer", "email": "ada@example.com"},
        "ship_to": {"name": "Ada Meyer", "line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457", "country": "DE"},
        "lines": [{"sku": "MUG-BLUE", "quantity": 2, "unit_price": {"amount": "12.50", "currency": "EUR"}}],
        "charges": [{"kind": "shipping", "code": "standard", "amount": {"amount": "4.90", "currency": "EUR"}}],
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
    weight=lambda command: len(command.lines),
)  # fmt: skip
