"""Settle shortages: an order gives way for what is not there, and something else happens to its units.

A substitute is a line of its own that the order gets later. It bears what the cancelled units cost, goods and each charge, so that
the order's total and what is due stay the same; from then on it is a line like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network, Sku
from lading.database.pool import Transaction
from lading.fulfillment import rules as work_rules
from lading.fulfillment import store as fulfillment
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation, FulfillmentOrder, Work
from lading.inbound import store as inbound
from lading.inventory import limit_store
from lading.inventory import store as inventory
from lading.inventory.types import Key
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, fulfilling, limiting
from lading.operations.moving_stock import UNKNOWN_LOCATION
from lading.operations.placing import told_charges
from lading.operations.registry import Batch, Verb
from lading.operations.shelves import Shelves
from lading.orders import kits, rules
from lading.orders.types import AddedLine, Line, Order
from lading.shortages import rules as shortage_rules
from lading.shortages import store as shortages
from lading.shortages.commands import SettledUnits, SettleShortage
from lading.shortages.types import Cause, Shortage
from lading.terms.ledger import End, MoneyPosting, Posting
from lading.terms.money import Money

NOT_HELD_THERE = ("not_held_there", "Line {line} holds {held} at {location} and not picked yet, not {quantity}.")
NOT_SHORT = ("not_short", "{location} is short of {short}, not of {quantity}.")
NAMED_UNITS = ("named_units", "The units of line {line} have serial numbers: say which is missing when it is picked.")
NO_SUBSTITUTE = ("no_substitute", "{substitute} is not among the substitutes of {sku}: save it there first.")
NOT_FOR_SALE = ("inactive_sku", "Product {substitute} is not sold any more.")
PART_OF_KIT = (
    "part_of_kit",
    "Line {line} is a part of the kit on line {kit}, which stays whole: let the part wait, or cancel the kit.",
)


class ShortageSettled(Struct, frozen=True):
    """Where the order stands now."""

    order: str
    version: int
    stage: str
    elsewhere: int
    """Units that look for stock elsewhere."""
    waiting: int
    """Units that wait for stock."""
    substituted: int
    """Units that other products stand in for, on lines of their own that look for stock."""
    cancelled: int
    due: Money
    """What the customer still owes; below zero, what is owed to the customer."""


@dataclass(slots=True)
class World(fulfilling.World):
    """The orders with their work, and what is short where it lies."""

    network: Network = field(default_factory=Network)
    shortages: dict[Key, list[Shortage]] = field(default_factory=dict)
    codes: dict[UUID, str] = field(default_factory=dict)
    """Of the products that something is to stand in for."""
    substitutes: dict[UUID, list[Sku]] = field(default_factory=dict)
    """Of these products."""


@dataclass(slots=True)
class Settled:
    """What one command comes to."""

    cause: Cause
    moves: list[Move] = field(default_factory=list)
    postings: list[Posting] = field(default_factory=list)
    money: list[MoneyPosting] = field(default_factory=list)
    taken_off: list[tuple[Shortage, int]] = field(default_factory=list)
    added: list[Line] = field(default_factory=list)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders and work; who waits; the rows of stock with what is short there, in this order of locks."""
    commands: list[SettleShortage] = batch.commands
    found = await fulfilling.read_world(tx, batch, (command.order for command in commands), stock=False)
    world = World(found.orders, found.work, network=await catalog.read_network(tx))
    await fulfilling.read_kit_policies(tx, world)
    if replaced := _replaced(commands, world):
        world.codes = await catalog.read_codes(tx, replaced)
        world.substitutes = await catalog.read_substitutes(tx, replaced)
    named = {(allocation.sku_id, allocation.location_id, allocation.lot) for allocation in _named(commands, world)}
    if batch.lock:
        await limit_store.lock_gate(tx, {key[0] for key in named})
        await inbound.lock_backlog(tx, {key[0] for key in named})
    world.taken = await limit_store.read_pool_takes(tx, {order.id for order in world.orders.by_ref.values()})
    world.shelves = Shelves(await inventory.stock_rows(tx, named, lock=batch.lock))
    world.shortages = await shortages.read_open(tx, named)
    world.diary = await fulfillment.read_diary(tx, world.work, lock=batch.lock)
    return world


def _replaced(commands: Sequence[SettleShortage], world: World) -> set[UUID]:
    """The products that another one is to stand in for."""
    return {
        line.sku_id
        for command in commands
        if (order := world.orders.find(command.order))
        for units in command.lines
        if units.instead == "substitute" and (line := order.lines.get(units.line))
    }


def _named(commands: Sequence[SettleShortage], world: World) -> list[Allocation]:
    """The allocations that commands are about."""
    return [
        allocation
        for command in commands
        if (order := world.orders.find(command.order))
        for units in command.lines
        for allocation in _at(world.work[order.id], units, world)
    ]


