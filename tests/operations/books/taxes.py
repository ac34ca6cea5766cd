"""Taxes, calculated here or by a service."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, money, order


async def tax(shop: Shop) -> None:
    """A channel of which taxes are calculated here; its order is paid in another currency than the shop's, edited, and cut."""
    await shop.stock_up(0, ("TAXED",))
    await shop.do("stock.receive", {"sku": "TAXED", "location": "HAM", "quantity": 9, "reason": "opening"})
    await shop.do("channels.save", {"code": "taxed", "name": "Taxed"})
    await shop.do("policies.set", {"name": "taxes", "value": "calculate", "channel": "taxed"})
    worth = {"currency": "JPY", "shop_currency": "EUR", "day": "2026-01-01", "rate": "0.0061"}
    await shop.do("exchange-rates.save", worth, {**worth, "rate": "0.0062"})
    rate = {"country": "DE", "code": "VAT", "rate": "19", "included": True, "valid_from": "2026-01-01"}
    await shop.do(
        "tax-rates.save", rate, {**rate, "category": "books", "rate": "7"}, {**rate, "category": "tip", "rate": None}
    )
    charges = [
        {"kind": "discount", "code": "SPRING", "percent": "10", "source": "code"},
        {"kind": "gift_wrap", "code": "ribbon", "amount": money("2.00")},
    ]
    dollars = {"currency": "USD", "rate": "1.0843"}
    placed = order(("TAXED", 4), channel="taxed", charges=charges, exchange=dollars, placed_at="2026-11-01T12:00:00Z")
    (done, _) = await shop.do("orders.place", placed, {**placed, "tax_exemption": "DE811907980"})
    change = {"order": done["number"], "reason": "late"}
    await shop.do("orders.edit", {**change, "prices": [{"line": 1, "unit_price": money("12.00")}]})
    await shop.do("orders.edit", {**change, "quantities": [{"line": 1, "quantity": 3}]})
    await tax_by_service(shop)


async def tax_by_service(shop: Shop) -> None:
    """The service is away when the order is placed; its invoice is recorded, its credit note refused and sent again."""
    service = {"channel": "taxed", "name": "taxes", "value": "service"}
    await shop.do("policies.set", service, {"channel": "taxed", "name": "tax_service", "value": "ava"})
    shop.tax_service_is_away = True
    (placed,) = await shop.do("orders.place", order(("TAXED", 2), channel="taxed", external_reference="W-T"))
    shop.tax_service_is_away = False
    number = placed["number"]
    await shop.do("orders.tax", {"order": number})
    await shop.do("invoices.issue", {"order": number, "bill": "all"})
    await shop.do("lines.cancel", {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    await shop.do("invoices.issue", {"order": number, "bill": "all"})
    told = {"order_id": placed["order_id"], "document": 1, "reference": "85000001"}
    await shop.do("tax-records.answer", told, {"order_id": placed["order_id"], "document": 2, "code": "Busy"})
    await shop.do("tax-records.repeat", {"order": number, "document": 2})


SPOILS = [
    Spoil(
        "tax_requests",
        "The tax request record 1 of order ",
        "UPDATE tax_request SET reference = '1' WHERE status = 'succeeded'",
    ),
    Spoil("tax_requests", "The tax request calculate 0 of order ", "DELETE FROM tax_request WHERE task = 'calculate'"),
    Spoil("exchange_rates", "What JPY is worth in EUR from 2026-01-01", "UPDATE exchange_rate SET rate = 1"),
    Spoil(
        "tax_rates",
        "The tax rate VAT of DE from 2026-01-01: rate is",
        "UPDATE tax_rate SET rate = 16 WHERE country = 'DE'",
    ),
]
