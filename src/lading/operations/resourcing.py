"""Units that leave their fulfillment order for stock elsewhere: what is given back here and taken there is one decision.

A rejection looks at all locations but those that gave units of the order back; a move looks at one. The stock that the whole batch would
choose is proposed as if the units were open already, then locked; rows that units go back to are locked by the posting.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment import store as fulfillment
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation, FulfillmentOrder, Work
from lading.inbound import store as inbound
from lading.inventory import limit_store
from lading.inventory.limits import count
from lading.journal.types import Decision
from lading.operations import choosing_stock, fulfilling, limiting, planning, reading_stock, requesting, source_orders
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.fulfilling import Named
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch
from lading.orders import holds
from lading.orders.types import Order
from lading.sourcing import store as sourcing_store
from lading.sourcing.plans import Asked
from lading.sourcing.rules import Want
from lading.terms.ledger import Posting


@dataclass(slots=True)
class World(fulfilling.World):
    """Orders with their work, and all that sourcing may look at."""

    network: Network = field(default_factory=Network)
    stock: Stock | None = None
    asked: Mapping[UUID, Asked] = field(default_factory=dict)
    """What rules of sourcing may know of each order."""


@dataclass(slots=True)
class Leaving:
    """Units that leave a fulfillment order, as one command wants it."""

    order: Order
    work: Work
    source: FulfillmentOrder
    units: dict[int, int]
    """By line."""
    only: UUID | None = None
    """The one location that shall send them; None: whoever can."""

    @property
    def wants(self) -> list[Want]:
        """What is looked for."""
        return [Want(line, self.order.lines[line].sku_id, units) for line, units in self.units.items()]

    @property
    def without(self) -> frozenset[UUID]:
        """Who is not asked: whoever gave units of the order back."""
        return self.work.rejected_by | {self.source.location_id}


Plan = Callable[[Any, World, Batch], Leaving | Decision]
"""What a command takes away, or why it is refused; nothing is changed."""


async def read(tx: Transaction, batch: Batch, plan: Plan, named: Sequence[tuple[str, Sequence[Named]]] = ()) -> World:
    """Orders and work; policies; the stock that sourcing would choose, locked; days; serials."""
    found = await fulfilling.read_world(tx, batch, (each.fulfillment_order for each in batch.commands), stock=False)
    world = World(found.orders, found.work)
    orders = {order.id: order for order in world.orders.by_ref.values()}
    lines = [line for order in orders.values() for line in order.lines.values()]
    world.network, world.policies = await catalog.read_setup(tx, sorted({line.sku_id for line in lines}))
    wanted: dict[UUID, int] = {}
    for line in lines:
        units = sum(line.units[stage] for stage in (*source_orders.STAGES, "released", "picked"))
        if units:
            wanted[line.sku_id] = wanted.get(line.sku_id, 0) + units
    if batch.lock:
        await limit_store.lock_gate(tx, wanted)
        await inbound.lock_backlog(tx, (line.sku_id for line in lines if line.units["backordered"]))
    world.taken = await limit_store.read_pool_takes(tx, orders)
    bookings = await fulfillment.read_bookings(tx, world.work)

    world.asked = await sourcing_store.read_asked(tx, orders)
    rules = await planning.read_plan(tx, world.policies, wanted, world.asked.values())

    def propose(stock: Stock) -> list[Chosen]:
        world.stock = stock
        stock.plan = rules.anew() if rules else None
        return [chosen for command in batch.commands for chosen in _proposed(plan(command, world, batch), world, stock)]

    world.stock, _ = await reading_stock.read_stock(
        tx, batch, Needs(wanted, bookings=bookings), world.network, world.policies, propose
    )
    world.stock.plan = rules.anew() if rules else None
    world.diary = await fulfillment.read_diary(tx, world.work, lock=batch.lock)
    if world.stock.days:
        chosen = world.stock.days.days.diary
        chosen.days |= world.diary.days
        chosen.bookings = world.diary.bookings
        world.diary = chosen
    await fulfilling.read_serials(tx, batch, world, named)
    return world


def _proposed(leaving: Leaving | Decision, world: World, stock: Stock) -> Iterator[Chosen]:
    if isinstance(leaving, Decision):
        return
    order = leaving.order
    if leaving.only is not None:
        sourcing = choose_at(leaving, world, stock)
        with _as_if_open(leaving):
            source_orders.given_back(order, leaving.wants, stock, world.taken)
        choosing_stock.take(sourcing, stock, order.channel_id)
        yield sourcing
    elif not fulfilling.held(order, "source"):
        with _as_if_open(leaving):
            yield source_orders.plan(order, stock, world.taken, leaving.without, world.asked.get(order.id))


def choose_at(leaving: Leaving, world: World, stock: Stock) -> Chosen:
    """What that one location can give; what the units have of pools already, they may have there too."""
    order = leaving.order
    if stock.allowances:
        stock = replace(stock, allowances={sku_id: each.copy() for sku_id, each in stock.allowances.items()})
        with _as_if_open(leaving):
            source_orders.given_back(order, leaving.wants, stock, world.taken)
    return choosing_stock.choose(leaving.wants, stock, order.channel_id, order_id=order.id, only=leaving.only)


@contextmanager
def _as_if_open(leaving: Leaving) -> Iterator[None]:
    """The order's lines as they will be when the units are given back."""
    moved = []
    for number, units in leaving.units.items():
        line = leaving.order.lines[number]
        for stage in ("released", "picked"):
            if taken := min(units, line.units[stage]):
                units -= taken
                line.move(stage, "open", taken)
                moved.append((line, stage, taken))
    try:
        yield
    finally:
        for line, stage, taken in moved:
            line.move("open", stage, taken)


