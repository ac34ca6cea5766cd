"""The attributes that a merchant defined."""

from msgspec import Struct

from lading.catalog.attributes import Subject
from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)


class Attribute(Struct, frozen=True):
    """Something that can be said of orders, lines or products."""

    subject: str
    code: str
    name: str
    type: str
    """text, number, date, boolean or choice"""
    allowed: list[str]
    """Of a choice."""
    required: bool
    filterable: bool
    active: bool
    version: int


class AttributesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Of which things."""

    subject: Subject | None = None


class Attributes(Struct, frozen=True):
    """All of them, those of orders first."""

    items: list[Attribute]


async def attributes(tx: Transaction, query: AttributesQuery) -> Attributes:
    """The attributes, those too that are not said any more."""
    return Attributes([Attribute(*row) for row in await tx.fetch(sql.attributes, query.subject)])
