"""Gives the documents stock to start from, and cuts them into batches in which no stock is ever negative."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from lading.adapters.channels.online_retail.rules import fold
from lading.adapters.channels.online_retail.terms import (
    Adjustment,
    Batch,
    CreditNote,
    Kept,
    Opening,
    Order,
    empty_batch,
)

Document = Adjustment | Order | CreditNote | Kept

_GAIN, _ORDER, _LOSS, _CREDIT, _KEPT = range(5)
"""Documents of one time happen in this order: a credit note never comes before an order that it takes back."""


class Step(Struct, frozen=True):
    """One document in its place on the timeline, with what it does to stock."""

    at: datetime
    rank: int
    first_line: int
    document: Document
    changes: Sequence[tuple[str, int]]
    """SKU and units, negative where they leave."""
    weight: int
    """Lines of the document."""


class Limits(Struct, frozen=True):
    """How much goes into one batch; a single document may be larger."""

    documents: int = 500
    lines: int = 5_000


def timeline(
    orders: Iterable[Order], adjustments: Iterable[Adjustment], notes: Iterable[CreditNote], kept: Iterable[Kept]
) -> list[Step]:
    """All documents in the order of time."""
    steps = [_order_step(order) for order in orders]
    steps += [_adjustment_step(adjustment) for adjustment in adjustments]
    steps += [_credit_step(note) for note in notes]
    steps += [Step(item.occurred_at, _KEPT, item.source_line, item, (), 1) for item in kept]
    steps.sort(key=lambda step: (step.at, step.rank, step.first_line))
    return steps


def _order_step(order: Order) -> Step:
    first_line = min([line.source_line for line in order.lines] + [charge.source_line for charge in order.charges])
    changes = [(line.sku, -line.quantity) for line in order.lines]
    return Step(order.placed_at, _ORDER, first_line, order, changes, len(changes) + len(order.charges))


def _adjustment_step(adjustment: Adjustment) -> Step:
    change = adjustment.quantity if adjustment.gain else -adjustment.quantity
    rank = _GAIN if adjustment.gain else _LOSS
    return Step(adjustment.occurred_at, rank, adjustment.source_line, adjustment, [(adjustment.sku, change)], 1)


def _credit_step(note: CreditNote) -> Step:
    lines = [line for part in note.returns for line in part.lines]
    charges = [charge for part in note.returns for charge in part.charges]
    sources = [line.source_line for line in lines] + [charge.source_line for charge in charges]
    changes = [(line.sku, line.quantity) for line in lines]
    return Step(note.occurred_at, _CREDIT, min(sources), note, changes, len(sources))


def openings(steps: Iterable[Step], balances: Mapping[str, int], posted: Mapping[str, int]) -> dict[str, Opening]:
    """By SKU: its largest cumulative net outflow over the timeline less the stock that is there, if above zero.

    `balances` and `posted` (earlier openings, which number the key) are by folded code.
    """
    flow: dict[str, int] = {}
    lowest: dict[str, int] = {}
    first: dict[str, Step] = {}
    for step in steps:
        for sku, change in step.changes:
            if sku not in flow:
                first[sku] = step
            level = flow[sku] = flow.get(sku, 0) + change
            if level < lowest.get(sku, 0):
                lowest[sku] = level
    return {
        sku: _opening(sku, missing, first[sku], balances, posted)
        for sku, low in lowest.items()
        if (missing := -low - balances.get(fold(sku), 0)) > 0
    }


def _opening(sku: str, quantity: int, first: Step, balances: Mapping[str, int], posted: Mapping[str, int]) -> Opening:
    folded = fold(sku)
    count = posted.get(folded, 0)
    shortfall = count > 0 or balances.get(folded, 0) > 0
    return Opening(f"opening:{folded}:{count}", sku, quantity, first.at, shortfall, first.first_line)


def batches(
    steps: Iterable[Step], opened: Mapping[str, Opening], balances: Mapping[str, int], limits: Limits
) -> list[Batch]:
    """The steps in order, cut where a batch is full or where its orders, done before its returns, would overdraw."""
    return list(_cut(steps, dict(opened), balances, limits))


def _cut(
    steps: Iterable[Step], opened: dict[str, Opening], balances: Mapping[str, int], limits: Limits
) -> Iterator[Batch]:
    level: dict[str, int] = {}
    coming_back: dict[str, int] = {}
    batch, documents, lines = empty_batch(), 0, 0
    for step in steps:
        started = _start(step, opened, balances, level)
        full = documents == limits.documents or (documents and lines + step.weight > limits.lines)
        if full or (coming_back and _goes_below(step, level, coming_back)):
            yield batch
            batch, documents, lines = empty_batch(), 0, 0
            for sku, units in coming_back.items():
                level[sku] += units
            coming_back = {}
        batch.openings += started
        _add(step, batch)
        documents, lines = documents + 1, lines + step.weight
        for sku, change in step.changes:
            if step.rank == _CREDIT:
                coming_back[sku] = coming_back.get(sku, 0) + change
            else:
                level[sku] += change
    if documents:
        yield batch


def _goes_below(step: Step, level: Mapping[str, int], coming_back: Mapping[str, int]) -> bool:
    """Whether the step needs units that come back in the same batch, which writes its returns last."""
    if step.rank not in (_ORDER, _LOSS) or not any(sku in coming_back for sku, _ in step.changes):
        return False
    needed: dict[str, int] = {}
    for sku, change in step.changes:
        needed[sku] = needed.get(sku, 0) - change
    return any(level[sku] < units for sku, units in needed.items())


def _start(step: Step, opened: dict[str, Opening], balances: Mapping[str, int], level: dict[str, int]) -> list[Opening]:
    """Sets the level of SKUs that move for the first time; their openings, taken out of `opened`."""
    started: list[Opening] = []
    for sku, _ in step.changes:
        if sku not in level:
            opening = opened.pop(sku, None)
            level[sku] = balances.get(fold(sku), 0) + (opening.quantity if opening else 0)
            if opening:
                started.append(opening)
    return started


def _add(step: Step, batch: Batch) -> None:
    match step.document:
        case Order() as order:
            batch.orders.append(order)
        case CreditNote() as note:
            batch.credit_notes.append(note)
        case Kept() as item:
            batch.kept.append(item)
        case Adjustment() as adjustment:
            (batch.gains if adjustment.gain else batch.losses).append(adjustment)
