"""Edit orders after they were placed: a dry run is the preview, the version that it tells confirms it.

Units that are taken away are cancelled (operations/withdrawing), units that are added are lines of their own, and are sourced at once.
"""

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from msgspec import Struct, structs

from lading.catalog import store as catalog
from lading.catalog.types import Network, Sku
from lading.customers import company_store
from lading.customers import store as customers
from lading.customers.types import People, content_key
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.fulfillment.booking import Diary
from lading.fulfillment.types import Allocation
from lading.inbound import store as inbound
from lading.inbound.types import Promise
from lading.inventory import limit_store
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
    planning,
    reading_stock,
    taxing,
    withdrawing,
)
from lading.operations.backordering import BACKORDER_LIMIT, INSUFFICIENT_STOCK, LinePromise, Waiting
from lading.operations.checking_edits import Credits
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.paying_for_edits import EditPayment
from lading.operations.placing import INACTIVE_SKU, UNKNOWN_SKU, told_charges
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch, Verb
from lading.operations.taxing import Taxing
from lading.operations.withdrawing import Withdrawn
from lading.orders import editing, holds, remarks, rules, status
from lading.orders.commands import CancelLine
from lading.orders.edit_commands import EditOrder
from lading.orders.types import AddedCharge, AddedLine, Charge, Line, Order
from lading.payments import store as payments_store
from lading.payments.store import TendersByOrder
from lading.sourcing import store as sourcing_store
from lading.sourcing.plans import Asked
from lading.sourcing.plans import Plan as Rules
from lading.sourcing.rules import ORDER, Want
from lading.terms.ledger import Posting
from lading.terms.money import Money, UnitPrice
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


@dataclass(slots=True)
class World(fulfilling.World):
    """The orders with their work, and all that an added line may look at."""

    network: Network = field(default_factory=Network)
    skus: Mapping[str, Sku] = field(default_factory=dict)
    people: People = field(default_factory=People)
    waiting: Waiting = field(default_factory=Waiting)
    stock: Stock | None = None
    said: dict[tuple[UUID, int], dict[str, str]] = field(default_factory=dict)
    """What is said of the orders and their lines, where the merchant has attributes of lines."""
    located: Mapping[UUID, UUID] = field(default_factory=dict)
    """Addresses that were written when their edit was prepared, by command."""
    asked: Mapping[UUID, Asked] = field(default_factory=dict)
    """What rules of sourcing may know of each order."""
    rules: Rules | None = None
    taxing: Taxing | None = None
    """Where taxes of some order are calculated here."""
    tenders: TendersByOrder = field(default_factory=dict)
    credits: Credits = field(default_factory=dict)


async def prefetch(tx: Transaction, batch: Batch, located: Mapping[UUID, UUID] = MappingProxyType({})) -> World:
    """Orders, work and parcels; products, people, policies; the stock that sourcing would choose; days; serials."""
    commands: list[EditOrder] = batch.commands
    unpack = any(command.unpack for command in commands)
    found = await fulfilling.read_world(tx, batch, (each.order for each in commands), parcels=unpack, stock=False)
    world = World(found.orders, found.work, parcels=found.parcels, located=located)
    orders = {order.id: order for order in world.orders.by_ref.values()}
    world.skus = await catalog.read_skus(tx, (line.sku for command in commands for line in command.add))
    lines = [line for order in orders.values() for line in order.lines.values()]
    sku_ids = {line.sku_id for line in lines} | {sku.id for sku in world.skus.values()}
    world.network, world.policies = await catalog.read_setup(tx, sorted(sku_ids))
    to = [command.ship_to for command in commands]
    world.taxing = await taxing.for_editing(tx, batch, orders.values(), sku_ids, world, located.values(), to)
    if any(subject == "line" for subject, _ in world.network.attributes):
        world.said = await remarks.read_said(tx, orders)
    places = [command.ship_to for command in commands if command.ship_to]
    if places:
        world.people = await customers.read_people(tx, (), (), (content_key(place) for place in places))
    await _read_stock(tx, batch, world, lines)
    world.taken = await limit_store.read_pool_takes(tx, orders)
    await fulfilling.read_serials(tx, batch, world)
    if companies := {order.company_id for order in orders.values() if order.company_id}:
        world.credits = await company_store.read_credit(tx, companies)
    world.tenders = await payments_store.read_tenders(tx, sorted(orders), lock=batch.lock)
    return world


