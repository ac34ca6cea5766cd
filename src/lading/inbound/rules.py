"""What a purchase order is worth in words, where a receipt is counted, and what can be promised of what is to come. Pure."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from datetime import datetime

from lading.inbound.types import PurchaseLine, PurchaseOrder, Rank, Supply

STATUSES = {
    "placed": "Nothing of it has come yet.",
    "partially_received": "Some of it has come, more is expected.",
    "received": "All that was ordered has come or was called off.",
    "closed": "Somebody said that nothing more is awaited.",
    "cancelled": "All that was still to come was called off.",
}
"""How far a purchase order is."""


def status(purchase_order: PurchaseOrder) -> str:
    """One of STATUSES."""
    if purchase_order.cancelled_at:
        return "cancelled"
    if purchase_order.closed_at:
        return "closed"
    if not any(line.received for line in purchase_order.lines.values()):
        return "placed"
    return "partially_received" if any(line.expected for line in purchase_order.lines.values()) else "received"


def family(purchase_order: PurchaseOrder, number: int, asn: int | None = None) -> list[PurchaseLine]:
    """The line and what ASNs took out of it (of one ASN, if named), in the order in which they are due."""
    found = [
        line
        for line in purchase_order.lines.values()
        if number in (line.number, line.of_line) and asn in (None, line.asn)
    ]
    return sorted(found, key=lambda line: (line.due_at, line.number))


def spread(lines: Sequence[PurchaseLine], quantity: int) -> list[tuple[PurchaseLine, int]]:
    """Where units that came are counted: on the lines that expect some, what is due first before; more than that on the last one."""
    parts = []
    for line in lines:
        units = min(quantity, line.expected)
        if units:
            parts.append((line, units))
            quantity -= units
    if quantity:
        last, units = parts.pop() if parts else (lines[-1], 0)
        parts.append((last, units + quantity))
    return parts


def most(lines: Sequence[PurchaseLine], tolerance_percent: int) -> int:
    """Units that may still come on these lines: what is wanted of them and so many percent more, less what came."""
    wanted = sum(line.ordered - line.cancelled for line in lines)
    return wanted + wanted * tolerance_percent // 100 - sum(line.received for line in lines)


def take_out(line: PurchaseLine, number: int, asn: int, quantity: int, due_at: datetime) -> PurchaseLine:
    """A part of what the line expects becomes a line of an ASN with a date of its own. They expect as much as before."""
    line.ordered -= quantity
    return PurchaseLine(
        line.purchase_order_id, number, line.of_line, asn, line.sku_id, line.location_id, due_at, quantity, stored=False
    )


def put_back(line: PurchaseLine, into: PurchaseLine) -> int:
    """What an ASN's line still expects is due with the line that it was taken out of; how many units that are."""
    quantity = line.expected
    line.ordered -= quantity
    into.ordered += quantity
    return quantity


class Outlook:
    """What will come of one product, and who waits for it: whoever is served first gets what comes first."""

    def __init__(self, supplies: Iterable[Supply], waiting: Iterable[tuple[Rank, int]]) -> None:
        self._dates: list[datetime] = []
        self._sums: list[int] = []
        for supply in sorted(supplies, key=lambda each: each.due_at):
            self._dates.append(supply.due_at)
            self._sums.append(self.expected + supply.quantity)
        self._waiting = sorted(waiting)
        self._next = self._before = 0

    @property
    def expected(self) -> int:
        """Units that will come in all."""
        return self._sums[-1] if self._sums else 0

    def unclaimed(self) -> list[tuple[datetime, int]]:
        """What comes beyond what those get who wait: (when, units), the soonest first."""
        left: dict[datetime, int] = {}
        counted = sum(units for _, units in self._waiting)
        for at, until in zip(self._dates, self._sums, strict=True):
            if until > counted:
                left[at] = left.get(at, 0) + until - counted
                counted = until
        return list(left.items())

    def wait(self, rank: Rank, quantity: int) -> None:
        """So many units more wait."""
        insort(self._waiting, (rank, quantity))
        if self._next and rank < self._waiting[self._next - 1][0]:
            self._next = self._before = 0

    def earliest(self, rank: Rank, quantity: int) -> datetime | None:
        """When so many units are there beyond what those get who are served before; None: that many are not expected."""
        place = bisect_left(self._sums, self._served_before(rank) + quantity)
        return self._dates[place] if place < len(self._dates) else None

    def _served_before(self, rank: Rank) -> int:
        """Units that wait before; asked in the order of ranks it looks at each once."""
        if self._next and self._waiting[self._next - 1][0] >= rank:
            self._next = self._before = 0
        while self._next < len(self._waiting) and self._waiting[self._next][0] < rank:
            self._before += self._waiting[self._next][1]
            self._next += 1
        return self._before


def honest(expected: datetime | None, told: datetime | None, now: datetime) -> datetime | None:
    """The date to tell: never one of the past. What is overdue is expected any moment, and whoever was told so is not told again."""
    if expected is None or expected > now:
        return expected
    return told if told is not None and told <= now else now
