"""What can be asked of payments."""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Moment, OrderRef, Reference
from lading.terms.money import AMOUNT_LIMIT, Money

ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the order still has this version")]


class RecordPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """Money that somebody took for an order: the channel, a till, a bank."""

    order: OrderRef
    amount: Money
    kind: Literal["paid_elsewhere", "cash", "bank_transfer"] = "paid_elsewhere"
    reference: Reference | None = None
    occurred_at: Moment | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise ValueError("a payment is above zero")
        if Decimal(self.amount.amount) >= AMOUNT_LIMIT:
            raise ValueError(f"a payment is less than {AMOUNT_LIMIT:,f}")


class RefundPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """Money that an order owes its customer, after a cancellation or where too much was paid, goes back."""

    order: OrderRef
    amount: Annotated[Money, Meta(description="All that is owed where it is left out")] | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if self.amount is not None and self.amount.minor <= 0:
            raise ValueError("what is given back is above zero")
