"""What lies on carts after a cancellation and belongs on the shelf, location by location."""

from typing import Annotated, NamedTuple
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.views.names import read_names
from lading.views.pages import FIRST_ID, PageQuery, key_of, page_of
from lading.views.stock import find_location

sql = queries.load(__file__)


class PutBacksQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which location's."""

    location: Code

    def __post_init__(self) -> None:
        key_of(self.after, PutBackKey, PUT_BACK_FIRST)


class PutBackKey(NamedTuple):
    """After which allocation a page begins."""

    order_id: UUID
    number: Annotated[int, Meta(ge=0, le=32_767)]


PUT_BACK_FIRST = PutBackKey(FIRST_ID, 0)


class PutBack(Struct, frozen=True):
    """Units of one line that were cancelled after their pick."""

    fulfillment_order: str
    order: str
    line: int
    sku: str
    name: str
    lot: str
    quantity: int


class PutBacksPage(Struct, frozen=True):
    """A page of them, those of the oldest order first."""

    items: list[PutBack]
    next: str | None


async def put_backs(tx: Transaction, query: PutBacksQuery) -> PutBacksPage:
    """What has to be put back at a location. Raises NotFound where there is no such location."""
    location_id = find_location(await read_names(tx), query.location)
    key = key_of(query.after, PutBackKey, PUT_BACK_FIRST)
    rows = await tx.fetch(sql.put_backs, location_id, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, "order_id", "number")
    items = [
        PutBack(
            f"{row['order_number']}-F{row['fulfillment_order']}", str(row["order_number"]), row["line_number"], row["sku"],
            row["name"], row["lot"], row["put_back"],
        )
        for row in shown
    ]  # fmt: skip
    return PutBacksPage(items, following)
