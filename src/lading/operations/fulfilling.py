"""What the verbs between release and delivery have in common: the world they look at, and how units move in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment import store as fulfillment
from lading.fulfillment.booking import Diary
from lading.fulfillment.rules import Move
from lading.fulfillment.store import WorkByOrder
from lading.fulfillment.types import FulfillmentOrder, Work
from lading.inventory import store as inventory
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch, RefusalKind
from lading.orders import status
from lading.orders import store as orders_store
from lading.orders.types import Line, Order, Orders
from lading.shipping import store as shipping
from lading.shipping.store import ParcelsByOrder
from lading.shipping.types import Parcel
from lading.terms.ledger import Posting

UNKNOWN_FULFILLMENT_ORDER = ("unknown_fulfillment_order", "There is no fulfillment order {fulfillment_order}.")
UNKNOWN_PARCEL = ("unknown_parcel", "There is no parcel {parcel}.")
UNKNOWN_LINE = ("unknown_line", "{document} has no line {line}.")
ON_HOLD = ("on_hold", "Order {order} is held ({holds}): lift the hold first.")


@dataclass(slots=True)
class World:
    """Orders with all that locations and carriers do for them."""

    orders: Orders
    work: WorkByOrder
    parcels: ParcelsByOrder = field(default_factory=dict)
    policies: Policies = field(default_factory=lambda: Policies(0))
    """Where they were asked for: what holds for the kits of the orders."""
    diary: Diary = field(default_factory=Diary)
    """The days of locations, for verbs that may give them back."""


async def read_world(
    tx: Transaction,
    batch: Batch,
    refs: Iterable[str],
    *,
    parcels: bool = False,
    stock: bool = True,
    days: bool = False,
) -> World:
    """The orders, locked, with their work and (if asked for) parcels; then the stock where their units lie, locked (if it moves).

    Last the days of locations that they have booked, locked as well (if asked for: what is withdrawn gives them back).
    """  # fmt: skip
    world = World(await orders_store.load(tx, refs, lock=batch.lock), {})
    ids = sorted({order.id for order in world.orders.by_ref.values()})
    world.work = await fulfillment.read_work(tx, ids)
    if parcels:
        world.parcels = await shipping.read_parcels(tx, ids)
    if stock and batch.lock:
        await inventory.stock_rows(tx, _shelves(world.work), lock=True)
    if days:
        world.diary = await fulfillment.read_diary(tx, world.work, lock=batch.lock)
    return world


async def read_kit_policies(tx: Transaction, world: World) -> None:
    """What policies say of the kits of the orders; asked only where there are any."""
    lines = (line for order in world.orders.by_ref.values() for line in order.lines.values())
    if kit_ids := {line.sku_id for line in lines if line.is_kit}:
        _, world.policies = await catalog.read_setup(tx, sorted(kit_ids))


def stays_whole(world: World, order: Order, kit: Line) -> bool:
    """Whether the parts of the kit may not go different ways."""
    return not world.policies.value("kits_in_parts", channel=order.channel_id, sku=kit.sku_id)


def _shelves(work: WorkByOrder) -> set[inventory.Key]:
    """The rows of stock that hold units of the orders."""
    return {
        (allocation.sku_id, allocation.location_id, allocation.lot)
        for each in work.values()
        for allocation in each.allocations
        if any(getattr(allocation, stage) for stage in rules.IN_HOUSE)
    }


def find_fulfillment_order(world: World, ref: str) -> tuple[Order, Work, FulfillmentOrder] | Decision:
    """The fulfillment order of that name with its order, or the refusal."""
    order = world.orders.find(ref)
    number = _number(ref, "F")
    if order and number and number <= len(world.work[order.id].fulfillment_orders):
        work = world.work[order.id]
        return order, work, work.fulfillment_orders[number - 1]
    return refused(UNKNOWN_FULFILLMENT_ORDER, "/fulfillment_order", fulfillment_order=ref)


def find_parcel(world: World, ref: str) -> tuple[Order, Parcel] | Decision:
    """The parcel of that name with its order, or the refusal."""
    order = world.orders.find(ref)
    number = _number(ref, "P")
    if order and number and number <= len(world.parcels[order.id]):
        return order, world.parcels[order.id][number - 1]
    return refused(UNKNOWN_PARCEL, "/parcel", parcel=ref)


def _number(ref: str, letter: str) -> int:
    """The number in 1042-F1; 0 for a document of another kind."""
    kind, number = ref.partition("-")[2][:1], ref.partition("-")[2][1:]
    return int(number) if kind == letter else 0


def holds(order: Order) -> list[str]:
    """The kinds of hold that stand."""
    return sorted({hold.kind for hold in order.holds if hold.released_at is None})


def held(order: Order) -> Decision | None:
    """Nothing goes on while somebody has to decide."""
    kinds = holds(order)
    return refused(ON_HOLD, "", order=str(order.number), holds=", ".join(kinds)) if kinds else None


class Units(Protocol):
    """So many units of a line, as commands say it."""

    @property
    def line(self) -> int: ...

    @property
    def quantity(self) -> int: ...


def refuse_lines(
    wanted: Sequence[Units], left: dict[int, int], kind: RefusalKind, document: str, pointer: str
) -> Decision | None:
    """Refuse a line that is not there, or more units than wait there; `left` is used up."""
    for index, units in enumerate(wanted):
        if units.line not in left:
            return refused(UNKNOWN_LINE, f"{pointer}/{index}/line", document=document, line=units.line)
        if units.quantity > left[units.line]:
            return refused(
                kind, f"{pointer}/{index}/quantity", document=document, line=units.line, quantity=units.quantity,
                waiting=left[units.line],
            )  # fmt: skip
        left[units.line] -= units.quantity
    return None


def take_lines(
    work: Work, fulfillment_order: FulfillmentOrder, wanted: Iterable[Units], source: str, target: str
) -> list[Move]:
    """Move units of the lines of a fulfillment order."""
    allocations = work.of(fulfillment_order.number)
    return [
        moved
        for units in wanted
        for moved in rules.take(work, rules.of_line(allocations, units.line), source, target, units.quantity)
    ]


def post(order: Order, moves: Sequence[Move]) -> list[Posting]:
    """Move the units on the order's lines as well; the postings that say so."""
    for moved in moves:
        order.lines[moved.allocation.line_number].move(moved.source, moved.target, moved.quantity)
    return [rules.posting(moved) for moved in moves]


def stage(order: Order) -> str:
    """The queue that the order stands in."""
    return status.stage(order.sums())


def name(order: Order, letter: str, number: int) -> str:
    """1042-F1"""
    return f"{order.number}-{letter}{number}"
