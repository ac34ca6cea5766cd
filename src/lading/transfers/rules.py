"""How units travel between locations. Pure: no I/O, no clock, no randomness.

A step takes units of a line from one counter to another; its posting follows from the counters alone, so that the line,
the stock and the ledger cannot disagree. Units on their way lie in no bucket: the line counts them.
"""

from typing import Any, NamedTuple

from lading.terms.ledger import End, Posting
from lading.transfers.types import Transfer, TransferLine


class Step(NamedTuple):
    """Units of a line that went from one counter to another; `damaged` of them arrived damaged (a step of its own)."""

    line: TransferLine
    source: str
    target: str
    quantity: int
    damaged: bool = False
    serials: tuple[str, ...] = ()
    """Names of the units, where they have names; set aside, they are only meant."""


def step(
    line: TransferLine,
    source: str,
    target: str,
    quantity: int,
    *,
    damaged: bool = False,
    serials: tuple[str, ...] = (),
) -> Step:
    """Take the step in memory. Raises ValueError where fewer units stand there."""
    if getattr(line, source) < quantity:
        raise ValueError(f"{quantity} units of line {line.number} are more than are {source}")
    if source != "planned":
        setattr(line, source, getattr(line, source) - quantity)
    setattr(line, target, getattr(line, target) + quantity)
    if damaged:
        line.damaged += quantity
    if source == "planned" and serials:
        line.serials = [*line.serials, *serials]
    return Step(line, source, target, quantity, damaged, serials)


def posting(transfer: Transfer, taken: Step) -> Posting | None:
    """What the ledger says of it; None where the units are only planned on paper."""
    home, lot = transfer.from_location_id, taken.line.lot
    ends = {
        ("planned", "ready"): (End("available", home, lot), End("allocated", home, lot)),
        ("ready", "cancelled"): (End("allocated", home, lot), End("available", home, lot)),
        ("ready", "in_transit"): (End("allocated", home, lot), None),
        ("in_transit", "received"): (
            None, End("damaged" if taken.damaged else "available", transfer.to_location_id, lot),
        ),
        ("in_transit", "came_home"): (None, End("available", home, lot)),
        ("in_transit", "lost"): (None, End("lost")),
    }.get((taken.source, taken.target))  # fmt: skip
    return Posting(taken.line.sku_id, taken.quantity, *ends) if ends else None


def told(taken: Step) -> dict[str, Any]:
    """The step as the journal keeps it: every counter is rebuilt from these."""
    line = taken.line
    return {
        "line": line.number, "sku_id": line.sku_id, "sku": line.sku, "lot": line.lot, "from": taken.source, "to": taken.target,
        "quantity": taken.quantity, "damaged": taken.damaged, **({"serials": taken.serials} if taken.serials else {}),
    }  # fmt: skip
