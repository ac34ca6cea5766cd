"""What each order that is concerned by a shortage should do: keep its units, look elsewhere, get a substitute, wait, or be cancelled.

Regret is in points per unit, times what the order's priority weighs. Keeping costs nothing. Another location costs little, more where it
makes a second parcel. A substitute costs more than that, and about as much as being a day late: what comes in time is waited for.
Waiting costs more with every day; waiting without a date, and cancelling, most.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from lading.shortages.regret import least

ELSEWHERE, SECOND_PARCEL, CALLED_BACK = 4, 6, 2
SUBSTITUTE = 13
"""And one more for each product that is a better substitute."""
WAIT, WAIT_PER_DAY, WAIT_DAYS_MAX, NO_DATE = 12, 2, 60, 150
CANCEL = 400
_DAY_SECONDS = 86_400


class Claim(NamedTuple):
    """Units of an order line that are held where there are fewer."""

    order_id: UUID
    line_number: int
    units: int
    priority: int
    due_at: datetime | None
    """When they shall leave; None: as soon as can be."""
    others: int
    """Units of the order that come from the same place beside these, and would go in another parcel."""
    released: bool
    """Whether the location works on them already."""
    may_split: bool
    may_wait: bool
    may_cancel: bool
    may_substitute: bool = False


class Offer(NamedTuple):
    """Units that a claim could get."""

    kind: str
    """keep, elsewhere, substitute, wait or cancel"""
    units: int
    due_at: datetime | None = None
    """When what is waited for is expected; None: nobody knows."""
    sku: str | None = None
    """Which substitute."""
    rank: int = 0
    """How many substitutes are better."""
    here: bool = False
    """Whether the substitute lies where the units are missing."""


class Choice(NamedTuple):
    """What happens to units of a claim, and why."""

    claim: Claim
    offer: Offer
    units: int
    points: int
    """Regret of all of them."""
    why: str


def plan(claims: Sequence[Claim], offers: Sequence[Offer], now: datetime) -> list[Choice]:
    """The choices with the least regret in all. Claims come in the order in which they are served: among equals the first keeps.

    The last offer must be large enough for everybody (to cancel, or to wait).
    """
    served = least(
        [claim.units for claim in claims],
        [offer.units for offer in offers],
        lambda claim, offer: points(claims[claim], offers[offer], now),
    )
    return [
        Choice(claims[each.claim], offers[each.offer], each.units, each.units * each.regret,
               why(claims[each.claim], offers[each.offer], now))
        for each in served
    ]  # fmt: skip


def points(claim: Claim, offer: Offer, now: datetime) -> int | None:
    """Regret per unit; None where it cannot be."""
    match offer.kind:
        case "keep":
            return 0
        case "elsewhere":
            if claim.others and not claim.may_split:
                return None
            return _weighed(
                claim, ELSEWHERE + (SECOND_PARCEL if claim.others else 0) + (CALLED_BACK if claim.released else 0)
            )
        case "substitute":
            apart = claim.others and not offer.here
            if not claim.may_substitute or (apart and not claim.may_split):
                return None
            return _weighed(claim, SUBSTITUTE + offer.rank + (SECOND_PARCEL if apart else 0))
        case "wait":
            if offer.due_at is None:
                return _weighed(claim, NO_DATE if claim.may_wait else CANCEL - 1)
            return _weighed(claim, WAIT + WAIT_PER_DAY * min(days_late(claim, offer.due_at, now), WAIT_DAYS_MAX))
        case _:
            return _weighed(claim, CANCEL if claim.may_cancel else 2 * CANCEL)


def days_late(claim: Claim, due_at: datetime, now: datetime) -> int:
    """Begun days from when it shall leave to when it can."""
    late = (due_at - max(claim.due_at or now, now)).total_seconds()
    return max(0, -int(-late // _DAY_SECONDS))


def _weighed(claim: Claim, regret: int) -> int:
    """Priority -100 counts nothing, 0 once, 100 twice."""
    return regret * (100 + claim.priority)


def why(claim: Claim, offer: Offer, now: datetime) -> str:
    """The reason, as somebody in the warehouse would say it."""
    match offer.kind:
        case "keep":
            return "Keeps what is there: others mind less."
        case "elsewhere":
            parcel = "; it becomes a second parcel" if claim.others else ""
            return f"Another place has it{parcel}."
        case "substitute":
            parcel = "; it becomes a second parcel" if claim.others and not offer.here else ""
            return f"{offer.sku} can go in its place, and sooner than it comes{parcel}."
        case "wait" if offer.due_at is not None:
            late = days_late(claim, offer.due_at, now)
            told = f"{late} day{'' if late == 1 else 's'} late" if late else "in time"
            return f"Comes on {offer.due_at:%Y-%m-%d}, {told}; no other place has it."
        case "wait":
            return "No place has it and none is expected: it waits without a date."
        case _:
            return "No place has it, none is expected, and it may not wait."
