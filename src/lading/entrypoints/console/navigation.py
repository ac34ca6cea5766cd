"""The pages that belong together: one tab each, above the page."""

from dataclasses import dataclass
from typing import Final

from lading.entrypoints.console.words import N_


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the section."""

    href: str
    word: str
    icon: str
    scope: str
    """Who lacks it does not see the tab."""


STOCK: Final = (
    Place("/stock", N_("On hand"), "packages", "stock:read"),
    Place("/lots", N_("Lots"), "tags", "stock:read"),
    Place("/serials", N_("Serial numbers"), "barcode", "stock:read"),
    Place("/reservations", N_("Reservations"), "lock", "reservations:read"),
    Place("/counts", N_("Counts"), "checklist", "counts:read"),
    Place("/transfers", N_("Transfers"), "truck", "stock:read"),
    Place("/work-orders", N_("Work orders"), "bolt", "stock:read"),
    Place("/kits", N_("Kits"), "box", "products:read"),
    Place("/shortages", N_("Shortages"), "alert-triangle", "stock:read"),
    Place("/stock-feeds", N_("Feeds"), "file-import", "stock:read"),
)
"""All that is grouped under Stock."""


MONEY: Final = (
    Place("/payments", N_("To look at"), "alert-circle", "orders:read"),
    Place("/disputes", N_("Disputes"), "alert-triangle", "orders:read"),
    Place("/invoices", N_("Invoices"), "receipt", "invoices:read"),
    Place("/credits", N_("Gift cards, store credit"), "cash", "orders:read"),
    Place("/ledger", N_("Ledger"), "table", "orders:read"),
    Place("/exchange-rates", N_("Exchange rates"), "refresh", "prices:read"),
    Place("/settlement", N_("Provider's report"), "checklist", "orders:read"),
)
"""All that is grouped under Money."""


SALES: Final = (
    Place("/orders", N_("Orders"), "shopping-cart", "orders:read"),
    Place("/drafts", N_("Drafts"), "clipboard-list", "drafts:read"),
    Place("/companies", N_("Companies"), "users", "companies:read"),
    Place("/price-lists", N_("Price lists"), "list-details", "prices:read"),
    Place("/subscriptions", N_("Subscriptions"), "refresh", "subscriptions:read"),
    Place("/approvals", N_("Approvals"), "hand-stop", "orders:read"),
    Place("/edits", N_("Prepared edits"), "clock", "orders:read"),
    Place("/receivables", N_("To be paid"), "cash", "orders:read"),
)
"""What stands around orders. The page of one order needs its room, and has no tabs."""


RULES: Final = (
    Place("/policies", N_("Policies"), "adjustments", "policies:read"),
    Place("/sourcing", N_("Sourcing"), "map-pin", "orders:read"),
    Place("/cartons", N_("Cartons"), "box", "catalog:read"),
    Place("/parcel-rates", N_("Shipping rates"), "truck-delivery", "catalog:read"),
)
"""What a merchant may choose."""


WORK: Final = (
    Place("/work", N_("Work"), "list-details", "fulfillment:read"),
    Place("/waves", N_("Waves"), "route", "fulfillment:read"),
    Place("/pack", N_("Pack"), "package", "fulfillment:write"),
    Place("/print-jobs", N_("Print queue"), "printer", "documents:read"),
    Place("/capacity", N_("Capacity"), "calendar", "catalog:read"),
)
"""What locations have to do. The page of one task needs its room, and has no tabs."""


def is_under(path: str, href: str) -> bool:
    """Whether a page is that one, or one below it."""
    return path == href or path.startswith(href + "/")


def section(path: str) -> tuple[Place, ...]:
    """The tabs of the section that a page belongs to; none for most pages."""
    for places in (STOCK, MONEY):
        if any(is_under(path, place.href) for place in places):
            return places
    for alone in (RULES, WORK):
        if path in {place.href for place in alone}:
            return alone
    return SALES if path == "/orders" or any(is_under(path, place.href) for place in SALES[1:]) else ()
