"""What was bought and is on its way, and who waits for a product."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.inbound import rules
from lading.inbound import store as inbound
from lading.inbound.types import PurchaseLine, PurchaseOrder
from lading.kernel.ids import ZERO
from lading.terms.documents import number_or_id
from lading.terms.fields import EARLIEST, Code
from lading.views.names import Names, read_names
from lading.views.pages import FIRST_ID, LAST_ID, NotFound, PageQuery, cursor, key_of, page_of
from lading.views.products import find_product
from lading.views.stock import find_location

sql = queries.load(__file__)

_STEP = 200
_WALK_MAX = 2_000
_FIRST = (2**15 - 1, EARLIEST, 0, 0)
"""Before everybody who waits."""

Status = Literal["expected", "placed", "partially_received", "received", "closed", "cancelled"]


class Scheduled(Struct, frozen=True):
    """Units of a line that are due at one time."""

    line: int
    """The number by which they are received."""
    asn: str | None
    """The ASN that announced them; None for what nobody announced."""
    due_at: datetime
    ordered: int
    received: int
    damaged: int
    """Among those received."""
    cancelled: int
    expected: int


class PurchaseOrderLine(Struct, frozen=True):
    """Units of one product as they were bought, and when which of them come."""

    line: int
    sku: str
    location: str
    ordered: int
    received: int
    damaged: int
    cancelled: int
    expected: int
    schedule: list[Scheduled]
    """By date."""


class AsnView(Struct, frozen=True):
    """What a supplier announced."""

    asn: str
    reference: str
    carrier: str | None
    tracking_number: str | None
    announced_at: datetime
    cancelled_at: datetime | None


class PurchaseOrderView(Struct, frozen=True):
    """A purchase order and how far it is."""

    purchase_order: str
    id: UUID
    reference: str | None
    supplier: str
    status: str
    """placed, partially_received, received, closed or cancelled."""
    ordered_at: datetime
    next_due_at: datetime | None
    """When the next units are due; None where none are expected."""
    cancelled_at: datetime | None
    closed_at: datetime | None
    version: int
    lines: list[PurchaseOrderLine]
    asns: list[AsnView]


class PurchaseOrdersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which purchase orders, the newest first."""

    sort: Annotated[
        Literal["newest", "due"],
        Meta(description="`due`: those of which something is still to come, what is due first before"),
    ] = "newest"

    status: Annotated[Status, Meta(description="`expected`: all of which something is still to come")] | None = None
    sku: Annotated[Code, Meta(description="Only those that hold this product")] | None = None
    location: Annotated[Code, Meta(description="Only those that come to this location")] | None = None
    supplier: Annotated[str, Meta(max_length=300, description="Exactly this supplier")] | None = None

    def __post_init__(self) -> None:
        self.key()

    def key(self) -> tuple[Any, ...]:
        """After which purchase order the page begins. Raises ValueError for a cursor of another list."""
        if self.sort == "due":
            return key_of(self.after, tuple[datetime, UUID], (EARLIEST, FIRST_ID))
        return key_of(self.after, tuple[UUID], (LAST_ID,))


class PurchaseOrdersPage(Struct, frozen=True):
    """A page of purchase orders."""

    items: list[PurchaseOrderView]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


class PurchaseOrderQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One purchase order."""

    purchase_order: Annotated[str, Meta(max_length=64, description="PO1042, or its id")]


async def purchase_orders(tx: Transaction, query: PurchaseOrdersQuery) -> PurchaseOrdersPage:
    """A page of purchase orders, the newest first. Raises NotFound for a product or a location that does not exist."""
    sku_id = (await find_product(tx, query.sku)).id if query.sku else None
    location_id = find_location(await read_names(tx), query.location)
    statement = sql.walk_due_purchase_orders if query.sort == "due" else sql.walk_purchase_orders
    found: list[tuple[PurchaseOrder, tuple[Any, ...]]] = []
    key, walked, more = query.key(), 0, True
    while len(found) <= query.limit and walked < _WALK_MAX and more:
        rows = await tx.fetch(statement, *key, _STEP)
        loaded = await inbound.load(tx, (str(row["id"]) for row in rows), lock=False)
        keys = {row["id"]: (row["at"], row["id"]) if query.sort == "due" else (row["id"],) for row in rows}
        known = [(each, key_) for id_, key_ in keys.items() if (each := loaded.find(str(id_)))]
        found += [pair for pair in known if _fits(pair[0], query, sku_id, location_id)]
        walked += len(rows)
        more = len(rows) == _STEP
        key = keys[rows[-1]["id"]] if rows else key
    shown = found[: query.limit]
    last = found[query.limit - 1][1] if len(found) > query.limit else key if more else None
    return PurchaseOrdersPage(await _views(tx, [each for each, _ in shown]), None if last is None else cursor(*last))


def _fits(row: PurchaseOrder, query: PurchaseOrdersQuery, sku_id: UUID | None, location_id: UUID | None) -> bool:
    status = rules.status(row)
    expected = any(line.expected for line in row.lines.values())
    return (
        (query.status in (None, status) or (query.status == "expected" and expected))
        and query.supplier in (None, row.supplier)
        and (sku_id is None or any(line.sku_id == sku_id for line in row.lines.values()))
        and (location_id is None or any(line.location_id == location_id for line in row.lines.values()))
    )


async def purchase_order(tx: Transaction, query: PurchaseOrderQuery) -> PurchaseOrderView:
    """One purchase order. Raises NotFound."""
    found = None
    if number_or_id(query.purchase_order, "PO") is not None:
        found = (await inbound.load(tx, [query.purchase_order], lock=False)).find(query.purchase_order)
    if found is None:
        raise NotFound(f"There is no purchase order {query.purchase_order}.")
    return (await _views(tx, [found]))[0]


async def _views(tx: Transaction, rows: Sequence[PurchaseOrder]) -> list[PurchaseOrderView]:
    names = await read_names(tx, {line.sku_id for row in rows for line in row.lines.values()})
    return [_view(row, names) for row in rows]


def _view(row: PurchaseOrder, names: Names) -> PurchaseOrderView:
    due = [line.due_at for line in row.lines.values() if line.expected]
    return PurchaseOrderView(
        row.name, row.id, row.reference, row.supplier, rules.status(row), row.ordered_at, min(due, default=None),
        row.cancelled_at, row.closed_at, row.version,
        [_line(row, line, names) for line in row.lines.values() if line.of_line == line.number],
        [
            AsnView(f"{row.name}-A{asn.number}", asn.reference, asn.carrier, asn.tracking_number, asn.announced_at, asn.cancelled_at)
            for asn in row.asns.values()
        ],
    )  # fmt: skip


def _line(row: PurchaseOrder, line: PurchaseLine, names: Names) -> PurchaseOrderLine:
    family = rules.family(row, line.number)
    schedule = [
        Scheduled(each.number, f"{row.name}-A{each.asn}" if each.asn else None, each.due_at, each.ordered, each.received,
                  each.damaged, each.cancelled, each.expected)
        for each in family if each.ordered or each.received
    ]  # fmt: skip
    return PurchaseOrderLine(
        line.number, names.sku(line.sku_id), names.location(line.location_id),
        sum(each.ordered for each in family), sum(each.received for each in family), sum(each.damaged for each in family),
        sum(each.cancelled for each in family), sum(each.expected for each in family), schedule,
    )  # fmt: skip


class BackordersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who waits for which product."""

    sku: Code

    def __post_init__(self) -> None:
        key_of(self.after, tuple[int, datetime, int, int], _FIRST)


class Backorder(Struct, frozen=True):
    """Units of an order that wait."""

    order: str
    line: int
    quantity: int
    priority: int
    placed_at: datetime
    promised_at: datetime | None
    """None: nobody knows yet."""


class BackordersPage(Struct, frozen=True):
    """Who waits, in the order in which they are served."""

    sku: str
    items: list[Backorder]
    next: str | None


async def backorders(tx: Transaction, query: BackordersQuery) -> BackordersPage:
    """A page of those who wait for a product. Raises NotFound for a product that does not exist."""
    product = await find_product(tx, query.sku)
    after = key_of(query.after, tuple[int, datetime, int, int], _FIRST)
    rows = await tx.fetch(sql.backorders, product.id, *after, query.limit + 1)
    shown, following = page_of(rows, query.limit, "priority", "placed_at", "order_number", "line")
    items = [
        Backorder(str(row["order_number"]), row["line"], row["quantity"], row["priority"], row["placed_at"], row["promised_at"])
        for row in shown
    ]  # fmt: skip
    return BackordersPage(product.code, items, following)


class BinsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose bins."""

    location: Code
    bin: Annotated[Code, Meta(description="Only this one")] | None = None
    sku: Annotated[Code, Meta(description="Only where this product lies")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str, UUID, str], ("", ZERO, ""))


class InBin(Struct, frozen=True):
    """Units of one product in one bin."""

    bin: str
    sku: str
    lot: str
    quantity: int


class BinsPage(Struct, frozen=True):
    """What lies in the bins of a location, by bin."""

    location: str
    items: list[InBin]
    next: str | None


async def in_bins(tx: Transaction, query: BinsQuery) -> BinsPage:
    """A page of what lies in bins. Raises NotFound for a location or a product that does not exist."""
    location_id = find_location(await read_names(tx), query.location)
    sku_id = (await find_product(tx, query.sku)).id if query.sku else None
    after = key_of(query.after, tuple[str, UUID, str], ("", ZERO, ""))
    rows = await tx.fetch(sql.in_bins, location_id, query.bin, sku_id, *after, query.limit + 1)
    shown, following = page_of(rows, query.limit, "bin", "sku_id", "lot")
    items = [InBin(row["bin"], row["sku"], row["lot"], row["quantity"]) for row in shown]
    return BinsPage(query.location, items, following)
