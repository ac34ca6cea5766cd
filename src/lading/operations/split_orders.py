"""Split orders: units that no location was asked to send become an order of their own."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Alongside, Decision, Envelope, refused
from lading.kernel.ids import dated_id
from lading.operations import (
    buying,
    changing,
    fulfilling,
    holding_for_payment,
    limiting,
    moving_units,
    paying_for_edits,
    placing,
)
from lading.operations import moving_units as moving
from lading.operations.moving_units import Arrived, Leaving, Money, World
from lading.operations.paying_for_edits import Parted
from lading.operations.registry import Batch, Verb
from lading.orders import holds, rules
from lading.orders.commands import CancelLine
from lading.orders.edit_commands import SplitOrder
from lading.orders.holds import Terms
from lading.orders.remarks import Tagging
from lading.orders.types import Buyer, Detail, Hold, LineAddress, Method, Order, Relation, Wholeness
from lading.payments import rules as payments
from lading.terms import money as terms
from lading.terms.ledger import Event, MoneyPosting

NOTHING_LEFT = ("nothing_left", "Nothing of order {order} would be left: it need not be split.")


class OrderSplit(Struct, frozen=True):
    """The two orders as they stand now."""

    order: str
    version: int
    order_id: UUID
    """Of the new order."""
    number: str
    """Of the new order; empty in a dry run, which draws none."""
    units: int
    """That went to it."""
    left: terms.Money
    """What the order costs now."""
    total: terms.Money
    """What the new one costs."""
    due: terms.Money
    """What is still to be paid for the new one."""
    stage: str
    """The queue that the new one stands in."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked, and all that goes with their units."""
    return await moving_units.read_world(tx, batch, (command.order for command in batch.commands))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_split(each, number, world, batch) for each, number in zip(batch.envelopes, batch.numbers, strict=True)]


