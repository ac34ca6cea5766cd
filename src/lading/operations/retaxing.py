"""Taxes that change because lines go, or are collected, somewhere else: charged as what an edit charges, and asked for alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Network, Sku
from lading.customers import company_store
from lading.database.pool import Transaction
from lading.operations import checking_edits, paying_for_edits, taxing
from lading.operations.checking_edits import Credits
from lading.operations.paying_for_edits import EditPayment
from lading.operations.placing import told_charges
from lading.operations.registry import Batch
from lading.operations.taxing import Taxing
from lading.orders import editing, holds
from lading.orders.types import AddedCharge, Charge, Order, Orders
from lading.payments import store as payments_store
from lading.payments.store import TendersByOrder
from lading.terms.ledger import MoneyPosting
from lading.terms.people import AddressInput


@dataclass(slots=True)
class World:
    """Orders with their tenders, and what their taxes depend on."""

    orders: Orders
    network: Network = field(default_factory=Network)
    policies: Policies = field(default_factory=lambda: Policies(0))
    skus: Mapping[str, Sku] = field(default_factory=dict)
    taxing: Taxing | None = None
    """Where taxes of some order are calculated."""
    tenders: TendersByOrder = field(default_factory=dict)
    credits: Credits = field(default_factory=dict)


@dataclass(slots=True)
class Retaxed:
    """What the new taxes come to."""

    money: list[MoneyPosting] = field(default_factory=list)
    rows: list[object] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    paid: EditPayment | None = None
    holds: list[str] = field(default_factory=list)


async def read(tx: Transaction, batch: Batch, world: World, to: Iterable[AddressInput | None] = ()) -> None:
    """All beside the orders, which are locked already; tenders last."""
    orders = {order.id: order for order in world.orders.by_ref.values()}
    sku_ids = {line.sku_id for order in orders.values() for line in order.lines.values()}
    world.network, world.policies = await catalog.read_setup(tx, sorted(sku_ids))
    world.taxing = await taxing.for_editing(tx, batch, orders.values(), sku_ids, world, to=to)
    if companies := {order.company_id for order in orders.values() if order.company_id}:
        world.credits = await company_store.read_credit(tx, companies)
    world.tenders = await payments_store.read_tenders(tx, sorted(orders), lock=batch.lock)


def charge(order: Order, charges: Sequence[Charge], world: World, actor: str, now: datetime) -> Retaxed:
    """Owe them; what that changes is paid, approved and owed by its company as what an edit changes."""
    done = Retaxed()
    if not charges:
        return done
    cost, owed = order.adjusted_minor, order.owed_minor
    done.money = editing.owe(order, (), charges)
    more = order.adjusted_minor - cost
    done.data = {"charges": told_charges(charges), "adjusted_minor": more}
    done.rows += [AddedCharge(order.id, each) for each in charges]
    paid = paying_for_edits.follow(order, more, world.tenders[order.id], world.policies, actor, now)
    if paid:
        done.paid = paid.told
        done.rows += paid.rows
        done.data |= paid.data
    held = checking_edits.place(order, more, order.owed_minor - owed, world.policies, world.credits, now)
    if held:
        done.holds = [hold.kind for hold in held]
        done.rows += held
        done.data["hold_terms"] = [*done.data.get("hold_terms", ()), *holds.told(held)]
    return done
