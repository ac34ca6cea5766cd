"""The rows of the ledgers: postings of units and of money, and the event that they belong to."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

STOCK_BUCKETS = ("available", "reserved", "allocated", "picked", "packed", "damaged", "quality_hold")
"""Buckets of a stock row; on hand is their sum."""

ACCOUNTS = ("supplier", "lost", "found", "scrapped", "outside", "assembled")
"""Counterparts without a balance row: the sum of their postings is the balance."""

ON_SHELF = "on_shelf"
"""Where a serial lies that is available, reserved or allocated: which of them an order gets is known at the pick."""

AWAY = ("in_transit", "delivered", "sent_back", "lost")
"""Stages of a line in which its units are in nobody's building; places of serials too."""

ON_ITS_WAY = "in_transit"
"""Where a serial is that left with a transfer: a posting without a target, and of no order's line."""

LINE_STAGES = (
    "cancelled", "open", "backordered", "allocated", "released", "picked", "packed", "in_transit", "delivered", "sent_back", "lost",
)  # fmt: skip
"""Where the units of an order line stand; they sum to `ordered`."""

RETURN_STAGES = ("return_requested", "returning", "returned")
"""Counted beside the stages of a line: what customers announced and sent back of units that were handed over, and
(`returning`) sent-back units that nobody has received yet."""


AUTHORISED, AUTHORISATIONS = "authorised", "authorisations"
"""Money that providers promised and nobody took yet: debited to the first, credited to the second, and back when it is captured or given
up. No money moves, so both stand beside the accounts that it moves between."""

REFUNDS_RETURNED = "refunds_returned"
"""Through it a refund comes back that a bank did not take: it was given back, and is owed again."""

DISPUTED, CHARGEBACKS = "disputed", "chargebacks"
"""Money that a customer's bank took back: while nobody has decided, and what was lost for good."""

PROVIDER_FEES = "provider_fees"
"""What providers keep of the payments that they move."""

CREDITS_ISSUED, CREDITS_EXPIRED = "credits_issued", "credits_expired"
"""Where gift cards and store credit come from, and where what nobody spent in time goes. What is owed to holders lies in the accounts of
their tenders."""


class End(NamedTuple):
    """One end of a move of stock: a bucket at a location (and lot), or an account where the location is None."""

    bucket: str
    location_id: UUID | None = None
    lot: str = ""


class Posting(NamedTuple):
    """A quantity of one SKU that moves between two stock ends, between two stages of an order line, or both at once."""

    sku_id: UUID
    quantity: int
    source: End | None = None
    target: End | None = None
    line_number: int | None = None
    line_from: str | None = None
    line_to: str | None = None
    serial: str | None = None
    """The name of the one unit that moves, where its product has serial numbers."""


def place_of(end: End | None, stage: str | None) -> str | None:
    """Where a serial is at that end of a posting; None where only its serial row knows (it comes back from an order)."""
    if end is not None:
        return ON_SHELF if end.bucket in ("available", "reserved", "allocated") else end.bucket
    return stage if stage in AWAY else None


class MoneyPosting(NamedTuple):
    """An amount (> 0, minor units of the order's currency) that moves from the credited to the debited account."""

    order_id: UUID
    debit: str
    credit: str
    amount_minor: int
    currency: str
    tender_number: int | None = None


TOLD_AHEAD = timedelta(hours=25)
"""Whatever is told before it occurs is told at most so long before: its id bears the moment when it was told."""


class Event(NamedTuple):
    """What happened: the past tense of a command. Holds no personal data (ids of party and address rows instead)."""

    kind: str
    subject_kind: str
    subject_id: UUID
    occurred_at: datetime
    data: dict[str, Any]
    version: int = 1
