"""What Ctrl-K finds: pages, orders, products."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response

from lading.entrypoints.console import rendering
from lading.entrypoints.console.context import Context
from lading.entrypoints.console.words import N_, TASKS
from lading.views.orders import OrdersQuery
from lading.views.orders import orders as read_orders
from lading.views.products import ProductsQuery
from lading.views.products import products as read_products

PLACES = (
    (N_("Home"), "/", "home"),
    (N_("Orders"), "/orders", "shopping-cart"),
    (N_("New order"), "/orders/new", "plus"),
    (N_("Drafts and quotes"), "/drafts", "clipboard-list"),
    (N_("Companies"), "/companies", "users"),
    (N_("New company"), "/companies/edit", "plus"),
    (N_("Price lists"), "/price-lists", "list-details"),
    (N_("New price list"), "/price-lists/edit", "plus"),
    (N_("Subscriptions"), "/subscriptions", "refresh"),
    (N_("Approvals"), "/approvals", "hand-stop"),
    (N_("Prepared edits"), "/edits", "clock"),
    (N_("Exchange rates"), "/exchange-rates", "refresh"),
    (N_("To be paid"), "/receivables", "cash"),
    (N_("Print queue"), "/print-jobs", "printer"),
    (N_("Cartons"), "/cartons", "box"),
    (N_("Shipping rates"), "/parcel-rates", "truck-delivery"),
    (N_("Capacity"), "/capacity", "calendar"),
    (N_("Queues"), "/queues", "stack-2"),
    (N_("Holds"), "/queues/held", "hand-stop"),
    (N_("Late orders"), "/orders?due=now", "clock"),
    (N_("Stock"), "/stock", "packages"),
    (N_("Receive stock"), "/stock/receive", "package-import"),
    (N_("Adjust stock"), "/stock/adjust", "adjustments"),
    (N_("Lots"), "/lots", "tags"),
    (N_("Serial numbers"), "/serials", "barcode"),
    (N_("Reservations"), "/reservations", "lock"),
    (N_("Counts"), "/counts", "checklist"),
    (N_("New count"), "/counts/open", "plus"),
    (N_("Transfers"), "/transfers", "truck"),
    (N_("New transfer"), "/transfers/new", "plus"),
    (N_("Work orders"), "/work-orders", "bolt"),
    (N_("New work order"), "/work-orders/new", "plus"),
    (N_("Kits"), "/kits", "box"),
    (N_("New kit"), "/kits/edit", "plus"),
    (N_("Shortages"), "/shortages", "alert-triangle"),
    (N_("Plan for shortages"), "/shortages/plan", "route"),
    (N_("Payments to look at"), "/payments", "alert-circle"),
    (N_("Disputes"), "/disputes", "alert-triangle"),
    (N_("Invoices"), "/invoices", "receipt"),
    (N_("Gift cards, store credit"), "/credits", "cash"),
    (N_("New gift card or store credit"), "/credits/new", "plus"),
    (N_("Ledger by day"), "/ledger", "table"),
    (N_("Compare with a provider's report"), "/settlement", "checklist"),
    (N_("Purchase orders"), "/purchase-orders", "package-import"),
    (N_("New purchase order"), "/purchase-orders/new", "plus"),
    (N_("What to order"), "/replenishment", "shopping-cart"),
    (N_("Stock feeds"), "/stock-feeds", "file-import"),
    (N_("Products"), "/products", "tag"),
    (N_("Import products"), "/products/import", "file-import"),
    (N_("New product"), "/products/edit", "plus"),
    (N_("Locations"), "/locations", "building-warehouse"),
    (N_("Channels"), "/channels", "building-store"),
    (N_("Attributes"), "/attributes", "list-details"),
    (N_("Policies"), "/policies", "adjustments"),
    (N_("Tax rates"), "/tax-rates", "receipt"),
    (N_("Sourcing"), "/sourcing", "map-pin"),
    (N_("Events"), "/events", "bolt"),
    (N_("API keys"), "/keys", "key"),
    (N_("Open returns"), "/queues/coming_back", "truck-return"),
)
_EACH = 6
_DOCUMENT = re.compile(rf"({'|'.join(TASKS)})[0-9]{{1,12}}")
"""The number of a purchase order, transfer, count, work order or draft; whether there is one its page says."""


@dataclass(frozen=True, slots=True)
class Match:
    """A line of the palette."""

    word: str
    detail: str
    address: str
    icon: str


async def show(context: Context) -> Response:
    """The best matches; without a text all pages."""
    typed = context.query("q")[:200]
    places = [Match(context._(word), "", address, icon) for word, address, icon in PLACES]
    if not typed:
        return context.render("part_palette.html", matches=places)
    lowered = typed.casefold()
    matches = [match for match in places if lowered in match.word.casefold()]
    if _DOCUMENT.fullmatch(typed.upper()):
        matches.insert(0, Match(typed.upper(), "", rendering.task_address(typed.upper()), "clipboard-list"))
    async with context.database.read(context.merchant.id) as tx:
        orders = (
            (await read_orders(tx, OrdersQuery(q=typed, limit=_EACH))).items
            if context.caller.may("orders:read")
            else []
        )
        products = (await read_products(tx, ProductsQuery(q=typed, limit=_EACH))).items
    matches += [
        Match(
            f"{context._('Order')} {order.number}",
            f"{order.customer or ''} · {rendering.write_progress(order.progress, context.locale)}",
            f"/orders/{order.number}",
            "shopping-cart",
        )
        for order in orders
    ]
    matches += [Match(item.sku, item.name, f"/stock/of/{quote(item.sku)}", "packages") for item in products]
    return context.render("part_palette.html", matches=matches)
