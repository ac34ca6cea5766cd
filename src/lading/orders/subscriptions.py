"""Subscriptions as rules see them. Pure."""

import calendar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from lading.terms.documents import number_or_id

STATUSES = {
    "active": "It places its next order when that is due.",
    "paused": "It waits until somebody resumes it.",
    "cancelled": "It was given up.",
    "ended": "It placed all of its orders.",
}
"""With their meaning."""
FAILURES_MAX = 3
"""An order that was refused so often pauses its subscription."""
RETRY = timedelta(days=1)


@dataclass(slots=True)
class Subscription:
    """A contract that places orders."""

    id: UUID
    number: int
    draft_id: UUID
    status: str
    version: int
    every: int
    unit: str
    """day, week or month"""
    day: int
    """Of the month, there where its clock is."""
    prices: str
    """kept or current"""
    cycle: int
    orders_max: int | None
    next_at: datetime
    failures: int
    failed_as: str | None
    reason: str | None
    created_at: datetime
    time_zone: str
    """The time of day of its orders stays the same there, in summer and in winter."""
    retry_at: datetime | None = None
    """When an order that was refused is tried again."""
    stored: bool = True

    @property
    def name(self) -> str:
        """As people say it."""
        return f"S{self.number}"

    @property
    def due_at(self) -> datetime:
        """When the next order is placed, or tried again."""
        return self.retry_at or self.next_at

    def after(self, at: datetime) -> datetime:
        """The date of the rhythm that follows."""
        at = at.astimezone(ZoneInfo(self.time_zone))
        if self.unit != "month":
            return (at + timedelta(days=self.every * (7 if self.unit == "week" else 1))).astimezone(UTC)
        month = at.month - 1 + self.every
        year, month = at.year + month // 12, month % 12 + 1
        day = min(self.day, calendar.monthrange(year, month)[1])
        return at.replace(year=year, month=month, day=day).astimezone(UTC)

    def advance(self, now: datetime) -> None:
        """One cycle is done: the next one is due at the next date that is not over, and what was missed is not made up for."""
        self.cycle += 1
        self.failures, self.failed_as, self.retry_at = 0, None, None
        self.next_at = self.after(self.next_at)
        while self.next_at <= now:
            self.next_at = self.after(self.next_at)
        if self.orders_max is not None and self.cycle > self.orders_max:
            self.status = "ended"

    def fail(self, name: str, now: datetime) -> None:
        """The order was refused: it is tried again a day later, and after some tries somebody has to look."""
        self.failures, self.failed_as = self.failures + 1, name
        if self.failures >= FAILURES_MAX:
            self.status, self.reason = "paused", "orders_refused"
        else:
            self.retry_at = now + RETRY


FIELDS = (
    "number", "draft_id", "status", "every", "unit", "day", "prices", "cycle", "orders_max", "next_at", "failures", "failed_as", "reason",
    "created_at", "retry_at", "time_zone",
)  # fmt: skip
"""What the journal says of a subscription each time something happens to it."""


def told(subscription: Subscription) -> dict[str, object]:
    """As `subscription` of an event, whatever its kind."""
    return {"id": subscription.id, **{name: getattr(subscription, name) for name in FIELDS}}


@dataclass(slots=True)
class Subscriptions:
    """The subscriptions of a batch, found by number or id."""

    by_key: dict[UUID | int, Subscription] = field(default_factory=dict)

    def find(self, ref: str) -> Subscription | None:
        """By what people or programs call it."""
        key = number_or_id(ref, "S")
        return None if key is None else self.by_key.get(key)

    def all(self) -> list[Subscription]:
        """Each once."""
        return list({each.id: each for each in self.by_key.values()}.values())
