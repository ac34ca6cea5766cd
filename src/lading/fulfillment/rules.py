"""How the units of an order go through a building. Pure: no I/O, no clock, no randomness.

A move takes units of one allocation from one stage of their line to another. The allocation, its fulfillment order and
the stock row follow from the stages alone, so that the counters of all three cannot disagree.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from lading.fulfillment.types import Allocation, FulfillmentOrder, Work
from lading.terms.ledger import End, Posting

IN_HOUSE = ("allocated", "released", "picked", "packed")
"""The stages of a line that an allocation counts."""

OFF_SHELF = ("picked", "packed")
"""Stages in which units lie on a cart or a bench: what is cancelled then has to be put back."""

_BUCKETS = {"allocated": "allocated", "released": "allocated", "picked": "picked", "packed": "packed"}
"""The bucket in which units of a stage lie; released units are still on the shelf."""

_LEFT_TO = {"cancelled": "available"}
"""The bucket that gets units which leave the order."""

_COUNTED_AS = {
    "released": "released", "picked": "picked", "packed": "packed", "in_transit": "handed_over", "delivered": "handed_over",
    "open": "withdrawn", "cancelled": "withdrawn", "moved": "moved",
}  # fmt: skip
"""The counter of a fulfillment order for each stage of its lines' units."""


class Move(NamedTuple):
    """Units of an allocation that went from one stage of their line to another."""

    allocation: Allocation
    source: str
    target: str
    quantity: int
    serials: tuple[str, ...] = ()
    """The names of the units, where they have names that count at this move."""
    back: str = ""
    """Where units lie that a location gave back, which are open again: available, damaged or lost; empty where a pick found them short."""


def move(
    work: Work,
    allocation: Allocation,
    source: str,
    target: str,
    quantity: int,
    serials: Sequence[str] = (),
    back: str = "",
) -> Move:
    """Move units of the allocation in memory, and of its fulfillment order where it has one."""
    if source in IN_HOUSE:
        _add(allocation, source, -quantity)
    if target in IN_HOUSE:
        _add(allocation, target, quantity)
    if (target == "cancelled" or back == "available") and source in OFF_SHELF:
        allocation.put_back += quantity
    if allocation.fulfillment_order is not None:
        fulfillment_order = work.fulfillment_orders[allocation.fulfillment_order - 1]
        if source in _COUNTED_AS:
            _add(fulfillment_order, _COUNTED_AS[source], -quantity)
        if target in _COUNTED_AS:
            _add(fulfillment_order, _COUNTED_AS[target], quantity)
        if target == "open":
            _add(fulfillment_order, "rejected" if back else "short", quantity)
    return Move(allocation, source, target, quantity, tuple(serials), back)


def _add(counted: Allocation | FulfillmentOrder, counter: str, quantity: int) -> None:
    setattr(counted, counter, getattr(counted, counter) + quantity)


def take(
    work: Work, allocations: Iterable[Allocation], source: str, target: str, quantity: int, back: str = ""
) -> list[Move]:
    """Move so many units, from the given allocations in their order. Raises ValueError where they hold fewer."""
    moves = []
    for allocation in allocations:
        units = min(quantity, getattr(allocation, source))
        if units > 0:
            moves.append(move(work, allocation, source, target, units, (), back))
            quantity -= units
    if quantity:
        raise ValueError(f"{quantity} units more than are {source}")
    return moves


def put_back(allocations: Iterable[Allocation], line_number: int, quantity: int) -> list[tuple[Allocation, int]]:
    """Units of the line that lie on the shelf again, by allocation. Raises ValueError where fewer had to be put back."""
    laid = []
    for allocation in of_line(allocations, line_number):
        units = min(quantity, allocation.put_back)
        if units:
            allocation.put_back -= units
            quantity -= units
            laid.append((allocation, units))
    if quantity:
        raise ValueError(f"{quantity} units more than have to be put back")
    return laid


def is_withdrawn(moved: Move) -> bool:
    """Whether the location does not send these units any more."""
    return _COUNTED_AS.get(moved.target) == "withdrawn"


def take_named(
    work: Work,
    allocations: Iterable[Allocation],
    source: str,
    target: str,
    shelves: Mapping[str, tuple[UUID, str]],
    back: str = "",
) -> list[Move]:
    """Move the units of these names, each (by its location and lot) from an allocation there. Raises ValueError if one fits none."""
    moves = []
    left = dict(shelves)
    for allocation in allocations:
        here = (allocation.location_id, allocation.lot)
        names = [name for name, shelf in left.items() if shelf == here][: getattr(allocation, source)]
        if names:
            moves.append(move(work, allocation, source, target, len(names), names, back))
            for name in names:
                del left[name]
    if left:
        raise ValueError(f"{sorted(left)} are in no allocation that is {source}")
    return moves


def postings(moved: Move) -> list[Posting]:
    """The move as a posting, or one for each unit that has a name."""
    whole = posting(moved)
    return [whole._replace(quantity=1, serial=serial) for serial in moved.serials] or [whole]


def posting(moved: Move) -> Posting:
    """The move as a posting of stock and line. Units that leave the building are counted on their line from then on."""
    allocation = moved.allocation
    here = End(_BUCKETS[moved.source], allocation.location_id, allocation.lot)
    there = _target(moved)
    source, target = (None, None) if here == there else (here, there)
    return Posting(
        allocation.sku_id, moved.quantity, source, target, allocation.line_number, moved.source, moved.target
    )


def _target(moved: Move) -> End | None:
    if moved.target in ("in_transit", "delivered"):
        return None
    if moved.target == "open":
        bucket = moved.back or "lost"
        return End(bucket) if bucket == "lost" else End(bucket, moved.allocation.location_id, moved.allocation.lot)
    bucket = _LEFT_TO.get(moved.target) or _BUCKETS[moved.target]
    return End(bucket, moved.allocation.location_id, moved.allocation.lot)


def waiting(allocations: Iterable[Allocation], stage: str) -> dict[int, int]:
    """Units of each line in that stage; 0 for lines of which nothing is there any more."""
    units: dict[int, int] = {}
    for allocation in allocations:
        units[allocation.line_number] = units.get(allocation.line_number, 0) + getattr(allocation, stage)
    return units


def of_line(allocations: Iterable[Allocation], line_number: int) -> list[Allocation]:
    """The allocations of one line."""
    return [allocation for allocation in allocations if allocation.line_number == line_number]


def told(moves: Sequence[Move]) -> list[dict[str, Any]]:
    """The moves as the journal keeps them: allocations and fulfillment orders are rebuilt from these."""
    return [
        {
            "allocation": moved.allocation.number,
            "fulfillment_order": moved.allocation.fulfillment_order,
            "line": moved.allocation.line_number,
            "from": moved.source,
            "to": moved.target,
            "quantity": moved.quantity,
            **({"serials": moved.serials} if moved.serials else {}),
            **({"back": moved.back} if moved.back else {}),
        }
        for moved in moves
    ]


def total(units: Mapping[int, int]) -> int:
    """Units of all lines."""
    return sum(units.values())
