"""What a plan is made of: lines of the file, what the database knows already, and the documents to be made, in order.

Money: `unit_price` is the Decimal of the file; `*_minor` are whole pence, rounded once per line, half away from zero;
`*_micros` are millionths of a pound, exact (a price has at most six decimals). Times are aware and in UTC, except
`Line.local_time`.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

CURRENCY = "GBP"
MICROS = 1_000_000
"""Millionths in one pound."""


class Line(Struct, frozen=True, gc=False):
    """One line of the file as it is written; only white space at the ends of its fields is gone."""

    number: int
    """The line of the file on which it ends, the header being line 1."""
    invoice: str
    code: str
    description: str
    quantity: int
    """Units sold; negative on credit notes and write-offs."""
    local_time: datetime
    """Without zone: what the clock on the shop's wall said."""
    unit_price: Decimal
    price_micros: int
    customer: str | None
    country: str

    @property
    def micros(self) -> int:
        """quantity x price, exactly."""
        return self.quantity * self.price_micros


class ChargeKind(StrEnum):
    """What a line that is not merchandise becomes on an order."""

    SHIPPING = "shipping"  # postage and carriage
    FEE = "fee"  # a service or voucher that was sold, or a cost that was passed on
    DISCOUNT = "discount"  # a price taken off
    ADJUSTMENT = "adjustment"  # typed in by hand, without a stated kind


class AdjustmentReason(StrEnum):
    """Why stock changed without a sale, read from the free text of the write-off line."""

    DAMAGED = "damaged"  # broken, wet, mouldy, thrown away
    LOST = "lost"  # missing, not received
    FOUND = "found"  # turned up again
    GIVEN_AWAY = "given_away"  # samples, showroom, display, gifts
    SOLD_ELSEWHERE = "sold_elsewhere"  # sold by another channel or as part of a set
    MISCODED = "miscoded"  # booked under another code
    CORRECTION = "correction"  # a count, a check, the reversal of an earlier entry
    UNKNOWN = "unknown"  # no text, or one that says none of these


class KeptReason(StrEnum):
    """Why a line became no order, return or adjustment and stands in the queue instead."""

    NO_CUSTOMER = "no_customer"  # a credit note that names no customer
    NO_EARLIER_ORDER = "no_earlier_order"  # the customer has no order at or before the credit note
    SKU_NOT_BOUGHT = "sku_not_bought"  # earlier orders of the customer, none with this SKU
    NOTHING_LEFT = "nothing_left"  # more units than the earlier orders have left to return
    CHARGE_NOT_FOUND = "charge_not_found"  # no earlier order has such a charge with that amount left
    DISCOUNT_AFTER_SALE = "discount_after_sale"  # an allowance that no charge of an order carries
    MERCHANT_COST = "merchant_cost"  # the merchant's own cost (marketplace, bank, samples): no order's
    BAD_DEBT = "bad_debt"  # an accountant's entry, no order
    FREE_CHARGE = "free_charge"  # a charge of nothing without an order: nothing to post
    NEGATIVE_PRICE = "negative_price"  # merchandise at a negative price
    NEGATIVE_QUANTITY = "negative_quantity"  # priced units below zero outside a credit note
    ZERO_QUANTITY = "zero_quantity"  # no units
    POSITIVE_ON_CREDIT = "positive_on_credit"  # a credit note that sells
    ORDER_DIFFERS = "order_differs"  # an order with this number is loaded already, with other lines


# --- what the database knows before the plan is made --------------------------------------------------------


class KnownLine(Struct, frozen=True, gc=False):
    """A goods line of an order that is loaded already; `quantity - returned` units can still come back."""

    number: int
    sku: str
    quantity: int
    unit_price: Decimal
    amount_minor: int
    returned: int = 0


class KnownCharge(Struct, frozen=True, gc=False):
    """A charge of an order that is loaded already; `amount_minor - refunded_minor` can still be refunded."""

    number: int
    code: str
    amount_minor: int
    refunded_minor: int = 0


class KnownOrder(Struct, frozen=True):
    """An order of this channel that is loaded already."""

    external_reference: str
    customer: str | None
    placed_at: datetime
    lines: tuple[KnownLine, ...]
    charges: tuple[KnownCharge, ...] = ()


class KnownReturn(Struct, frozen=True, gc=False):
    """Units of an order's line that an earlier run has taken back for a credit note."""

    order: str
    line: int
    quantity: int
    refund_minor: int


class KnownRefund(Struct, frozen=True, gc=False):
    """Part of an order's charge that an earlier run has refunded for a credit note."""

    order: str
    charge: int
    amount_minor: int


class KnownCredit(Struct, frozen=True):
    """What an earlier run made of a credit note: all of its returns (they are written in one transaction)."""

    returns: tuple[KnownReturn, ...] = ()
    refunds: tuple[KnownRefund, ...] = ()


class Known(Struct, frozen=True):
    """What is in the database before the plan is made; empty for a first import.

    A rerun after a kill passes what the killed run has written: the plan then holds the rest only.
    """

    balances: Mapping[str, int] = {}
    """Available units by SKU code at the import's location; absent is 0."""
    openings: Mapping[str, int] = {}
    """How many opening or shortfall postings a SKU has already; absent is 0. It makes the next one's key."""
    products: AbstractSet[str] = frozenset()
    """SKU codes in the catalog as spelled there; one that differs only in case is the same product."""
    orders: Mapping[str, KnownOrder] = {}
    """By invoice number: those of the file's own and all of the customers who have a credit note (see `wanted`)."""
    credits: Mapping[str, KnownCredit] = {}
    """By invoice number: those of the file's credit notes that have returns or refunds already."""
    done: AbstractSet[str] = frozenset()
    """Keys of the adjustments and kept items that are written already."""


