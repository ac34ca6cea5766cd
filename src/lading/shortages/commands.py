"""What can be asked of shortages."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, LineNumber, Lot, OrderRef, Quantity

LINES_MAX = 2_000

Instead = Literal["elsewhere", "substitute", "wait", "cancel"]
"""What happens to units that are not there: looked for elsewhere, replaced by another product, waiting for stock, or cancelled."""


class SettledUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that are held at a location and not there, and what happens instead."""

    line: LineNumber
    quantity: Quantity
    location: Annotated[Code, Meta(description="Where they are missing")]
    instead: Instead
    lot: Lot = ""
    sku: (
        Annotated[Code, Meta(description="Of a substitute: which product, at the price of what was ordered")] | None
    ) = None

    def __post_init__(self) -> None:
        if (self.instead == "substitute") != (self.sku is not None):
            raise ValueError("`sku` names the substitute, and nothing else")


class SettleShortage(Struct, frozen=True, forbid_unknown_fields=True):
    """An order gives way: units that it holds and that are not there are taken off it, and the shortage is so much smaller."""

    order: OrderRef
    lines: Annotated[list[SettledUnits], Meta(min_length=1, max_length=LINES_MAX)]
    reason: Code = "shortage"
    expected_version: (
        Annotated[int, Meta(ge=1, description="Refuse unless the order still has this version")] | None
    ) = None


class CoverShortage(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that are free at the place make up for what is short there: nobody gives way. Without a quantity as many as can be."""

    sku: Code
    location: Code
    lot: Lot = ""
    quantity: Quantity | None = None
