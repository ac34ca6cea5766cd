"""What waits at counters for its customers."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec import Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.views.moments import EVER, Moment
from lading.views.names import read_names
from lading.views.pages import FIRST_ID, PageQuery, key_of, page_of
from lading.views.stock import find_location

sql = queries.load(__file__)


class PickupsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At which location."""

    location: Code

    def __post_init__(self) -> None:
        key_of(self.after, PickupKey, PICKUPS_FIRST)


class PickupKey(NamedTuple):
    """After which parcel a page begins."""

    ready_at: Moment
    order_id: UUID
    parcel: int


PICKUPS_FIRST = PickupKey(EVER, FIRST_ID, 0)


class Pickup(Struct, frozen=True):
    """A parcel that waits for its customer."""

    parcel: str
    order: str
    order_id: UUID
    code: str
    """What the customer says."""
    customer: str | None
    """None where nobody was named, or the name is erased."""
    ready_at: datetime
    collect_by: datetime
    units: int


class PickupsPage(Struct, frozen=True):
    """A page of them, the longest waiting first."""

    items: list[Pickup]
    next: str | None


async def pickups(tx: Transaction, query: PickupsQuery) -> PickupsPage:
    """What waits at a location. Raises NotFound where there is no such location."""
    location_id = find_location(await read_names(tx), query.location)
    key = key_of(query.after, PickupKey, PICKUPS_FIRST)
    rows = await tx.fetch(sql.waiting_pickups, location_id, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, *PickupKey._fields)
    items = [
        Pickup(
            f"{row['order_number']}-P{row['parcel']}", str(row["order_number"]), row["order_id"], row["code"], row["customer"],
            row["ready_at"], row["collect_by"], row["units"],
        )
        for row in shown
    ]  # fmt: skip
    return PickupsPage(items, following)
