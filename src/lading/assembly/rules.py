"""How the units of a work order move. Pure: no I/O, no clock, no randomness.

What kits take up goes to the account `assembled`, and what is made comes from it: each posting is of one product.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from lading.assembly.types import WorkLine, WorkOrder
from lading.terms.ledger import End, Posting

ACCOUNT = "assembled"


class Step(NamedTuple):
    """Units of a line that were used up, made, or given back (`to`: done or cancelled)."""

    line: WorkLine
    to: str
    quantity: int
    lot: str = ""
    """In which the units lie."""
    serials: tuple[str, ...] = ()
    """Names of the units, where they have names."""


class Units(NamedTuple):
    """Which units of a product kits take or give."""

    serials: Mapping[str, str] = {}
    """Their names, with the lot of each; empty where they have none."""
    lot: str = ""
    """Of what is made."""


_ANY = Units()


def complete(order: WorkOrder, kits: int, at: datetime, told: Mapping[UUID, Units]) -> list[Step]:
    """So many kits are made or taken apart: their inputs are used up, their outputs are there.

    `told`: by product, where its units are told apart. Raises ValueError where named units are of other lots than set aside.
    """
    steps = _inputs(order, kits, "done", told)
    for line in order.lines.values():
        if line.role == "output":
            line.done += kits * line.per_kit
            units = told.get(line.sku_id, _ANY)
            steps.append(Step(line, "done", kits * line.per_kit, units.lot, tuple(units.serials)))
    order.completed += kits
    _close(order, at)
    return steps


def cancel(order: WorkOrder, kits: int, at: datetime) -> list[Step]:
    """So many kits are not made: their inputs are available again."""
    steps = _inputs(order, kits, "cancelled", {})
    for line in order.lines.values():
        if line.role == "output":
            line.cancelled += kits * line.per_kit
            steps.append(Step(line, "cancelled", kits * line.per_kit))
    order.cancelled += kits
    _close(order, at)
    return steps


def _inputs(order: WorkOrder, kits: int, to: str, told: Mapping[UUID, Units]) -> list[Step]:
    """Units of each input, its lots in the order in which they were set aside."""
    steps = [step._replace(to=to) for step in to_use(order, kits, told)]
    for step in steps:
        step.line.allocated -= step.quantity
        setattr(step.line, to, getattr(step.line, to) + step.quantity)
    return steps


def to_use(order: WorkOrder, kits: int, told: Mapping[UUID, Units]) -> list[Step]:
    """What so many kits would use up. Raises ValueError where less is set aside."""
    steps = []
    missing: dict[object, int] = {}
    for line in order.lines.values():
        if line.role != "input":
            continue
        named = told.get(line.sku_id, _ANY).serials
        names = tuple(name for name, lot in named.items() if lot == line.lot)
        units = min(missing.setdefault(line.sku_id, kits * line.per_kit), line.allocated)
        if named:
            units = min(len(names), units)
        if units:
            missing[line.sku_id] -= units
            steps.append(Step(line, "done", units, line.lot, names))
    if any(missing.values()):
        raise ValueError(f"less is set aside for {order.name} than its kits take")
    return steps


def _close(order: WorkOrder, at: datetime) -> None:
    if not order.left:
        order.closed_at = at


def set_aside(order: WorkOrder) -> list[Posting]:
    """What it takes is not available any more."""
    return [
        _posting(order, line, line.allocated, "available", "allocated", line.lot)
        for line in order.lines.values()
        if line.allocated
    ]


def posting(order: WorkOrder, step: Step) -> Posting | None:
    """The posting of a step; None where nothing moves (an output that is not made)."""
    if step.line.role == "output":
        return _posting(order, step.line, step.quantity, ACCOUNT, "available", step.lot) if step.to == "done" else None
    target = ACCOUNT if step.to == "done" else "available"
    return _posting(order, step.line, step.quantity, "allocated", target, step.lot)


def _posting(order: WorkOrder, line: WorkLine, quantity: int, source: str, target: str, lot: str) -> Posting:
    def end(name: str) -> End:
        return End(name) if name == ACCOUNT else End(name, order.location_id, lot)

    return Posting(line.sku_id, quantity, end(source), end(target))


def told(step: Step) -> dict[str, Any]:
    """As the journal keeps it."""
    return {
        "line": step.line.number,
        "role": step.line.role,
        "sku": step.line.sku,
        "to": step.to,
        "quantity": step.quantity,
        **({"lot": step.lot} if step.lot else {}),
        **({"serials": step.serials} if step.serials else {}),
    }
