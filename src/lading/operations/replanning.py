"""Sourcing again what is not released yet: where it would come from now, and what that would save. Pure; stock is used up in place."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from lading.fulfillment.types import Allocation, Work
from lading.inventory.types import Shelf
from lading.operations import choosing_pickups, choosing_stock, fulfilling, source_orders
from lading.operations.choosing_stock import Stock
from lading.orders.types import Order
from lading.sourcing.billing import bill
from lading.sourcing.plans import NOBODY, Asked
from lading.sourcing.previews import Offer, Part
from lading.sourcing.rules import Sourcing, Take
from lading.terms.ledger import LINE_STAGES

Shelved = tuple[int, UUID, str]
"""(line, location, lot)"""


@dataclass(slots=True)
class Trial:
    """Where an order's units come from now, and where they would come from."""

    before: list[Take]
    after: choosing_stock.Chosen


@contextmanager
def as_if_open(order: Order, allocations: Sequence[Allocation], stages: Sequence[str]) -> Iterator[None]:
    """The order's lines as they would be if these units were given back."""
    moved = []
    for each in allocations:
        line = order.lines[each.line_number]
        for stage in stages:
            if units := getattr(each, stage):
                line.move(stage, "open", units)
                moved.append((line, stage, units))
    try:
        yield
    finally:
        for line, stage, units in moved:
            line.move("open", stage, units)


def lend(stock: Stock, allocations: Sequence[Allocation], stages: Sequence[str], sign: int = 1) -> None:
    """Put the units of these allocations on their shelves, to look at; with -1 take them off again."""
    for each in allocations:
        units = sign * sum(getattr(each, stage) for stage in stages)
        if not units:
            continue
        lay(stock, each.sku_id, each.location_id, each.lot, units)


def lay(stock: Stock, sku_id: UUID, location_id: UUID, lot: str, units: int) -> None:
    """Put so many units on that shelf, to look at."""
    shelves = stock.supplies.setdefault(sku_id, [])
    found = next((shelf for shelf in shelves if (shelf.location_id, shelf.lot) == (location_id, lot)), None)
    if found is None:
        known = stock.in_lots.get((sku_id, location_id, lot))
        found = Shelf(location_id, lot, 0, 0, (), known.expires_on if known else None)
        shelves.append(found)
    found.available += units
    found.lying += units


def try_again(
    order: Order, allocations: Sequence[Allocation], stock: Stock, asked: Asked | None, stages: Sequence[str]
) -> Trial:
    """Decide anew over what these allocations hold and what is open; the stock stays as it is."""
    before = [
        Take(each.line_number, each.sku_id, each.location_id, each.lot, units)
        for each in allocations
        if (units := sum(getattr(each, stage) for stage in stages))
    ]
    lend(stock, allocations, stages)
    with as_if_open(order, allocations, stages):
        wants = source_orders.wants_of(order, stock.policies)
    places = choosing_pickups.places_of(order.lines)
    if places or (asked and asked.elsewhere):
        after = choosing_pickups.choose(wants, places, stock, order.channel_id, order_id=order.id, asked=asked)
    else:
        after = choosing_stock.choose(wants, stock, order.channel_id, order_id=order.id, book=False, asked=asked)
    lend(stock, allocations, stages, -1)
    return Trial(before, after)


def offer(order: Order, work: Work, stock: Stock, asked: Asked | None) -> Offer | None:
    """What sourcing the unreleased units of the order again would save; None where it saves nothing, or may not be touched.

    Orders of which something waits are sourced by the arrival of stock, what customers collect stays where they collect it, and
    orders of products with limits stay where their limits were counted. What the order
    takes is taken off the stock; what it gives back is nobody's before it is done.
    """
    ours = [each for each in work.allocations if each.allocated and each.fulfillment_order is None]
    touched = any(line.pickup_at or line.units["open"] or line.units["backordered"] for line in order.lines.values())
    limited = any(each.sku_id in stock.allowances for each in ours)
    if not ours or touched or limited or fulfilling.held(order, "source"):
        return None
    trial = try_again(order, ours, stock, asked, ("allocated",))
    if trial.after.short or not trial.after.takes:
        return None
    leaves, takes = difference(trial.before, trial.after.takes)
    came = Sourcing([_take(part, order) for part in takes])
    if stock.days:
        came = stock.days.choose(lambda _: Sourcing(list(came.takes)), stock.ranking, (), order.id)
        scheduled = {take.location_id for take in came.takes} & stock.days.days.locations.keys()
        if scheduled - came.ship_on.keys():
            return None
    plan = stock.plan
    costs = [sum(bill(plan, asked or NOBODY, each)) for each in (trial.before, trial.after.takes)] if plan else [0, 0]
    aim = (trial.after.why or {}).get("take", "fewest_parcels")
    places = [sorted({take.location_id for take in each}) for each in (trial.before, trial.after.takes)]
    leaving = {each.location_id: each.ship_on for each in ours if each.ship_on}
    days = [_last(leaving, places[0]), _last(leaving | came.ship_on, places[1])]
    keys = [
        (costs[at], len(places[at])) if aim == "cheapest"
        else (days[at], len(places[at]), costs[at]) if aim == "earliest"
        else (len(places[at]), costs[at])
        for at in (0, 1)
    ]  # fmt: skip
    if not takes or keys[1] >= keys[0]:
        return None
    chosen = choosing_stock.Chosen(came.takes, ship_on=came.ship_on, booked=came.booked)
    choosing_stock.take(chosen, stock, order.channel_id)
    table = plan.costs if plan else None
    return Offer(
        order.id, str(order.number), order.version, places[0], places[1], leaves, takes, costs[0] if table else None,
        costs[1] if table else None, table.currency if table else None,
        {str(location_id): day for location_id, day in came.ship_on.items()}, trial.after.why,
    )  # fmt: skip


def _last(ship_on: dict[UUID, date], places: Sequence[UUID]) -> date:
    return max((ship_on[place] for place in places if place in ship_on), default=date.min)


def _take(part: Part, order: Order) -> Take:
    return Take(part.line, order.lines[part.line].sku_id, part.location_id, part.lot, part.quantity)


def difference(before: Sequence[Take], after: Sequence[Take]) -> tuple[list[Part], list[Part]]:
    """What leaves where it is, and what is taken elsewhere; what stays is in neither."""
    had, gets = _by_shelf(before), _by_shelf(after)
    leaves = [Part(*key, units) for key in sorted(had) if (units := had[key] - gets.get(key, 0)) > 0]
    takes = [Part(*key, units) for key in sorted(gets) if (units := gets[key] - had.get(key, 0)) > 0]
    return leaves, takes


def _by_shelf(takes: Sequence[Take]) -> dict[Shelved, int]:
    units: dict[Shelved, int] = {}
    for take in takes:
        key = (take.line_number, take.location_id, take.lot)
        units[key] = units.get(key, 0) + take.quantity
    return units


IN_HOUSE = tuple(stage for stage in LINE_STAGES if stage in ("allocated", "released", "picked", "packed"))
"""Stages whose units a trial may give back: they have not left."""
