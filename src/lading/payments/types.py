"""Tenders as rules see them."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(slots=True)
class Tender:
    """One way in which an order is paid. All amounts in minor units of the order's currency."""

    order_id: UUID
    number: int
    kind: str
    reference: str | None
    authorised_minor: int
    captured_minor: int
    refunded_minor: int = 0
    stored: bool = True

    @property
    def refundable_minor(self) -> int:
        """What can still be given back through it."""
        return self.captured_minor - self.refunded_minor
