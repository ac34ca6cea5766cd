"""What can be asked of work orders."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, Moment, Quantity, Reference

WorkOrderRef = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=64,
        pattern=r"^[^\x00-\x1f\x7f\ud800-\udfff]*(?![\s\S])",
        description="W1043, or the id of the work order",
        examples=["W1043"],
    ),
]
ExpectedVersion = Annotated[int, Meta(ge=1, description="Refuse unless the work order still has this version")]


class OpenWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Kits that shall be made at a location from its stock, or taken apart there. What they take is set aside at once, all or nothing."""

    sku: Annotated[Code, Meta(description="The kit")]
    location: Code
    quantity: Annotated[Quantity, Meta(description="Kits")]
    kind: Literal["assemble", "disassemble"] = "assemble"
    due_at: Moment | None = None
    reference: Reference | None = None
    """The merchant's own number, unique."""


class CompleteWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """So many kits are made (or taken apart); without a quantity all that are left. The others may follow later."""

    work_order: WorkOrderRef
    quantity: Annotated[Quantity, Meta(description="Kits")] | None = None
    expected_version: ExpectedVersion | None = None
    occurred_at: Moment | None = None


class CancelWorkOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """So many kits are not made after all; without a quantity all that are left. What was set aside for them is available again."""

    work_order: WorkOrderRef
    reason: Code
    quantity: Annotated[Quantity, Meta(description="Kits")] | None = None
    expected_version: ExpectedVersion | None = None
