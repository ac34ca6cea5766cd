"""What can be asked of what customers collect. And when a parcel is collected, or not."""

from typing import Annotated

from msgspec import Meta, Struct

from lading.fulfillment.commands import LINES_MAX, LineUnits
from lading.terms.fields import Code, DocumentRef, LineNumber, Moment, Name, OrderRef


class ReadyPickup(Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel waits at the counter for its customer, who is told; with a date until when, otherwise as policy says."""

    parcel: DocumentRef
    collect_by: Moment | None = None


class HandOverPickup(Struct, frozen=True, forbid_unknown_fields=True):
    """Hand a parcel to its customer, who says the code, or shows a document with the name.

    A customer who takes only some of it gets a parcel of its own: the rest is picked, and waits to be packed again, or cancelled.
    """

    parcel: DocumentRef
    code: (
        Annotated[str, Meta(pattern=r"^[0-9]{6}(?![\s\S])", description="Six digits that the customer was told")] | None
    ) = None
    name: (
        Annotated[Name, Meta(description="Of whoever came, as their document says; not kept in the journal")] | None
    ) = None

    lines: Annotated[
        list[LineUnits], Meta(max_length=LINES_MAX, description="What the customer takes; without lines all")
    ] = []

    def __post_init__(self) -> None:
        if self.code is None and self.name is None:
            raise ValueError("say the code, or the name that a document shows")


class ExtendPickup(Struct, frozen=True, forbid_unknown_fields=True):
    """Let a parcel wait longer, or less long, for its customer."""

    parcel: DocumentRef
    collect_by: Moment


class ExpirePickup(Struct, frozen=True, forbid_unknown_fields=True):
    """Nobody came: the parcel is taken apart, its units go back to the shelf, and what was paid for them becomes due back."""

    parcel: DocumentRef
    reason: Code = "not_collected"
    only_over: Annotated[bool, Meta(description="Only where its time is over")] = False


class ReceivePickup(Struct, frozen=True, forbid_unknown_fields=True):
    """A parcel that another location sent has come to where its customer collects it; it is ready at once."""

    parcel: DocumentRef
    collect_by: Moment | None = None


class ChangePickup(Struct, frozen=True, forbid_unknown_fields=True):
    """The customer collects lines somewhere else, or wants them sent; only what nobody works on."""

    order: OrderRef
    lines: Annotated[list[LineNumber], Meta(min_length=1, max_length=LINES_MAX)]
    reason: Code
    location: Annotated[Code, Meta(description="Where; without it they are sent")] | None = None
