"""What can be asked of stock."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, Moment, Quantity, Reference

Lot = Annotated[
    str, Meta(max_length=64, pattern=r"^[^\x00-\x1f\x7f]*(?![\s\S])", description="Lot, empty where there is none")
]


class ReceiveStock(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that a supplier delivered; they can be promised at once."""

    sku: Code
    location: Code
    quantity: Quantity
    reason: Code
    lot: Lot = ""
    document: Reference | None = None
    occurred_at: Moment | None = None


class AdjustStock(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that turned up (found), are gone (lost, scrapped) or cannot be sold as they are (damaged, from or to available)."""

    sku: Code
    location: Code
    quantity: Quantity
    kind: Literal["found", "lost", "scrapped", "damaged", "repaired"]
    reason: Code
    lot: Lot = ""
    document: Reference | None = None
    occurred_at: Moment | None = None
