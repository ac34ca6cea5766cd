"""What can be asked of the locations that fill orders."""

from typing import Annotated

from msgspec import Meta, Struct

from lading.terms.fields import Code, DocumentRef, LineNumber, Lot, OrderRef, Quantity, SerialNumbers

LINES_MAX = 2_000

ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the order still has this version")]


class ReleaseOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Ask each location that has stock allocated for the order to send it.

    What is not allocated yet can be released later, as further fulfillment orders.
    """

    order: OrderRef
    expected_version: ExpectedVersion | None = None


class LineUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of one line of the order; named one by one where the product is kept by serial number."""

    line: LineNumber
    quantity: Quantity
    serials: SerialNumbers = []


class ShortUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of one line that were not on the shelf, and why."""

    line: LineNumber
    quantity: Quantity
    reason: Code
    serials: SerialNumbers = []
    shelf_empty: Annotated[
        bool,
        Meta(
            description="Nothing more of it lies there: free units are written off, and what others hold there is short"
        ),
    ] = False


class PickUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that were taken from the shelf; without lines all that wait, except those that are short.

    Short units are written off as lost, and the order looks for other stock.
    """

    fulfillment_order: DocumentRef
    lines: Annotated[list[LineUnits], Meta(max_length=LINES_MAX)] = []
    short: Annotated[list[ShortUnits], Meta(max_length=LINES_MAX)] = []


class BackUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of one line that were laid back."""

    line: LineNumber
    quantity: Quantity


class PutBackUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """What was cancelled after its pick lies on the shelf again; without lines all of it."""

    fulfillment_order: DocumentRef
    lines: Annotated[list[BackUnits], Meta(max_length=LINES_MAX)] = []


class SwapLot(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that are promised of one lot, and not picked yet, shall be of another one; without a quantity all of them."""

    order: OrderRef
    line: LineNumber
    lot: Lot
    to_lot: Lot
    reason: Code
    quantity: Quantity | None = None
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if self.lot == self.to_lot:
            raise ValueError("lot and to_lot are two lots")
