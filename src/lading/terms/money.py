"""Money as it travels."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

from lading.kernel import money

_AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,7}))?")
AMOUNT_LIMIT = Decimal(10) ** 12
"""What is asked for in one command stays below this (in units of its currency); sums of what was asked for fit their columns."""
_PRICE_DECIMALS_MAX = 6  # unit prices are stored as numeric(18, 6)

Amount = Annotated[
    str,
    Meta(
        description='A string of digits such as "12.34", never a number',
        extra_json_schema={"pattern": f"^{_AMOUNT.pattern}$"},
    ),
]
CurrencyCode = Annotated[
    str, Meta(description="Three capital letters (ISO 4217), such as EUR", extra_json_schema={"pattern": "^[A-Z]{3}$"})
]


ExchangeRateText = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,9}(\.[0-9]{1,10})?(?![\s\S])",
        description='What one unit of the one currency is worth in the other, such as "0.9213"',
    ),
]


def known_currency(code: str) -> None:
    """Raises ValueError, with the sentence that the caller reads, where there is no such currency."""
    if money.exponent(code) is None:
        raise ValueError(f"unknown currency {code!r}: give an ISO 4217 code such as EUR")


@lru_cache(maxsize=16_384)
def _read(amount: str, currency: str) -> tuple[int, int, int]:
    """(decimals written, exponent of the currency, minor units where there are no more decimals than that).

    Raises ValueError with the sentence that the caller reads.
    """
    exponent = money.exponent(currency)
    if exponent is None:
        raise ValueError(f"unknown currency {currency!r}: give an ISO 4217 code such as EUR")
    found = _AMOUNT.fullmatch(amount)
    if found is None:
        raise ValueError('an amount is a string of digits such as "12.34": 15 at most before the point, 7 after it')
    decimals = len(found[2] or "")
    return decimals, exponent, money.written_minor(amount, exponent) if decimals <= exponent else 0


class Money(Struct, frozen=True):
    """An amount charged: `{"amount": "12.34", "currency": "USD"}`, no more decimals than the currency has."""

    amount: Amount
    currency: CurrencyCode

    def __post_init__(self) -> None:
        written, exponent, _ = _read(self.amount, self.currency)
        if written > exponent:
            raise ValueError(f"{self.currency} has {exponent} decimals, {self.amount} has {written}")

    @property
    def minor(self) -> int:
        """Whole minor units."""
        return _read(self.amount, self.currency)[2]

    @classmethod
    def of_minor(cls, minor: int, currency: str) -> "Money":
        """The money of so many minor units."""
        return cls(money.from_minor(minor, money.exponent(currency) or 0), currency)


class UnitPrice(Struct, frozen=True):
    """A price per unit, not below zero: up to 4 decimals more than the currency has, 6 at most; rounded once per line."""

    amount: Amount
    currency: CurrencyCode

    def __post_init__(self) -> None:
        written, exponent, _ = _read(self.amount, self.currency)
        most = min(exponent + 4, _PRICE_DECIMALS_MAX)
        if written > most:
            raise ValueError(
                f"a unit price in {self.currency} has at most {most} decimals, {self.amount} has {written}"
            )
        if self.amount.startswith("-"):
            raise ValueError("a unit price is not below zero; a discount is a charge")

    def line_minor(self, quantity: int) -> int:
        """What a line of so many units costs, in minor units."""
        written, exponent, minor = _read(self.amount, self.currency)
        if written <= exponent:
            return minor * quantity
        return money.to_minor(Decimal(self.amount) * quantity, exponent)