async def _read_stock(tx: Transaction, batch: Batch, world: World, lines: Sequence[Line]) -> None:
    """What is added is chosen and locked; then the days that the orders have booked, and those that were chosen."""
    asked = _asked(batch, world)
    wanted: dict[UUID, int] = {}
    for _, wants in asked:
        for want in wants:
            wanted[want.sku_id] = wanted.get(want.sku_id, 0) + want.quantity
    waits = {line.sku_id for line in lines if line.units["backordered"]}
    if batch.lock:
        await limit_store.lock_gate(tx, wanted.keys() | waits)
        await inbound.lock_backlog(tx, waits)
    chosen: list[Chosen] = []
    if wanted:
        world.asked = await sourcing_store.read_asked(tx, {order.id for order in world.orders.by_ref.values()})
        world.rules = await planning.read_plan(tx, world.policies, wanted, world.asked.values())

    def propose(stock: Stock) -> list[Chosen]:
        stock.waiting = dict(world.waiting.units)
        stock.plan = world.rules.anew() if world.rules else None
        chosen[:] = [_choose(wants, order, stock, world) for order, wants in asked]
        return chosen

    async def ahead() -> bool:
        short = {
            want.sku_id
            for (_, wants), each in zip(asked, chosen, strict=True)
            for want in wants
            if want.line_number in each.short
        }
        return bool(short) and await backordering.read_waiting(
            tx, batch, world.waiting, short, world.network, world.policies
        )

    if wanted:
        bookings = await fulfillment.read_bookings(tx, world.work)
        world.stock, _ = await reading_stock.read_stock(
            tx, batch, Needs(wanted, bookings=bookings), world.network, world.policies, propose, ahead
        )
        world.stock.waiting = dict(world.waiting.units)
        world.stock.plan = world.rules.anew() if world.rules else None
    world.diary = await fulfillment.read_diary(tx, world.work, lock=batch.lock)
    if world.stock and world.stock.days:
        world.diary = _one_diary(world.stock.days.days.diary, world.diary)


def _one_diary(chosen: Diary, held: Diary) -> Diary:
    """What is given back and what is booked are the same rows."""
    chosen.days |= held.days
    chosen.bookings = held.bookings
    return chosen


def _asked(batch: Batch, world: World) -> list[tuple[Order, list[Want]]]:
    """What each command may want of its order; commands that want nothing are left out."""
    found = [(command, order) for command in batch.commands if (order := world.orders.find(command.order))]
    named = Counter(order.id for _, order in found)
    asked = [(order, _may_want(command, order, world, again=named[order.id] > 1)) for command, order in found]
    return [(order, wants) for order, wants in asked if wants]


def _may_want(command: EditOrder, order: Order, world: World, *, again: bool) -> list[Want]:
    """What the command wants of the order as it stands; where an earlier command may take units away first, all that it may want."""
    wants = _wants(command, order, world)
    if not again:
        return wants
    first = wants[-1].line_number + 1 if wants else max(order.lines, default=0) + 1
    raised = [each for each in command.quantities if each.line in order.lines and each.quantity]
    return wants + [
        Want(first + index, order.lines[each.line].sku_id, each.quantity) for index, each in enumerate(raised)
    ]


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [edit(envelope, world, batch) for envelope in batch.envelopes]


def _added(command: EditOrder, order: Order, world: World) -> list[charging_edits.Added]:
    """More of what it has, then what is new."""
    more = [
        charging_edits.Added(
            line.sku_id,
            units,
            UnitPrice(f"{line.unit_price.normalize():f}", order.currency),
            (),
            line.ship_complete,
            world.said.get((order.id, line.number), {}),
        )
        for each in command.quantities
        if (line := order.lines.get(each.line)) and (units := each.quantity - charging_edits.left(order, line)) > 0
    ]
    new = [
        charging_edits.Added(
            world.skus[each.sku].id, each.quantity, each.unit_price, each.charges, each.ship_complete, each.attributes
        )
        for each in command.add
        if each.sku in world.skus
    ]
    return [*more, *new]


def _wants(command: EditOrder, order: Order, world: World) -> list[Want]:
    first, everything = max(order.lines, default=0) + 1, heading.goes_whole(command, order)
    return [
        Want(number, each.sku_id, each.units, whole=ORDER if everything else number if each.ship_complete else 0)
        for number, each in enumerate(_added(command, order, world), first)
    ]


def _choose(wants: Sequence[Want], order: Order, stock: Stock, world: World) -> Chosen:
    asked = world.asked.get(order.id)
    sourcing = choosing_stock.choose(wants, stock, order.channel_id, order_id=order.id, asked=asked)
    choosing_stock.take(sourcing, stock, order.channel_id)
    return sourcing


