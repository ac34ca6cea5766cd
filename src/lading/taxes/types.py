"""The rows of the table of tax rates."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple


class RateKey(NamedTuple):
    """What tells rates apart."""

    country: str
    region: str
    """Empty: everywhere in the country."""
    postal_prefix: str
    """Empty: all of it."""
    category: str
    """Of products, or a kind of charge; empty: whatever has no rate of its own."""
    code: str
    """What the tax is called on an invoice. Taxes of several codes stand beside each other."""
    valid_from: date


@dataclass(slots=True)
class TaxRate:
    """A rate as it is saved."""

    country: str
    region: str
    postal_prefix: str
    category: str
    code: str
    valid_from: date
    valid_to: date | None
    """The last day; None: until a later one begins."""
    rate: Decimal | None
    """In percent; None: withdrawn, as if it had never been saved."""
    included: bool
    """Whether prices contain it."""
    compound: bool
    """Charged on the other taxes too."""
    version: int

    @property
    def key(self) -> RateKey:
        """What tells it apart."""
        return RateKey(self.country, self.region, self.postal_prefix, self.category, self.code, self.valid_from)
