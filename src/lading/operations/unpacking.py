"""Parcels that are taken apart before they leave: what lies in them is picked again, and they are no more."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from lading.fulfillment import rules
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Work
from lading.shipping.types import Parcel


def take_apart(work: Work, parcels: Sequence[Parcel], now: datetime) -> list[Move]:
    """Their units, picked again."""
    moves = []
    for parcel in parcels:
        parcel.status, parcel.status_at = "cancelled", now
        moves += [
            rules.move(work, work.allocations[line.allocation - 1], "packed", "picked", line.quantity, line.serials)
            for line in parcel.lines
        ]
    return moves


def that_hold(units: Mapping[int, int], parcels: Sequence[Parcel]) -> list[Parcel]:
    """Packed parcels that hold so many units of each line together, the latest first; none that holds nothing of them."""
    left = dict(units)
    found = []
    for parcel in reversed(parcels):
        inside = {line: count for line, count in parcel.units().items() if left.get(line, 0) > 0}
        if parcel.status == "packed" and inside:
            found.append(parcel)
            for line, count in inside.items():
                left[line] -= count
    return found
