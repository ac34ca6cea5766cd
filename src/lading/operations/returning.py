"""What all verbs about returns have in common: the world they look at, and the return as they answer it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Location
from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.journal.types import Decision, refused
from lading.operations import changing
from lading.operations.coming_back import Tracking
from lading.operations.registry import Batch
from lading.orders import kits
from lading.orders import rules as order_rules
from lading.orders import store as orders_store
from lading.orders.types import Line, Order, Orders
from lading.payments import store as payments_store
from lading.payments.store import TendersByOrder
from lading.returns import rules
from lading.returns import store as returns_store
from lading.returns.rules import Asked
from lading.returns.store import ReturnsByOrder
from lading.returns.types import Return, ReturnLine
from lading.terms.ledger import MoneyPosting, Posting
from lading.terms.money import Money

UNKNOWN_RETURN = ("unknown_return", "There is no return {document}.")
UNKNOWN_LINE = ("unknown_line", "{document} has no line {line}.")
UNKNOWN_LOCATION = ("unknown_location", "There is no location {location}.")
MORE_THAN_SHIPPED = (
    "more_than_shipped",
    "Line {line} of order {order}: {returnable} can come back, not {quantity}: the others are not handed over, or come back already.",
)


class ReturnState(Struct, frozen=True):
    """The return as it stands now."""

    order_id: UUID
    document: str
    """1042-R1"""
    version: int
    """Of the order."""
    awaited: int
    """Units that have not come."""
    undisposed: int
    """Units in quality hold."""
    unrefunded: int
    """Units that came and whose money was not given back."""
    refunded: Money
    """Given back by this return so far."""
    closed: bool


@dataclass(slots=True)
class World:
    """Orders with their returns and tenders, and what the verb asked for beside them."""

    orders: Orders
    returns: ReturnsByOrder
    tenders: TendersByOrder = field(default_factory=dict)
    locations: Mapping[str, Location] = field(default_factory=dict)
    policies: Policies = field(default_factory=lambda: Policies(0))
    delivered_at: Mapping[UUID, datetime] = field(default_factory=dict)
    tracking: Tracking = field(default_factory=Tracking)


@dataclass(slots=True)
class Found:
    """A return with its order."""

    order: Order
    document: Return

    @property
    def name(self) -> str:
        """1042-R1"""
        return name_of(self.order, self.document)


async def read_world(tx: Transaction, batch: Batch, refs: Iterable[str], *, tenders: bool = False) -> World:
    """Orders, locked first, then what lives under them."""
    orders = await orders_store.load(tx, refs, lock=batch.lock)
    ids = sorted({order.id for order in orders.by_ref.values()})
    world = World(orders, await returns_store.read_returns(tx, ids))
    if tenders:
        world.tenders = await payments_store.read_tenders(tx, ids, lock=batch.lock)
    return world


async def read_locations(tx: Transaction) -> dict[str, Location]:
    """All locations by code."""
    return {location.code: location for location in (await catalog.read_network(tx)).locations.values()}


async def lock_stock(tx: Transaction, batch: Batch, keys: Iterable[inventory.Key]) -> None:
    """Take the locks of these rows in key order, before the postings do."""
    if batch.lock:
        await inventory.stock_rows(tx, keys, lock=True)


def find(world: World, document: str, expected_version: int | None) -> Found | Decision:
    """The return of that name, or the refusal."""
    order = world.orders.find(document)
    if order is not None:
        number = document.partition("-R")[2]
        for each in world.returns[order.id]:
            if number == str(each.number):
                checked = changing.find(world.orders, document, expected_version)
                return checked if isinstance(checked, Decision) else Found(order, each)
    return refused(UNKNOWN_RETURN, "/document", document=document)


def unknown_line(asked: Sequence[Asked], lines: Mapping[int, Any], document: str) -> Decision | None:
    """The refusal of the first line that is not there."""
    for index, each in enumerate(asked):
        if each.line not in lines:
            return refused(UNKNOWN_LINE, f"/lines/{index}/line", document=document, line=each.line)
    return None


def pointer(asked: Sequence[Asked], line: int) -> str:
    """Where a command names the line first."""
    return next((f"/lines/{index}/quantity" for index, each in enumerate(asked) if each.line == line), "/lines")


def too_many(order: Order, asked: Sequence[Asked]) -> Decision | None:
    """The refusal of units that were never handed over, or that come back already; kits come back whole, or part by part."""
    units = rules.folded(asked)
    for number, quantity in (units | kits.in_parts(order, units)).items():
        line = order.lines[number]
        returnable = kits.whole(order, line, rules.returnable) if line.is_kit else rules.returnable(line)
        if quantity > returnable:
            return refused(
                MORE_THAN_SHIPPED,
                pointer(asked, number if number in units else line.part_of or number),
                order=str(order.number),
                line=number,
                quantity=quantity,
                returnable=returnable,
            )
    return None


def name_of(order: Order, document: Return) -> str:
    """1042-R1"""
    return f"{order.number}-R{document.number}"


def state(order: Order, document: Return) -> ReturnState:
    """The answer of every verb about returns."""
    lines = document.lines.values()
    refunded = sum(line.refunded_minor for line in lines)
    refunded += sum(charge.refunded_minor for charge in document.charges.values())
    return ReturnState(
        order.id,
        name_of(order, document),
        order.version,
        sum(line.awaited for line in lines),
        sum(line.undisposed for line in lines),
        sum(line.unrefunded for line in lines),
        Money.of_minor(refunded, order.currency),
        document.closed_at is not None,
    )


def accepted(
    order: Order,
    document: Return,
    kind: str,
    batch: Batch,
    data: dict[str, Any],
    postings: Sequence[Posting],
    money: Sequence[MoneyPosting] = (),
    paid: Sequence[object] = (),
    occurred_at: datetime | None = None,
) -> Decision:
    """The decision: the order has a version more, the event says which return, and whether it is closed by it."""
    closed = rules.settle(document, batch.now)
    told = {"return": document.number, **data, "closed": closed}
    event = changing.changed(order, kind, batch, told, occurred_at)
    return Decision(state(order, document), event, list(postings), list(money), [order, document, *paid])


def refund_line(order: Order, line: Line, returned: ReturnLine, units: int) -> tuple[int, list[MoneyPosting]]:
    """Reverse what the next units of the line cost; the minor units that go back, and the postings."""
    amount, money = order_rules.credit_returned(order, line, units)
    returned.refunded += units
    returned.refunded_minor += amount
    return amount, money


def say(minor: int, currency: str) -> str:
    """An amount as sentences name it: 12.50 EUR."""
    money = Money.of_minor(minor, currency)
    return f"{money.amount} {money.currency}"
