"""What may come back, and where its units are. Pure: no I/O, no clock, no randomness."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from lading.returns.commands import RETURNED_TO_SENDER
from lading.returns.types import Return, ReturnLine
from lading.terms.ledger import End, Posting

DISPOSITIONS = {
    "restock": ("restocked", "available"),
    "damaged": ("damaged", "damaged"),
    "scrapped": ("scrapped", "scrapped"),
}
"""The counter of the return line, and the bucket or account that the units go to."""


class OrderLine(Protocol):
    """What returns need of an order line."""

    number: int
    sku_id: UUID
    units: dict[str, int]
    refunded: int

    def move(self, source: str | None, target: str | None, quantity: int) -> None:
        """Move units between stages."""


class Asked(Protocol):
    """Units of a line, as a command names them."""

    @property
    def line(self) -> int:
        """The line's number."""

    @property
    def quantity(self) -> int:
        """Units."""


def folded(asked: Iterable[Asked]) -> dict[int, int]:
    """Units by line: one that is named twice counts once, with the sum."""
    units: dict[int, int] = {}
    for each in asked:
        units[each.line] = units.get(each.line, 0) + each.quantity
    return units


def returnable(line: OrderLine) -> int:
    """Units that were handed over and for which no return stands."""
    units = line.units
    return units["delivered"] + units["in_transit"] - units["return_requested"] - units["returned"]


def is_sent_back(document: Return) -> bool:
    """Whether a carrier brought it back, and no customer announced it."""
    return document.reason == RETURNED_TO_SENDER


def sent_back_left(line: OrderLine, returns: Iterable[Return]) -> int:
    """Units that a carrier brought back and nobody has received yet."""
    received = sum(
        each.lines[line.number].received for each in returns if is_sent_back(each) and line.number in each.lines
    )
    return line.units["sent_back"] - received


def lost_left(line: OrderLine, returns: Iterable[Return]) -> int:
    """Units that a carrier lost and whose money nobody gave up yet: what is refunded without a return was written off."""
    returned = sum(each.lines[line.number].refunded for each in returns if line.number in each.lines)
    return line.units["lost"] - (line.refunded - returned)


def window_is_over(delivered_at: datetime | None, days: int, now: datetime) -> bool:
    """Whether the days after delivery have passed; what is not delivered yet is inside."""
    return delivered_at is not None and now > delivered_at + timedelta(days=days)


def new_return(
    order_id: UUID,
    returns: list[Return],
    reason: str,
    reference: str | None,
    units: Mapping[int, int],
    lines: Mapping[int, OrderLine],
    at: datetime,
) -> Return:
    """The next return of the order, with its lines; `returns` grows by it."""
    new = Return(order_id, len(returns) + 1, reference, reason, at, stored=False)
    for number, quantity in sorted(units.items()):
        new.lines[number] = ReturnLine(number, lines[number].sku_id, quantity, stored=False)
    returns.append(new)
    return new


def awaited_as(document: Return) -> str:
    """The stage of the units that it awaits."""
    return "returning" if is_sent_back(document) else "return_requested"


def announce(line: OrderLine, document: Return, quantity: int) -> Posting:
    """Units are awaited from now on; they are still away."""
    stage = awaited_as(document)
    line.move(None, stage, quantity)
    return Posting(line.sku_id, quantity, None, None, line.number, None, stage)


def withdraw(line: OrderLine, document: Return, quantity: int) -> Posting:
    """Announced units do not come."""
    stage = awaited_as(document)
    document.lines[line.number].withdrawn += quantity
    line.move(stage, None, quantity)
    return Posting(line.sku_id, quantity, None, None, line.number, stage, None)


def receive(line: OrderLine, document: Return, location_id: UUID, quantity: int, lot: str = "") -> Posting:
    """Units are on hand again, in quality hold. Those that were sent back stay sent back on their line."""
    returned = document.lines[line.number]
    returned.received += quantity
    returned.location_id, returned.lot = location_id, lot
    source, target = awaited_as(document), None if is_sent_back(document) else "returned"
    line.move(source, target, quantity)
    return Posting(line.sku_id, quantity, None, End("quality_hold", location_id, lot), line.number, source, target)


def dispose(returned: ReturnLine, disposition: str, quantity: int) -> Posting:
    """Units leave quality hold: to the shelf, to the damaged ones, or scrapped. The caller knows they are there."""
    counter, bucket = DISPOSITIONS[disposition]
    setattr(returned, counter, getattr(returned, counter) + quantity)
    location_id = returned.location_id
    target = End(bucket) if bucket == "scrapped" else End(bucket, location_id, returned.lot)
    return Posting(returned.sku_id, quantity, End("quality_hold", location_id, returned.lot), target)


def restock_at_once(line: OrderLine, returned: ReturnLine, location_id: UUID) -> Posting:
    """A return of the past: from the customer to the shelf in one posting."""
    units = returned.requested
    returned.received = returned.restocked = units
    returned.location_id = location_id
    line.move(None, "returned", units)
    return Posting(line.sku_id, units, None, End("available", location_id), line.number, None, "returned")


def settle(returned: Return, now: datetime) -> bool:
    """Close the return where nothing is awaited, undisposed or unrefunded; whether it is closed."""
    if returned.closed_at is None and not any(
        line.awaited or line.undisposed or line.unrefunded for line in returned.lines.values()
    ):
        returned.closed_at = now
    return returned.closed_at is not None