def _at(work: Work, units: SettledUnits, world: World) -> list[Allocation]:
    """What the line holds there and has not been picked, the part first that was not released."""
    location = world.network.location_by_code(units.location)
    if location is None:
        return []
    return [
        each
        for each in work_rules.of_line(work.allocations, units.line)
        if each.location_id == location.id and each.lot == units.lot and each.allocated + each.released
    ]


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what is still short after the earlier ones."""
    return [_settle(envelope, world, batch) for envelope in batch.envelopes]


def _settle(envelope: Envelope[SettleShortage], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    work = world.work[order.id]
    if refusal := _refuse(command, order, work, world):
        return refusal
    waited = {line.number for line in order.lines.values() if line.units["backordered"]}
    done = Settled(Cause(envelope.event_id, batch.now, False))
    for units in command.lines:
        _take_off(units, order, work, world, done)
    cancelled = [units for units in command.lines if units.instead in ("cancel", "substitute")]
    pools = fulfilling.no_longer_counted(order, [units.line for units in cancelled], world.taken)
    days, given_back = world.diary.give_back(order.id, done.moves)
    data = _told(command, done, world) | _told_added(done)
    if pools:
        data["pools"] = pools
    if given_back:
        data["bookings"] = given_back
    if begun := _begun(command, order, waited):
        data["promises"] = begun
    event = changing.changed(order, "shortage_settled", batch, data)
    rows: list[object] = [
        order,
        *(moved.allocation for moved in done.moves),
        *_fulfillment_orders(work, done.moves),
        *days,
    ]
    rows += [shortage for shortage, _ in done.taken_off]
    rows += [AddedLine(order.id, line) for line in done.added]
    rows += limiting.pool_uses(order, pools)
    return Decision(_outcome(command, order), event, done.postings, done.money, rows)


def _refuse(command: SettleShortage, order: Order, work: Work, world: World) -> Decision | None:
    held: dict[tuple[int, UUID, str], int] = {}
    short: dict[Key, int] = {}
    for index, units in enumerate(command.lines):
        pointer = f"/lines/{index}"
        line, location = order.lines.get(units.line), world.network.location_by_code(units.location)
        if line is None:
            return refused(
                fulfilling.UNKNOWN_LINE, f"{pointer}/line", document=f"order {order.number}", line=units.line
            )
        if location is None:
            return refused(UNKNOWN_LOCATION, f"{pointer}/location", location=units.location)
        there = _at(work, units, world)
        if any(each.tracking == "serial" for each in there):
            return refused(NAMED_UNITS, pointer, line=units.line)
        if (
            units.instead == "cancel"
            and line.part_of
            and fulfilling.stays_whole(world, order, kits.sold_as(order, line))
        ):
            return refused(PART_OF_KIT, pointer, line=units.line, kit=line.part_of)
        if units.instead == "substitute" and (refusal := _refuse_substitute(units, line, world, pointer)):
            return refusal
        place, key = (units.line, location.id, units.lot), (line.sku_id, location.id, units.lot)
        left = held.setdefault(place, sum(each.allocated + each.released for each in there))
        if left < units.quantity:
            return refused(
                NOT_HELD_THERE, f"{pointer}/quantity", line=units.line, held=left, location=units.location,
                quantity=units.quantity,
            )  # fmt: skip
        missing = short.setdefault(key, sum(each.remaining for each in world.shortages.get(key, ())))
        if missing < units.quantity:
            return refused(
                NOT_SHORT, f"{pointer}/quantity", short=missing, location=units.location, quantity=units.quantity
            )
        held[place] -= units.quantity
        short[key] -= units.quantity
    return None


def _refuse_substitute(units: SettledUnits, line: Line, world: World, pointer: str) -> Decision | None:
    if line.part_of:
        return refused(PART_OF_KIT, pointer, line=units.line, kit=line.part_of)
    found = _substitute(units, line, world)
    if found is None or found.kit == "on_demand":
        return refused(
            NO_SUBSTITUTE, f"{pointer}/sku", substitute=units.sku, sku=world.codes.get(line.sku_id, line.sku_id)
        )
    return None if found.active else refused(NOT_FOR_SALE, f"{pointer}/sku", substitute=units.sku)


def _substitute(units: SettledUnits, line: Line, world: World) -> Sku | None:
    return next((sku for sku in world.substitutes.get(line.sku_id, ()) if sku.code == units.sku), None)


def _take_off(units: SettledUnits, order: Order, work: Work, world: World, done: Settled) -> None:
    """Take the units off the shelf and off what is short; then they look elsewhere, are replaced, wait, or are cancelled."""
    line = order.lines[units.line]
    there = _at(work, units, world)
    key = (line.sku_id, there[0].location_id, units.lot)
    for shortage, quantity in shortage_rules.settle(world.shortages[key], units.quantity, done.cause):
        done.taken_off.append((shortage, quantity))
        for stage in ("allocated", "released"):
            holding = min(quantity, sum(getattr(each, stage) for each in there))
            moves = work_rules.take(work, there, stage, "open", holding)
            done.moves += moves
            posted = [_gone(posting, shortage) for posting in fulfilling.post(order, moves)]
            world.shelves.move(posted)
            done.postings += posted
            quantity -= holding
    if units.instead == "cancel":
        done.money += rules.credit_cancelled(order, line, units.quantity)
    if units.instead == "substitute" and (sku := _substitute(units, line, world)):
        new, posted_money = rules.stand_in(order, line, units.quantity, sku.id)
        done.added.append(new)
        done.money += posted_money
    if units.instead != "elsewhere":
        target = "backordered" if units.instead == "wait" else "cancelled"
        done.postings.append(rules.to_stage(line, units.quantity, "open", target))


def _gone(posting: Posting, shortage: Shortage) -> Posting:
    """Where the units are in truth: lost, thrown away, or there and damaged."""
    if shortage.kind == "damaged":
        return posting._replace(target=End("damaged", shortage.location_id, shortage.lot))
    return posting._replace(target=End("scrapped")) if shortage.kind == "scrapped" else posting


def _begun(command: SettleShortage, order: Order, waited: set[int]) -> list[dict[str, Any]]:
    """Lines that wait from now on; the date is told once it is known."""
    lines = {units.line for units in command.lines if units.instead == "wait"} - waited
    return [
        {"line": number, "quantity": order.lines[number].units["backordered"], "promised_at": None}
        for number in sorted(lines)
    ]


def _fulfillment_orders(work: Work, moves: Sequence[Move]) -> list[FulfillmentOrder]:
    numbers = {moved.allocation.fulfillment_order for moved in moves}
    return [each for each in work.fulfillment_orders if each.number in numbers]


def _told(command: SettleShortage, done: Settled, world: World) -> dict[str, Any]:
    replaced = iter(done.added)
    places = {units.location: world.network.location_by_code(units.location) for units in command.lines}
    return {
        "reason": command.reason,
        "moves": work_rules.told(done.moves),
        "settled": [{"id": shortage.id, "quantity": units} for shortage, units in done.taken_off],
        "lines": [
            {"line": units.line, "quantity": units.quantity, "lot": units.lot, "instead": units.instead,
             "location_id": place.id if (place := places[units.location]) else None,
             **({"sku_id": next(replaced).sku_id} if units.instead == "substitute" else {})}
            for units in command.lines
        ],
    }  # fmt: skip


def _told_added(done: Settled) -> dict[str, Any]:
    """The lines that were born, with what they cost: enough to rebuild them."""
    added, money = done.added, done.money
    if not added:
        return {}
    told: dict[str, Any] = {
        "added": [
            {"number": line.number, "sku_id": line.sku_id, "quantity": line.ordered, "unit_price": str(line.unit_price),
             "goods_minor": line.goods_minor, "instead_of": line.instead_of,
             **({"pickup_location_id": line.pickup_at} if line.pickup_at else {}),
             **({"ship_to_id": line.ship_to_id} if line.ship_to_id else {})}
            for line in added
        ]
    }  # fmt: skip
    if charges := [charge for line in added for charge in line.charges]:
        told["charges"] = told_charges(charges)
    told["adjusted_minor"] = sum(
        each.amount_minor * ((each.debit == rules.RECEIVABLE) - (each.credit == rules.RECEIVABLE)) for each in money
    )
    return told


def _outcome(command: SettleShortage, order: Order) -> ShortageSettled:
    def units(instead: str) -> int:
        return sum(each.quantity for each in command.lines if each.instead == instead)

    due = Money.of_minor(order.due_minor, order.currency)
    return ShortageSettled(
        str(order.number),
        order.version,
        fulfilling.stage(order),
        units("elsewhere"),
        units("wait"),
        units("substitute"),
        units("cancel"),
        due,
    )


VERB = Verb(
    noun="shortages",
    verb="settle",
    summary="Let an order give way for what is not there: its units look elsewhere, are replaced, wait, or are cancelled.",
    command=SettleShortage,
    outcome=ShortageSettled,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, fulfilling.UNKNOWN_LINE, UNKNOWN_LOCATION, NAMED_UNITS, PART_OF_KIT,
        NO_SUBSTITUTE, NOT_FOR_SALE, NOT_HELD_THERE, NOT_SHORT,
    ),
    scope="stock:write",
    event="shortage_settled",
    example={
        "order": "1042",
        "lines": [{"line": 1, "quantity": 2, "location": "HAM", "instead": "elsewhere"}],
        "expected_version": 3,
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