def edit(envelope: Envelope[EditOrder], world: World, batch: Batch) -> Decision:
    """Edit one order; the world is used up in place, and stays as it was where the edit is refused."""
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if refusal := _refuse(command, order, world) or heading.refuse_attributes(command, order, world.network.attributes):
        return refusal
    command = charging_edits.in_money(command, order)
    if refusal := charging_edits.refuse(command, order):
        return refusal
    less = [
        CancelLine(each.line, units)
        for each in command.quantities
        if (units := charging_edits.left(order, order.lines[each.line]) - each.quantity) > 0
    ]
    wanted = withdrawing.choose(order, less, world, unpack=command.unpack) if less else None
    if isinstance(wanted, Decision):
        return wanted
    sourcing = Chosen()
    if world.stock and (wants := _wants(command, order, world)):
        asked = world.asked.get(order.id)
        sourcing = choosing_stock.choose(wants, world.stock, order.channel_id, order_id=order.id, asked=asked)
        if refusal := _let_wait(command, order, sourcing, world):
            return refusal
    sent: list[taxing.Sent] = [*world.work[order.id].allocations, *sourcing.takes]
    moved = taxing.moved_to(command.ship_to, world.located.get(envelope.command_id), world.taxing)
    if refusal := _over_credit(command, order, less, moved, sent, world):
        return refusal
    if world.stock:
        choosing_stock.take(sourcing, world.stock, order.channel_id)
    owed = _owed(order, world)
    before = {number: charging_edits.left(order, line) for number, line in order.lines.items()}
    cost, tax = order.charged_minor + order.adjusted_minor, editing.tax_minor(order)
    data: dict[str, Any] = {"reason": command.reason}
    first = heading.prioritise(command, order, world.work[order.id], data)
    added = _added(command, order, world)
    lines, charges = charging_edits.charge(command, order, added)
    charges += taxing.tax_edited(order, lines, charges, moved, world.taxing, world, sent)
    money = editing.owe(order, lines, charges)
    done = withdrawing.withdraw(order, wanted, world, batch.now) if wanted else Withdrawn()
    found = _source(order, sourcing, world, batch)
    data |= {**done.told(), **_told(lines, charges), **found.told}
    data["adjusted_minor"] = order.charged_minor + order.adjusted_minor - cost
    rows: list[object] = [
        order,
        *first,
        *done.rows(world.work[order.id]),
        *(AddedLine(order.id, line) for line in lines),
    ]
    rows += [AddedCharge(order.id, charge) for charge in charges]
    told = [(line.number, each.attributes) for line, each in zip(lines, added, strict=True)]
    rows += heading.attributes(command, order, told, world.network.attributes, data)
    rows += (
        heading.head(envelope, order, lines, world.people, world.located.get(envelope.command_id), data) + found.rows
    )
    pools, bookings = [*done.pools, *sourcing.pools], [*done.bookings, *data.pop("bookings", ())]
    data |= {name: told for name, told in (("pools", pools), ("bookings", bookings)) if told}
    rows += limiting.pool_uses(order, pools)
    more = order.charged_minor + order.adjusted_minor - cost
    paid = paying_for_edits.follow(order, more, world.tenders[order.id], world.policies, envelope.actor, batch.now)
    if paid:
        rows += paid.rows
        data |= paid.data
    held = checking_edits.place(order, more, _owed(order, world) - owed, world.policies, world.credits, batch.now)
    if held:
        rows += held
        data["hold_terms"] = [*data.get("hold_terms", ()), *holds.told(held)]
    event = changing.changed(order, "order_edited", batch, data)
    outcome = _outcome(order, before, cost, tax, sourcing, found)
    outcome = structs.replace(outcome, payment=paid.told if paid else None, holds=[hold.kind for hold in held])
    return Decision(outcome, event, [*done.postings, *found.postings], [*money, *done.money], rows)


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
    lines, charges = charging_edits.charge(command, trial, _added(command, trial, world))
    charges += taxing.tax_edited(trial, lines, charges, moved, world.taxing, world, sent)
    editing.owe(trial, lines, charges)
    for each in less:
        rules.credit_cancelled(trial, trial.lines[each.line], each.quantity)
    return checking_edits.refuse_credit(order, _owed(trial, world) - _owed(order, world), world.policies, world.credits)


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
    wants, waits = _wants(command, order, world), dict[UUID, int]()
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


def _outcome(
    order: Order,
    before: Mapping[int, int],
    cost: int,
    tax: int,
    sourcing: Chosen,
    found: Found,
) -> OrderEdited:
    def cash(minor: int) -> Money:
        return Money.of_minor(minor, order.currency)

    after = {number: charging_edits.left(order, line) for number, line in order.lines.items()}
    total = order.charged_minor + order.adjusted_minor
    return OrderEdited(
        str(order.number), order.version, fulfilling.stage(order),
        [
            LineChange(number, order.lines[number].sku_id, before.get(number, 0), units)
            for number, units in after.items() if units != before.get(number, 0)
        ],
        cash(cost), cash(total), cash(total - cost), cash(editing.tax_minor(order) - tax), cash(order.due_minor),
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
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
