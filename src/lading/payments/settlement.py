"""What a provider says it moved, beside what we think it moved. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

MoveKind = Literal["capture", "refund"]


@dataclass(slots=True, frozen=True)
class Moved:
    """One line of a provider's report."""

    payment: str
    """The provider's id of the payment."""
    kind: MoveKind
    amount_minor: int
    fee_minor: int
    """What the provider keeps of it."""
    currency: str
    at: datetime
    movement: str = ""
    """The provider's id of it; empty where the report does not say it."""


@dataclass(slots=True, frozen=True)
class Done:
    """A capture or refund that a provider said was done."""

    payment: str
    kind: MoveKind
    amount_minor: int
    currency: str
    order: str
    tender: int
    at: datetime


@dataclass(slots=True, frozen=True)
class Unmatched:
    """A movement that only one side knows of."""

    side: Literal["here", "there"]
    """Who knows of it: we, or the provider."""
    payment: str
    kind: MoveKind
    amount_minor: int
    currency: str
    at: datetime
    order: str | None


@dataclass(slots=True)
class Settlement:
    """How a report compares."""

    matched: int = 0
    captured: dict[str, int] = field(default_factory=dict)
    """What the report says was taken, by currency; all in minor units."""
    refunded: dict[str, int] = field(default_factory=dict)
    fees: dict[str, int] = field(default_factory=dict)
    unmatched: list[Unmatched] = field(default_factory=list)


def compare(moved: Sequence[Moved], done: Iterable[Done]) -> Settlement:
    """Line by line: each movement of the report has its own here, and each of ours in the time of the report is in it."""
    settlement = Settlement()
    waiting: dict[tuple[str, MoveKind, int, str], list[Done]] = defaultdict(list)
    for each in sorted(done, key=lambda each: each.at):
        waiting[(each.payment, each.kind, each.amount_minor, each.currency)].append(each)
    for line in moved:
        sums = settlement.captured if line.kind == "capture" else settlement.refunded
        sums[line.currency] = sums.get(line.currency, 0) + line.amount_minor
        settlement.fees[line.currency] = settlement.fees.get(line.currency, 0) + line.fee_minor
        if ours := waiting[(line.payment, line.kind, line.amount_minor, line.currency)]:
            ours.pop(0)
            settlement.matched += 1
        else:
            there = Unmatched("there", line.payment, line.kind, line.amount_minor, line.currency, line.at, None)
            settlement.unmatched.append(there)
    if moved:
        first, last = min(line.at for line in moved), max(line.at for line in moved)
        settlement.unmatched += [
            Unmatched("here", each.payment, each.kind, each.amount_minor, each.currency, each.at, each.order)
            for left in waiting.values()
            for each in left
            if first <= each.at <= last
        ]
    return settlement
