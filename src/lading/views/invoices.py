"""Invoices and credit notes as they were issued."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.invoices.types import name_of, parse_name
from lading.terms.fields import LATEST
from lading.terms.money import Money
from lading.views.order import Address, find_order
from lading.views.order_money import percent, price_text
from lading.views.pages import NotFound, PageQuery, key_of, page_of

sql = queries.load(__file__)

FIRST_DAY, LAST_DAY = date(1, 1, 1), date(9999, 12, 31)


class InvoiceHead(Struct, frozen=True):
    """One document without its lines."""

    invoice: str
    """Its number: INV-000017."""
    kind: str
    """invoice or credit_note"""
    order: str
    issued_on: date
    """In the merchant's time zone."""
    total: Money
    """What is to be paid by it, taxes included; below zero for a credit note."""
    tax: Money
    """Taxes in it, those that prices contain too."""
    parcel: str | None
    """The parcel that it is for."""
    credits: str | None
    """The invoice that a credit note takes something off."""


class InvoiceLine(Struct, frozen=True):
    """Units of an order line that are billed, or taken off an invoice."""

    number: int
    line: int
    """In the order."""
    sku: str
    """As it was called then."""
    name: str
    quantity: int
    """0 where they only cost something else by now."""
    unit_price: str
    goods: Money
    discount: Money
    tax: Money
    other: Money
    """Shipping, fees and adjustments."""
    total: Money
    reason: str | None
    """Of a credit note: returned, cancelled or changed."""


class TaxSum(Struct, frozen=True):
    """One tax over all lines."""

    code: str
    rate: str | None
    """In percent, as it was told."""
    included: bool
    """Prices contain it."""
    net: Money
    """What it is charged on, without it."""
    tax: Money


class Seller(Struct, frozen=True):
    """Who sold, as it was then."""

    code: str
    name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    country: str
    tax_number: str
    footer: str


class InvoiceView(Struct, frozen=True):
    """One document, whole."""

    head: InvoiceHead
    issued_at: datetime
    seller: Seller | None
    """None where nothing was said about who sells."""
    customer: str | None
    ship_to: Address | None
    lines: list[InvoiceLine]
    net: Money
    """The total without its taxes."""
    taxes: list[TaxSum]


class InvoicesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which documents, the newest first."""

    order: Annotated[str, Meta(max_length=64, description="Those of one order")] | None = None
    kind: Literal["invoice", "credit_note"] | None = None
    since: Annotated[date, Meta(description="Issued on this day or later")] = FIRST_DAY
    until: Annotated[date, Meta(description="Issued on this day or before")] = LAST_DAY

    def __post_init__(self) -> None:
        key_of(self.after, tuple[datetime, UUID, int], FIRST)


FIRST = (LATEST, UUID(int=2**128 - 1), 2**15 - 1)


class InvoicesPage(Struct, frozen=True):
    """A page of documents."""

    items: list[InvoiceHead]
    next: str | None


class InvoiceQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One document."""

    invoice: Annotated[str, Meta(max_length=64, description="INV-000017")]


async def invoices(tx: Transaction, query: InvoicesQuery) -> InvoicesPage:
    """A page of documents, the newest first. Raises NotFound for an order that does not exist."""
    key = key_of(query.after, tuple[datetime, UUID, int], FIRST)
    if query.order is None:
        rows = await tx.fetch(sql.invoices, *key, query.kind, query.since, query.until, query.limit + 1)
    else:
        order_id = await find_order(tx, query.order)
        rows = await tx.fetch(
            sql.invoices_of_order, order_id, *key, query.kind, query.since, query.until, query.limit + 1
        )
    shown, following = page_of(rows, query.limit, "issued_at", "order_id", "number")
    items = [_head(row) for row in shown]
    return InvoicesPage(items, following)


