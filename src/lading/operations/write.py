"""Write: the rows of all decisions of a batch, one set-based statement per table, in the one order of DESIGN 8."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.types import ChannelRow, LocationRow, ProductRow
from lading.customers import store as customers
from lading.customers.types import NewAddress, NewCustomer, NewParty
from lading.database import failpoints
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.fulfillment.types import Allocation, FulfillmentOrder
from lading.journal import store as journal
from lading.journal.types import Decision, Envelope
from lading.orders import store as orders
from lading.orders.types import Hold, Order
from lading.payments import store as payments
from lading.payments.types import Tender
from lading.returns import store as returns
from lading.returns.types import Return, UnmatchedReturn
from lading.shipping import store as shipping
from lading.shipping.types import Parcel

Decided = Sequence[tuple[Envelope[Any], Decision]]


async def _all_or_race(
    tx: Transaction,
    rows: Sequence[Any],
    insert: Callable[[Transaction, Sequence[Any]], Awaitable[int]],
    key: Callable[[Any], Any],
) -> None:
    """Rows that somebody else may be writing just now: in key order, and counted."""
    if await insert(tx, sorted(rows, key=key)) != len(rows):
        raise journal.LostRace(insert.__name__)


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


Writer = Callable[[Transaction, Sequence[Any]], Awaitable[None]]

WRITERS: dict[type, Writer] = {
    ChannelRow: lambda tx, rows: _all_or_race(tx, rows, catalog.save_channels, lambda row: row.id),
    LocationRow: lambda tx, rows: _all_or_race(tx, rows, catalog.save_locations, lambda row: row.id),
    ProductRow: lambda tx, rows: _all_or_race(tx, rows, catalog.save_products, lambda row: row.id),
    NewCustomer: lambda tx, rows: _all_or_race(tx, rows, customers.insert_customers, lambda row: row.key),
    NewParty: lambda tx, rows: _all_or_race(tx, rows, customers.insert_parties, lambda row: row.content_key),
    NewAddress: lambda tx, rows: _all_or_race(tx, rows, customers.insert_addresses, lambda row: row.content_key),
    Order: _save_orders,
    Hold: orders.save_holds,
    FulfillmentOrder: fulfillment.save_fulfillment_orders,
    Allocation: fulfillment.save_allocations,
    Parcel: shipping.save_parcels,
    Return: returns.save_returns,
    UnmatchedReturn: lambda tx, rows: _all_or_race(tx, rows, returns.insert_unmatched, lambda row: row.key),
    Tender: payments.save_tenders,
}
"""Which store writes which type of row; documents in this order."""


async def write(tx: Transaction, decided: Decided) -> None:
    """Documents, units, money. Raises LostRace where a unique key was taken meanwhile."""
    rows: dict[type, dict[int, object]] = {}
    for _, decision in decided:
        for row in decision.rows:
            rows.setdefault(type(row), {})[id(row)] = row
    if unknown := rows.keys() - WRITERS.keys():
        raise TypeError(f"no store writes {unknown}")
    for kind, writer in WRITERS.items():
        if kind in rows:
            await writer(tx, list(rows[kind].values()))
    await failpoints.reach("before_postings")
    touched = [row for row in rows.get(Order, {}).values() if isinstance(row, Order)]
    await _post_units(tx, decided, {order.id for order in touched if not order.stored})
    await orders.save_line_refunds(tx, (order for order in touched if order.stored))
    await journal.post_money(tx, decided)


async def _post_units(tx: Transaction, decided: Decided, born: set[UUID]) -> None:
    """Orders of this batch bear their sums already, and stock alone has no lines; those of earlier batches move with their postings."""
    new, known = [], []
    for pair in decided:
        if (event := pair[1].event) and pair[1].postings:
            (new if event.subject_kind != "order" or event.subject_id in born else known).append(pair)
    await journal.post_units(tx, new, lines_exist=False)
    await journal.post_units(tx, known, lines_exist=True)
