"""What each order that is concerned by a shortage should do: keep its units, look elsewhere, get a substitute, wait, or be cancelled.

Regret is in points per unit, times what the order's priority weighs. Keeping costs nothing. Another location costs little, more where it
makes a second parcel. A substitute costs more than that, and about as much as being a day late: what comes in time is waited for.
Waiting costs more with every day; waiting without a date, and cancelling, most.
"""

from collections.abc import Mapping, Sequence
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


class Kept(NamedTuple):
    """Units at another place that a claim cannot have."""

    location: str
    units: int
    why: str
    """filter: rules of sourcing keep them there; gave_back: that place gave the order back before; collected: the customer collects
    it at one place, and nobody sends it there."""
    filter: str | None = None
    """Its name."""


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
    kept: Mapping[tuple[str | None, str], Kept] = {}
    """What it cannot have, by (substitute, or None for the product itself; location)."""


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
    places: Sequence[str] = ()
    """Where they lie: places that the same claims can have them from."""


class Choice(NamedTuple):
    """What happens to units of a claim, and why."""

    claim: Claim
    offer: Offer
    units: int
    points: int
    """Regret of all of them."""
    why: str


def by_takers(
    kind: str, places: Mapping[str, int], in_all: int, claims: Sequence[Claim], sku: str | None = None, rank: int = 0
) -> list[Offer]:
    """Units at these places: one offer of those that the same claims can have; all together no more than there are in all."""
    alike: dict[frozenset[int], list[str]] = {}
    some = [number for number, claim in enumerate(claims) if claim.kept]
    for place in places:
        kept_from = frozenset(number for number in some if (sku, place) in claims[number].kept)
        alike.setdefault(kept_from, []).append(place)
    offers = []
    for _, codes in sorted(alike.items(), key=lambda each: len(each[0])):
        units = min(in_all, sum(places[code] for code in codes))
        in_all -= units
        offers.append(Offer(kind, units, None, sku, rank, places=codes))
    return offers


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
    if offer.places and (offer.sku, offer.places[0]) in claim.kept:
        return None
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
            return f"Comes on {offer.due_at:%Y-%m-%d}, {told}; no other place has it." + _kept_elsewhere(claim)
        case "wait":
            return "No place has it and none is expected: it waits without a date." + _kept_elsewhere(claim)
        case _:
            return "No place has it, none is expected, and it may not wait." + _kept_elsewhere(claim)


KEPT_TOLD = 3
"""Places that are named; of more only how many there are."""


def kept_elsewhere(claim: Claim) -> list[Kept]:
    """Units of the product itself that lie elsewhere and that the claim cannot have, the most first."""
    found = [kept for (sku, _), kept in claim.kept.items() if sku is None]
    return sorted(found, key=lambda kept: (-kept.units, kept.location))


def _kept_elsewhere(claim: Claim) -> str:
    found = kept_elsewhere(claim)
    told = [f" {kept.location} has {kept.units}, but {_why_kept(kept)}." for kept in found[:KEPT_TOLD]]
    more = len(found) - KEPT_TOLD
    return "".join(told) + (f" So have {more} more." if more > 0 else "")


def _why_kept(kept: Kept) -> str:
    match kept.why:
        case "filter":
            return f"the filter {kept.filter} keeps them there"
        case "gave_back":
            return "gave the order back before"
        case _:
            return "the customer collects it elsewhere"