async def invoice(tx: Transaction, query: InvoiceQuery) -> InvoiceView:
    """One document by its number. Raises NotFound."""
    key = parse_name(query.invoice)
    row = await tx.fetchrow(sql.invoice_by_number, *key) if key else None
    if row is None:
        raise NotFound(f"There is no invoice {query.invoice}.")
    currency = row["currency"]
    charges = await tx.fetch(sql.charges_of_invoice, row["order_id"], row["number"])
    lines = await tx.fetch(sql.lines_of_invoice, row["order_id"], row["number"])
    seller = await tx.fetchrow(sql.seller_of_invoice, row["legal_entity"], row["entity_version"])
    people = await tx.fetchrow(sql.people_of_invoice, row["party_version_id"], row["ship_to_id"])
    assert people is not None
    return InvoiceView(
        _head(row),
        row["issued_at"],
        Seller(*seller) if seller else None,
        people["customer"],
        Address(*(people[name] for name in Address.__struct_fields__)) if people["country"] else None,
        [_line(line, [each for each in charges if each["line"] == line["number"]], currency) for line in lines],
        Money.of_minor(row["total_minor"] - row["tax_minor"], currency),
        _taxes(lines, charges, currency),
    )


def _head(row: asyncpg.Record) -> InvoiceHead:
    return InvoiceHead(
        name_of(row["legal_entity"], row["series"], row["serial"]),
        row["kind"],
        str(row["order_number"]),
        row["issued_on"],
        Money.of_minor(row["total_minor"], row["currency"]),
        Money.of_minor(row["tax_minor"], row["currency"]),
        f"{row['order_number']}-P{row['parcel']}" if row["parcel"] else None,
        name_of(row["credited_entity"], row["credited_series"], row["credited_serial"]) if row["credits"] else None,
    )


def _line(row: asyncpg.Record, charges: Sequence[asyncpg.Record], currency: str) -> InvoiceLine:
    beside = {
        kind: sum(each["amount_minor"] for each in charges if each["kind"] == kind and not each["included"])
        for kind in ("discount", "tax", "shipping", "fee", "adjustment")
    }
    rest = beside["shipping"] + beside["fee"] + beside["adjustment"]
    taxes = sum(each["amount_minor"] for each in charges if each["kind"] == "tax")
    amounts = (row["goods_minor"], beside["discount"], taxes, rest, row["goods_minor"] + sum(beside.values()))
    goods, discount, tax, other, total = (Money.of_minor(minor, currency) for minor in amounts)
    return InvoiceLine(
        row["number"], row["line_number"], row["sku"], row["name"], row["quantity"], price_text(row["unit_price"], currency), goods,
        discount, tax, other, total, row["reason"],
    )  # fmt: skip


def _taxes(lines: Iterable[asyncpg.Record], charges: Sequence[asyncpg.Record], currency: str) -> list[TaxSum]:
    """By code and rate: what each tax is charged on, and what it comes to."""
    sums: dict[tuple[str, str | None, bool], list[int]] = {}
    for line in lines:
        own = [each for each in charges if each["line"] == line["number"]]
        for tax in own:
            if tax["kind"] == "tax":
                found = sums.setdefault((tax["code"], percent(tax["rate"]), tax["included"]), [0, 0])
                found[0] += _base_minor(line["goods_minor"], own, tax["applies_to"] or "goods")
                found[1] += tax["amount_minor"]
    return [
        TaxSum(*key, Money.of_minor(net, currency), Money.of_minor(tax, currency)) for key, (net, tax) in sums.items()
    ]


_BASES = {"goods": ("discount", "adjustment"), "shipping": ("shipping",), "fee": ("fee",)}
"""The kinds of charge that belong to what a tax is charged on."""


def _base_minor(goods_minor: int, charges: Iterable[asyncpg.Record], applies_to: str) -> int:
    """What the line's taxes on its goods (shipping, fees) are charged on; a tax that is contained there is no part of it."""
    base = goods_minor if applies_to == "goods" else 0
    for each in charges:
        if each["kind"] in _BASES[applies_to]:
            base += each["amount_minor"]
        elif each["included"] and (each["applies_to"] or "goods") == applies_to:
            base -= each["amount_minor"]
    return base
