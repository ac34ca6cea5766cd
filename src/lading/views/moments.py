"""What "as of" means: the journal up to a position. That answer never changes."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.journal import store as journal
from lading.kernel.ids import dated_id
from lading.views.pages import FIRST_ID, LAST_ID

sql = queries.load(__file__)

_SLACK = timedelta(days=1)

EVER = datetime(1, 1, 2, tzinfo=UTC)
"""Before everything: where a walk by time begins."""

Moment = Annotated[datetime, Meta(tz=True, description="RFC 3339 with its offset")]


Position = Annotated[int, Meta(ge=0, le=2**62, description="What we knew after this event")]
Then = Annotated[Moment, Meta(description="What we knew at that time")]


class AsOf(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position of the journal, or a time; without either: now."""

    position: Position | None = None
    at: Then | None = None

    def __post_init__(self) -> None:
        one_of(self.position, self.at)


def one_of(position: int | None, at: datetime | None) -> None:
    """Raises ValueError where both are given."""
    if position is not None and at is not None:
        raise ValueError("give a position or a time, not both")


async def position_of(tx: Transaction, position: int | None, at: datetime | None) -> int:
    """The position that is meant: the given one, the last by that time, or the head; never beyond the head."""
    if at is not None:
        return await journal.position_at(tx, at)
    head = int(await tx.fetchval(sql.head_position))
    return head if position is None else min(position, head)


async def last_id_until(tx: Transaction, position: int) -> UUID:
    """An id that no event up to the position lies above; the very last id where no event comes after it."""
    if await tx.fetchval(sql.recorded_at, position + 1) is None:
        return LAST_ID
    recorded_at = await tx.fetchval(sql.recorded_at, position)
    return dated_id(LAST_ID, recorded_at + _SLACK) if recorded_at else FIRST_ID


async def first_id_after(tx: Transaction, position: int) -> UUID | None:
    """An id that no event after the position lies below; None where there is no such event.

    Event ids are UUIDv7 of the command's arrival, at most minutes before its commit: a day of slack is plenty.
    """
    recorded_at = await tx.fetchval(sql.recorded_at, position + 1)
    return dated_id(UUID(int=0), recorded_at - _SLACK) if recorded_at else None
