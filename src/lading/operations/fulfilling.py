"""What the verbs between release and delivery have in common: the world they look at, and how units move in it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment import store as fulfillment
from lading.fulfillment.booking import Diary
from lading.fulfillment.rules import Move
from lading.fulfillment.store import WorkByOrder
from lading.fulfillment.types import Allocation, FulfillmentOrder, Work
from lading.inbound import store as inbound
from lading.inventory import lots
from lading.inventory import store as inventory
from lading.inventory.limit_store import Taken
from lading.inventory.limits import count, no_longer_held
from lading.inventory.lots import Lots, Serials
from lading.inventory.types import Key
from lading.journal.types import Decision, refused
from lading.operations import naming
from lading.operations.naming import Naming
from lading.operations.registry import Batch, RefusalKind
from lading.operations.shelves import Shelves
from lading.operations.telling_late import Counted
from lading.orders import holds as order_holds
from lading.orders import status
from lading.orders import store as orders_store
from lading.orders.types import Line, Order, Orders
from lading.shipping import store as shipping
from lading.shipping.store import ParcelsByOrder
from lading.shipping.types import Parcel
from lading.shortages.types import Shortage
from lading.terms.ledger import Posting

UNKNOWN_FULFILLMENT_ORDER = ("unknown_fulfillment_order", "There is no fulfillment order {fulfillment_order}.")
UNKNOWN_PARCEL = ("unknown_parcel", "There is no parcel {parcel}.")
UNKNOWN_LINE = ("unknown_line", "{document} has no line {line}.")
ON_HOLD = ("on_hold", "Order {order} is held ({holds}): lift the hold first.")


class Units(Protocol):
    """So many units of a line, as commands say it."""

    @property
    def line(self) -> int: ...

    @property
    def quantity(self) -> int: ...


class Named(Units, Protocol):
    """Units that may be named one by one."""

    @property
    def serials(self) -> Sequence[str]: ...


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
    shelves: Shelves = field(default_factory=lambda: Shelves({}))
    """The rows of stock that hold units of the orders; in a dry run where they were asked for."""
    lots: Lots = field(default_factory=dict)
    """Of the allocations, where the verb asked for them."""
    serials: Serials = field(default_factory=dict)
    """Units with names that the orders hold, and those that the batch names; only where a product has serial numbers."""
    taken: Taken = field(default_factory=dict)
    """What the lines count for in pools of channels, for verbs that may give it back."""
    counted: Counted = field(default_factory=Counted)
    """Of what is told late."""
    shortages: dict[Key, list[Shortage]] = field(default_factory=dict)
    """Open ones of those rows of stock, for verbs that find units missing."""


async def read_world(
    tx: Transaction,
    batch: Batch,
    refs: Iterable[str],
    *,
    parcels: bool = False,
    stock: bool = True,
    days: bool = False,
    rows: bool = False,
) -> World:
    """The orders, locked, with their work and (if asked for) parcels; then the stock where their units lie, locked (if it moves).

    Last the days of locations that they have booked, locked as well (if asked for: what is withdrawn gives them back).
    """  # fmt: skip
    world = await read_orders(tx, batch, refs, parcels=parcels)
    await read_shelves(tx, batch, world, stock=stock, days=days, rows=rows)
    return world


async def read_orders(tx: Transaction, batch: Batch, refs: Iterable[str], *, parcels: bool = False) -> World:
    """The first half of `read_world`, for verbs that lock documents between orders and stock."""
    world = World(await orders_store.load(tx, refs, lock=batch.lock), {})
    ids = sorted({order.id for order in world.orders.by_ref.values()})
    world.work = await fulfillment.read_work(tx, ids)
    if parcels:
        world.parcels = await shipping.read_parcels(tx, ids)
    return world


async def read_shelves(
    tx: Transaction, batch: Batch, world: World, *, stock: bool = True, days: bool = False, rows: bool = False
) -> None:
    """The second half of `read_world`."""
    if days and batch.lock:
        lines = (line for order in world.orders.by_ref.values() for line in order.lines.values())
        await inbound.lock_backlog(tx, (line.sku_id for line in lines if line.units["backordered"]))
    if (stock and batch.lock) or rows:
        world.shelves = Shelves(await inventory.stock_rows(tx, _shelves(world.work), lock=batch.lock))
    if days:
        world.diary = await fulfillment.read_diary(tx, world.work, lock=batch.lock)


async def read_kit_policies(tx: Transaction, world: World) -> None:
    """What policies say of the kits of the orders; asked only where there are any."""
    lines = (line for order in world.orders.by_ref.values() for line in order.lines.values())
    if kit_ids := {line.sku_id for line in lines if line.is_kit}:
        _, world.policies = await catalog.read_setup(tx, sorted(kit_ids))


def stays_whole(world: World, order: Order, kit: Line) -> bool:
    """Whether the parts of the kit may not go different ways."""
    return not world.policies.value("kits_in_parts", channel=order.channel_id, sku=kit.sku_id)


async def read_serials(
    tx: Transaction, batch: Batch, world: World, named: Iterable[tuple[str, Iterable[Named]]] = ()
) -> None:
    """Lock, after the stock, what the orders hold of products with serial numbers, and what the batch names of them.

    `named` are the lines that commands name with the reference of their order. No statement where no such product is allocated.
    """
    tracked = {
        order_id for order_id, each in world.work.items() if any(a.tracking == "serial" for a in each.allocations)
    }
    if not tracked:
        return
    keys = set(await lots.serials_of_orders(tx, tracked))
    for ref, lines in named:
        order = world.orders.find(ref)
        if order and order.id in tracked:
            keys |= {
                (order.lines[each.line].sku_id, name)
                for each in lines
                if each.line in order.lines
                for name in each.serials
            }
    world.serials = await lots.read_serials(tx, keys, lock=batch.lock)


async def read_lots(tx: Transaction, batch: Batch, world: World) -> None:
    """What is known of the lots that wait to be picked; none of them is stopped meanwhile. No statement where there are none."""
    keys = {
        (each.sku_id, each.lot)
        for work in world.work.values()
        for each in work.allocations
        if each.lot and each.released
    }
    world.lots = await (lots.keep_lots if batch.lock else lots.read_lots)(tx, keys)


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
    return order_holds.kinds(order_holds.active(order))


def idle_lines(
    order: Order, numbers: Sequence[int], stages: Iterable[str], at_work: RefusalKind
) -> list[Line] | Decision:
    """These lines, with the parts of those that are kits; refused where the order lacks one, or units of it are at one of these stages."""
    lines: list[Line] = []
    for index, number in enumerate(numbers):
        if number not in order.lines:
            return refused(UNKNOWN_LINE, f"/lines/{index}", document=f"Order {order.number}", line=number)
        parts = [line for line in order.lines.values() if number in (line.number, line.part_of)]
        if any(line.units[stage] for line in parts for stage in stages):
            return refused(at_work, f"/lines/{index}", line=number)
        lines += parts
    return lines


def held(
    order: Order, transaction: str, lines: Collection[int] = (), fulfillment_order: int | None = None
) -> Decision | None:
    """The refusal of what holds stop: on the whole order, on one of these lines, or on the fulfillment order."""
    stopping = order_holds.of_part(order, transaction, lines, fulfillment_order)
    if not stopping:
        return None
    return refused(ON_HOLD, "", order=str(order.number), holds=", ".join(order_holds.kinds(stopping)))


def not_held(order: Order, transaction: str, left: dict[int, int]) -> dict[int, int]:
    """What is left of it where lines have holds of their own; all of it where every line has: the refusal comes with them."""
    stopped = order_holds.held_lines(order, transaction)
    free = {line: units for line, units in left.items() if line not in stopped}
    return free if rules.total(free) else left


def units_by_line(lines: Iterable[Units]) -> dict[int, int]:
    """A line may be named more than once."""
    units: dict[int, int] = {}
    for each in lines:
        units[each.line] = units.get(each.line, 0) + each.quantity
    return units


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


Chosen = Sequence[tuple[int, int, tuple[str, ...]]]
"""(line, quantity, names of the units where they have any)"""


def choose_lines(
    wanted: Iterable[Named], allocations: Sequence[Allocation], source: str, named: Naming, pointer: str
) -> Chosen | Decision:
    """The lines with the names of the units that move, or the refusal of the first name that is missing or elsewhere."""
    chosen: list[tuple[int, int, tuple[str, ...]]] = []
    for index, units in enumerate(wanted):
        here = rules.of_line(allocations, units.line)
        names = named.choose(units.line, here, units.quantity, units.serials, source, f"{pointer}/{index}/serials")
        if isinstance(names, Decision):
            return names
        chosen.append((units.line, units.quantity, names))
    return chosen


def take_lines(
    work: Work, allocations: Sequence[Allocation], chosen: Chosen, source: str, target: str, world: World
) -> list[Move]:
    """Move units of these allocations' lines."""
    return [
        moved
        for line, quantity, names in chosen
        for moved in naming.moves(
            work, rules.of_line(allocations, line), source, target, quantity, names, world.serials
        )
    ]


def post(order: Order, moves: Sequence[Move], world: World | None = None) -> list[Posting]:
    """Move the units on the order's lines (and those with names) as well; the postings that say so."""
    postings = []
    for moved in moves:
        order.lines[moved.allocation.line_number].move(moved.source, moved.target, moved.quantity)
        posted = rules.postings(moved)
        postings += posted
        if world and moved.serials:
            naming.carry(order, posted, world.serials)
    return postings


def stage(order: Order) -> str:
    """The queue that the order stands in."""
    return status.stage(order.sums())


def name(order: Order, letter: str, number: int) -> str:
    """1042-F1"""
    return f"{order.number}-{letter}{number}"


def no_longer_counted(order: Order, line_numbers: Iterable[int], taken: Taken) -> list[tuple[int, UUID, int]]:
    """What these lines do not hold any more their channel may take of its pools again: (line, pool, units below zero)."""
    pools: list[tuple[int, UUID, int]] = []
    for number in dict.fromkeys(line_numbers):
        if counted := taken.get((order.id, number)):
            back = no_longer_held(counted, order.lines[number].held)
            pools += [(number, pool_id, -units) for pool_id, units in back.items()]
            count(counted, [(pool_id, -units) for pool_id, units in back.items()])
    return pools
