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
    """The steps nearly in their order: what needs units that may not be back yet waits for a later batch."""
    return list(_cut(steps, dict(opened), balances, limits))


def _cut(
    steps: Iterable[Step], opened: dict[str, Opening], balances: Mapping[str, int], limits: Limits
) -> Iterator[Batch]:
    cutting = _Cutting(opened, balances)
    for step in steps:
        if cutting.documents and (cutting.documents >= limits.documents or cutting.lines + step.weight > limits.lines):
            yield cutting.next_batch()
        cutting.take(step)
    while cutting.documents or cutting.waiting:
        yield cutting.next_batch()


class _Cutting:
    """The batch that is being filled, and what waits for a later one.

    What came back is counted on two batches later. What waits has its units set aside: whatever subset of the batches before it is
    written, all steps up to the last of them find what they need, so a run that was killed is completed without more stock.
    """

    def __init__(self, opened: dict[str, Opening], balances: Mapping[str, int]) -> None:
        self.documents = self.lines = 0
        self.waiting: list[Step] = []
        self._opened, self._balances = opened, balances
        self._batch = empty_batch()
        self._level: dict[str, int] = {}
        self._coming_back: dict[str, int] = {}
        self._came_back: dict[str, int] = {}
        self._late: set[str | None] = set()
        """Customers of whom something waits: their credit notes do, too."""

    def take(self, step: Step) -> None:
        """Into the batch, if what it needs is there whenever the batch is written."""
        self._start(step)
        document = step.document
        if isinstance(document, CreditNote):
            ready = document.customer not in self._late
        else:
            _bring(self._level, step.changes)
            ready = all(self._level[sku] >= 0 for sku, _ in step.changes)
        if not ready:
            self.waiting.append(step)
            if isinstance(document, Order | CreditNote):
                self._late.add(document.customer)
            return
        if isinstance(document, CreditNote):
            _bring(self._coming_back, step.changes)
        _add(step, self._batch)
        self.documents, self.lines = self.documents + 1, self.lines + step.weight

    def next_batch(self) -> Batch:
        """The batch as it is; what waits comes first in the next one."""
        batch, self._batch = self._batch, empty_batch()
        self.documents = self.lines = 0
        _bring(self._level, self._came_back.items())
        self._came_back, self._coming_back = self._coming_back, {}
        waiting, self.waiting = self.waiting, []
        self._late.clear()
        for step in waiting:
            if step.rank != _CREDIT:
                _bring(self._level, [(sku, -change) for sku, change in step.changes])
        for step in waiting:
            self.take(step)
        return batch

    def _start(self, step: Step) -> None:
        """Sets the level of SKUs that move for the first time; takes their openings out of `opened`."""
        for sku, _ in step.changes:
            if sku not in self._level:
                opening = self._opened.pop(sku, None)
                self._level[sku] = self._balances.get(fold(sku), 0) + (opening.quantity if opening else 0)
                if opening:
                    self._batch.openings.append(opening)


def _bring(level: dict[str, int], changes: Iterable[tuple[str, int]]) -> None:
    for sku, change in changes:
        level[sku] = level.get(sku, 0) + change


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
