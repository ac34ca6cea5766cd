"""Units on their way from one order to another: off the one as a cancellation takes them, on the other where they lay, at the same cost.

Within one transaction they leave the shelf's allocated units and return to them; nobody else can take them meanwhile.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.attributes import Schema
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment.types import Allocation
from lading.inbound import store as inbound
from lading.inbound.types import Promise
from lading.inventory import limit_store
from lading.journal.types import Decision, refused
from lading.operations import attributing, backordering, choosing_stock, fulfilling, limiting, withdrawing
from lading.operations.registry import Batch
from lading.operations.withdrawing import Withdrawn
from lading.orders import kits, remarks, rules, status
from lading.orders import store as orders_store
from lading.orders.commands import CancelLine
from lading.orders.remarks import Said
from lading.orders.types import Buyer, Detail, Line, Order
from lading.payments import rules as payments
from lading.payments import store as payments_store
from lading.payments.store import TendersByOrder
from lading.payments.types import Tender
from lading.sourcing.rules import Sourcing, Take
from lading.terms.days import Booked
from lading.terms.ledger import MoneyPosting, Posting

MOVABLE = ("backordered", "open", "allocated")
"""Stages whose units can go to another order: no location was asked to send them."""

PART_OF_KIT = (
    "goes_with_its_kit",
    "Line {line} is a part of the kit on line {kit}: name that line, and its parts go along.",
)
NOT_MOVABLE = (
    "units_in_the_way",
    "{movable} of line {line} of order {order} can go to another order, not {quantity}: the others are released, sent or cancelled.",
)
MONEY_STAYS = (
    "money_stays",
    "{amount} that was taken for what would leave order {order} is with a provider or a gift card, in dispute, or on its way back: give it"
    " back first, or leave what it pays for.",
)


@dataclass(slots=True)
class World(fulfilling.World):
    """The orders with their work, and all that goes with their units."""

    network: Network = field(default_factory=Network)
    tenders: TendersByOrder = field(default_factory=dict)
    told: Mapping[tuple[UUID, int], datetime | None] = field(default_factory=dict)
    """The dates that were told for lines that wait."""
    said: Mapping[tuple[UUID, int], dict[str, str]] = field(default_factory=dict)
    tags: Mapping[UUID, set[str]] = field(default_factory=dict)
    buyers: Mapping[UUID, Buyer] = field(default_factory=dict)
    """Of orders on the account of a company."""
    details: Mapping[UUID, tuple[Detail, str | None]] = field(default_factory=dict)
    """What few orders carry, and how they shall be sent."""


async def read_world(tx: Transaction, batch: Batch, refs: Iterable[str]) -> World:
    """The orders, locked, with their work, days and tenders; what was told, said and agreed."""
    found = await fulfilling.read_world(tx, batch, refs, days=True)
    ids = sorted({order.id for order in found.orders.by_ref.values()})
    world = World(found.orders, found.work, diary=found.diary, shelves=found.shelves)
    world.network, world.policies = await catalog.read_setup(tx, ())
    await fulfilling.read_serials(tx, batch, world)
    world.taken = await limit_store.read_pool_takes(tx, ids)
    world.tenders = await payments_store.read_tenders(tx, ids, lock=batch.lock)
    world.told = await inbound.read_promises(tx, ids)
    world.said = await remarks.read_said(tx, ids)
    world.tags = await remarks.read_tags(tx, ids)
    world.buyers = await orders_store.read_buyers(tx, ids)
    world.details = await orders_store.read_details(tx, ids)
    return world


def movable(line: Line) -> int:
    """Units of the line that can go to another order."""
    return sum(line.units[stage] for stage in MOVABLE)


def refuse(order: Order, wanted: Sequence[CancelLine], pointer: str) -> Decision | None:
    """Why these units cannot go to another order."""
    for index, each in enumerate(wanted):
        line = order.lines.get(each.line)
        if line is None:
            document = f"order {order.number}"
            return refused(fulfilling.UNKNOWN_LINE, f"{pointer}/{index}/line", document=document, line=each.line)
        if line.part_of:
            return refused(PART_OF_KIT, f"{pointer}/{index}/line", line=line.number, kit=line.part_of)
        there = kits.whole(order, line, movable) if line.is_kit else movable(line)
        if each.quantity > there:
            return refused(
                NOT_MOVABLE, f"{pointer}/{index}/quantity", order=str(order.number), line=line.number, movable=there,
                quantity=each.quantity,
            )  # fmt: skip
    return None


@dataclass(slots=True)
class Leaving:
    """What leaves an order."""

    order: Order
    lines: dict[int, Line]
    """As lines of the other order, by their numbers here; all units open."""
    done: Withdrawn = field(default_factory=Withdrawn)

    @property
    def cost_minor(self) -> int:
        """What they cost."""
        return sum(line.cost_minor(line.ordered) for line in self._bearing)

    @property
    def units(self) -> int:
        """How many; of kits their parts."""
        return sum(line.ordered for line in self._bearing)

    @property
    def _bearing(self) -> list[Line]:
        return [line for line in self.lines.values() if not line.is_kit]


def look(order: Order, wanted: Sequence[CancelLine], first: int) -> Leaving:
    """What would leave, as lines numbered from `first`, parts of kits after all others; nothing is changed."""
    leaving = Leaving(order, {})
    following = first + len(wanted)
    for number, each in enumerate(wanted, first):
        line = order.lines[each.line]
        if line.is_kit:
            kit = rules.kit_apart(order.lines, each.line, each.quantity, number, following)
            following += len(kit) - 1
            leaving.lines |= kit
        else:
            leaving.lines[each.line] = rules.apart(line, each.quantity, number)
    return leaving


def leave(leaving: Leaving, wanted: Sequence[CancelLine], world: World, batch: Batch) -> None:
    """Take the units off their order."""
    chosen = withdrawing.choose(leaving.order, wanted, world, unpack=False)
    assert not isinstance(chosen, Decision)
    leaving.done = withdrawing.withdraw(leaving.order, chosen, world, batch.now)


@dataclass(slots=True)
class Arrived:
    """What units that came to an order bring with them."""

    postings: list[Posting] = field(default_factory=list)
    allocations: list[Allocation] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    pools: list[tuple[int, UUID, int]] = field(default_factory=list)
    booked: list[Booked] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    sourcing: Sourcing = field(default_factory=Sourcing)
    rows: list[object] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """As the journal keeps it, beside lines and allocations."""
        told: dict[str, Any] = choosing_stock.told_days(self.sourcing)
        if self.promises:
            told["promises"] = backordering.told(self.promises)
        if self.pools:
            told["pools"] = self.pools
        if self.said:
            told["attributes"] = attributing.told(self.said)
        return told


def arrive(order: Order, leaving: Leaving, world: World, first_allocation: int, schema: Schema) -> Arrived:
    """Put them on the other order, which has their lines: where they lay, waiting as they waited, counted as they counted."""
    came, source = Arrived(), leaving.order
    for moved in leaving.done.moves:
        allocation, line = moved.allocation, leaving.lines[moved.allocation.line_number]
        came.sourcing.takes.append(
            Take(line.number, line.sku_id, allocation.location_id, allocation.lot, moved.quantity)
        )
        if allocation.ship_on:
            known = came.sourcing.ship_on.get(allocation.location_id, allocation.ship_on)
            came.sourcing.ship_on[allocation.location_id] = max(known, allocation.ship_on)
    came.allocations = choosing_stock.allocations_of(order, came.sourcing, first_allocation)
    came.postings = [choosing_stock.allocate(order, take, "open", take.quantity) for take in came.sourcing.takes]
    for posting in leaving.done.postings:
        if posting.line_to == "cancelled" and posting.line_from == "backordered" and posting.line_number:
            line = leaving.lines[posting.line_number]
            came.postings.append(rules.to_stage(line, posting.quantity, "open", "backordered"))
            told = world.told.get((source.id, posting.line_number))
            came.promises.append(
                Promise(order.id, line.number, line.sku_id, posting.quantity, order.priority, order.placed_at, order.number, told)
            )  # fmt: skip
    came.pools = [(leaving.lines[line].number, pool, -units) for line, pool, units in leaving.done.pools]
    came.booked = came.sourcing.booked = _booked(order, leaving.done.bookings, world)
    for number, line in leaving.lines.items():
        values = world.said.get((source.id, number), {})
        came.said += said_again(order.id, line.number, values, "line", schema)
    came.rows = [*came.allocations, *came.promises, *limiting.pool_uses(order, came.pools), *came.said]
    came.rows += world.diary.book(order.id, came.booked)
    return came


def said_again(order_id: UUID, line_number: int, values: Mapping[str, str], subject: str, schema: Schema) -> list[Said]:
    """The same is said of the other order, or of its line."""
    return [
        Said(order_id, line_number, code, value, schema[(subject, code)].is_text if (subject, code) in schema else True)
        for code, value in values.items()
    ]


def _booked(order: Order, given_back: Iterable[Mapping[str, Any]], world: World) -> list[Booked]:
    """The same units on the same days."""
    units: dict[tuple[UUID, Any], int] = {}
    for each in given_back:
        key = (each["location_id"], each["day"])
        units[key] = units.get(key, 0) - each["units"]
    held = world.diary.held(order.id)
    days = world.diary.days
    return [
        Booked(*key, count, days[key].counts, days[key].cap, 0 if key in held else 1) for key, count in units.items() if count
    ]  # fmt: skip


@dataclass(slots=True)
class Money:
    """What was taken for units goes with them."""

    given: list[MoneyPosting] = field(default_factory=list)
    got: list[MoneyPosting] = field(default_factory=list)
    touched: list[Tender] = field(default_factory=list)
    new: list[Tender] = field(default_factory=list)

    @property
    def minor(self) -> int:
        """How much."""
        return sum(tender.captured_minor for tender in self.new)


def too_much(order: Order, leaving: Leaving) -> int:
    """What was taken and would not be owed any more when these units have left."""
    return max(0, -(order.due_minor - leaving.cost_minor))


def shared(tenders: Iterable[Tender]) -> list[Tender]:
    """The tenders of which a part can stand on another order: what a provider or a gift card paid goes back through it from there, too."""
    found = [each for each in tenders if each.refundable_minor]
    return sorted(found, key=lambda each: (each.credit_id is not None, each.provider is not None, -each.number))


def move_money(order: Order, to: Order, amount_minor: int, tenders: Iterable[Tender], first: int) -> Money:
    """Give it back here and take it there, one tender after the other as given. The caller has checked that they hold enough."""
    moved = Money()
    for tender in tenders:
        part = min(amount_minor, tender.refundable_minor)
        if not part:
            continue
        amount_minor -= part
        tender.refunded_minor += part
        order.refunded_minor += part
        new = payments.take(to.id, first + len(moved.new), tender.kind, tender.reference, part)
        new.provider, new.method, new.payer = tender.provider, tender.method, tender.payer
        new.credit_id, new.credit = tender.credit_id, tender.credit
        moved.given.append(
            MoneyPosting(order.id, payments.RECEIVABLE, payments.account(tender), part, order.currency, tender.number)
        )
        moved.got.append(payments.taken(new, order.currency))
        moved.touched.append(tender)
        moved.new.append(new)
    assert not amount_minor
    to.authorised_minor += moved.minor
    to.captured_minor += moved.minor
    return moved


def nothing_left(order: Order, leaving: Leaving) -> bool:
    """Whether no unit of the order would be left."""
    units = sum(order.sum(stage) for stage in (*status.IN_HOUSE, "in_transit", "delivered", "sent_back", "lost"))
    return units <= leaving.units
