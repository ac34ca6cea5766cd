"""Commands that change placed orders: edits, at once or prepared, and orders that are split and joined."""

from typing import Annotated

from msgspec import Meta, Struct

from lading.orders.commands import LINES_MAX, ChargeInput, ExpectedVersion
from lading.terms.fields import (
    Attributes,
    ChangedAttributes,
    Code,
    Count,
    EditRef,
    LineNumber,
    Moment,
    OrderRef,
    Quantity,
)
from lading.terms.money import UnitPrice
from lading.terms.people import AddressInput


class ChangedQuantity(Struct, frozen=True, forbid_unknown_fields=True):
    """So many units of a line shall be left in all, with those that were shipped. More become a line of their own at the same price."""

    line: LineNumber
    quantity: Count


class ChangedPrice(Struct, frozen=True, forbid_unknown_fields=True):
    """What a unit of a line shall cost, where nothing of it was shipped or cancelled. Taxes and discounts stay as they were charged."""

    line: LineNumber
    unit_price: UnitPrice


class NewLine(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a product that the order gets now, with what is charged on them."""

    sku: Code
    quantity: Quantity
    unit_price: UnitPrice
    charges: Annotated[list[ChargeInput], Meta(max_length=50, description="Of this line; they name no line")] = []
    ship_complete: bool = False
    attributes: Attributes = {}

    def __post_init__(self) -> None:
        if any(charge.line is not None for charge in self.charges):
            raise ValueError("charges of a new line name no line")


class LineAttributes(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a line from now on; what is left out stays as it is."""

    line: LineNumber
    attributes: ChangedAttributes


class EditOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Change an order after it was placed. A dry run is its preview; confirm with the version that the preview told.

    What was shipped stays as it is; units that are taken away stay visible as cancelled.
    """

    order: OrderRef
    reason: Code
    quantities: Annotated[list[ChangedQuantity], Meta(max_length=LINES_MAX)] = []
    add: Annotated[list[NewLine], Meta(max_length=LINES_MAX)] = []
    prices: Annotated[list[ChangedPrice], Meta(max_length=LINES_MAX)] = []
    charges: Annotated[list[ChargeInput], Meta(max_length=100, description="Beside those of new lines")] = []
    ship_to: AddressInput | None = None
    ship_by: Moment | None = None
    method: Annotated[Code, Meta(description="How it shall be sent")] | None = None
    priority: Annotated[int, Meta(ge=-100, le=100)] | None = None
    ship_complete: Annotated[bool, Meta(description="All of it goes out together, or nothing")] | None = None
    complete_lines: (
        Annotated[
            list[LineNumber], Meta(max_length=LINES_MAX, description="The lines that go out whole; the others may not")
        ]
        | None
    ) = None
    attributes: ChangedAttributes = {}
    line_attributes: Annotated[list[LineAttributes], Meta(max_length=LINES_MAX)] = []
    unpack: Annotated[bool, Meta(description="Take units also from parcels that wait for their carrier")] = False
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        whats = (self.quantities, self.add, self.prices, self.charges, self.attributes, self.line_attributes)
        others = (self.ship_to, self.ship_by, self.method, self.priority, self.ship_complete, self.complete_lines)
        if not any(whats) and all(each is None for each in others):
            raise ValueError("an edit changes something")
        for name, lines in (
            ("quantities", self.quantities),
            ("prices", self.prices),
            ("line_attributes", self.line_attributes),
        ):
            if len({each.line for each in lines}) < len(lines):
                raise ValueError(f"{name} name each line once")

    @property
    def currencies(self) -> set[str]:
        """Of all amounts in it."""
        charges = [*self.charges, *(charge for line in self.add for charge in line.charges)]
        prices = [line.unit_price for line in self.add] + [each.unit_price for each in self.prices]
        return {each.amount.currency for each in charges if each.amount} | {each.currency for each in prices}


class MovedUnits(Struct, frozen=True, forbid_unknown_fields=True):
    """Units of a line that go to another order."""

    line: LineNumber
    quantity: Quantity


class SplitOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """Let units of an order become an order of their own, for the same customer at the same place, at just what they cost here."""

    order: OrderRef
    lines: Annotated[list[MovedUnits], Meta(min_length=1, max_length=LINES_MAX)]
    reason: Code
    expected_version: ExpectedVersion | None = None

    def __post_init__(self) -> None:
        if len({each.line for each in self.lines}) < len(self.lines):
            raise ValueError("lines name each line once")


class MergeOrders(Struct, frozen=True, forbid_unknown_fields=True):
    """Let all units of other orders of the same customer, at the same place, go to this one."""

    order: OrderRef
    others: Annotated[list[OrderRef], Meta(min_length=1, max_length=20)]
    reason: Code
    expected_version: ExpectedVersion | None = None


class BeginEdit(EditOrder, frozen=True, forbid_unknown_fields=True):
    """Prepare an edit: what it would do is told and kept, and nothing of the order changes before somebody confirms it."""

    expires_at: (
        Annotated[Moment, Meta(description="From then on it is not confirmed any more; by policy where it is left out")]
        | None
    ) = None


class ConfirmEdit(Struct, frozen=True, forbid_unknown_fields=True):
    """Do what was prepared, exactly as it was shown."""

    edit: EditRef


class DropEdit(Struct, frozen=True, forbid_unknown_fields=True):
    """Give up what was prepared."""

    edit: EditRef
    reason: Code | None = None
