"""Lists in pages: an opaque cursor instead of an offset, so that the last page costs what the first one does."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, TypeVar
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

LIMIT_MAX = 200
LIMIT_DEFAULT = 50
FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=2**128 - 1)

Key = TypeVar("Key")

Limit = Annotated[int, Meta(ge=1, le=LIMIT_MAX, description="Items of a page")]
Cursor = Annotated[str, Meta(max_length=600, description="`next` of the page before; leave it out for the first page")]


class NotFound(Exception):
    """There is no such thing for this merchant; the text is a sentence for whoever asked."""


class PageQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list."""

    limit: Limit = LIMIT_DEFAULT
    after: Cursor | None = None


def cursor(*key: object) -> str:
    """The opaque form of a key: after which item the next page begins."""
    return urlsafe_b64encode(msgspec.json.encode(key)).decode().rstrip("=")


def page_of(rows: list[asyncpg.Record], limit: int, *key: str) -> tuple[list[asyncpg.Record], str | None]:
    """The rows of a page, where one more was read than it has, and its `next`: these columns of its last row."""
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], cursor(*(last[name] for name in key))


def key_of(text: str | None, kind: type[Key], first: Key) -> Key:
    """The key that a cursor stands for; `first` where there is none. Raises ValueError for a cursor of another list."""
    if text is None:
        return first
    try:
        key = msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind)
        if isinstance(key, tuple) and not all(map(_can_be, key)):
            raise ValueError("nothing of ours has such a key")
    except (ValueError, msgspec.DecodeError) as error:
        raise ValueError("`after` is not a cursor of this list: give the `next` of its page before") from error
    return key


def _can_be(part: object) -> bool:
    """Whether a row could have it in its key: a text in UTF-8 without NUL, a number of 64 bits."""
    if isinstance(part, str):
        return "\0" not in part and not any("\ud800" <= each <= "\udfff" for each in part)
    return not isinstance(part, int) or abs(part) < 2**63
