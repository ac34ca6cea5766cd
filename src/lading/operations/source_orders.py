"""Source orders again: look for stock for what is open or backordered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.fulfillment.store import WorkByOrder
from lading.fulfillment.types import Allocation, Work
from lading.inbound import store as inbound
from lading.inventory import limit_store
from lading.inventory.limit_store import Taken
from lading.inventory.limits import count, no_longer_held
from lading.journal.types import Decision
from lading.operations import changing, choosing_pickups, choosing_stock, fulfilling, limiting, planning, reading_stock
from lading.operations.choosing_stock import Chosen, Endings, Stock
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch, Verb
from lading.orders import holds, kits, rules
from lading.orders import store as orders_store
from lading.orders.commands import SourceOrder
from lading.orders.types import Line, Order, Orders
from lading.sourcing import store as sourcing_store
from lading.sourcing.plans import Asked, Plan
from lading.sourcing.rules import ORDER, Take, Want
from lading.terms.ledger import Posting

STAGES = ("open", "backordered")
"""Stages whose units look for stock."""


class OrderSourced(Struct, frozen=True):
    """What was found, and where the order stands."""

    order: str
    version: int
    stage: str
    sourcing: str
    """one_location, two_locations, several_locations, short, split_not_allowed, ship_complete, preorder, or
    nothing_to_source."""
    allocated: int
    """Units that were found now."""
    missing: int
    """Units that are still open or backordered."""
    ship_on: date | None = None
    """The day on which the last part that was found now leaves; None where its location has no schedule."""


@dataclass(slots=True)
class World:
    """The orders, and all that sourcing may look at."""

    orders: Orders
    work: WorkByOrder
    network: Network
    policies: Policies
    stock: Stock
    taken: Taken = field(default_factory=dict)
    """What the lines count for in pools of channels."""
    asked: Mapping[UUID, Asked] = field(default_factory=dict)
    """What rules may know of each order."""
    plan: Plan | None = None


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked; then the stock that sourcing would choose for them, locked and read again."""
    orders = await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)
    found = {order.id: order for order in orders.by_ref.values()}
    wanted: dict[UUID, int] = {}
    for line in (line for order in found.values() for line in order.lines.values()):
        if missing := _missing(line):
            wanted[line.sku_id] = wanted.get(line.sku_id, 0) + missing
    sold = {kits.sold_as(order, line).sku_id for order in found.values() for line in order.lines.values()}
    work = await fulfillment.read_work(tx, sorted(found))
    network, policies = await catalog.read_setup(tx, sorted(sold | wanted.keys()))
    world = World(orders, work, network, policies, Stock(policies))
    if batch.lock:
        lines = [line for order in found.values() for line in order.lines.values()]
        await limit_store.lock_gate(tx, wanted)
        await inbound.lock_backlog(tx, (line.sku_id for line in lines if line.units["backordered"]))
    world.taken = await limit_store.read_pool_takes(tx, found)
    world.asked = await sourcing_store.read_asked(tx, found)
    world.plan = await planning.read_plan(tx, policies, wanted, world.asked.values())
    needs = Needs(wanted, bookings=await fulfillment.read_bookings(tx, work))
    world.stock, _ = await reading_stock.read_stock(
        tx, batch, needs, network, policies, lambda stock: _propose(batch, world, stock)
    )
    return world


