"""The seeded merchant's customers that are companies: their terms, their prices, a quote, a draft, and what comes every month."""

from datetime import date, datetime, timedelta
from typing import Any

from lading.entrypoints.seed.stories import Step, Story
from lading.entrypoints.seed.wares import CURRENCY, eur
from lading.entrypoints.seed.wishes import DAYS, before_end, hours

Fields = dict[str, Any]


BUYERS: dict[str, Fields] = {
    "NORDHOTELS": {"name": "Silke Petersen", "email": "silke@nordhotels.example"},
    "ELBKAFFEE": {"name": "Tarek Yilmaz", "email": "tarek@elbkaffee.example"},
}

COMPANIES: list[Fields] = [
    {
        "code": code, "name": name, "group": group, "terms_days": days,
        "credit_limits": [eur(limit)],
        "contacts": [{"person": BUYERS[code], "role": "buyer"}],
        "addresses": [{"address": {"name": name, "line1": street, "postal_code": postal_code, "city": "Hamburg", "country": "DE"}}],
    }
    for code, name, group, days, limit, street, postal_code in (
        ("NORDHOTELS", "Nord Hotels GmbH", "hotels", 14, "5000.00", "Speicherkai 11", "20457"),
        ("ELBKAFFEE", "Elbkaffee KG", "cafes", 30, "1500.00", "Ottenser Gang 3", "22765"),
    )
]  # fmt: skip

PRICE_LISTS: list[Fields] = [
    {"code": "HOTELS", "name": "Hotels", "currency": "EUR", "company_group": "hotels"},
    {"code": "WHOLESALE", "name": "Wholesale", "currency": "EUR", "company_group": "cafes"},
]

PRICES: list[Fields] = [
    {
        "price_list": price_list,
        "items": [
            {"sku": sku, "prices": [{"from_quantity": 1, "unit_price": eur(one)}, {"from_quantity": 24, "unit_price": eur(many)}]}
            for sku, one, many in items
        ],
    }
    for price_list, items in (
        ("HOTELS", (("TOWEL-LINEN", "15.10", "13.90"), ("BLANKET-WOOL", "74.00", "69.00"), ("MUG-SAND", "11.60", "10.40"))),
        ("WHOLESALE", (("MUG-SAND", "11.90", "10.90"), ("BOWL-S", "10.40", "9.60"))),
    )
]  # fmt: skip

RATES = (("GBP", "1.1512", "1.1478"), ("JPY", "0.0061", "0.0060"), ("USD", "0.9213", "0.9188"))
"""What one of each is worth in euros, at the start and some days before the end."""

APPROVAL: Fields = {"name": "approve_over", "value": "2000", "channel": "web"}


def exchange_rates(start: date) -> list[Fields]:
    """Two days of them."""
    return [
        {"currency": currency, "shop_currency": CURRENCY, "day": day.isoformat(), "rate": rate}
        for currency, *rates in RATES
        for day, rate in zip((start, start + timedelta(days=DAYS - 4)), rates, strict=True)
    ]


def stories(start: datetime) -> list[Story]:
    """All of them, each to begin at the start."""
    end = start + timedelta(days=DAYS)
    return [_paid_late(), _quoted(end), _drafted(), _approved(), _every_month(end)]


ORDERS = 2
"""How many orders these stories place."""


def _wanted(company: str, purchase_order: str, **units: int) -> Fields:
    """What a company asks for, at the prices of its list; names of products with _ instead of -."""
    lines = [{"sku": sku.replace("_", "-"), "quantity": quantity} for sku, quantity in units.items()]
    return {
        "channel": "web", "currency": "EUR", "company": company, "customer": BUYERS[company], "purchase_order": purchase_order,
        "lines": lines,
    }  # fmt: skip


def _step(wait: timedelta, verb: str, fields: Fields, who: str = "service", *, dated: bool = False) -> Step:
    return Step(wait, verb, fields, who, dated)


def _paid_late() -> Story:
    """Delivered, invoiced, and not paid within the terms."""
    wanted = _wanted("NORDHOTELS", "NH-4471", TOWEL_LINEN=8, MUG_SAND=6)
    placed = yield _step(timedelta(days=3), "orders.place", wanted | {"external_reference": "B-1"}, "channel")
    order = {"order": str(placed["number"])}
    released = yield _step(hours(5), "orders.release", order)
    for document in released["fulfillment_orders"]:
        yield _step(hours(6), "fulfillment-orders.pick", {"fulfillment_order": document}, "warehouse")
        packed = yield _step(hours(6), "parcels.pack", {"fulfillment_order": document}, "warehouse")
        sent = {"parcel": packed["parcel"], "carrier": "DHL", "tracking_number": "340434161094042557"}
        yield _step(hours(6), "parcels.ship", sent, "warehouse", dated=True)
        came = {"parcel": packed["parcel"], "status": "delivered"}
        yield _step(hours(30), "parcels.track", came, "carrier", dated=True)
    yield _step(hours(6), "invoices.issue", order | {"bill": "all"})


def _quoted(end: datetime) -> Story:
    """A quote that a customer thinks about."""
    drafted = yield _step(before_end(70), "drafts.create", _wanted("ELBKAFFEE", "EK-208", MUG_SAND=30, BOWL_S=12))
    until = (end + timedelta(days=11)).isoformat()
    yield _step(hours(6), "drafts.send", {"draft": drafted["draft"], "expires_at": until})


def _drafted() -> Story:
    """Somebody began to write it."""
    yield _step(before_end(5), "drafts.create", _wanted("NORDHOTELS", "NH-4502", TOWEL_LINEN=24))


def _approved() -> Story:
    """More than may go without a look: it waits for an approval, and so does what its customer would change."""
    wanted = _wanted("NORDHOTELS", "NH-4498", BLANKET_WOOL=36)
    placed = yield _step(before_end(19), "orders.place", wanted | {"external_reference": "B-2"}, "channel")
    fewer = {"order": str(placed["number"]), "reason": "customer_request", "quantities": [{"line": 1, "quantity": 32}]}
    yield _step(hours(9), "edits.begin", fewer)


def _every_month(end: datetime) -> Story:
    """Cups for the café, again and again."""
    drafted = yield _step(before_end(120), "drafts.create", _wanted("ELBKAFFEE", "EK-199", MUG_SAND=12))
    first = (end + timedelta(days=6)).isoformat()
    again = {"draft": drafted["draft"], "unit": "month", "every": 1, "first_at": first, "prices": "current"}
    yield _step(hours(4), "subscriptions.create", again)