class Wanted(Struct, frozen=True):
    """What a file needs to know of the database: the keys with which `Known` is loaded."""

    invoices: frozenset[str]
    credit_notes: frozenset[str]
    customers: frozenset[str]
    """Customers who have a credit note: all of their orders may match."""
    skus: frozenset[str]
    """Codes of merchandise, folded to upper case."""


# --- what is to be made -------------------------------------------------------------------------------------


class Product(Struct, frozen=True):
    """A SKU of the file; codes that differ only in case are one."""

    key: str
    sku: str
    name: str
    """The most frequent description among its sales; the code itself where there is none."""
    spellings: tuple[tuple[str, int], ...]
    """Each spelling of the code in the file with its number of lines, the most frequent first."""


class Opening(Struct, frozen=True, gc=False):
    """Stock from the supplier that must have been there, else the file's sales could not have happened."""

    key: str
    sku: str
    quantity: int
    occurred_at: datetime
    shortfall: bool
    """True where the SKU had stock or an opening before this file: only the missing rest is posted."""
    source_line: int


class OrderLine(Struct, frozen=True, gc=False):
    """One goods line of an invoice; the same SKU on two lines stays two lines."""

    number: int
    sku: str
    description: str
    quantity: int
    unit_price: Decimal
    amount_minor: int
    source_line: int


class Charge(Struct, frozen=True, gc=False):
    """One line of an invoice that is no merchandise; the amount may be negative (a discount) or zero."""

    number: int
    code: str
    kind: ChargeKind
    description: str
    quantity: int
    unit_price: Decimal
    amount_minor: int
    source_line: int


class Order(Struct, frozen=True):
    """One invoice: delivered and paid elsewhere, at its own time; without lines where it holds charges only."""

    key: str
    external_reference: str
    placed_at: datetime
    customer: str | None
    country: str
    country_code: str | None
    """ISO 3166-1 alpha-2; None where the file names no single country."""
    currency: str
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...]
    total_minor: int


class Adjustment(Struct, frozen=True, gc=False):
    """A change of stock without a sale."""

    key: str
    sku: str
    occurred_at: datetime
    gain: bool
    """True where stock grows."""
    quantity: int
    """Units, above zero either way."""
    reason: AdjustmentReason
    text: str
    source_line: int


class ReturnedLine(Struct, frozen=True, gc=False):
    """Units of one order line that come back, refunded at the order's price."""

    line: int
    sku: str
    quantity: int
    unit_price: Decimal
    """Of the order line; the credit note's own may differ (a named row of the reconciliation)."""
    refund_minor: int
    source_line: int


class RefundedCharge(Struct, frozen=True, gc=False):
    """Part of one charge of an order that is refunded."""

    charge: int
    code: str
    amount_minor: int
    source_line: int


class OrderReturn(Struct, frozen=True):
    """The part of a credit note that concerns one order; without lines it is a refund of charges only."""

    key: str
    order: str
    lines: tuple[ReturnedLine, ...]
    charges: tuple[RefundedCharge, ...]


class CreditNote(Struct, frozen=True):
    """A cancellation invoice as far as it matches; its returns must be written in one transaction."""

    key: str
    invoice: str
    customer: str
    occurred_at: datetime
    returns: tuple[OrderReturn, ...]


class Kept(Struct, frozen=True, gc=False):
    """A line, or what is left of one, that stands in the queue with its reason."""

    key: str
    invoice: str
    code: str
    text: str
    quantity: int
    """Signed as in the file; only the part that was not taken."""
    unit_price: Decimal
    customer: str | None
    occurred_at: datetime
    reason: KeptReason
    source_line: int


class Batch(Struct):
    """Documents that may be written together, in the order of these fields; no stock is negative after any of them.

    So it is where the credit notes of a batch are written only after the orders of the next one. What is kept comes after all batches: of a
    note that is taken back in part, the rest says in a later run that the note was looked at.
    """

    openings: list[Opening]
    gains: list[Adjustment]
    orders: list[Order]
    losses: list[Adjustment]
    credit_notes: list[CreditNote]
    kept: list[Kept]


class Notes(Struct, frozen=True):
    """Oddities of the file that were decided silently otherwise."""

    times_in_gap: int
    """Lines at a local time that the clocks skipped in spring; read with the offset before the change."""
    times_twice: int
    """Lines at a local time that happened twice in autumn; read as the first."""
    invoices_with_several_times: int
    """An order stands at its first, a credit note at its last."""
    invoices_with_several_customers: int
    """The first that is named counts."""
    invoices_with_several_countries: int
    """The first counts."""
    orders_of_charges_only: int
    unknown_countries: tuple[str, ...]
    """Names without an ISO code, sorted."""


class Plan(Struct, frozen=True):
    """Everything that the lines of one file become."""

    products: list[Product]
    """All SKUs of the file, also those in the catalog already, by first appearance."""
    new_products: list[Product]
    """Those of them that the catalog does not have."""
    batches: list[Batch]
    """What is to be written, in the order of time."""
    before: Batch
    """What is written already (its `openings` are empty); for the reconciliation only."""
    notes: Notes

    @property
    def folded(self) -> list[Product]:
        """Products whose code is spelled in more than one way."""
        return [product for product in self.products if len(product.spellings) > 1]


def empty_batch() -> Batch:
    """A batch to fill."""
    return Batch([], [], [], [], [], [])