def _propose(batch: Batch, world: World, stock: Stock) -> list[Chosen]:
    """What the batch would take; an order that it names again finds nothing that it did not find before."""
    seen: set[UUID] = set()
    chosen: list[Chosen] = []
    stock.plan = world.plan.anew() if world.plan else None
    for command in batch.commands:
        order = changing.find(world.orders, command.order, command.expected_version)
        if isinstance(order, Decision) or order.id in seen or fulfilling.held(order, "source"):
            continue
        if not wants_of(order, world.policies):
            continue
        seen.add(order.id)
        chosen.append(_planned(order, stock, world, command))
    return chosen


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival: whoever shall be served first comes first."""
    world.stock.plan = world.plan.anew() if world.plan else None
    return [_source(command, world, batch, world.stock) for command in batch.commands]


def _missing(line: Line) -> int:
    return sum(line.units[stage] for stage in STAGES)


def wants_of(order: Order, policies: Policies) -> list[Want]:
    """What is missing by line. Kits that miss all of their parts stay whole; a part that the others wait for comes from anywhere."""
    wants: list[Want] = []
    for line in order.lines.values():
        units = _missing(line)
        if line.is_kit and not policies.value("kits_in_parts", channel=order.channel_id, sku=line.sku_id):
            missing = kits.whole(order, line, _missing)
            wants += [
                Want(part.number, part.sku_id, missing * (part.per_kit or 1), line.number, part.per_kit or 1)
                for part in kits.parts(order.lines, line.number)
                if missing
            ]
        elif line.part_of:
            units -= sum(want.quantity for want in wants if want.line_number == line.number)
        if units:
            wants.append(Want(line.number, line.sku_id, units))
    stopped = holds.held_lines(order, "source")
    wants = [want for want in wants if want.line_number not in stopped] if stopped else wants
    whole = {number: group for number in order.lines if (group := goes_with(order, number))}
    return [structs.replace(want, whole=whole.get(want.line_number, 0)) for want in wants] if whole else wants


def goes_with(order: Order, number: int) -> int:
    """What must be found for a line to be taken: all of the order, or of the line as it was sold; 0: nothing else."""
    sold = kits.sold_as(order, order.lines[number])
    return ORDER if order.ship_complete else sold.number if sold.ship_complete else 0


def without(command: SourceOrder, work: Work) -> frozenset[UUID]:
    """Locations that gave units of the order back, unless they shall be asked again."""
    return frozenset() if command.again else work.rejected_by


def plan(
    order: Order, stock: Stock, taken: Taken, without: Collection[UUID] = (), asked: Asked | None = None
) -> Chosen:
    """Where all that the order misses comes from, taken off the stock."""
    wants = wants_of(order, stock.policies)
    back = given_back(order, wants, stock, taken)
    places = choosing_pickups.places_of(order.lines)
    if places or (asked and asked.elsewhere):
        sourcing = choosing_pickups.choose(
            wants, places, stock, order.channel_id, order_id=order.id, without=without, asked=asked
        )
    else:
        sourcing = choosing_stock.choose(
            wants, stock, order.channel_id, order_id=order.id, without=without, asked=asked
        )
    choosing_stock.take(sourcing, stock, order.channel_id)
    sourcing.pools = [*back, *sourcing.pools]
    return sourcing


def _planned(order: Order, stock: Stock, world: World, command: SourceOrder) -> Chosen:
    asked = world.asked.get(order.id)
    return plan(order, stock, world.taken, without(command, world.work[order.id]), asked)


def given_back(order: Order, wants: Sequence[Want], stock: Stock, taken: Taken) -> list[tuple[int, UUID, int]]:
    """Units that counted for a pool and were short: they count anew where they are found again."""
    back = []
    for line_number, sku_id in dict.fromkeys((want.line_number, want.sku_id) for want in wants):
        counted = taken.get((order.id, line_number), {})
        for pool_id, units in no_longer_held(counted, order.lines[line_number].held).items():
            back.append((line_number, pool_id, -units))
            if sku_id in stock.allowances:
                stock.allowances[sku_id].give_back(pool_id, units)
    return back


def _source(command: SourceOrder, world: World, batch: Batch, stock: Stock) -> Decision:
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if refusal := fulfilling.held(order, "source"):
        return refusal
    if not wants_of(order, world.policies):
        return Decision(_outcome(order, "nothing_to_source", []))
    work = world.work[order.id]
    waited = {line.number for line in order.lines.values() if line.units["backordered"]}
    sourcing = _planned(order, stock, world, command)
    allocations = choosing_stock.allocations_of(order, sourcing, len(work.allocations) + 1)
    work.allocations += allocations
    postings = [posting for take in sourcing.takes for posting in allocate(order, take)]
    postings += backorder(order, world.policies, sourcing)
    endings = choosing_stock.end(sourcing.ended, batch.now)
    if not postings and not sourcing.pools:
        return Decision(_outcome(order, sourcing.reason, []))
    rows = [order, *allocations, *endings.rows, *limiting.pool_uses(order, sourcing.pools)]
    rows += choosing_stock.book(order.id, sourcing, stock)
    data = _told(sourcing, allocations, postings, endings)
    if begun := [each for each in data["backordered"] if each["line"] not in waited]:
        data["promises"] = [{**each, "promised_at": None} for each in begun]
    for line_number, pool_id, units in sourcing.pools:
        count(world.taken.setdefault((order.id, line_number), {}), [(pool_id, units)])
    event = changing.changed(order, "order_sourced", batch, data)
    return Decision(_outcome(order, sourcing.reason, allocations), event, postings + endings.postings, (), rows)


def allocate(order: Order, take: Take) -> list[Posting]:
    """Units of one take may come from both stages of their line."""
    postings, quantity = [], take.quantity
    for stage in STAGES:
        units = min(quantity, order.lines[take.line_number].units[stage])
        if units:
            postings.append(choosing_stock.allocate(order, take, stage, units))
            quantity -= units
    return postings


def backorder(order: Order, policies: Policies, sourcing: Chosen) -> list[Posting]:
    """What is still open waits for stock where that is allowed; elsewhere it stays to be sourced.

    What is there, and is not taken because something else of it is missing, stays to be sourced too.
    """
    return [
        rules.to_stage(line, units, "open", "backordered")
        for line in order.lines.values()
        if (units := _waiting(order, line, sourcing))
        and policies.value("may_backorder", channel=order.channel_id, sku=kits.sold_as(order, line).sku_id)
    ]


def _waiting(order: Order, line: Line, sourcing: Chosen) -> int:
    """Units that are open and wait for stock."""
    open_units = line.units["open"]
    if not open_units or not goes_with(order, line.number):
        return open_units
    return max(0, min(open_units, sourcing.short.get(line.number, 0) - line.units["backordered"]))


def _told(
    sourcing: Chosen, allocations: Sequence[Allocation], postings: Sequence[Posting], endings: Endings
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "reason": sourcing.reason,
        "allocations": [
            {"number": each.number, "line": each.line_number, "location_id": each.location_id, "lot": each.lot,
             "quantity": each.allocated}
            for each in allocations
        ],
        "backordered": [
            {"line": posting.line_number, "quantity": posting.quantity}
            for posting in postings if posting.line_to == "backordered"
        ],
        **choosing_stock.told_days(sourcing),
    }  # fmt: skip
    if sourcing.why:
        told["why"] = sourcing.why
    if sourcing.pools:
        told["pools"] = sourcing.pools
    return {**told, "reservations_ended": endings.told} if endings.told else told


def _outcome(order: Order, reason: str, allocations: Sequence[Allocation]) -> OrderSourced:
    missing = sum(order.sum(stage) for stage in STAGES)
    allocated = sum(each.allocated for each in allocations)
    ship_on = max((each.ship_on for each in allocations if each.ship_on), default=None)
    return OrderSourced(str(order.number), order.version, fulfilling.stage(order), reason, allocated, missing, ship_on)


VERB = Verb(
    noun="orders",
    verb="source",
    summary="Look again for stock for what is open or backordered; in a batch the first order is served first.",
    command=SourceOrder,
    outcome=OrderSourced,
    refusals=(changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, fulfilling.ON_HOLD),
    scope="orders:write",
    event="order_sourced",
    example={"order": "1042"},
    prefetch=prefetch,
    decide=decide,
)