@dataclass(slots=True)
class Resourced:
    """Where the units come from now."""

    allocations: list[Allocation] = field(default_factory=list)
    made: list[FulfillmentOrder] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    """Of new allocations that were released at once."""
    postings: list[Posting] = field(default_factory=list)
    rows: list[object] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)
    reason: str = "held"
    """As a sourcing says it; held, where a hold stops it."""

    @property
    def found(self) -> int:
        """Units."""
        return sum(posting.quantity for posting in self.postings if posting.line_to == "allocated")


def look_elsewhere(leaving: Leaving, world: World, batch: Batch) -> Resourced:
    """Find stock for what is open by now, at whoever did not give it back; what belongs to the units that left is released at once."""
    order = leaving.order
    if fulfilling.held(order, "source"):
        return Resourced()
    assert world.stock is not None
    asked = world.asked.get(order.id)
    sourcing = source_orders.plan(order, world.stock, world.taken, leaving.without, asked)
    return take(leaving, sourcing, world, batch)


def take(leaving: Leaving, sourcing: Chosen, world: World, batch: Batch) -> Resourced:
    """What sourcing found becomes allocations and, where the units were released before, fulfillment orders."""
    order, work = leaving.order, leaving.work
    assert world.stock is not None
    waited = {line.number for line in order.lines.values() if line.units["backordered"]}
    done = Resourced(reason=sourcing.reason)
    done.allocations = choosing_stock.allocations_of(order, sourcing, len(work.allocations) + 1)
    quantities = [each.allocated for each in done.allocations]
    work.allocations += done.allocations
    done.postings = [posting for each in sourcing.takes for posting in source_orders.allocate(order, each)]
    done.postings += source_orders.backorder(order, world.policies, sourcing)
    endings = choosing_stock.end(sourcing.ended, batch.now)
    waits = [
        posting for posting in done.postings if posting.line_to == "backordered" and posting.line_number not in waited
    ]
    _release(leaving, done, world, batch)
    done.postings += endings.postings
    days = choosing_stock.told_days(sourcing)
    days.pop("ship_on", None)
    done.told = {"resourced": sourcing.reason, **days}
    if sourcing.why:
        done.told["why"] = sourcing.why
    if done.allocations:
        done.told["taken"] = requesting.told_taken(done.allocations, quantities)
    if done.made:
        done.told["made"] = requesting.told_made(done.made)
    if waits:
        done.told["promises"] = [
            {"line": posting.line_number, "quantity": posting.quantity, "promised_at": None} for posting in waits
        ]
    if endings.told:
        done.told["reservations_ended"] = endings.told
    if sourcing.pools:
        done.told["pools"] = sourcing.pools
        for line_number, pool_id, units in sourcing.pools:
            count(world.taken.setdefault((order.id, line_number), {}), [(pool_id, units)])
    done.rows = [*done.allocations, *done.made, *endings.rows, *limiting.pool_uses(order, sourcing.pools)]
    done.rows += choosing_stock.book(order.id, sourcing, world.stock)
    return done


def _release(leaving: Leaving, done: Resourced, world: World, batch: Batch) -> None:
    """Units that stand in for released ones are released as well, unless a hold stops that."""
    order, work = leaving.order, leaving.work
    if fulfilling.held(order, "release"):
        return
    stopped = holds.held_lines(order, "release")
    ready = [each for each in done.allocations if each.line_number in leaving.units.keys() - stopped]
    done.made = requesting.open_for(order, work, ready, world.policies, batch.now, requesting.vendors_of(world.network))
    done.moves = [rules.move(work, each, "allocated", "released", each.allocated) for each in ready]
    done.postings += fulfilling.post(order, done.moves)


def tell(
    leaving: Leaving,
    moves: Sequence[Move],
    done: Resourced,
    asked: Iterable[FulfillmentOrder],
    booked_off: Sequence[Any],
) -> dict[str, Any]:
    """What both sides of it come to, as the journal keeps it."""
    data: dict[str, Any] = {
        "fulfillment_order": leaving.source.number,
        "location_id": leaving.source.location_id,
        **done.told,
        "moves": rules.told([*moves, *done.moves]),
    }
    changed = [*asked, *(each for each in done.made if each.request != "unsubmitted" or each.scheduled_for)]
    if changed:
        data["asked"] = requesting.told_asked(changed)
    if bookings := [*booked_off, *data.pop("bookings", ())]:
        data["bookings"] = bookings
    if promise := promised(leaving.order, moves, done):
        data["promise"] = promise
    return data


def promised(order: Order, moves: Sequence[Move], done: Resourced) -> dict[str, Any]:
    """Whether what was told still holds: the day on which the last of it leaves, before and after; nothing where no day was told."""
    before = _last(moved.allocation for moved in moves)
    after = _last(done.allocations)
    missing = sum(moved.quantity for moved in moves) > done.found
    if not missing and (before is None or after is None) and order.ship_by is None:
        return {}
    late = bool(after and ((before and after > before) or (order.ship_by and after > order.ship_by.date())))
    return {"kept": not missing and not late, "before": before, "after": after}


def _last(allocations: Iterable[Allocation]) -> date | None:
    return max((each.ship_on for each in allocations if each.ship_on), default=None)


def changed_rows(leaving: Leaving, moves: Sequence[Move], done: Resourced, days: Sequence[object]) -> list[object]:
    """Every row of both sides."""
    return [leaving.order, leaving.source, *(moved.allocation for moved in moves), *days, *done.rows]
