"""Lists in pages: an opaque cursor instead of an offset, so that the last page costs what the first one does."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, TypeVar
from uuid import UUID

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


def key_of(text: str | None, kind: type[Key], first: Key) -> Key:
    """The key that a cursor stands for; `first` where there is none. Raises ValueError for a cursor of another list."""
    if text is None:
        return first
    try:
        return msgspec.json.decode(urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=kind)
    except (ValueError, msgspec.DecodeError) as error:
        raise ValueError("`after` is not a cursor of this list: give the `next` of its page before") from error
