"""What a carrier's word means for a parcel. Pure: no I/O, no clock, no randomness.

Carriers report late, twice and out of order. A parcel's status is what occurred last in the world, whenever it was
told, except that an end (delivered, returned to sender) outweighs every scan, and that the first end stands.
"""

from datetime import datetime, timedelta

from lading.shipping.types import Parcel

UNITS_ARE = {
    "packed": "packed",
    "shipped": "in_transit",
    "in_transit": "in_transit",
    "out_for_delivery": "in_transit",
    "failed_attempt": "in_transit",
    "delivered": "delivered",
    "lost": "lost",
    "returned_to_sender": "sent_back",
}
"""The stage of its units for each status of a parcel."""

ENDS = ("delivered", "returned_to_sender")
"""What no later word takes back."""

_CLOCK_SKEW = timedelta(days=1)
_ORDER = list(UNITS_ARE)


def takes_over(parcel: Parcel, status: str, occurred_at: datetime) -> bool:
    """Whether the word becomes the parcel's status; otherwise it is only kept in the journal."""
    if parcel.status in ENDS:
        return False
    if parcel.status == "shipped" or status in ENDS:
        return True
    return (occurred_at, _ORDER.index(status)) > (parcel.status_at, _ORDER.index(parcel.status))


def contradicts(parcel: Parcel, status: str, occurred_at: datetime) -> bool:
    """Whether the word says, after the parcel's end, that its units ended elsewhere."""
    elsewhere = UNITS_ARE[status] not in ("in_transit", UNITS_ARE[parcel.status])
    return parcel.status in ENDS and elsewhere and occurred_at >= parcel.status_at


def too_early(occurred_at: datetime, now: datetime) -> bool:
    """Whether it lies further ahead than clocks and zones explain: it would silence all that follows."""
    return occurred_at > now + _CLOCK_SKEW


def set_status(parcel: Parcel, status: str, occurred_at: datetime) -> tuple[str, str]:
    """Give the parcel the status; the stages that its units leave and enter (the same where they do not move)."""
    before = UNITS_ARE[parcel.status]
    parcel.status, parcel.status_at = status, occurred_at
    if status == "delivered":
        parcel.delivered_at = occurred_at
    return before, UNITS_ARE[status]
