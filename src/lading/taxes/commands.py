"""What can be asked of the table of tax rates."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lading.taxes.table import plain
from lading.taxes.types import RateKey
from lading.terms.fields import Code, Country, OrderRef, Reference, TaxCategory

Percent = Annotated[
    str, Meta(pattern=r"^[0-9]{1,3}(\.[0-9]{1,4})?(?![\s\S])", description='Percent, such as "19" or "8.875"')
]
Region = Annotated[str, Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f\ud800-\udfff]*(?![\s\S])")]
Prefix = Annotated[
    str, Meta(max_length=16, pattern=r"^[0-9A-Za-z -]*(?![\s\S])", description="What postal codes begin with")
]
Category = Annotated[
    TaxCategory,
    Meta(
        description="Of products, or a kind of charge: shipping, fee, gift_wrap, surcharge, duty, tip; empty: all else"
    ),
]


class SaveTaxRate(Struct, frozen=True, forbid_unknown_fields=True):
    """What is taxed where, and how much; new by place, category, code and first day, otherwise changed.

    Of the rates of one code the closest applies; taxes of several codes stand beside each other. Without a rate it is withdrawn.
    """

    country: Country
    code: Annotated[Code, Meta(description="What the tax is called on an invoice, such as VAT")]
    valid_from: date
    rate: Annotated[Percent, Meta(description="null: withdrawn, as if it had never been saved")] | None
    region: Region = ""
    postal_prefix: Prefix = ""
    category: Category = ""
    valid_to: Annotated[date, Meta(description="The last day; left out: until a later one begins")] | None = None
    included: Annotated[bool, Meta(description="Prices contain it")] = False
    compound: Annotated[bool, Meta(description="Charged on the other taxes too")] = False

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is not before valid_from")
        if not 1900 <= self.valid_from.year <= 3000 or (self.valid_to and self.valid_to.year > 3000):
            raise ValueError("days lie between 1900 and 3000")

    @property
    def key(self) -> RateKey:
        """What tells it apart, as it is compared."""
        place = (self.country, plain(self.region), plain(self.postal_prefix))
        return RateKey(*place, self.category, self.code, self.valid_from)

    @property
    def percent(self) -> Decimal | None:
        """The rate as a number."""
        return None if self.rate is None else Decimal(self.rate)


DocumentNumber = Annotated[int, Meta(ge=1, le=32_000, description="Number of the invoice in its order, from 1")]


class TaxOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Charge what an order is taxed that waits for its tax service."""

    order: OrderRef
    expected_version: (
        Annotated[int, Meta(ge=1, description="Refuse unless the order still has this version")] | None
    ) = None


class AnswerTaxRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """What a tax service said of an invoice or credit note."""

    order_id: UUID
    document: DocumentNumber
    reference: Annotated[Reference, Meta(description="The service's id of it")] | None = None
    code: Annotated[Code, Meta(description="Why it was not recorded, in the service's word")] | None = None


class RepeatTaxRecord(Struct, frozen=True, forbid_unknown_fields=True):
    """Ask the tax service again for what it refused to record."""

    order: OrderRef
    document: DocumentNumber
