"""Write: the rows of all decisions of a batch, one set-based statement per table, in the one order of DESIGN 8."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from lading.assembly import store as assembly
from lading.assembly.types import WorkOrder
from lading.catalog import attribute_store
from lading.catalog import store as catalog
from lading.catalog.attributes import Attribute, SkuValue
from lading.catalog.types import ChannelRow, GroupRow, KitRow, LocationRow, PolicyRow, ProductRow, SubstitutesRow
from lading.counts import store as counts
from lading.counts.types import StockCount
from lading.customers import company_store
from lading.customers import store as customers
from lading.customers.companies import Company
from lading.customers.companies import Credit as CompanyCredit
from lading.customers.types import NewAddress, NewCustomer, NewParty
from lading.database import failpoints
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.fulfillment.booking import Booking, CapacityDay
from lading.fulfillment.types import Allocation, FulfillmentOrder, Pickup
from lading.inbound import bins
from lading.inbound import store as inbound
from lading.inbound.bins import Bin, BinPosting
from lading.inbound.types import Asn, Promise, PurchaseOrder
from lading.inventory import limit_store, lots
from lading.inventory import store as inventory
from lading.inventory.limits import FirstLimit, Pinned, Pool, PoolUse, Shortened
from lading.inventory.types import EventCorrection, FirstOnShelf, Level, LotRow, ReservationLine, Serial, StockFeed
from lading.invoices import store as invoices
from lading.invoices.types import Invoice, LegalEntity, Series
from lading.journal import store as journal
from lading.journal.types import Decision, Envelope
from lading.layouts import store as layouts
from lading.layouts.types import Layout
from lading.orders import draft_store, remarks, subscription_store
from lading.orders import store as orders
from lading.orders.drafts import Draft
from lading.orders.remarks import Note, Said, Tagging
from lading.orders.subscriptions import Subscription
from lading.orders.types import (
    AddedCharge,
    AddedLine,
    Buyer,
    Detail,
    Due,
    Edit,
    Heading,
    Hold,
    LineAddress,
    Method,
    Order,
    PickupPlace,
    Relation,
    Wholeness,
)
from lading.packing import store as packing
from lading.packing.sscc import SsccSeries
from lading.packing.types import CartonRow, TariffRow
from lading.payments import store as payments
from lading.payments.types import Credit, Dispute, DisputeAnswer, PaymentRequest, ProviderFee, Tender
from lading.pricing import store as pricing
from lading.pricing.types import ExchangeRate, PriceList
from lading.pricing.types import Item as PriceItem
from lading.printing import store as printing
from lading.printing.types import PrintJob
from lading.returns import store as returns
from lading.returns.types import Return, UnmatchedReturn
from lading.shipping import store as shipping
from lading.shipping.types import Parcel
from lading.shortages import store as shortages
from lading.shortages.types import Shortage
from lading.sourcing import store as sourcing
from lading.sourcing.previews import SourcingPreview
from lading.sourcing.store import Area
from lading.taxes import store as taxes
from lading.taxes.types import TaxRate, TaxRequest
from lading.transfers import store as transfers
from lading.transfers.types import Transfer
from lading.waves import store as waves
from lading.waves.types import PickList, PickTask, Wave

Decided = Sequence[tuple[Envelope[Any], Decision]]
Rows = dict[type, list[Any]]
"""By their type."""


async def _all_or_race(
    tx: Transaction,
    rows: Sequence[Any],
    insert: Callable[[Transaction, Sequence[Any]], Awaitable[int]],
    key: Callable[[Any], Any],
) -> None:
    """Rows that somebody else may be writing just now: in key order, and counted."""
    if await insert(tx, sorted(rows, key=key)) != len(rows):
        raise journal.LostRace(insert.__name__)


async def _insert_people(tx: Transaction, rows: Rows) -> None:
    new = [rows.get(kind, []) for kind in PEOPLE]
    if any(new) and await customers.insert_people(tx, *new) != sum(map(len, new)):
        raise journal.LostRace("insert_people")


async def _save_orders(tx: Transaction, rows: Sequence[Order]) -> None:
    new = sorted(
        (order for order in rows if not order.stored),
        key=lambda order: (order.channel_id, order.external_reference or ""),
    )
    if new and await orders.insert_orders(tx, new) != len(new):
        raise journal.LostRace("orders_external_reference")
    known = [order for order in rows if order.stored]
    if known:
        await orders.update_orders(tx, known)
    if bought := [order for order in rows if order.company_id]:
        await _count_owed(tx, bought)


async def _count_owed(tx: Transaction, bought: Sequence[Order]) -> None:
    """What companies owe moves with their orders; their rows were locked before everything else."""
    moved = [order for order in bought if order.owed_minor != order.counted_minor]
    if not moved:
        return
    changes: dict[tuple[UUID, str], int] = {}
    for order in moved:
        if order.company_id:
            key = (order.company_id, order.currency)
            changes[key] = changes.get(key, 0) + order.owed_minor - order.counted_minor
    await company_store.move_exposure(tx, changes)
    if known := [order for order in moved if order.stored]:
        await orders.count_owed(tx, known)


async def _save_work_orders(tx: Transaction, rows: Sequence[WorkOrder]) -> None:
    if new := [order for order in rows if not order.stored]:
        await _all_or_race(tx, new, assembly.insert_work_orders, lambda row: row.reference or "")
    if known := [order for order in rows if order.stored]:
        await assembly.update_work_orders(tx, known)


async def _save_transfers(tx: Transaction, rows: Sequence[Transfer]) -> None:
    if new := [row for row in rows if not row.stored]:
        await _all_or_race(tx, new, transfers.insert_transfers, lambda row: row.reference or "")
    if known := [row for row in rows if row.stored]:
        await transfers.update_transfers(tx, known)


async def _save_feeds(tx: Transaction, rows: Sequence[StockFeed]) -> None:
    new = [feed for feed in rows if not feed.stored]
    if new:
        await _all_or_race(tx, new, inventory.insert_feeds, lambda feed: feed.reference)
    known = [feed for feed in rows if feed.stored]
    if known:
        await inventory.finish_feeds(tx, known)


async def _save_corrections(tx: Transaction, rows: Sequence[EventCorrection]) -> None:
    if new := [row for row in rows if not row.stored]:
        await _all_or_race(tx, new, lots.insert_corrections, lambda row: row.key)
    if known := [row for row in rows if row.stored]:
        await lots.update_corrections(tx, known)


async def _save_days(tx: Transaction, rows: Sequence[CapacityDay]) -> None:
    if not await fulfillment.save_days(tx, rows):
        raise journal.LostRace("capacity")


async def _save_waves(tx: Transaction, rows: Sequence[Wave]) -> None:
    if not await waves.save_waves(tx, rows):
        raise journal.LostRace("wave")


async def _save_counts(tx: Transaction, rows: Sequence[StockCount]) -> None:
    if new := [row for row in rows if not row.stored]:
        await _all_or_race(tx, new, counts.insert_counts, lambda row: row.reference or "")
    if known := [row for row in rows if row.stored]:
        await counts.update_counts(tx, known)
    await counts.save_lines(tx, rows)


async def _save_credits(tx: Transaction, rows: Sequence[Credit]) -> None:
    if new := [row for row in rows if not row.stored]:
        await _all_or_race(tx, new, payments.insert_credits, lambda row: row.code or "")
    if known := [row for row in rows if row.stored]:
        await payments.update_credits(tx, known)


async def _save_drafts(tx: Transaction, rows: Sequence[Draft]) -> None:
    if new := [row for row in rows if not row.stored]:
        await _all_or_race(tx, new, draft_store.insert_drafts, lambda row: row.reference or "")
    if known := [row for row in rows if row.stored]:
        await draft_store.update_drafts(tx, known)


PEOPLE = (NewCustomer, NewParty, NewAddress)
"""Rows that one statement writes together."""

Writer = Callable[[Transaction, Sequence[Any]], Awaitable[None]]

WRITERS: dict[type, Writer] = {
    Company: lambda tx, rows: _all_or_race(tx, rows, company_store.save, lambda row: row.code),
    CompanyCredit: company_store.save_limits,
    PriceList: lambda tx, rows: _all_or_race(tx, rows, pricing.save_lists, lambda row: row.code),
    PriceItem: pricing.save_items,
    ExchangeRate: pricing.save_exchange_rates,
    ChannelRow: lambda tx, rows: _all_or_race(tx, rows, catalog.save_channels, lambda row: row.id),
    GroupRow: lambda tx, rows: _all_or_race(tx, rows, catalog.save_groups, lambda row: row.id),
    LocationRow: lambda tx, rows: _all_or_race(tx, rows, catalog.save_locations, lambda row: row.id),
    ProductRow: lambda tx, rows: _all_or_race(tx, rows, catalog.save_products, lambda row: row.id),
    CartonRow: lambda tx, rows: _all_or_race(tx, rows, packing.save_cartons, lambda row: row.id),
    TariffRow: lambda tx, rows: _all_or_race(tx, rows, packing.save_rates, lambda row: row.id),
    Attribute: lambda tx, rows: _all_or_race(
        tx, rows, attribute_store.save_attributes, lambda row: (row.subject, row.code)
    ),
    SkuValue: attribute_store.save_sku_values,
    KitRow: catalog.save_kits,
    SubstitutesRow: catalog.save_substitutes,
    Area: sourcing.save_areas,
    SourcingPreview: sourcing.insert_previews,
    PolicyRow: catalog.save_policies,
    LotRow: lambda tx, rows: _all_or_race(tx, rows, lots.save_lots, lambda row: (row.sku_id, row.lot)),
    FirstOnShelf: lambda tx, rows: _all_or_race(tx, rows, inventory.create_rows, lambda row: row),
    FirstLimit: lambda tx, rows: limit_store.limit_skus(tx, [row.sku_id for row in rows]),
    Pool: lambda tx, rows: _all_or_race(tx, rows, limit_store.save_pools, lambda row: row.id),
    Subscription: subscription_store.save,
    Draft: _save_drafts,
    Order: _save_orders,
    Buyer: lambda tx, rows: _all_or_race(
        tx, rows, orders.insert_buyers, lambda row: (row.company_id, row.unique_key or "")
    ),
    Due: orders.save_dues,
    Heading: orders.save_headings,
    AddedLine: orders.add_lines,
    Wholeness: orders.save_wholeness,
    AddedCharge: orders.add_charges,
    PickupPlace: orders.place_pickups,
    LineAddress: orders.address_lines,
    Method: orders.save_methods,
    Detail: orders.insert_details,
    Edit: orders.save_edits,
    Note: remarks.save_notes,
    Tagging: remarks.save_tags,
    Said: remarks.save_said,
    Relation: orders.save_relations,
    Hold: orders.save_holds,
    FulfillmentOrder: fulfillment.save_fulfillment_orders,
    Allocation: fulfillment.save_allocations,
    CapacityDay: _save_days,
    Booking: fulfillment.save_bookings,
    SsccSeries: packing.save_series,
    Parcel: shipping.save_parcels,
    PrintJob: printing.save_jobs,
    Pickup: fulfillment.save_pickups,
    Return: returns.save_returns,
    UnmatchedReturn: lambda tx, rows: _all_or_race(tx, rows, returns.insert_unmatched, lambda row: row.key),
    Transfer: _save_transfers,
    Wave: _save_waves,
    PickList: waves.save_lists,
    PickTask: waves.save_tasks,
    Level: lambda tx, rows: _all_or_race(tx, rows, inventory.save_levels, lambda row: (row.sku_id, row.level)),
    ReservationLine: inventory.save_reservation_lines,
    Pinned: limit_store.pin_claims,
    Shortened: limit_store.shorten_claims,
    WorkOrder: _save_work_orders,
    PurchaseOrder: inbound.save_purchase_orders,
    Asn: inbound.save_asns,
    Layout: lambda tx, rows: _all_or_race(tx, rows, layouts.save_layouts, lambda row: row.location_id),
    Bin: lambda tx, rows: _all_or_race(tx, rows, bins.save_bins, lambda row: (row.location_id, row.code)),
    BinPosting: bins.post,
    Promise: inbound.save_promises,
    StockCount: _save_counts,
    Shortage: shortages.save_shortages,
    Tender: payments.save_tenders,
    PaymentRequest: payments.save_requests,
    Dispute: payments.save_disputes,
    DisputeAnswer: payments.save_dispute_answers,
    ProviderFee: lambda tx, rows: _all_or_race(
        tx, rows, payments.insert_fees, lambda row: (row.provider, row.movement)
    ),
    LegalEntity: lambda tx, rows: _all_or_race(tx, rows, invoices.insert_entities, lambda row: (row.code, row.version)),
    TaxRate: lambda tx, rows: _all_or_race(tx, rows, taxes.save_rates, lambda row: row.key),
    TaxRequest: taxes.save_requests,
    Series: invoices.save_series,
    Invoice: invoices.save_invoices,
    Credit: _save_credits,
    StockFeed: _save_feeds,
    Serial: lambda tx, rows: _all_or_race(tx, rows, lots.insert_serials, lambda row: (row.sku_id, row.serial)),
    EventCorrection: _save_corrections,
    PoolUse: limit_store.count_pool_uses,
}
"""Which store writes which type of row; documents in this order."""


async def write(tx: Transaction, decided: Decided) -> None:
    """Documents, units, money. Raises LostRace where a unique key was taken meanwhile."""
    rows = _by_type(decided)
    await _insert_people(tx, rows)
    for kind, writer in WRITERS.items():
        if kind in rows:
            await writer(tx, rows[kind])
    await failpoints.reach("before_postings")
    born = {order.id for order in rows.get(Order, ()) if not order.stored}
    parts = list(enumerate(_by_birth(decided, born)))
    if Relation in rows:
        parts.reverse()  # Units that go to an order of this batch leave theirs first.
    for lines_exist, part in parts:
        await journal.post(tx, part, lines_exist=bool(lines_exist))
    await _empty_bins(tx, decided, rows)
    await _follow_backorders(tx, decided, rows)
    await orders.save_line_refunds(tx, (order for order in rows.get(Order, ()) if order.stored))


async def _empty_bins(tx: Transaction, decided: Decided, written: Rows) -> None:
    """Where shelves lost more than lay on the floor, bins give up the rest: the event that took it says why."""
    left: dict[bins.Key, tuple[UUID, UUID]] = {}
    on_paper: dict[bins.Key, int] = {}
    for envelope, decision in decided:
        if (event := decision.event) is None:
            continue
        for posting in decision.postings:
            if key := bins.leaves_shelf(posting):
                left[key] = (envelope.event_id, event.subject_id)
                if event.kind == "stock_corrected" or (posting.target and posting.target.bucket == "lost"):
                    on_paper[key] = on_paper.get(key, 0) + posting.quantity
        for row in decision.rows if Shortage in written else ():
            if isinstance(row, Shortage) and row.change > 0:
                key = (row.sku_id, row.location_id, row.lot)
                left[key] = (envelope.event_id, event.subject_id)
                on_paper[key] = on_paper.get(key, 0) + row.change
    contents = await bins.read_contents(tx, left)
    if contents:
        rows = await inventory.stock_rows(tx, contents, lock=True)
        gone = [
            posting
            for key in sorted(contents)
            for posting in bins.emptied(contents, key, rows[key], left[key], on_paper.get(key, 0))
        ]
        if gone:
            await bins.post(tx, gone, len(written.get(BinPosting, ())))


async def _follow_backorders(tx: Transaction, decided: Decided, written: Rows) -> None:
    """Units that began or ceased to wait are counted by product and priority, and promises follow their lines."""
    waiting: dict[tuple[UUID, int], int] = {}
    lines: set[tuple[UUID, int]] = set()
    orders_by_id: dict[UUID, Order] = {}
    priorities = _first_priorities(decided) if Heading in written else {}
    for _, decision in decided:
        for heading in decision.rows if Heading in written else ():
            if not isinstance(heading, Heading) or not heading.moved:
                continue
            before, priorities[heading.order.id] = heading.moved
            for sku_id, units in heading.waiting.items():
                for key, change in (((sku_id, before), -units), ((sku_id, priorities[heading.order.id]), units)):
                    waiting[key] = waiting.get(key, 0) + change
        for posting in decision.postings:
            waits = posting.line_to == "backordered" or posting.line_from == "backordered"
            if not waits or not decision.event:
                continue
            orders_by_id = orders_by_id or {order.id: order for order in written[Order]}
            order = orders_by_id[decision.event.subject_id]
            key = (posting.sku_id, priorities.get(order.id, order.priority))
            change = posting.quantity if posting.line_to == "backordered" else -posting.quantity
            waiting[key] = waiting.get(key, 0) + change
            if order.stored and posting.line_number:
                lines.add((order.id, posting.line_number))
    if waiting:
        await inbound.follow_backorders(tx, waiting, lines)


def _first_priorities(decided: Decided) -> dict[UUID, int]:
    """The priority that orders had before the batch, where it changes it."""
    found: dict[UUID, int] = {}
    for _, decision in decided:
        for row in decision.rows:
            if isinstance(row, Heading) and row.moved:
                found.setdefault(row.order.id, row.moved[0])
    return found


def _by_type(decided: Decided) -> Rows:
    """Each row once, however many commands touched it."""
    rows: dict[type, dict[int, object]] = {}
    for _, decision in decided:
        for row in decision.rows:
            rows.setdefault(type(row), {})[id(row)] = row
    if unknown := rows.keys() - WRITERS.keys() - set(PEOPLE):
        raise TypeError(f"no store writes {unknown}")
    return {kind: list(found.values()) for kind, found in rows.items()}


def _by_birth(decided: Decided, born: set[UUID]) -> tuple[Decided, Decided]:
    """Orders of this batch bear their sums already, and stock alone has no lines; those of earlier batches move with their postings."""
    new: list[tuple[Envelope[Any], Decision]] = []
    known: list[tuple[Envelope[Any], Decision]] = []
    for pair in decided:
        if event := pair[1].event:
            (new if event.subject_kind != "order" or event.subject_id in born else known).append(pair)
    return new, known
