"""Merge orders: all units of other orders of the same customer go to one of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Alongside, Decision, Envelope, refused
from lading.operations import changing, fulfilling, limiting, moving_units, paying_for_edits, placing
from lading.operations import moving_units as moving
from lading.operations.edit_orders import TOO_LATE
from lading.operations.fulfilling import ON_HOLD
from lading.operations.moving_units import Arrived, Leaving, World
from lading.operations.registry import Batch, Verb
from lading.orders import editing, holds, kits, status
from lading.orders.commands import CancelLine
from lading.orders.edit_commands import MergeOrders
from lading.orders.types import AddedLine, Buyer, Line, Order, Relation, Wholeness
from lading.payments.types import Tender
from lading.terms import money as terms
from lading.terms.ledger import MoneyPosting

ITSELF = ("named_twice", "Order {order} is named twice.")
NOT_ALIKE = ("not_alike", "Orders {order} and {other} differ in their {what}: they do not become one.")
NOTHING_TO_MERGE = ("nothing_to_merge", "No unit of order {order} is left to go to another one.")
UNDER_WAY = (
    "units_under_way",
    "Order {order} has {units} released, sent or delivered: it is not merged any more.",
)
ACTOR = "rule:merge"
"""Who lifts what an order of which nothing is left does not wait for any more."""
ALIKE = {"channel_id": "channel", "currency": "currency", "customer_id": "customer", "ship_to_id": "address"}


class OrdersMerged(Struct, frozen=True):
    """The order as it stands with what came to it."""

    order: str
    version: int
    merged: list[str]
    """Orders of which nothing is left."""
    units: int
    """That came from them."""
    total: terms.Money
    """What the order costs now."""
    due: terms.Money
    """What is still to be paid for it; below zero, what is owed back."""
    stage: str


@dataclass(slots=True)
class Gathered:
    """What came to the order from all the others."""

    lines: list[Line] = field(default_factory=list)
    came: list[Arrived] = field(default_factory=list)
    money: list[MoneyPosting] = field(default_factory=list)
    tenders: list[Tender] = field(default_factory=list)
    uncovered: int = 0
    """What came and nobody paid yet."""
    left: list[Decision] = field(default_factory=list)
    """What became of the others."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """All of the orders, locked, and what goes with their units."""
    refs = (ref for command in batch.commands for ref in (command.order, *command.others))
    return await moving_units.read_world(tx, batch, refs)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_merge(envelope, world, batch) for envelope in batch.envelopes]


def _merge(envelope: Envelope[MergeOrders], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    others: list[Order] = []
    for index, ref in enumerate(command.others):
        other = changing.find(world.orders, ref, None, f"/others/{index}")
        if isinstance(other, Decision):
            return other
        if any(other is each for each in (order, *others)):
            return refused(ITSELF, f"/others/{index}", order=str(other.number))
        others.append(other)
    if refusal := _refuse(order, others, world, batch.now):
        return refusal
    cost, gathered = order.adjusted_minor, Gathered()
    for other in others:
        _gather(order, other, command.reason, gathered, world, batch)
    data = {"reason": command.reason, "lines": [], "moves": [], **_told(order, others, gathered)}
    data["adjusted_minor"] = order.adjusted_minor - cost
    tenders = world.tenders[order.id]
    paid = paying_for_edits.follow(order, gathered.uncovered, tenders, world.policies, envelope.actor, batch.now)
    if paid:
        data |= paid.data
    rows: list[object] = [order, *(AddedLine(order.id, line) for line in gathered.lines), *gathered.tenders]
    rows += [row for each in gathered.came for row in each.rows]
    rows += [Relation(order.id, other.id, "merged_from", batch.now) for other in others]
    rows += paid.rows if paid else ()
    if "complete_lines" in data:
        rows.append(Wholeness(order))
    event = changing.changed(order, "order_edited", batch, data)
    outcome = OrdersMerged(
        str(order.number), order.version, [str(other.number) for other in others],
        sum(line.ordered for line in gathered.lines if not line.is_kit),
        terms.Money.of_minor(order.charged_minor + order.adjusted_minor, order.currency),
        terms.Money.of_minor(order.due_minor, order.currency), fulfilling.stage(order),
    )  # fmt: skip
    postings = [posting for each in gathered.came for posting in each.postings]
    return Decision(outcome, event, postings, gathered.money, rows, also=gathered.left)


def _all(order: Order) -> list[CancelLine]:
    """What is left of it; parts go with their kits."""
    there = {
        line.number: kits.whole(order, line, moving.movable) if line.is_kit else moving.movable(line)
        for line in order.lines.values()
        if not line.part_of
    }
    return [CancelLine(number, units) for number, units in there.items() if units]


def _refuse(order: Order, others: Sequence[Order], world: World, now: datetime) -> Decision | None:
    if refusal := fulfilling.held(order, "edit"):
        return refusal
    if not any(order.sum(stage) for stage in status.IN_HOUSE):
        return refused(TOO_LATE, "/order", order=str(order.number))
    for index, other in enumerate(others):
        if refusal := _refuse_other(order, other, f"/others/{index}", world, now):
            return refusal
    return None


def _refuse_other(order: Order, other: Order, pointer: str, world: World, now: datetime) -> Decision | None:
    number = str(other.number)
    for name, what in ALIKE.items():
        if getattr(order, name) != getattr(other, name):
            return refused(NOT_ALIKE, pointer, order=str(order.number), other=number, what=what)
    if apart := _bought_apart(world.buyers.get(order.id), world.buyers.get(other.id)):
        return refused(NOT_ALIKE, pointer, order=str(order.number), other=number, what=apart)
    if active := holds.active(other):
        return refused(ON_HOLD, pointer, order=number, holds=", ".join(holds.kinds(active)))
    units = sum(
        line.ordered - line.units["cancelled"] - moving.movable(line)
        for line in other.lines.values()
        if not line.is_kit
    )
    if units:
        return refused(UNDER_WAY, pointer, order=number, units=units)
    wanted = _all(other)
    if not wanted:
        return refused(NOTHING_TO_MERGE, pointer, order=number)
    if refusal := moving.refuse(other, wanted, pointer):
        return refusal
    if staying := _staying(order, other, moving.look(other, wanted, 1), world, now):
        amount = terms.Money.of_minor(staying, other.currency).amount
        return refused(moving.MONEY_STAYS, pointer, order=number, amount=amount)
    return None


def _bought_apart(mine: Buyer | None, theirs: Buyer | None) -> str | None:
    """In what two buyers differ: one account, and no purchase order number that would be lost."""
    if (mine and mine.company_id) != (theirs and theirs.company_id):
        return "company"
    if mine and theirs and theirs.search_key not in (None, mine.search_key):
        return "purchase order"
    return None


def _staying(order: Order, other: Order, leaving: Leaving, world: World, now: datetime) -> int:
    """Money that cannot go along: what a provider is just asked about, what is in dispute, and promises that cannot be asked for again."""
    tenders = world.tenders[other.id]
    moving_now = sum(each.authorising_minor + each.capturing_minor + each.refunding_minor for each in tenders)
    missing = moving.too_much(other, leaving) - sum(each.refundable_minor for each in moving.shared(tenders))
    promised = sum(each.open_minor for each in tenders)
    if promised and paying_for_edits.can_ask(order, world.tenders[order.id], world.policies, now):
        promised = 0
    return max(0, missing) + moving_now + promised


def _gather(order: Order, other: Order, reason: str, gathered: Gathered, world: World, batch: Batch) -> None:
    """All that is left of the other order goes to the order; nothing of it is left."""
    wanted, owed = _all(other), other.adjusted_minor
    leaving = moving.look(other, wanted, max(order.lines) + 1)
    too_much = moving.too_much(other, leaving)
    lines = list(leaving.lines.values())
    _join(order, lines)
    gathered.lines += lines
    gathered.money += editing.owe(order, lines, ())
    moving.leave(leaving, wanted, world, batch)
    work, tenders, theirs = world.work[order.id], world.tenders[order.id], world.tenders[other.id]
    came = moving.arrive(order, leaving, world, len(work.allocations) + 1, world.network.attributes)
    work.allocations += came.allocations
    gathered.came.append(came)
    moved = moving.move_money(other, order, too_much, moving.shared(theirs), len(tenders) + 1)
    tenders += moved.new
    gathered.tenders += moved.new
    gathered.money += moved.got
    gathered.uncovered += leaving.cost_minor - moved.minor
    door = paying_for_edits.follow(other, other.adjusted_minor - owed, theirs, world.policies, ACTOR, batch.now)
    done = leaving.done
    data = {"reason": reason, **done.told(), "adjusted_minor": other.adjusted_minor - owed}
    data["related"] = [{"order_id": order.id, "number": str(order.number), "how": "merged_into"}]
    data |= {name: told for name, told in (("pools", done.pools), ("bookings", done.bookings)) if told}
    if door and "to_come" in door.data:
        data["to_come"] = door.data["to_come"]
    event = changing.changed(other, "lines_cancelled", batch, data)
    rows = [
        other,
        *done.rows(world.work[other.id]),
        *limiting.pool_uses(other, done.pools),
        *moved.touched,
        *(door.rows if door else ()),
    ]
    rows.append(Relation(other.id, order.id, "merged_into", batch.now))
    gathered.left.append(Decision(Alongside(), event, done.postings, [*done.money, *moved.given], rows))


def _join(order: Order, lines: Sequence[Line]) -> None:
    """The lines become the order's; what was charged on them bears numbers of its own."""
    numbers: dict[int, int] = {}
    first = editing.next_charge(order)
    for line in lines:
        for charge in line.charges:
            numbers.setdefault(charge.number, first + len(numbers))
    for line in lines:
        line.added = True
        line.charges = [replace(charge, number=numbers[charge.number]) for charge in line.charges]
        order.lines[line.number] = line


