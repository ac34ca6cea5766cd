"""What a tax service over the wire must do: calculate a document without keeping it, and record what was invoiced.

It is called outside of any transaction and may answer late, twice or never. A calculation is a question without effect. What is recorded
bears the number of our document: recorded again it is the same record.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, Protocol

from lading.terms.taxes import Place, Tax, TaxDocument


class ServiceAway(Exception):
    """Nobody knows: no answer, a broken one, or one that says to come again. Ask again."""


class Rejected(Exception):
    """The service answered that it will not: something is wrong with the document or the account. `code` is its word for it."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code[:64]


class PaperLine(NamedTuple):
    """A line of an invoice or credit note, or what is charged beside the goods of one."""

    number: str
    """Within the document."""
    sku: str
    name: str
    kind: str
    """goods, or the kind of the charge."""
    category: str
    quantity: int
    amount_minor: int
    """As priced, after discounts; below zero on a credit note."""
    tax_minor: int
    """As it was charged."""
    included: bool
    """Whether the amount contains the tax."""


class TaxPaper(NamedTuple):
    """An invoice or credit note as it was issued."""

    name: str
    """Its number: what the service knows it by."""
    order: str
    """The number of the order."""
    customer: str
    """An id without a name."""
    currency: str
    day: date
    taxed_on: date
    """The day whose rules held."""
    credits: str | None
    """The number of the invoice that it takes something off; None: it is an invoice."""
    sent_from: Place | None
    sent_to: Place | None
    exemption: str | None
    lines: Sequence[PaperLine]

    @property
    def tax_minor(self) -> int:
        """All taxes on it."""
        return sum(line.tax_minor for line in self.lines)


class TaxService(Protocol):
    """An account at a tax service."""

    async def calculate(self, document: TaxDocument) -> Sequence[Tax]:
        """The taxes on each item. Raises ServiceAway and Rejected."""
        ...

    async def record(self, paper: TaxPaper) -> str:
        """Record it for good; the service's id of it. Raises ServiceAway and Rejected."""
        ...

    async def close(self) -> None:
        """Close its connections."""
        ...

    async def check(self) -> str | None:
        """What is wrong with the account, as its service says; None where all is well. Raises ServiceAway."""
        ...
