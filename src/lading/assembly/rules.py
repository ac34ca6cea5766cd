"""How the units of a work order move. Pure: no I/O, no clock, no randomness.

What kits take up goes to the account `assembled`, and what is made comes from it: each posting is of one product.
"""

from datetime import datetime
from typing import Any, NamedTuple

from lading.assembly.types import WorkLine, WorkOrder
from lading.terms.ledger import End, Posting

ACCOUNT = "assembled"


class Step(NamedTuple):
    """Units of a line that were used up, made, or given back (`to`: done or cancelled)."""

    line: WorkLine
    to: str
    quantity: int


def complete(order: WorkOrder, kits: int, at: datetime) -> list[Step]:
    """So many kits are made or taken apart: their inputs are used up, their outputs are there."""
    steps = _inputs(order, kits, "done")
    for line in order.lines.values():
        if line.role == "output":
            line.done += kits * line.per_kit
            steps.append(Step(line, "done", kits * line.per_kit))
    order.completed += kits
    _close(order, at)
    return steps


def cancel(order: WorkOrder, kits: int, at: datetime) -> list[Step]:
    """So many kits are not made: their inputs are available again."""
    steps = _inputs(order, kits, "cancelled")
    for line in order.lines.values():
        if line.role == "output":
            line.cancelled += kits * line.per_kit
            steps.append(Step(line, "cancelled", kits * line.per_kit))
    order.cancelled += kits
    _close(order, at)
    return steps


def _inputs(order: WorkOrder, kits: int, to: str) -> list[Step]:
    """Units of each input, its lots in the order in which they were set aside."""
    steps = []
    missing: dict[object, int] = {}
    for line in order.lines.values():
        if line.role != "input":
            continue
        units = min(missing.setdefault(line.sku_id, kits * line.per_kit), line.allocated)
        if units:
            missing[line.sku_id] -= units
            line.allocated -= units
            setattr(line, to, getattr(line, to) + units)
            steps.append(Step(line, to, units))
    if any(missing.values()):
        raise ValueError(f"less is set aside for {order.name} than its kits take")
    return steps


def _close(order: WorkOrder, at: datetime) -> None:
    if not order.left:
        order.closed_at = at


def set_aside(order: WorkOrder) -> list[Posting]:
    """What it takes is not available any more."""
    return [
        _posting(order, line, line.allocated, "available", "allocated")
        for line in order.lines.values()
        if line.allocated
    ]


def posting(order: WorkOrder, step: Step) -> Posting | None:
    """The posting of a step; None where nothing moves (an output that is not made)."""
    if step.line.role == "output":
        return _posting(order, step.line, step.quantity, ACCOUNT, "available") if step.to == "done" else None
    return _posting(order, step.line, step.quantity, "allocated", ACCOUNT if step.to == "done" else "available")


def _posting(order: WorkOrder, line: WorkLine, quantity: int, source: str, target: str) -> Posting:
    def end(name: str) -> End:
        return End(name) if name == ACCOUNT else End(name, order.location_id, line.lot)

    return Posting(line.sku_id, quantity, end(source), end(target))


def told(step: Step) -> dict[str, Any]:
    """As the journal keeps it."""
    return {
        "line": step.line.number,
        "role": step.line.role,
        "sku": step.line.sku,
        "to": step.to,
        "quantity": step.quantity,
    }
