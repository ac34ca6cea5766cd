"""Tax orders: charge what an order is taxed that was placed while its tax service did not tell, and let it go on.

The worker does it as soon as the service answers; a person may ask earlier.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network, Sku
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, fulfilling, paying_for_edits, taxing
from lading.operations.paying_for_edits import EditPayment
from lading.operations.placing import told_charges
from lading.operations.registry import Batch, Verb
from lading.operations.taxing import Taxing
from lading.orders import editing, holds, rules
from lading.orders.checks import AWAITING_TAXES
from lading.orders.types import AddedCharge, Order
from lading.payments import store as payments_store
from lading.payments.store import TendersByOrder
from lading.taxes import store as taxes
from lading.taxes.commands import TaxOrder
from lading.taxes.store import RequestKey
from lading.taxes.types import TaxRequest, settle
from lading.terms.ledger import MoneyPosting
from lading.terms.money import Money

NOT_AWAITED = ("taxes_not_awaited", "Order {order} does not wait for its taxes.")


class OrderTaxed(Struct, frozen=True):
    """What it is taxed."""

    order: str
    version: int
    added: Money
    """What that adds to what it costs; taxes that prices contain add nothing."""
    payment: EditPayment | None
    """What it does to the money that somebody promised or paid."""


@dataclass(slots=True)
class World(fulfilling.World):
    """The orders with their tenders, and what their taxes depend on."""

    network: Network = field(default_factory=Network)
    skus: Mapping[str, Sku] = field(default_factory=dict)
    taxing: Taxing | None = None
    tenders: TendersByOrder = field(default_factory=dict)
    requests: dict[RequestKey, TaxRequest] = field(default_factory=dict)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked, with their work; policies and what taxes depend on; tenders last."""
    found = await fulfilling.read_world(tx, batch, (each.order for each in batch.commands), stock=False)
    world = World(found.orders, found.work)
    orders = {order.id: order for order in world.orders.by_ref.values()}
    sku_ids = {line.sku_id for order in orders.values() for line in order.lines.values()}
    world.network, world.policies = await catalog.read_setup(tx, sorted(sku_ids))
    world.taxing = await taxing.for_editing(tx, batch, orders.values(), sku_ids, world)
    world.requests = await taxes.read_requests(tx, ((id_, "calculate", 0) for id_ in orders), lock=batch.lock)
    world.tenders = await payments_store.read_tenders(tx, sorted(orders), lock=batch.lock)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_tax(envelope, world, batch) for envelope in batch.envelopes]


def _tax(envelope: Envelope[TaxOrder], world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, envelope.command.order, envelope.command.expected_version)
    if isinstance(order, Decision):
        return order
    request = world.requests.get((order.id, "calculate", 0))
    if request is None or request.status != "pending":
        return refused(NOT_AWAITED, "/order", order=str(order.number))
    if refusal := taxing.refuse_unknown(order, world.taxing):
        return refusal
    cost, data, rows = order.charged_minor + order.adjusted_minor, dict[str, Any](), list[object]([order, request])
    money = _charge(order, world, data, rows)
    more = order.charged_minor + order.adjusted_minor - cost
    data["adjusted_minor"] = more
    settle(request, None, None, batch.now)
    waits = [hold for hold in holds.active(order) if hold.kind == AWAITING_TAXES]
    holds.lift(order, waits, envelope.actor, batch.now)
    rows += waits
    tenders = world.tenders[order.id]
    paid = paying_for_edits.follow(order, more, tenders, world.policies, envelope.actor, batch.now)
    if paid:
        rows += paid.rows
        data |= paid.data
    if waits:
        lifted = data.setdefault("holds_lifted", {"numbers": [], "kinds": []})
        lifted["numbers"] = [*lifted["numbers"], *(hold.number for hold in waits)]
        lifted["kinds"] = [*lifted["kinds"], AWAITING_TAXES]
    event = changing.changed(order, "order_taxed", batch, data)
    told = paid.told if paid else None
    outcome = OrderTaxed(str(order.number), order.version, Money.of_minor(more, order.currency), told)
    return Decision(outcome, event, money=money, rows=rows)


def _charge(order: Order, world: World, data: dict[str, Any], rows: list[object]) -> list[MoneyPosting]:
    """What is taxed of it now; units that were cancelled meanwhile bear their part of it, and nobody owes that."""
    if world.taxing is None:
        return []
    cancelled = [(line, rules.cancelled_cost(line)) for line in order.lines.values() if line.units["cancelled"]]
    charges = taxing.tax_late(order, world.taxing, world.work[order.id].allocations)
    if not charges:
        return []
    data["charges"] = told_charges(charges)
    rows += [AddedCharge(order.id, charge) for charge in charges]
    money = editing.owe(order, (), charges)
    for line, before in cancelled:
        money += rules.credit_since(order, line, before)
    return money


VERB = Verb(
    noun="orders",
    verb="tax",
    summary="Charge what an order is taxed that waits for its tax service, and let it go on.",
    command=TaxOrder,
    outcome=OrderTaxed,
    refusals=(changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, NOT_AWAITED, taxing.UNKNOWN),
    scope="orders:write",
    event="order_taxed",
    example={"order": "1042"},
    prefetch=prefetch,
    decide=decide,
)
