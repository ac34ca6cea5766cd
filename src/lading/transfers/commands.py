"""What can be asked of transfers."""

from typing import Annotated

from msgspec import Meta, Struct

from lading.terms.fields import Code, Count, LineNumber, Lot, Moment, Quantity, Reference, SerialNumber, SerialNumbers

LINES_MAX = 2_000

TransferRef = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f\ud800-\udfff]*(?![\s\S])",
        description="T1043, or the id of the transfer",
        examples=["T1043"],
    ),
]
ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the transfer still has this version")]


class PlannedLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a product that shall be moved."""

    sku: Code
    quantity: Quantity
    lot: Lot = ""


class LineUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of one line of the transfer. Units with serial numbers are named when they leave, or before, when they are set aside."""

    line: LineNumber
    quantity: Quantity
    serials: SerialNumbers = []


class LandedUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of one line that arrived, the damaged ones among them."""

    line: LineNumber
    quantity: Quantity
    damaged: Count = 0
    serials: Annotated[
        list[SerialNumber], Meta(max_length=10_000, description="Left out where all of the line arrived")
    ] = []
    damaged_serials: Annotated[
        list[SerialNumber], Meta(max_length=10_000, description="Which of them are damaged")
    ] = []


class SettledUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of the units of one line that never arrived."""

    line: LineNumber
    came_home: Count = 0
    lost: Count = 0
    lost_serials: Annotated[
        list[SerialNumber], Meta(max_length=10_000, description="Which of them are lost, where some came home")
    ] = []


class CreateTransfer(Struct, frozen=True, forbid_unknown_fields=True):
    """A draft: nothing moves, and nothing is set aside yet."""

    from_location: Code
    to_location: Code
    due_at: Moment
    lines: Annotated[list[PlannedLine], Meta(min_length=1, max_length=LINES_MAX)]
    reference: Reference | None = None
    """The merchant's own number, unique."""


class ReadyTransfer(Struct, frozen=True, forbid_unknown_fields=True):
    """Set units aside at the sender: nobody else is promised them. Without lines: all that is planned."""

    transfer: TransferRef
    lines: Annotated[list[LineUnits], Meta(max_length=LINES_MAX)] = []
    expected_version: ExpectedVersion | None = None


class ShipTransfer(Struct, frozen=True, forbid_unknown_fields=True):
    """The units leave; without lines all that are set aside. What stays behind goes back on the shelf and is no longer planned."""

    transfer: TransferRef
    lines: Annotated[list[LineUnits], Meta(max_length=LINES_MAX)] = []
    expected_version: ExpectedVersion | None = None
    occurred_at: Moment | None = None


class ReceiveTransfer(Struct, frozen=True, forbid_unknown_fields=True):
    """Units arrived; without lines all that are on their way. What is still missing may arrive later."""

    transfer: TransferRef
    lines: Annotated[list[LandedUnits], Meta(max_length=LINES_MAX)] = []
    expected_version: ExpectedVersion | None = None
    occurred_at: Moment | None = None


class CancelTransfer(Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing of it will arrive. Of units on their way the lines say, to the last one, whether they came home or are lost."""

    transfer: TransferRef
    reason: Code
    lines: Annotated[list[SettledUnits], Meta(max_length=LINES_MAX)] = []
    expected_version: ExpectedVersion | None = None
    occurred_at: Moment | None = None


class CloseTransfer(Struct, frozen=True, forbid_unknown_fields=True):
    """The rest of a transfer that arrived in part will not come: it came home, or (where no line says so) is lost."""

    transfer: TransferRef
    reason: Code
    lines: Annotated[list[SettledUnits], Meta(max_length=LINES_MAX)] = []
    expected_version: ExpectedVersion | None = None
    occurred_at: Moment | None = None