def _split(envelope: Envelope[SplitOrder], number: int, world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    wanted = [CancelLine(each.line, each.quantity) for each in command.lines]
    leaving = moving.look(order, wanted, 1) if all(each.line in order.lines for each in wanted) else None
    if refusal := _refuse(order, wanted, leaving, world):
        return refusal
    assert leaving is not None
    owed, too_much, tenders = order.adjusted_minor, moving.too_much(order, leaving), world.tenders[order.id]
    covered = bool(tenders) and holding_for_payment.is_covered(order, tenders)
    new = _new_order(envelope, number, order, leaving, batch)
    moving.leave(leaving, wanted, world, batch)
    came = moving.arrive(new, leaving, world, 1, world.network.attributes)
    came.said += moving.said_again(new.id, 0, world.said.get((order.id, 0), {}), "order", world.network.attributes)
    came.rows += [each for each in came.said if not each.line_number]
    money = moving.move_money(order, new, too_much, moving.shared(tenders), 1)
    parted = Parted()
    if covered:
        parted = paying_for_edits.part(order, new, tenders, len(money.new) + 1, world.policies, batch.now)
    born = _born(order, new, leaving, came, money, parted, world, batch, envelope.actor)
    done = leaving.done
    data = {"reason": command.reason, **done.told(), "adjusted_minor": order.adjusted_minor - owed}
    data["related"] = [{"order_id": new.id, "number": str(new.number), "how": "split_into"}]
    data |= {name: told for name, told in (("pools", done.pools), ("bookings", done.bookings)) if told}
    if parted.touched:
        data["to_come"] = [{"tender": each.number, "expected_minor": each.expected_minor} for each in parted.touched]
    event = changing.changed(order, "lines_cancelled", batch, data)
    touched = [*money.touched, *parted.touched]
    rows = [order, *done.rows(world.work[order.id]), *limiting.pool_uses(order, done.pools), *touched]
    rows.append(Relation(order.id, new.id, "split_into", batch.now))
    outcome = OrderSplit(
        str(order.number), order.version, new.id, str(new.number or ""), leaving.units,
        _cash(order.charged_minor + order.adjusted_minor, order), _cash(new.charged_minor, new), _cash(new.due_minor, new),
        fulfilling.stage(new),
    )  # fmt: skip
    return Decision(outcome, event, done.postings, [*done.money, *money.given], rows, also=[born])


def _cash(minor: int, order: Order) -> terms.Money:
    return terms.Money.of_minor(minor, order.currency)


def _refuse(order: Order, wanted: list[CancelLine], leaving: Leaving | None, world: World) -> Decision | None:
    if refusal := fulfilling.held(order, "edit", {each.line for each in wanted if each.line in order.lines}):
        return refusal
    if (refusal := moving.refuse(order, wanted, "/lines")) or leaving is None:
        return refusal
    if moving.nothing_left(order, leaving):
        return refused(NOTHING_LEFT, "/lines", order=str(order.number))
    there = sum(each.refundable_minor for each in moving.shared(world.tenders[order.id]))
    if (missing := moving.too_much(order, leaving) - there) > 0:
        return refused(moving.MONEY_STAYS, "", order=str(order.number), amount=_cash(missing, order).amount)
    return None


def _new_order(envelope: Envelope[SplitOrder], number: int, order: Order, leaving: Leaving, batch: Batch) -> Order:
    """For the same customer at the same place; as old as the order that it comes from."""
    lines = {line.number: line for line in sorted(leaving.lines.values(), key=lambda line: line.number)}
    new = Order(
        id=dated_id(envelope.fresh_id, order.placed_at), number=number, channel_id=order.channel_id, external_reference=None,
        placed_at=order.placed_at, ship_by=order.ship_by, queued_at=batch.now, currency=order.currency, priority=order.priority,
        version=1, policy_version=order.policy_version, placed_by=envelope.command_id, customer_id=order.customer_id,
        party_version_id=order.party_version_id, ship_to_id=order.ship_to_id, history=False, charged_minor=0, lines=lines,
        ship_complete=order.ship_complete, stored=False,
    )  # fmt: skip
    new.charged_minor = sum(rules.charged_by_kind(new).values())
    return new


def _born(
    order: Order,
    new: Order,
    leaving: Leaving,
    came: Arrived,
    money: Money,
    parted: Parted,
    world: World,
    batch: Batch,
    actor: str,
) -> Decision:
    """The new order with its event: as if it had been placed so."""
    stopped = [*parted.holds, *_holds(order, new, leaving, actor, batch)]
    data: dict[str, Any] = placing.told_order(new)
    placing.tell_kits(new, data)
    _tell_places(new, data)
    data["related"] = [{"order_id": order.id, "number": str(order.number), "how": "split_from"}]
    data["sourcing"] = {
        "reason": "split",
        "takes": [(each.line_number, each.location_id, each.lot, each.quantity) for each in came.sourcing.takes],
    }
    data |= came.told()
    paid = [*money.new, *parted.new]
    rows: list[object] = [new, *stopped, *came.rows, *paid, *parted.requests]
    rows += [LineAddress(new.id, line.number, line.ship_to_id) for line in new.lines.values() if line.ship_to_id]
    rows += [Relation(new.id, order.id, "split_from", batch.now)]
    if order.id in world.buyers:
        rows.append(_buyer(new, world.buyers[order.id], data))
    if new.ship_complete or any(line.ship_complete for line in new.lines.values()):
        rows.append(Wholeness(new))
        whole = [line.number for line in new.lines.values() if line.ship_complete]
        data |= {"ship_complete": new.ship_complete, "complete_lines": whole}
    if order.id in world.details:
        rows += _detail(new, *world.details[order.id], data)
    if tags := sorted(world.tags.get(order.id, ())):
        rows.append(Tagging(new.id, tags, ()))
        data["tags"] = tags
    if stopped:
        data |= {"holds": [hold.kind for hold in stopped], "hold_terms": holds.told(stopped)}
    if paid:
        data["tenders"] = placing.told_tenders(paid)
    if parted.requests:
        data["asked"] = payments.told(parted.requests)
    charged: list[MoneyPosting] = []
    for kind, amount in rules.charged_by_kind(new).items():
        charged += rules.owe(new.id, kind, amount, new.currency)
    charged += rules.set_taxes_apart(new)
    event = Event("order_placed", "order", new.id, new.placed_at, data)
    return Decision(Alongside(), event, came.postings, [*charged, *money.got], rows)


def _tell_places(new: Order, data: dict[str, Any]) -> None:
    """Where lines are collected, and where they go that do not go where the order goes."""
    for told, line in zip(data["lines"], new.lines.values(), strict=True):
        if line.pickup_at:
            told["pickup_location_id"] = line.pickup_at
        if line.ship_to_id:
            told["ship_to_id"] = line.ship_to_id


def _buyer(new: Order, buyer: Buyer, data: dict[str, Any]) -> Buyer:
    """The same company has it on the same terms; its purchase order number stays unique to the order that it was split off."""
    new.company_id, new.terms_days = buyer.company_id, buyer.terms_days
    mine = replace(buyer, order_id=new.id, unique_key=None, owed_minor=new.owed_minor)
    data |= buying.told(mine)
    return mine


def _detail(new: Order, detail: Detail, method: str | None, data: dict[str, Any]) -> list[object]:
    mine = replace(detail, order_id=new.id)
    data |= placing.told_detail(mine)
    if method is None:
        return [mine]
    data["method"] = method
    return [mine, Method(new.id, method)]


def _holds(order: Order, new: Order, leaving: Leaving, actor: str, batch: Batch) -> list[Hold]:
    """What stops the order, or a line that leaves it, stops the new one as well."""
    placed = []
    for hold in holds.active(order):
        lines = tuple(leaving.lines[number].number for number in hold.lines if number in leaving.lines)
        if hold.fulfillment_orders or (hold.lines and not lines):
            continue
        terms_ = Terms(hold.kind, tuple(hold.stops), lines, (), hold.reason, hold.note, hold.expires_at)
        placed.append(holds.place(new, terms_, actor, batch.now))
    return placed


VERB = Verb(
    noun="orders",
    verb="split",
    summary="Let units that no location was asked to send become an order of their own, with what they cost and what was paid for them.",
    command=SplitOrder,
    outcome=OrderSplit,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, fulfilling.ON_HOLD, fulfilling.UNKNOWN_LINE, moving.PART_OF_KIT,
        moving.NOT_MOVABLE, NOTHING_LEFT, moving.MONEY_STAYS,
    ),
    scope="orders:write",
    event="lines_cancelled",
    example={"order": "1042", "lines": [{"line": 2, "quantity": 1}], "reason": "later"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
)  # fmt: skip