def _told(order: Order, others: Sequence[Order], gathered: Gathered) -> dict[str, Any]:
    charges = placing.told_charges(charge for line in gathered.lines for charge in line.charges)
    told: dict[str, Any] = {
        "added": [_told_line(line) for line in gathered.lines],
        "allocations": [
            {"number": each.number, "line": each.line_number, "location_id": each.location_id, "lot": each.lot, "quantity": sum_of}
            for came in gathered.came
            for each, sum_of in zip(came.allocations, (take.quantity for take in came.sourcing.takes), strict=True)
        ],
        "related": [{"order_id": each.id, "number": str(each.number), "how": "merged_from"} for each in others],
    }  # fmt: skip
    if charges:
        told["charges"] = charges
    for came in gathered.came:
        for name, value in came.told().items():
            told[name] = {**told.get(name, {}), **value} if isinstance(value, dict) else [*told.get(name, []), *value]
    if gathered.tenders:
        told["tenders"] = placing.told_tenders(gathered.tenders)
    if any(line.ship_complete for line in gathered.lines):
        told["complete_lines"] = [line.number for line in order.lines.values() if line.ship_complete]
    return told


def _told_line(line: Line) -> dict[str, Any]:
    told: dict[str, Any] = {
        "number": line.number, "sku_id": line.sku_id, "quantity": line.ordered, "unit_price": str(line.unit_price),
        "goods_minor": line.goods_minor,
    }  # fmt: skip
    if line.is_kit:
        told["is_kit"] = True
    if line.part_of:
        told |= {"part_of": line.part_of, "per_kit": line.per_kit}
    places = {"pickup_location_id": line.pickup_at, "ship_to_id": line.ship_to_id}
    return told | {name: place for name, place in places.items() if place}


VERB = Verb(
    noun="orders",
    verb="merge",
    summary="Let all units of other orders of the same customer go to this one, with what they cost and what was paid for them.",
    command=MergeOrders,
    outcome=OrdersMerged,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, ITSELF, ON_HOLD, TOO_LATE, NOT_ALIKE, UNDER_WAY, NOTHING_TO_MERGE,
        moving.NOT_MOVABLE, moving.MONEY_STAYS,
    ),
    scope="orders:write",
    event="order_edited",
    example={"order": "1042", "others": ["1043"], "reason": "one_parcel"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
