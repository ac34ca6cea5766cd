"""How a fulfillment order stands, in the words of the field. Pure: no I/O, no clock.

What it counts and what its location was asked are kept; the state is said when it is read, for it depends on holds and on the clock.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Protocol

from msgspec import Struct

REQUESTS: Final[Mapping[str, str]] = {
    "unsubmitted": "Its location was not asked: it works on what is released to it.",
    "submitted": "Its location was asked and has not answered.",
    "accepted": "Its location will send it.",
    "rejected": "Its location gave back what it had not sent.",
    "cancellation_requested": "Its location was asked to stop and has not answered.",
    "cancellation_accepted": "Its location stopped.",
    "cancellation_rejected": "Its location sends it all the same.",
}
"""What a location was asked, and what it said."""

STATES: Final[Mapping[str, str]] = {
    "open": "Nobody has begun.",
    "scheduled": "Nobody begins before its time.",
    "on_hold": "Somebody has to lift a hold first.",
    "in_progress": "Its location accepted it, or units were picked.",
    "closed": "All of it that was wanted left the building.",
    "incomplete": "Its location sent some of it and gave the rest back.",
    "cancelled": "Nothing of it will be sent.",
}
"""Every state with its meaning."""


class Counted(Protocol):
    """What the state is said of."""

    @property
    def released(self) -> int: ...
    @property
    def picked(self) -> int: ...
    @property
    def packed(self) -> int: ...
    @property
    def handed_over(self) -> int: ...
    @property
    def rejected(self) -> int: ...
    @property
    def short(self) -> int: ...
    @property
    def request(self) -> str: ...
    @property
    def scheduled_for(self) -> datetime | None: ...


class Standing(Struct, frozen=True):
    """As Counted."""

    released: int
    picked: int
    packed: int
    handed_over: int
    rejected: int
    short: int
    request: str
    scheduled_for: datetime | None


def state(work: Counted, now: datetime, *, held: bool) -> str:
    """One of STATES."""
    if not work.released + work.picked + work.packed:
        if not work.handed_over:
            return "cancelled"
        return "incomplete" if work.rejected + work.short else "closed"
    if held:
        return "on_hold"
    if is_scheduled(work, now):
        return "scheduled"
    begun = work.picked + work.packed + work.handed_over
    return "in_progress" if begun or work.request in ("accepted", "cancellation_rejected") else "open"


def is_scheduled(work: Counted, now: datetime) -> bool:
    """Whether nobody works on it yet."""
    return work.scheduled_for is not None and work.scheduled_for > now
