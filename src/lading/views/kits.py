"""Kits: what they are made of; and the work orders that make them ahead."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.assembly.types import LETTER
from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.documents import number_or_id
from lading.terms.fields import Code
from lading.views.names import Names, read_names
from lading.views.pages import LAST_ID, NotFound, PageQuery, key_of, page_of
from lading.views.stock import find_location
from lading.views.walking import walk

sql = queries.load(__file__)


class ComponentView(Struct, frozen=True):
    """What a kit holds of one product."""

    sku: str
    name: str
    per_kit: int
    list_price: str | None
    """Of one unit; None where it is unknown."""


class KitView(Struct, frozen=True):
    """A kit and what it is made of."""

    sku: str
    name: str
    kit: str
    """on_demand: put together for each order; stocked: made ahead and sold from stock."""
    components: list[ComponentView]


class KitsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which kits, by code."""

    component: Annotated[Code, Meta(description="Only kits that are made of this")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str], ("",))


class KitsPage(Struct, frozen=True):
    """A page of kits."""

    items: list[KitView]
    next: str | None


class KitQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One kit."""

    sku: Code


async def kits(tx: Transaction, query: KitsQuery) -> KitsPage:
    """A page of kits, by their codes."""
    (after,) = key_of(query.after, tuple[str], ("",))
    rows = await tx.fetch(sql.walk_kits, after, query.component, query.limit + 1)
    shown, following = page_of(rows, query.limit, "code")
    return KitsPage(await _kits(tx, shown), following)


async def kit(tx: Transaction, query: KitQuery) -> KitView:
    """One kit. Raises NotFound, also for a product that is none."""
    rows = await tx.fetch(sql.kit_row, query.sku)
    if not rows:
        raise NotFound(f"There is no kit {query.sku}.")
    return (await _kits(tx, rows))[0]


async def _kits(tx: Transaction, rows: Sequence[asyncpg.Record]) -> list[KitView]:
    components: dict[UUID, list[ComponentView]] = {row["id"]: [] for row in rows}
    for row in await tx.fetch(sql.components_of_kits, list(components)):
        price = None if row["list_price"] is None else f"{row['list_price'].normalize():f}"
        components[row["kit_id"]].append(ComponentView(row["code"], row["name"], row["per_kit"], price))
    return [KitView(row["code"], row["name"], row["kit"], components[row["id"]]) for row in rows]


class SubstitutesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose substitutes, by code."""

    sku: Annotated[Code, Meta(description="Only what may be sent in place of this")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str], ("",))


class SubstitutesView(Struct, frozen=True):
    """What may be sent in place of a product, the best first."""

    sku: str
    name: str
    substitutes: list[str]


class SubstitutesPage(Struct, frozen=True):
    """A page of products that something may be sent in place of."""

    items: list[SubstitutesView]
    next: str | None


async def substitutes(tx: Transaction, query: SubstitutesQuery) -> SubstitutesPage:
    """A page of products with their substitutes, by their codes."""
    (after,) = key_of(query.after, tuple[str], ("",))
    rows = await tx.fetch(sql.walk_substitutes, after, query.sku, query.limit + 1)
    shown, following = page_of(rows, query.limit, "code")
    return SubstitutesPage([SubstitutesView(*row) for row in shown], following)


Status = Literal["waiting", "open", "started", "completed", "cancelled"]


class WorkOrderLineView(Struct, frozen=True):
    """Units that kits take (input), or give (output)."""

    line: int
    role: str
    sku: str
    name: str
    tracking: str
    """none, lot or serial: whether its units are told apart when kits are made"""
    lot: str
    per_kit: int
    planned: int
    allocated: int
    """Set aside, of an input."""
    done: int
    """Used up, or made."""
    cancelled: int


class WorkOrderView(Struct, frozen=True):
    """Kits that are made or taken apart."""

    work_order: str
    id: UUID
    reference: str | None
    kind: str
    """assemble or disassemble"""
    sku: str
    """The kit."""
    location: str
    status: str
    quantity: int
    """Kits."""
    completed: int
    cancelled: int
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    version: int
    lines: list[WorkOrderLineView]


class WorkOrdersQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which work orders, the newest first."""

    status: Annotated[Status, Meta(description="`waiting`: open or started")] | None = None
    location: Code | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (LAST_ID,))


class WorkOrdersPage(Struct, frozen=True):
    """A page of work orders."""

    items: list[WorkOrderView]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


class WorkOrderQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One work order."""

    work_order: Annotated[str, Meta(max_length=64, description="W1043, or its id")]


async def work_orders(tx: Transaction, query: WorkOrdersQuery) -> WorkOrdersPage:
    """A page of work orders, the newest first. Raises NotFound for a location that does not exist."""
    names = await read_names(tx)
    location_id = find_location(names, query.location)
    after = key_of(query.after, tuple[UUID], (LAST_ID,))

    def fits(row: asyncpg.Record) -> bool:
        return _fits(row, query.status) and location_id in (None, row["location_id"])

    shown, later = await walk(tx, sql.walk_work_orders, after, ("id",), fits, query.limit)
    return WorkOrdersPage(await _work_orders(tx, shown, names), later)


def _fits(row: asyncpg.Record, status: str | None) -> bool:
    return status in (None, row["status"]) or (status == "waiting" and row["status"] in ("open", "started"))


async def work_order(tx: Transaction, query: WorkOrderQuery) -> WorkOrderView:
    """One work order. Raises NotFound."""
    key = number_or_id(query.work_order, LETTER)
    by_id, by_number = (key if isinstance(key, kind) else None for kind in (UUID, int))
    rows = await tx.fetch(sql.work_order_row, by_id, by_number)
    if not rows:
        raise NotFound(f"There is no work order {query.work_order}.")
    return (await _work_orders(tx, rows, await read_names(tx)))[0]


async def _work_orders(tx: Transaction, rows: Sequence[asyncpg.Record], names: Names) -> list[WorkOrderView]:
    lines: dict[UUID, list[WorkOrderLineView]] = {row["id"]: [] for row in rows}
    for line in await tx.fetch(sql.lines_of_work_orders, list(lines)):
        lines[line["work_order_id"]].append(
            WorkOrderLineView(
                line["number"], line["role"], line["sku"], line["name"], line["tracking"], line["lot"], line["per_kit"], line["planned"],
                line["allocated"], line["done"], line["cancelled"],
            )
        )  # fmt: skip
    return [
        WorkOrderView(
            work_order=f"{LETTER}{row['number']}", location=names.location(row["location_id"]), lines=lines[row["id"]],
            **{name: row[name] for name in _AS_STORED},
        )
        for row in rows
    ]  # fmt: skip


_AS_STORED = (
    "id", "reference", "kind", "sku", "status", "quantity", "completed", "cancelled", "opened_at", "due_at", "closed_at", "version",
)  # fmt: skip
