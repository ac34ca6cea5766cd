"""What can be asked of waves and of layouts."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, DocumentRef, Lot, Moment, Quantity, Reference, SerialNumbers

ORDERS_MAX = 1_000
"""Fulfillment orders in a wave."""

WaveRef = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f\ud800-\udfff]*(?![\s\S])",
        description="WV1044, or the id of the wave",
        examples=["WV1044"],
    ),
]
ListRef = Annotated[
    str, Meta(pattern=r"^WV[0-9]+-L[0-9]+(?![\s\S])", max_length=32, description="WV1044-L1: a pick list of a wave")
]
ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the wave still has this version")]
Method = Literal["single", "batch", "cluster", "zone"]


class PlanWave(Struct, frozen=True, forbid_unknown_fields=True):
    """Which fulfillment orders of a location shall be picked together: named ones, or those that fit, the most urgent first."""

    location: Code
    method: Method = "batch"
    fulfillment_orders: Annotated[
        list[DocumentRef], Meta(max_length=ORDERS_MAX, description="These and no others; one that cannot be is refused")
    ] = []
    ship_on: Annotated[date, Meta(description="Those that are to leave on this day or before")] | None = None
    ship_by: Annotated[Moment, Meta(description="Those that are promised to leave by then")] | None = None
    shipping_method: Annotated[Code, Meta(description="Those that are sent so, as the order says")] | None = None
    zone: (
        Annotated[Code, Meta(description="Those whose units all lie in this aisle, or in bins that begin so")] | None
    ) = None
    priority: Annotated[int, Meta(ge=-32_768, le=32_767, description="Those of this priority or above")] | None = None
    orders_max: Annotated[int, Meta(ge=1, le=ORDERS_MAX)] = 100
    units_max: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    units_min: (
        Annotated[
            int,
            Meta(
                ge=1,
                le=1_000_000,
                description="Not the most urgent of those that fit, but those that bring the most units for each aisle that has to"
                " be entered, and at least so many units",
            ),
        ]
        | None
    ) = None
    reference: Reference | None = None
    """The merchant's own number, unique."""

    def __post_init__(self) -> None:
        if self.units_min is not None and self.units_max is not None and self.units_min > self.units_max:
            raise ValueError("units_min is not above units_max")
        if self.units_min is not None and self.fulfillment_orders:
            raise ValueError("named fulfillment orders are not chosen: leave units_min out")


class ReleaseWave(Struct, frozen=True, forbid_unknown_fields=True):
    """Make its pick lists: who walks where and takes what, by the shortest way where the layout is known."""

    wave: WaveRef
    orders_per_list: Annotated[
        int, Meta(ge=1, le=ORDERS_MAX, description="Fulfillment orders a walk (batch), or boxes on the cart (cluster)")
    ] = 12
    expected_version: ExpectedVersion | None = None


class CloseWave(Struct, frozen=True, forbid_unknown_fields=True):
    """It is over, however much was picked: what was not waits for another wave, or to be cancelled."""

    wave: WaveRef
    expected_version: ExpectedVersion | None = None


class CancelWave(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing comes of it; refused once somebody has picked for it."""

    wave: WaveRef
    reason: Code
    expected_version: ExpectedVersion | None = None


class TakeList(Struct, frozen=True, forbid_unknown_fields=True):
    """Walk a pick list: this one, or the next of the wave that nobody has."""

    wave: WaveRef
    list: Annotated[int, Meta(ge=1, le=32_000)] | None = None


class LeaveList(Struct, frozen=True, forbid_unknown_fields=True):
    """Whoever had it does not walk it any more; what was picked stays picked."""

    list: ListRef


class ConfirmPick(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a task that were taken; without a quantity all that are left. What was scanned is checked.

    Without a task, the first one of the wave (or list) that waits for the scanned product. Short units are written off as
    lost, and the order looks for other stock.
    """

    wave: WaveRef
    task: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    list: Annotated[int, Meta(ge=1, le=32_000)] | None = None
    barcode: Annotated[Code, Meta(description="What was scanned: GTIN, or the product's code")] | None = None
    bin: Annotated[Code, Meta(description="What was scanned at the place")] | None = None
    lot: Annotated[Lot, Meta(description="What was read on the unit")] | None = None
    quantity: Annotated[int, Meta(ge=0, le=100_000_000)] | None = None
    short: Quantity | None = None
    reason: Annotated[Code, Meta(description="Why units are short")] | None = None
    serials: SerialNumbers = []
    short_serials: SerialNumbers = []
    shelf_empty: Annotated[
        bool,
        Meta(
            description="Nothing more of it lies there: free units are written off, and what others hold there is short"
        ),
    ] = False

    def __post_init__(self) -> None:
        if self.task is None and self.barcode is None:
            raise ValueError("name a task, or say what was scanned")
        if (self.short is None) != (self.reason is None):
            raise ValueError("short units have a reason")
        if self.quantity == 0 and self.short is None:
            raise ValueError("nothing was picked and nothing is short")
        if self.short is None and (self.shelf_empty or self.short_serials):
            raise ValueError("nothing is short: say how many")
