"""Edit orders after they were placed: a dry run is the preview, the version that it tells confirms it.

Units that are taken away are cancelled (operations/withdrawing), units that are added are lines of their own, and are sourced at once.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from lading.fulfillment.types import Allocation
from lading.inbound.types import Promise
from lading.journal.types import Decision, Envelope, refused
from lading.operations import (
    attributing,
    backordering,
    changing,
    charging_edits,
    checking_edits,
    choosing_stock,
    fulfilling,
    heading,
    limiting,
    naming,
    paying_for_edits,
    taxing,
    withdrawing,
)
from lading.operations.backordering import BACKORDER_LIMIT, INSUFFICIENT_STOCK, LinePromise
from lading.operations.choosing_stock import Chosen
from lading.operations.paying_for_edits import EditPayment, Followed
from lading.operations.placing import INACTIVE_SKU, UNKNOWN_SKU, told_charges
from lading.operations.reading_edits import World, added, read, wants_of
from lading.operations.registry import Batch, Verb
from lading.operations.withdrawing import Wanted, Withdrawn
from lading.orders import editing, holds, rules, status
from lading.orders.commands import CancelLine
from lading.orders.edit_commands import EditOrder
from lading.orders.types import AddedCharge, AddedLine, Charge, Hold, Line, Order
from lading.terms.ledger import Posting
from lading.terms.money import Money
from lading.terms.taxes import Place

TOO_LATE = ("too_late_to_edit", "Nothing of order {order} is in the house any more.")
OTHER_CURRENCY = ("other_currency", "Order {order} is in {currency}, not in {other}.")
KIT_AS_IT_IS = (
    "kit_as_it_is",
    "A kit is ordered, and cancelled whole; {sku} cannot be added, raised or priced: order it anew.",
)
COLLECTED_AS_IT_IS = (
    "collected_as_it_is",
    "The customer collects line {line}: more of it is ordered anew, for what an edit adds is sent.",
)


class LineChange(Struct, frozen=True):
    """A line as it was and as it is."""

    line: int
    sku_id: UUID
    before: int
    """Units that were not cancelled; 0 for a line that was added."""
    after: int


class OrderEdited(Struct, frozen=True):
    """The exact difference, and where the order stands."""

    order: str
    version: int
    stage: str
    lines: list[LineChange]
    before: Money
    """What the order cost."""
    total: Money
    """What it costs now."""
    difference: Money
    tax_difference: Money
    """Taxes in that, those that prices contain among them."""
    due: Money
    """What the customer still owes; below zero, what is owed to the customer."""
    sourcing: str
    """Where what was added comes from, as at placement; nothing_to_source where nothing was."""
    allocated: int
    """Units that were added and found."""
    promises: list[LinePromise]
    """The dates told for what was added and waits."""
    ship_on: date | None = None
    payment: EditPayment | None = None
    """What it does to the money that somebody promised or paid."""
    holds: list[str] = []
    """The other holds that it places: for an approval, for what a company owes."""


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [edit(envelope, world, batch) for envelope in batch.envelopes]


@dataclass(slots=True)
class _Edit:
    """An edit that nothing refuses, and what the order was like before it."""

    envelope: Envelope[EditOrder]
    command: EditOrder
    """In the money of the order."""
    order: Order
    withdrawn: Wanted | None
    """What is taken away."""
    sourcing: Chosen
    """Where what is added comes from."""
    moved: Place | None
    """Where the order goes now, as taxes see it."""
    sent: Sequence[taxing.Sent]
    owed: int
    cost: int
    tax: int
    before: Mapping[int, int]
    """Units by line."""


def edit(envelope: Envelope[EditOrder], world: World, batch: Batch) -> Decision:
    """Edit one order; the world is used up in place, and stays as it was where the edit is refused."""
    order = changing.find(world.orders, envelope.command.order, envelope.command.expected_version)
    if isinstance(order, Decision):
        return order
    asked = _look_at(envelope, order, world)
    return asked if isinstance(asked, Decision) else _carry_out(asked, world, batch)


def _look_at(envelope: Envelope[EditOrder], order: Order, world: World) -> _Edit | Decision:
    """What is to be done, or why it cannot be."""
    command = envelope.command
    if refusal := _refuse(command, order, world) or heading.refuse_attributes(command, order, world.network.attributes):
        return refusal
    command = charging_edits.in_money(command, order)
    if refusal := charging_edits.refuse(command, order):
        return refusal
    less = _less(command, order)
    wanted = withdrawing.choose(order, less, world, unpack=command.unpack) if less else None
    if isinstance(wanted, Decision):
        return wanted
    sourcing = Chosen()
    if world.stock and (wants := wants_of(command, order, world)):
        asked = world.asked.get(order.id)
        sourcing = choosing_stock.choose(wants, world.stock, order.channel_id, order_id=order.id, asked=asked)
        if refusal := _let_wait(command, order, sourcing, world):
            return refusal
    sent: list[taxing.Sent] = [*world.work[order.id].allocations, *sourcing.takes]
    moved = taxing.moved_to(command.ship_to, world.located.get(envelope.command_id), world.taxing)
    if refusal := _over_credit(command, order, less, moved, sent, world):
        return refusal
    return _Edit(
        envelope, command, order, wanted, sourcing, moved, sent, _owed(order, world), _cost(order), editing.tax_minor(order),
        _left(order),
    )  # fmt: skip


def _less(command: EditOrder, order: Order) -> list[CancelLine]:
    """What the command takes away."""
    return [
        CancelLine(each.line, units)
        for each in command.quantities
        if (units := charging_edits.left(order, order.lines[each.line]) - each.quantity) > 0
    ]


def _carry_out(asked: _Edit, world: World, batch: Batch) -> Decision:
    command, order, work = asked.command, asked.order, world.work[asked.order.id]
    if world.stock:
        choosing_stock.take(asked.sourcing, world.stock, order.channel_id)
    data: dict[str, Any] = {"reason": command.reason}
    rows: list[object] = [order, *heading.prioritise(command, order, work, data)]
    more = added(command, order, world)
    lines, charges = charging_edits.charge(command, order, more)
    charges += taxing.tax_edited(order, lines, charges, asked.moved, world.taxing, world, asked.sent)
    money = editing.owe(order, lines, charges)
    done = withdrawing.withdraw(order, asked.withdrawn, world, batch.now) if asked.withdrawn else Withdrawn()
    found = _source(order, asked.sourcing, world, batch)
    data |= {**done.told(), **_told(lines, charges), **found.told, "adjusted_minor": _cost(order) - asked.cost}
    rows += [*done.rows(work), *(AddedLine(order.id, line) for line in lines)]
    rows += [AddedCharge(order.id, charge) for charge in charges]
    told = [(line.number, each.attributes) for line, each in zip(lines, more, strict=True)]
    rows += heading.attributes(command, order, told, world.network.attributes, data)
    located = world.located.get(asked.envelope.command_id)
    rows += [*heading.head(asked.envelope, order, lines, world.people, located, data), *found.rows]
    pools, bookings = [*done.pools, *asked.sourcing.pools], [*done.bookings, *data.pop("bookings", ())]
    data |= {name: told for name, told in (("pools", pools), ("bookings", bookings)) if told}
    rows += limiting.pool_uses(order, pools)
    paid, held = _settle(asked, world, batch)
    if paid:
        rows += paid.rows
        data |= paid.data
    if held:
        rows += held
        data["hold_terms"] = [*data.get("hold_terms", ()), *holds.told(held)]
    event = changing.changed(order, "order_edited", batch, data)
    outcome = structs.replace(
        _outcome(asked, found), payment=paid.told if paid else None, holds=[hold.kind for hold in held]
    )
    return Decision(outcome, event, [*done.postings, *found.postings], [*money, *done.money], rows)


def _settle(asked: _Edit, world: World, batch: Batch) -> tuple[Followed | None, list[Hold]]:
    """(what becomes of the money that was promised or paid, the holds for money)"""
    order, more = asked.order, _cost(asked.order) - asked.cost
    tenders, actor = world.tenders[order.id], asked.envelope.actor
    paid = paying_for_edits.follow(order, more, tenders, world.policies, actor, batch.now)
    owed = _owed(order, world) - asked.owed
    return paid, checking_edits.place(order, more, owed, world.policies, world.credits, batch.now)


def _over_credit(
    command: EditOrder,
    order: Order,
    less: Sequence[CancelLine],
    moved: Place | None,
    sent: Sequence[taxing.Sent],
    world: World,
) -> Decision | None:
    """As at placement: what a company would owe with the edit, above what it may. The edit is counted on a copy of the order."""
    if not world.credits or not order.company_id:
        return None
    trial = copy.deepcopy(order)
    lines, charges = charging_edits.charge(command, trial, added(command, trial, world))
    charges += taxing.tax_edited(trial, lines, charges, moved, world.taxing, world, sent)
    editing.owe(trial, lines, charges)
    for each in less:
        rules.credit_cancelled(trial, trial.lines[each.line], each.quantity)
    return checking_edits.refuse_credit(order, _owed(trial, world) - _owed(order, world), world.policies, world.credits)


def _cost(order: Order) -> int:
    return order.charged_minor + order.adjusted_minor


def _left(order: Order) -> dict[int, int]:
    """Units by line that are not cancelled."""
    return {number: charging_edits.left(order, line) for number, line in order.lines.items()}


def _owed(order: Order, world: World) -> int:
    """What is owed of it and no provider is asked for."""
    return max(0, order.owed_minor - sum(tender.authorising_minor for tender in world.tenders[order.id]))


def _refuse(command: EditOrder, order: Order, world: World) -> Decision | None:
    number = str(order.number)
    if refusal := fulfilling.held(
        order, "edit", {each.line for each in command.quantities if each.line in order.lines}
    ):
        return refusal
    if not any(order.sum(stage) for stage in status.IN_HOUSE):
        return refused(TOO_LATE, "/order", order=number)
    for currency in command.currencies - {order.currency}:
        return refused(OTHER_CURRENCY, "", order=number, currency=order.currency, other=currency)
    for index, number_of in enumerate(command.complete_lines or ()):
        if number_of not in order.lines:
            document = f"order {number}"
            return refused(fulfilling.UNKNOWN_LINE, f"/complete_lines/{index}", document=document, line=number_of)
    for name in ("quantities", "prices", "charges"):
        for index, each in enumerate(getattr(command, name)):
            if each.line is not None and each.line not in order.lines:
                return refused(
                    fulfilling.UNKNOWN_LINE, f"/{name}/{index}/line", document=f"order {number}", line=each.line
                )
    for index, new in enumerate(command.add):
        sku = world.skus.get(new.sku)
        if sku is None:
            return refused(UNKNOWN_SKU, f"/add/{index}/sku", sku=new.sku)
        if not sku.active:
            return refused(INACTIVE_SKU, f"/add/{index}/sku", sku=new.sku)
        if sku.kit == "on_demand":
            return refused(KIT_AS_IT_IS, f"/add/{index}/sku", sku=new.sku)
    for index, changed in enumerate(command.quantities):
        line = order.lines[changed.line]
        if (line.is_kit or line.part_of) and changed.quantity > charging_edits.left(order, line):
            return refused(KIT_AS_IT_IS, f"/quantities/{index}/quantity", sku=f"line {line.number}")
        if line.pickup_at and changed.quantity > charging_edits.left(order, line):
            return refused(COLLECTED_AS_IT_IS, f"/quantities/{index}/quantity", line=line.number)
    return taxing.refuse_unknown(order, world.taxing)


def _let_wait(command: EditOrder, order: Order, sourcing: Chosen, world: World) -> Decision | None:
    """As at placement: what is short waits where it may; otherwise the edit is refused, all of it."""
    assert world.stock is not None
    wants, waits = wants_of(command, order, world), dict[UUID, int]()
    for want in wants:
        if missing := sourcing.short.get(want.line_number):
            waits[want.sku_id] = waits.get(want.sku_id, 0) + missing
    for want in wants:
        missing = sourcing.short.get(want.line_number)
        units = world.stock.waiting.get(want.sku_id, 0) + waits.get(want.sku_id, 0)
        if missing and not backordering.may_wait(
            world.waiting, world.policies, order.channel_id, want.sku_id, units, world.stock.now
        ):
            codes = (sku.code for sku in world.skus.values() if sku.id == want.sku_id)
            code = next(codes, f"of line {want.line_number}")
            return refused(INSUFFICIENT_STOCK, "", sku=code, quantity=want.quantity, missing=missing)
    return backordering.count_waiting(waits, world.stock.waiting, world.policies, "")


@dataclass(slots=True)
class Found:
    """Where what was added comes from."""

    allocations: list[Allocation] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    rows: list[object] = field(default_factory=list)
    told: dict[str, Any] = field(default_factory=dict)


def _source(order: Order, sourcing: Chosen, world: World, batch: Batch) -> Found:
    if not sourcing.takes and not sourcing.short:
        return Found()
    assert world.stock is not None
    work = world.work[order.id]
    allocations = choosing_stock.allocations_of(order, sourcing, len(work.allocations) + 1)
    work.allocations += allocations
    postings = [choosing_stock.allocate(order, take, "open", take.quantity) for take in sourcing.takes]
    postings += [
        rules.to_stage(order.lines[number], units, "open", "backordered") for number, units in sourcing.short.items()
    ]
    promises = backordering.promise(order, sourcing.short, world.waiting, world.policies, batch.now)
    endings = choosing_stock.end(sourcing.ended, batch.now)
    told: dict[str, Any] = {
        "allocations": [
            {"number": each.number, "line": each.line_number, "location_id": each.location_id, "lot": each.lot,
             "quantity": each.allocated}
            for each in allocations
        ],
        **choosing_stock.told_days(sourcing),
    }  # fmt: skip
    if sourcing.why:
        told["why"] = sourcing.why
    if promises:
        told["promises"] = backordering.told(promises)
    if endings.told:
        told["reservations_ended"] = endings.told
    rows = [*allocations, *endings.rows, *promises, *choosing_stock.book(order.id, sourcing, world.stock)]
    return Found(allocations, [*postings, *endings.postings], promises, rows, told)


def _told(lines: Sequence[Line], charges: Sequence[Charge]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if lines:
        told["added"] = [
            {"number": line.number, "sku_id": line.sku_id, "quantity": line.ordered, "unit_price": str(line.unit_price),
             "goods_minor": line.goods_minor}
            for line in lines
        ]  # fmt: skip
    every = [*charges, *(charge for line in lines for charge in line.charges)]
    return told | ({"charges": told_charges(every)} if every else {})


def _outcome(asked: _Edit, found: Found) -> OrderEdited:
    order, sourcing = asked.order, asked.sourcing

    def cash(minor: int) -> Money:
        return Money.of_minor(minor, order.currency)

    total = _cost(order)
    return OrderEdited(
        str(order.number), order.version, fulfilling.stage(order),
        [
            LineChange(number, order.lines[number].sku_id, asked.before.get(number, 0), units)
            for number, units in _left(order).items() if units != asked.before.get(number, 0)
        ],
        cash(asked.cost), cash(total), cash(total - asked.cost), cash(editing.tax_minor(order) - asked.tax), cash(order.due_minor),
        sourcing.reason if sourcing.takes or sourcing.short else "nothing_to_source",
        sum(each.allocated for each in found.allocations),
        [LinePromise(each.line_number, each.quantity, each.promised_at) for each in found.promises],
        max(sourcing.ship_on.values(), default=None),
    )  # fmt: skip


VERB = Verb(
    noun="orders",
    verb="edit",
    summary="Change lines, quantities, prices, charges, address or dates of an order. A dry run shows the exact difference.",
    command=EditOrder,
    outcome=OrderEdited,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, fulfilling.ON_HOLD, TOO_LATE, OTHER_CURRENCY, fulfilling.UNKNOWN_LINE,
        UNKNOWN_SKU, INACTIVE_SKU, KIT_AS_IT_IS, COLLECTED_AS_IT_IS, *charging_edits.REFUSALS, withdrawing.PART_OF_KIT,
        withdrawing.NOT_CANCELLABLE, *naming.REFUSALS, *attributing.REFUSALS, taxing.UNKNOWN, checking_edits.OVER_CREDIT,
        INSUFFICIENT_STOCK,
        BACKORDER_LIMIT,
    ),
    scope="orders:write",
    event="order_edited",
    example={
        "order": "1042", "reason": "customer_request", "expected_version": 3,
        "quantities": [{"line": 1, "quantity": 1}],
        "add": [{"sku": "TEE-M", "quantity": 2, "unit_price": {"amount": "19.90", "currency": "EUR"}}],
    },
    prefetch=read,
    decide=decide,
)  # fmt: skip
