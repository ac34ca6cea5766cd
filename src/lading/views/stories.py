"""What happened to things that are no orders: transfers, purchase orders, work orders, subscriptions, companies; the newest first."""

from typing import Annotated

from msgspec import Meta

from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.views.companies import CompanyQuery, company
from lading.views.inbound import PurchaseOrderQuery, purchase_order
from lading.views.kits import WorkOrderQuery, work_order
from lading.views.subscriptions import SubscriptionQuery, subscription
from lading.views.timeline import StoryQuery, Timeline, story
from lading.views.transfers import TransferQuery, transfer


class TransferStoryQuery(StoryQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose timeline."""

    transfer: Annotated[str, Meta(max_length=64, description="T1043, or its id")]


class PurchaseOrderStoryQuery(StoryQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose timeline."""

    purchase_order: Annotated[str, Meta(max_length=64, description="PO1042, or its id")]


class WorkOrderStoryQuery(StoryQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose timeline."""

    work_order: Annotated[str, Meta(max_length=64, description="W1043, or its id")]


class SubscriptionStoryQuery(StoryQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose timeline."""

    subscription: Annotated[str, Meta(max_length=64, description="S1042, or its id")]


class CompanyStoryQuery(StoryQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose timeline."""

    company: Code


async def transfer_story(tx: Transaction, query: TransferStoryQuery) -> Timeline:
    """What happened to a transfer. Raises NotFound."""
    return await story(tx, (await transfer(tx, TransferQuery(query.transfer))).id, query)


async def purchase_order_story(tx: Transaction, query: PurchaseOrderStoryQuery) -> Timeline:
    """What happened to a purchase order. Raises NotFound."""
    return await story(tx, (await purchase_order(tx, PurchaseOrderQuery(query.purchase_order))).id, query)


async def work_order_story(tx: Transaction, query: WorkOrderStoryQuery) -> Timeline:
    """What happened to a work order. Raises NotFound."""
    return await story(tx, (await work_order(tx, WorkOrderQuery(query.work_order))).id, query)


async def subscription_story(tx: Transaction, query: SubscriptionStoryQuery) -> Timeline:
    """What happened to a subscription. Raises NotFound."""
    return await story(tx, (await subscription(tx, SubscriptionQuery(query.subscription))).head.id, query)


async def company_story(tx: Transaction, query: CompanyStoryQuery) -> Timeline:
    """What happened to a company. Raises NotFound."""
    return await story(tx, (await company(tx, CompanyQuery(query.company))).id, query)
