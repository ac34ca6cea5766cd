"""What verbs about payments through a provider have in common."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import changing
from lading.operations.fulfilling import ON_HOLD
from lading.operations.registry import Batch
from lading.operations.returning import say
from lading.orders import holds, status
from lading.orders import store as orders_store
from lading.orders.types import Order, Orders
from lading.payments import rules
from lading.payments import store as payments_store
from lading.payments.store import DisputeKey, RequestKey, TendersByOrder
from lading.payments.types import Dispute, PaymentRequest, Tender
from lading.terms.money import Money

OTHER_CURRENCY = ("other_currency", "Order {order} is in {currency}, the payment in {paid_in}.")
TENDERS_MAX = 100
TOO_MANY_TENDERS = ("too_many_tenders", "Order {order} has {tenders} payments already.")
UNKNOWN_TENDER = ("unknown_tender", "Order {order} has no tender {tender}.")
MORE_THAN_DUE = ("more_than_due", "{amount} is more than the {due} that order {order} still has to be paid.")
ANSWER_AWAITED = ("answer_awaited", "Tender {tender} of order {order}: its provider has not answered yet.")
REQUESTS_MAX = 1_000
TOO_MANY_REQUESTS = (
    "too_many_requests",
    "Tender {tender} of order {order}: its provider was asked {requests} times already.",
)


class Asked(Struct, frozen=True):
    """What a provider is asked just now; its answer comes later."""

    tender: int
    request: int
    """Number of the request in its tender."""
    kind: str
    amount: Money


class PaymentState(Struct, frozen=True):
    """How the money of the order stands."""

    order: str
    version: int
    asked: list[Asked]
    authorised: Money
    """Promised by providers or taken, what was given up not counted."""
    captured: Money
    refunded: Money
    due: Money
    """Still to be paid; below zero: owed back."""
    payment_status: str


@dataclass(slots=True)
class World:
    """Orders with their tenders, and what the verb asked for beside them."""

    orders: Orders
    tenders: TendersByOrder
    requests: dict[RequestKey, PaymentRequest] = field(default_factory=dict)
    disputes: dict[DisputeKey, Dispute] = field(default_factory=dict)
    policies: Policies = field(default_factory=lambda: Policies(0))


async def read_world(tx: Transaction, batch: Batch, *, policies: bool = False) -> World:
    """Orders, locked first, then their tenders."""
    orders = await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)
    ids = sorted({order.id for order in orders.by_ref.values()})
    world = World(orders, await payments_store.read_tenders(tx, ids, lock=batch.lock))
    if policies:
        sku_ids = {line.sku_id for order in orders.by_ref.values() for line in order.lines.values()}
        _, world.policies = await catalog.read_setup(tx, sorted(sku_ids))
    return world


class Pays(Protocol):
    """A command about the money of an order."""

    @property
    def order(self) -> str: ...


@dataclass(slots=True)
class Paid:
    """What a command is about."""

    order: Order
    tenders: list[Tender]
    """All of the order."""
    named: Tender | None
    """The one that the command names."""

    @property
    def number(self) -> str:
        """The order's, as people say it."""
        return str(self.order.number)


def find_paid(world: World, command: Pays) -> Paid | Decision:
    """The order that a command about money means, the tender that it names, or the refusal.

    Looked at are `expected_version`, `amount` and `tender`, where the command has them.
    """
    order = changing.find(world.orders, command.order, getattr(command, "expected_version", None))
    if isinstance(order, Decision):
        return order
    if refusal := other_currency(order, getattr(command, "amount", None)):
        return refusal
    tenders, number = world.tenders[order.id], getattr(command, "tender", None)
    if number is None:
        return Paid(order, tenders, None)
    if number > len(tenders):
        return refused(UNKNOWN_TENDER, "/tender", order=str(order.number), tender=number)
    return Paid(order, tenders, tenders[number - 1])


def find_tender(world: World, command: Pays) -> tuple[Order, Tender] | Decision:
    """As `find_paid`, for commands that always name a tender."""
    paid = find_paid(world, command)
    if isinstance(paid, Decision):
        return paid
    assert paid.named is not None
    return paid.order, paid.named


def other_currency(order: Order, amount: Money | None, pointer: str = "/amount/currency") -> Decision | None:
    """The refusal of money that the order is not in."""
    if amount is None or amount.currency == order.currency:
        return None
    return refused(OTHER_CURRENCY, pointer, order=str(order.number), currency=order.currency, paid_in=amount.currency)


def too_many_tenders(order: Order, tenders: Sequence[Tender]) -> Decision | None:
    """The refusal of ever more ways in which one order is paid."""
    if len(tenders) < TENDERS_MAX:
        return None
    return refused(TOO_MANY_TENDERS, "/order", order=str(order.number), tenders=TENDERS_MAX)


def more_than_due(order: Order, amount: int, due: int) -> Decision | None:
    """The refusal of more than is to be paid."""
    if amount <= due:
        return None
    number, currency = str(order.number), order.currency
    return refused(MORE_THAN_DUE, "/amount", order=number, amount=say(amount, currency), due=say(max(due, 0), currency))


def too_many_requests(order: Order, tenders: Iterable[Tender]) -> Decision | None:
    """The refusal of ever more requests to the provider of one tender."""
    for tender in tenders:
        if tender.requests >= REQUESTS_MAX:
            number = str(order.number)
            return refused(TOO_MANY_REQUESTS, "/order", order=number, tender=tender.number, requests=REQUESTS_MAX)
    return None


def on_hold(order: Order) -> Decision | None:
    """The refusal where a hold stops the money of the order from being taken, be it for a part of it only."""
    stopping = [hold for hold in holds.active(order) if "capture" in hold.stops]
    if not stopping:
        return None
    return refused(ON_HOLD, "/order", order=str(order.number), holds=", ".join(holds.kinds(stopping)))


def open_due(order: Order, tenders: Sequence[Tender]) -> int:
    """What is still to be paid, what is being captured counted as paid."""
    return order.due_minor - rules.awaited(tenders)[0]


def unpromised(order: Order, tenders: Sequence[Tender]) -> int:
    """What is still to be paid and nobody was asked to promise, and nobody said would come."""
    return open_due(order, tenders) - sum(
        tender.open_minor + tender.authorising_minor + tender.expected_minor for tender in tenders
    )


def asked(
    order: Order,
    event: str,
    batch: Batch,
    requests: Sequence[PaymentRequest],
    tenders: Sequence[Tender],
    data: dict[str, Any] | None = None,
) -> Decision:
    """The decision: the order has a version more, the event says what providers are asked, and the requests are rows."""
    said = changing.changed(order, event, batch, {"asked": rules.told(requests), **(data or {})})
    return Decision(state(order, requests), said, rows=[order, *tenders, *requests])


def state(order: Order, requests: Sequence[PaymentRequest] = ()) -> PaymentState:
    """The answer of every verb here."""

    def cash(minor: int) -> Money:
        return Money.of_minor(minor, order.currency)

    return PaymentState(
        str(order.number),
        order.version,
        [Asked(each.tender_number, each.number, each.kind, cash(each.amount_minor)) for each in requests],
        cash(order.authorised_minor),
        cash(order.captured_minor),
        cash(order.refunded_minor),
        cash(order.due_minor),
        status.payment_status(order.sums()),
    )


def touched(tenders: Iterable[Tender], requests: Iterable[PaymentRequest]) -> list[Tender]:
    """The tenders that requests go through."""
    numbers = {each.tender_number for each in requests}
    return [tender for tender in tenders if tender.number in numbers]
