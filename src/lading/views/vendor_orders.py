"""What vendors send for us: each the purchase order that hangs on a customer's order, under the name of its fulfillment order."""

from datetime import datetime
from typing import Annotated, NamedTuple
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.views.moments import EVER, Moment
from lading.views.names import read_names
from lading.views.order import Address
from lading.views.pages import FIRST_ID, PageQuery, key_of, page_of
from lading.views.stock import find_location

sql = queries.load(__file__)


class VendorOrdersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of which vendor: what is not sent yet."""

    vendor: Annotated[Code, Meta(description="The code of the vendor's location")]

    def __post_init__(self) -> None:
        key_of(self.after, VendorOrderKey, VENDOR_ORDERS_FIRST)


class VendorOrderKey(NamedTuple):
    """After which of them a page begins."""

    released_at: Moment
    order_id: UUID
    number: Annotated[int, Meta(ge=0, le=32_767)]


VENDOR_ORDERS_FIRST = VendorOrderKey(EVER, FIRST_ID, 0)


class VendorLine(Struct, frozen=True):
    """Units of one product that are to be sent still."""

    line: int
    sku: str
    gtin: str | None
    name: str
    quantity: int


class VendorOrder(Struct, frozen=True):
    """What a vendor is asked to send."""

    vendor_order: str
    """The name of its fulfillment order, 1042-F1."""
    order: str
    request: str
    """submitted, accepted, cancellation_requested ..."""
    asked_at: datetime
    answer_by: datetime | None
    ship_by: datetime | None
    ship_to: Address | None
    """None where nobody said it, or it is erased."""
    lines: list[VendorLine]


class VendorOrdersPage(Struct, frozen=True):
    """A page of them, the longest waiting first."""

    items: list[VendorOrder]
    next: str | None


async def vendor_orders(tx: Transaction, query: VendorOrdersQuery) -> VendorOrdersPage:
    """What a vendor has to send. Raises NotFound where there is no such location."""
    location_id = find_location(await read_names(tx), query.vendor)
    key = key_of(query.after, VendorOrderKey, VENDOR_ORDERS_FIRST)
    rows = await tx.fetch(sql.vendor_orders, location_id, *key, query.limit + 1)
    shown, following = page_of(rows, query.limit, *VendorOrderKey._fields)
    lines: dict[tuple[UUID, int], list[VendorLine]] = {}
    ids, numbers = [row["order_id"] for row in shown], [row["number"] for row in shown]
    for row in await tx.fetch(sql.vendor_order_lines, ids, numbers) if shown else []:
        lines.setdefault((row[0], row[1]), []).append(VendorLine(*row[2:]))
    items = [
        VendorOrder(
            f"{row['order_number']}-F{row['number']}", str(row["order_number"]), row["request"], row["released_at"], row["answer_by"],
            row["ship_by"], Address(*(row[name] for name in Address.__struct_fields__)) if row["country"] else None,
            lines.get((row["order_id"], row["number"]), []),
        )
        for row in shown
    ]  # fmt: skip
    return VendorOrdersPage(items, following)
