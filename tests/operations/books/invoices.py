"""Invoices."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import CHARGES, Shop, money, order


async def bill(shop: Shop) -> None:
    """An order with taxes beside and inside prices that was billed twice, with a credit note in between."""
    await shop.do("legal-entities.save", {"name": "Quay Goods Ltd", "country": "GB", "tax_number": "GB1"})
    await shop.do("products.save", {"sku": "T", "name": "Product T"})
    await shop.do("stock.receive", {"sku": "T", "location": "HAM", "quantity": 9, "reason": "opening"})
    vat = {"kind": "tax", "code": "VAT", "rate": "19", "amount": money("2.39"), "line": 1, "included": True}
    duty = {"kind": "tax", "code": "DUTY", "amount": money("0.50"), "rate": "8.875", "applies_to": "shipping"}
    (sold,) = await shop.do("orders.place", order(("T", 3), charges=[*CHARGES, vat, duty], external_reference="W-10"))
    await shop.do("policies.set", {"name": "invoice_at", "value": "shipment"})
    await shop.do("invoices.issue", {"order": sold["number"], "bill": "all"})
    await shop.do("lines.cancel", {"order": sold["number"], "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    await shop.do("invoices.issue", {"order": sold["number"]})
    await shop.do("policies.set", {"name": "invoice_at", "value": None})


SPOILS = [
    Spoil("invoices", "Document 1 of order", "UPDATE invoice SET issued_on = issued_on - 1 WHERE kind = 'invoice'"),
    Spoil("invoices", "Document 2 of order", "UPDATE invoice SET credits = 2 WHERE kind = 'credit_note'"),
    Spoil("invoice_lines", "Line 1 of document 1 of order", "UPDATE invoice_line SET name = 'x' WHERE invoice = 1"),
    Spoil("invoice_charges", "Charge 3 on line 1 of document 1", "UPDATE invoice_charge SET rate = 7 WHERE rate = 19"),
    Spoil(
        "invoice_totals",
        "Document 1 of order",
        "UPDATE invoice_line SET goods_minor = goods_minor + 1 WHERE invoice = 1",
    ),
    Spoil("invoice_totals", "Document 2 of order", "UPDATE invoice SET tax_minor = 0 WHERE kind = 'credit_note'"),
    Spoil(
        "invoice_numbers",
        "The series INV of MAIN: last_serial",
        "UPDATE invoice_series SET last_serial = 99 WHERE series = 'INV'",
    ),
    Spoil("invoice_numbers", "The series CN of MAIN is missing", "DELETE FROM invoice_series WHERE series = 'CN'"),
    Spoil(
        "invoiced_value",
        "What was billed of line 1 of order",
        "UPDATE invoice_charge SET amount_minor = amount_minor - 1 WHERE kind = 'shipping' AND invoice = 1",
    ),
    Spoil(
        "invoiced_value",
        "What was billed of line 1 of order",
        "UPDATE invoice_line SET reason = 'returned' WHERE invoice = 2",
    ),
    Spoil("legal_entities", "Version 1 of the legal entity MAIN", "UPDATE legal_entity SET tax_number = ''"),
]
