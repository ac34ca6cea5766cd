"""Identifiers: UUIDv7 for what we make, UUIDv5 for what a caller's key names.

What we make are uuid.UUIDs of the class in which ids come out of the database: made, hashed, compared and written in a fraction of
the time.
"""

import uuid
from datetime import datetime

from asyncpg.pgproto.pgproto import UUID as _QuickUUID
from uuid_utils import uuid7 as _uuid7

NAMESPACE = uuid.UUID("5b1f3c52-9d0e-5c1a-8a6e-1ad1f0c0ffee")
ZERO = uuid.UUID(int=0)

_TIME_BITS = 80  # the lower bits of a UUIDv7 hold version, variant and randomness
_UNTIMED = (1 << _TIME_BITS) - 1
_DAY_MS = 86_400_000


def new_id() -> uuid.UUID:
    """A fresh UUIDv7: later ids sort after earlier ones of the same process."""
    return _QuickUUID(_uuid7().bytes)


def dated_id(fresh: uuid.UUID, at: datetime) -> uuid.UUID:
    """The fresh UUIDv7 with its time replaced, so that an index on ids walks things by the date they bear in the world."""
    milliseconds = max(0, int(at.timestamp() * 1000))
    return _of(milliseconds << _TIME_BITS | fresh.int & _UNTIMED)


def sibling_id(fresh: uuid.UUID, which: int) -> uuid.UUID:
    """As fresh and as random as that one, and different: each `which` is another one."""
    return _of(fresh.int ^ which)


def first_id_at(at: datetime) -> uuid.UUID:
    """The smallest UUIDv7 of that millisecond: whatever was made then or later sorts at it or after it."""
    return uuid.UUID(int=max(0, int(at.timestamp() * 1000)) << _TIME_BITS)


def day_before(id_: uuid.UUID) -> uuid.UUID:
    """The lowest UUIDv7 of a day before that one: what was made about then or later does not lie below it."""
    return uuid.UUID(int=max(0, (id_.int >> _TIME_BITS) - _DAY_MS) << _TIME_BITS)


def _of(number: int) -> uuid.UUID:
    return _QuickUUID(number.to_bytes(16, "big"))


def named_id(*parts: object) -> uuid.UUID:
    """The UUIDv5 of a path of names; the same names give the same id for ever."""
    return uuid.uuid5(NAMESPACE, "\x1f".join(str(part) for part in parts))
