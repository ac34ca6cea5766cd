"""The money of an order as its page shows it: charges, tenders, what is due, and the same in the currency of the shop's books."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

import asyncpg
from msgspec import Struct

from lading.kernel import money
from lading.terms.money import Money


class Charge(Struct, frozen=True):
    """What is charged beside the goods: over all lines, or as one line bears it."""

    number: int
    kind: str
    code: str
    amount: Money
    rate: str | None = None
    """Of a tax, in percent; of a discount or surcharge that was given as a percentage."""
    included: bool = False
    """A tax that prices contain: it adds nothing."""
    applies_to: str | None = None
    """What a tax is charged on."""
    source: str | None = None
    """Of a discount: code, campaign, person; of a tax: calculated. None: as the channel charged it."""


class Tender(Struct, frozen=True):
    """One way in which it is paid."""

    number: int
    kind: str
    reference: str | None
    authorised: Money
    captured: Money
    refunded: Money
    provider: str | None = None
    """The account that moves the money; None where somebody else does."""
    voided: Money | None = None
    """Authorised once and given up; None where nothing was."""
    awaited: dict[str, Money] = {}
    """What the provider was asked and has not answered: authorise, capture, void, refund."""
    expires_at: datetime | None = None
    """When what is authorised and not captured lapses."""
    expected: Money | None = None
    """Said to come and not come yet; None where nothing is."""


class MoneySummary(Struct, frozen=True):
    """How the money stands."""

    original: Money
    """What was charged at placement; never changes."""
    adjusted: Money
    """Changes beside it; a cancellation is negative."""
    total: Money
    """Original and adjusted."""
    captured: Money
    refunded: Money
    due: Money
    """Still to be paid; below zero: owed back."""
    shop: "ShopMoney | None" = None
    """The same in the currency of the shop's books, where the customer pays in another."""


class ShopMoney(Struct, frozen=True):
    """What an order comes to in the currency of the shop's books: for reports. What is owed, is owed in the order's own."""

    rate: str
    """What one unit of the order's currency was worth when it was placed; it stays."""
    original: Money
    adjusted: Money
    total: Money
    captured: Money
    refunded: Money
    due: Money


def due_minor(head: asyncpg.Record) -> int:
    """What is still to be paid."""
    due: int = head["charged_minor"] + head["adjusted_minor"] - head["captured_minor"] + head["refunded_minor"]
    return due


def money_of(head: asyncpg.Record) -> MoneySummary:
    """How its money stands, in its own currency and in that of the shop's books."""
    charged, adjusted, captured, refunded = (
        head[name] for name in ("charged_minor", "adjusted_minor", "captured_minor", "refunded_minor")
    )

    def cash(minor: int) -> Money:
        return Money.of_minor(minor, head["currency"])

    return MoneySummary(
        cash(charged), cash(adjusted), cash(charged + adjusted), cash(captured), cash(refunded), cash(due_minor(head)),
        _shop_money(head) if head["shop_currency"] else None,
    )  # fmt: skip


def _shop_money(head: asyncpg.Record) -> ShopMoney:
    """What was charged, costs, was taken and given back, each rounded once; the others are their differences."""
    charged, total, captured, refunded = (
        money.exchanged(minor, head["currency"], head["shop_currency"], head["shop_rate"])
        for minor in (
            head["charged_minor"], head["charged_minor"] + head["adjusted_minor"], head["captured_minor"], head["refunded_minor"],
        )
    )  # fmt: skip
    amounts = (charged, total - charged, total, captured, refunded, total - captured + refunded)
    return ShopMoney(rate_text(head["shop_rate"]), *(Money.of_minor(minor, head["shop_currency"]) for minor in amounts))


def rate_text(rate: Decimal) -> str:
    """A rate of exchange without zeros at its end."""
    return f"{rate.normalize():f}"


def tender_of(row: asyncpg.Record, currency: str) -> Tender:
    """One way in which it is paid."""

    def cash(minor: int) -> Money:
        return Money.of_minor(minor, currency)

    authorised, captured, refunded, voided = (
        cash(row[f"{name}_minor"]) for name in ("authorised", "captured", "refunded", "voided")
    )
    return Tender(
        row["number"], row["kind"], row["reference"], authorised, captured, refunded, row["provider"], voided if voided.minor else None,
        {kind: cash(row[name]) for kind, name in _AWAITED.items() if row[name]}, row["expires_at"],
        cash(row["expected_minor"]) if row["expected_minor"] else None,
    )  # fmt: skip


_AWAITED = {
    "authorise": "authorising_minor", "capture": "capturing_minor", "void": "voiding_minor", "refund": "refunding_minor",
}  # fmt: skip


def promised(tenders: Sequence[asyncpg.Record]) -> int:
    """What may still be captured."""
    return sum(
        row["authorised_minor"] - row["captured_minor"] - row["capturing_minor"] - row["voiding_minor"]
        for row in tenders
        if not (row["once"] and row["captured_minor"] + row["capturing_minor"] > 0)
    )


def charges_of(
    rows: Sequence[asyncpg.Record], replacing: Collection[int], currency: str, *, added: bool = False
) -> list[Charge]:
    """The shares of each charge put together again; lines that stand in for others bear what was charged on these."""
    summed: dict[tuple[int, str, str, str | None, bool, str | None, str | None], int] = {}
    for row in rows:
        if row["line_number"] in replacing or row["added"] != added:
            continue
        key = (row["number"], row["kind"], row["code"], *tax_of(row))
        summed[key] = summed.get(key, 0) + row["amount_minor"]
    return [
        Charge(number, kind, code, Money.of_minor(amount, currency), rate, included, applies_to, source)
        for (number, kind, code, rate, included, applies_to, source), amount in summed.items()
    ]


def tax_of(row: asyncpg.Record) -> tuple[str | None, bool, str | None, str | None]:
    """Rate, whether it is included, what it is charged on, and where it comes from."""
    return percent(row["rate"]), row["included"], row["applies_to"], row["source"]


def percent(rate: Decimal | None) -> str | None:
    """A rate without zeros at its end: 19, 8.875."""
    if rate is None:
        return None
    return f"{rate:f}".rstrip("0").rstrip(".") if "." in f"{rate:f}" else f"{rate:f}"


def price_text(price: Decimal, currency: str) -> str:
    """A unit price with at least the decimals of its currency, and no zeros after them."""
    least = money.exponent(currency) or 0
    text = f"{price:f}"
    whole, _, decimals = text.partition(".")
    kept = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{kept}" if kept else whole
