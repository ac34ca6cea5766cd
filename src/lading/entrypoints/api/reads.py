"""Everything that is read over HTTP: one table of routes, each a view."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import Struct

from lading.database.pool import Transaction
from lading.views import (
    availability,
    counts,
    credits,
    drafts,
    edits,
    events,
    history,
    holds,
    inbound,
    invoices,
    kits,
    ledger_days,
    lots,
    network,
    order,
    orders,
    packing,
    payment_troubles,
    payments,
    policies,
    pools,
    postings,
    products,
    put_backs,
    queues,
    replenishment,
    reservations,
    shortage_plan,
    sourcing,
    statement,
    stock,
    stock_feeds,
    timeline,
    transfers,
)

Handler = Callable[[Transaction, Any], Awaitable[Any]]


@dataclass(slots=True, frozen=True)
class Read:
    """One question: a route, what it takes, and the view that answers it."""

    path: str
    summary: str
    scope: str
    handler: Handler
    """(transaction, query) to answer. Raises views.NotFound."""
    query: type[Struct]
    """Path and query parameters (or, for POST, the body)."""
    answer: type[Struct]
    example: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of an example."""
    method: Literal["GET", "POST"] = "GET"


class OrderQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One order."""

    order: str


async def _order(tx: Transaction, query: OrderQuery) -> order.OrderDetail:
    return await order.order(tx, query.order)


READS: list[Read] = [
    Read("/v1/orders", "Orders: the newest first, one queue, what is due, or what was searched.", "orders:read",
         orders.orders, orders.OrdersQuery, orders.OrdersPage, {"stage": "to_pick", "limit": 20}),
    Read("/v1/orders/{order}", "One order, whole, and what can be done with it now.", "orders:read",
         _order, OrderQuery, order.OrderDetail, {"order": "1042"}),
    Read("/v1/orders/{order}/timeline", "What happened to an order, in sentences, the newest first.", "orders:read",
         timeline.timeline, timeline.TimelineQuery, timeline.Timeline, {"order": "1042"}),
    Read("/v1/orders/{order}/as-of", "An order as it stood at a position of the journal or a time.", "orders:read",
         history.order_as_of, history.OrderAsOfQuery, history.OrderAsOf, {"order": "1042", "position": 4711}),
    Read("/v1/orders/{order}/postings", "Where each unit and penny of an order went, event by event.", "orders:read",
         postings.postings, postings.PostingsQuery, postings.PostingsPage, {"order": "1042"}),
    Read("/v1/orders/{order}/sourcing", "Why an order comes from where it comes from: candidates, costs, and why the others lost.",
         "orders:read", sourcing.explain, sourcing.SourcingQuery, sourcing.SourcingExplained, {"order": "1042"}),
    Read("/v1/sourcing-rules", "The rules by which orders are sourced.", "orders:read", sourcing.rules, sourcing.RulesQuery,
         sourcing.SourcingRules),
    Read("/v1/orders/{order}/statement", "The penny trail of an order: every cent from charge to tender, each with its event.",
         "orders:read", statement.statement, statement.StatementQuery, statement.Statement, {"order": "1042"}),
    Read("/v1/drafts", "Drafts and quotes, the newest first: all, those of one status, or those that may still become orders.",
         "drafts:read", drafts.drafts, drafts.DraftsQuery, drafts.DraftsPage, {"status": "open"}),
    Read("/v1/drafts/{draft}", "One draft or quote, whole.", "drafts:read", drafts.draft, drafts.DraftQuery, drafts.DraftView,
         {"draft": "D1042"}),
    Read("/v1/payments/requests", "What providers of payments refused, or have not answered yet, the newest first.", "orders:read",
         payments.payment_requests, payments.PaymentRequestsQuery, payments.PaymentRequestsPage, {"status": "failed"}),
    Read("/v1/payments/troubles", "Payments that somebody has to look at: failed, lapsed, unanswered, late or disputed, the newest first.",
         "orders:read", payment_troubles.payment_troubles, payment_troubles.PaymentTroublesQuery, payment_troubles.PaymentTroubles,
         {"trouble": "failed"}),
    Read("/v1/payments/disputes", "Money that banks took back: open disputes with the day until when evidence is taken, or closed ones.",
         "orders:read", payment_troubles.disputes, payment_troubles.DisputesQuery, payment_troubles.DisputesPage, {"status": "open"}),
    Read("/v1/orders/{order}/payments", "What providers were asked about an order, and what banks took back of it, the newest first.",
         "orders:read", payment_troubles.order_payments, payment_troubles.OrderPaymentsQuery, payment_troubles.OrderPayments,
         {"order": "1042"}),
    Read("/v1/credits", "Gift cards and store credit, the newest first; or the one of a code.", "orders:read",
         credits.credits, credits.CreditsQuery, credits.CreditsPage, {"code": "GIFT-7K2M-99QX"}),
    Read("/v1/credits/{credit}", "One gift card or store credit with its ledger: issued, spent, given back, over.", "orders:read",
         credits.credit, credits.CreditQuery, credits.CreditDetail, {"credit": "01990a5b-7c1e-7000-8000-000000000001"}),
    Read("/v1/ledger/days", "The money ledger by day, currency and account, the oldest first.", "orders:read",
         ledger_days.ledger_days, ledger_days.LedgerDaysQuery, ledger_days.LedgerDaysPage, {"since": "2026-11-01"}),
    Read("/v1/ledger/entries", "The penny trail of a day: every posting of money with its event, in the order of the journal.",
         "orders:read", ledger_days.ledger_entries, ledger_days.LedgerEntriesQuery, ledger_days.LedgerEntriesPage,
         {"day": "2026-11-01", "account": "sales"}),
    Read("/v1/invoices", "Invoices and credit notes, the newest first: all, or those of one order.", "invoices:read",
         invoices.invoices, invoices.InvoicesQuery, invoices.InvoicesPage, {"order": "1042"}),
    Read("/v1/invoices/{invoice}", "One invoice or credit note as it was issued: seller, lines, taxes by rate.", "invoices:read",
         invoices.invoice, invoices.InvoiceQuery, invoices.InvoiceView, {"invoice": "INV-000017"}),
    Read("/v1/stock-feeds", "Stock feeds: the newest first, with what became of them.", "stock:read",
         stock_feeds.stock_feeds, stock_feeds.StockFeedsQuery, stock_feeds.StockFeedsPage),
    Read("/v1/stock-feeds/{reference}", "One stock feed: how far it is, and why rows were not taken.", "stock:read",
         stock_feeds.stock_feed, stock_feeds.StockFeedQuery, stock_feeds.StockFeed, {"reference": "WMS-2026-03-02"}),
    Read("/v1/replenishment", "What to order, what has run out, what lies too long: the most urgent first.", "stock:read",
         replenishment.replenishment, replenishment.ReplenishmentQuery, replenishment.ReplenishmentPage, {"state": "reorder"}),
    Read("/v1/shortages/plan", "What each order should do about open shortages: the plan of least regret, and its commands.",
         "stock:read", shortage_plan.shortage_plan, shortage_plan.ShortagePlanQuery, shortage_plan.ShortagePlan),
    Read("/v1/queues", "Every queue: how many wait in it, and since when.", "orders:read", queues.queues,
         queues.QueuesQuery, queues.Queues),
    Read("/v1/holds", "The holds that stand, the oldest first: all, of one kind, or those that stop something.", "orders:read",
         holds.holds, holds.HoldsQuery, holds.HoldsPage, {"kind": "payment_risk"}),
    Read("/v1/edits", "Edits that were prepared and wait to be confirmed or dropped, the oldest first.", "orders:read", edits.edits,
         edits.EditsQuery, edits.EditsPage),
    Read("/v1/fulfillment-orders", "What a location has to pick, pack or hand over.", "fulfillment:read", queues.work,
         queues.WorkQuery, queues.WorkPage, {"location": "HAM", "stage": "to_pick"}),
    Read("/v1/cartons", "All kinds of carton, by code.", "catalog:read", packing.cartons, packing.NoQuery, packing.Cartons),
    Read("/v1/parcel-rates", "What carriers ask for a parcel, by billed weight.", "catalog:read", packing.parcel_rates, packing.NoQuery,
         packing.ParcelRates),
    Read("/v1/parcels/proposal", "The cheapest cartons for a fulfillment order, and where each unit lies in them.", "fulfillment:read",
         packing.proposal, packing.ProposalQuery, packing.Proposal, {"fulfillment_order": "1042-F1"}),
    Read("/v1/put-backs", "What was cancelled after its pick and has to be laid on the shelf again, at one location.",
         "fulfillment:read", put_backs.put_backs, put_backs.PutBacksQuery, put_backs.PutBacksPage, {"location": "HAM"}),
    Read("/v1/returns", "Returns that await something, the oldest first.", "returns:read", queues.returns,
         queues.ReturnsQuery, queues.ReturnsPage),
    Read("/v1/returns/unmatched", "What came back and no order explains.", "returns:read", queues.unmatched_returns,
         queues.UnmatchedQuery, queues.UnmatchedPage),
    Read("/v1/stock", "Stock by product and location, now or as of then.", "stock:read", stock.stock,
         stock.StockQuery, stock.StockPage, {"q": "MUG"}),
    Read("/v1/purchase-orders", "Purchase orders, the newest first: all, or those of which something is expected.", "purchasing:read",
         inbound.purchase_orders, inbound.PurchaseOrdersQuery, inbound.PurchaseOrdersPage, {"status": "expected"}),
    Read("/v1/purchase-orders/{purchase_order}", "One purchase order: its lines, what of them comes when, and its ASNs.",
         "purchasing:read", inbound.purchase_order, inbound.PurchaseOrderQuery, inbound.PurchaseOrderView,
         {"purchase_order": "PO1042"}),
    Read("/v1/backorders", "Who waits for a product and what they were promised, in the order in which they are served.",
         "orders:read", inbound.backorders, inbound.BackordersQuery, inbound.BackordersPage, {"sku": "MUG-BLUE"}),
    Read("/v1/bins", "What lies in the bins of a location.", "stock:read", inbound.in_bins, inbound.BinsQuery, inbound.BinsPage,
         {"location": "HAM"}),
    Read("/v1/stock/ledger", "The ledger of a product: each posting with its event, the newest first.", "stock:read",
         stock.ledger, stock.LedgerQuery, stock.LedgerPage, {"sku": "MUG-BLUE"}),
    Read("/v1/stock/held", "Orders for which units of a product lie in the building, the newest first.", "orders:read",
         stock.held, stock.HeldQuery, stock.HeldPage, {"sku": "MUG-BLUE"}),
    Read("/v1/pools", "Pools of channels: what they keep or cap, and what is left of them.", "stock:read", pools.pools,
         pools.PoolsQuery, pools.PoolsPage, {"sku": "MUG-BLUE"}),
    Read("/v1/availability", "What can be promised of up to 1,000 products: now or by a date, in all, by location and region.",
         "stock:read", availability.availability, availability.AvailabilityQuery, availability.Availability,
         {"skus": ["MUG-BLUE", "TEE-M"], "per": ["location"]}, "POST"),
    Read("/v1/stock/promise-curve", "From when on how many units of a product can be promised, and what arrives or is owed.",
         "stock:read", availability.promise_curve, availability.CurveQuery, availability.PromiseCurve, {"sku": "MUG-BLUE"}),
    Read("/v1/transfers", "Transfers between locations, the newest first.", "stock:read", transfers.transfers,
         transfers.TransfersQuery, transfers.TransfersPage, {"status": "open", "to_location": "MUC"}),
    Read("/v1/transfers/{transfer}", "One transfer, line by line.", "stock:read", transfers.transfer,
         transfers.TransferQuery, transfers.TransferView, {"transfer": "T1043"}),
    Read("/v1/reservations", "Reservations that have not ended, whose time is over first comes first.", "reservations:read",
         reservations.reservations, reservations.ReservationsQuery, reservations.ReservationsPage, {"sku": "MUG-BLUE"}),
    Read("/v1/reservations/{reservation}", "One reservation, and what became of it.", "reservations:read",
         reservations.reservation, reservations.ReservationQuery, reservations.ReservationView,
         {"reservation": "01980a3e-7c00-7000-8000-000000000001"}),
    Read("/v1/counts", "Counts, the newest first.", "counts:read", counts.counts, counts.CountsQuery, counts.CountsPage,
         {"status": "open", "location": "HAM"}),
    Read("/v1/counts/{count}", "One count, as whoever counts may see it.", "counts:read", counts.count, counts.CountQuery,
         counts.CountView, {"count": "C1044"}),
    Read("/v1/counts/{count}/review", "One count with what the book says, as whoever approves it sees it.", "count-approvals:read",
         counts.review, counts.CountQuery, counts.CountView, {"count": "C1044"}),
    Read("/v1/shortages", "What orders and reservations hold and is not there, the oldest first.", "stock:read",
         counts.shortages, counts.ShortagesQuery, counts.ShortagesPage, {"location": "HAM"}),
    Read("/v1/products", "Products by code, GTIN or words of their name.", "products:read", products.products,
         products.ProductsQuery, products.ProductsPage, {"q": "mug"}),
    Read("/v1/products/{sku}", "One product by code or id.", "products:read", products.product, products.ProductQuery,
         products.Product, {"sku": "MUG-BLUE"}),
    Read("/v1/lots", "Lots with what is left of them, the first to expire first.", "stock:read", lots.lots,
         lots.LotsQuery, lots.LotsPage, {"sku": "MILK-1L"}),
    Read("/v1/lots/holders", "Who got units of a lot, or shall get some: the recall list.", "orders:read", lots.holders,
         lots.HoldersQuery, lots.Holders, {"sku": "MILK-1L", "lot": "L-2026-11"}),
    Read("/v1/serials", "Units of a product by their serial numbers: where each is.", "stock:read", lots.serials,
         lots.SerialsQuery, lots.SerialsPage, {"sku": "PHONE-12"}),
    Read("/v1/serials/history", "Every posting that moved one unit, the newest first.", "stock:read", lots.serial_history,
         lots.SerialHistoryQuery, lots.SerialHistory, {"sku": "PHONE-12", "serial": "S-0042"}),
    Read("/v1/kits", "Kits and what they are made of, by code.", "products:read", kits.kits, kits.KitsQuery,
         kits.KitsPage, {"component": "CUP-BLUE"}),
    Read("/v1/kits/{sku}", "What one kit is made of.", "products:read", kits.kit, kits.KitQuery, kits.KitView,
         {"sku": "TEA-SET"}),
    Read("/v1/substitutes", "What may be sent in place of products that are missing.", "products:read", kits.substitutes,
         kits.SubstitutesQuery, kits.SubstitutesPage, {"sku": "MUG-BLUE"}),
    Read("/v1/work-orders", "Work orders, the newest first.", "stock:read", kits.work_orders, kits.WorkOrdersQuery,
         kits.WorkOrdersPage, {"status": "waiting", "location": "HAM"}),
    Read("/v1/work-orders/{work_order}", "One work order, line by line.", "stock:read", kits.work_order,
         kits.WorkOrderQuery, kits.WorkOrderView, {"work_order": "W1043"}),
    Read("/v1/locations", "All locations, in the order in which they fill.", "catalog:read", products.locations,
         products.LocationsQuery, products.Locations),
    Read("/v1/locations/{location}/days", "When a location works, and how much of each of its days is taken.", "catalog:read",
         network.location_days, network.DaysQuery, network.LocationDays, {"location": "HAM", "days": 7}),
    Read("/v1/location-groups", "All groups of locations, each after the one that it stands in.", "catalog:read",
         network.location_groups, network.GroupsQuery, network.LocationGroups),
    Read("/v1/channels", "All channels.", "catalog:read", products.channels, products.ChannelsQuery, products.Channels),
    Read("/v1/policies", "What policies there are, and every value that is set.", "policies:read", policies.policies,
         policies.PoliciesQuery, policies.PoliciesPage, {"name": "may_split"}),
    Read("/v1/policies/{name}", "Which value applies somewhere, and why.", "policies:read", policies.resolve,
         policies.ResolveQuery, policies.Resolved, {"name": "may_split", "channel": "web"}),
    Read("/v1/events/{position}", "One event of the journal with its sentence.", "events:read", events.event,
         events.EventQuery, timeline.Entry, {"position": 4711}),
]  # fmt: skip
"""Every question, by path."""
