"""Drafts and quotes: what an order would be, and what became of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.orders.commands import ChargeInput, NoteInput
from lading.orders.drafts import OPEN, DraftLine, DraftWishes, LineWishes, laid_over
from lading.terms.documents import number_or_id
from lading.terms.fields import AttributeValue
from lading.terms.money import Money, UnitPrice
from lading.views.names import Names, read_names
from lading.views.pages import LAST_ID, NotFound, PageQuery, key_of, page_of
from lading.views.timeline import StoryQuery, Timeline, birth_of, story

sql = queries.load(__file__)

Status = Literal["open", "draft", "sent", "accepted", "declined", "converted", "dropped"]

_lines = msgspec.json.Decoder(list[DraftLine]).decode
_charges = msgspec.json.Decoder(list[ChargeInput]).decode


class DraftLineView(Struct, frozen=True):
    """Units of a product at a price."""

    line: int
    sku: str
    name: str
    quantity: int
    unit_price: UnitPrice
    total: Money
    external_id: str | None
    pickup: str | None
    """Where the customer will collect it."""
    ship_complete: bool
    attributes: dict[str, AttributeValue]


class DraftTender(Struct, frozen=True):
    """How the order will be paid, or a part of it."""

    kind: str
    amount: Money


class DraftAddress(Struct, frozen=True):
    """A place that a draft names; empty where it was blanked."""

    name: str | None
    company: str | None
    line1: str | None
    line2: str | None
    postal_code: str | None
    city: str | None
    region: str | None
    country: str


class DraftSummary(Struct, frozen=True):
    """A draft in a list."""

    draft: str
    id: UUID
    version: int
    status: str
    """draft, sent, accepted, declined, converted, dropped; expired where its time is over."""
    channel: str
    reference: str | None
    customer: str | None
    total: Money
    created_at: datetime
    expires_at: datetime | None
    sent_at: datetime | None
    order: str | None
    """The order that it became."""
    approval: str | None
    """needed, given or refused; None: none is needed."""


class DraftView(DraftSummary, frozen=True, kw_only=True):
    """A draft, whole."""

    customer_email: str | None
    ship_to: DraftAddress | None
    bill_to: DraftAddress | None
    ship_by: datetime | None
    priority: int | None
    answered_at: datetime | None
    reason: str | None
    note: str | None
    reservation: UUID | None
    """What is kept for it, or was."""
    company: str | None
    purchase_order: str | None
    lines: list[DraftLineView]
    charges: list[ChargeInput]
    gift: bool
    ship_complete: bool
    language: str | None
    tax_exemption: str | None
    tags: list[str]
    notes: list[NoteInput]
    attributes: dict[str, AttributeValue]
    tenders: list[DraftTender]


class DraftsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which drafts, the newest first."""

    status: Annotated[Status, Meta(description="`open`: all that may still become an order")] | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[UUID], (LAST_ID,))


class DraftsPage(Struct, frozen=True):
    """A page of drafts."""

    items: list[DraftSummary]
    next: str | None


class DraftQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One draft."""

    draft: Annotated[str, Meta(max_length=64, description="D1042, or its id")]


class DraftTimelineQuery(StoryQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose timeline."""

    draft: Annotated[str, Meta(max_length=64, description="D1042, or its id")]


async def draft_timeline(tx: Transaction, query: DraftTimelineQuery) -> Timeline:
    """What happened to a draft, the newest first, and how the order began that it became. Raises NotFound."""
    found = await draft(tx, DraftQuery(query.draft))
    told = await story(tx, found.id, query)
    born = await birth_of(tx, found.order) if found.order and query.after is None else []
    return Timeline([*born, *told.items], told.next)


async def drafts(tx: Transaction, query: DraftsQuery) -> DraftsPage:
    """A page of drafts, the newest first."""
    (before,) = key_of(query.after, tuple[UUID], (LAST_ID,))
    if query.status is None:
        rows = await tx.fetch(sql.walk_drafts, before, query.limit + 1)
    else:
        statuses = list(OPEN) if query.status == "open" else [query.status]
        rows = await tx.fetch(sql.walk_drafts_of_status, before, statuses, query.limit + 1)
    shown, following = page_of(rows, query.limit, "id")
    names = await read_names(tx)
    now = datetime.now(UTC)
    return DraftsPage([DraftSummary(*_head(row, names, now)) for row in shown], following)


async def draft(tx: Transaction, query: DraftQuery) -> DraftView:
    """One draft. Raises NotFound."""
    key = number_or_id(query.draft, "D")
    found = await tx.fetch(sql.draft_row, key if isinstance(key, UUID) else None, key if isinstance(key, int) else None)
    if not found:
        raise NotFound(f"There is no draft {query.draft}.")
    row = found[0]
    lines = _lines(row["lines"])
    names = await read_names(tx, {line.sku_id for line in lines})
    places = {each["id"]: each for each in await tx.fetch(sql.draft_places, [row["ship_to_id"], row["bill_to_id"]])}
    said, private = (msgspec.json.decode(row[name]) for name in ("wishes", "private"))
    wished = msgspec.convert(laid_over(said, private), DraftWishes)
    return DraftView(
        *_head(row, names, datetime.now(UTC)), customer_email=row["email"], ship_to=_place(places.get(row["ship_to_id"])),
        bill_to=_place(places.get(row["bill_to_id"])), ship_by=row["ship_by"], priority=row["priority"],
        answered_at=row["answered_at"], reason=row["reason"], note=row["note"], reservation=row["reservation_id"],
        company=row["company"], purchase_order=row["purchase_order"], lines=_line_views(lines, wished.lines, row["currency"], names),
        charges=_charges(row["charges"]), gift=wished.gift, ship_complete=wished.ship_complete, language=wished.language,
        tax_exemption=wished.tax_exemption, tags=wished.tags, notes=wished.notes, attributes=wished.attributes,
        tenders=[DraftTender(each.kind, each.amount) for each in wished.tenders],
    )  # fmt: skip


def _head(row: asyncpg.Record, names: Names, now: datetime) -> tuple[Any, ...]:
    over = row["status"] in OPEN and row["expires_at"] is not None and row["expires_at"] <= now
    order = None if row["order_number"] is None else str(row["order_number"])
    return (
        f"D{row['number']}", row["id"], row["version"], "expired" if over else row["status"], names.channel(row["channel_id"]),
        row["reference"], row["customer"], Money.of_minor(row["total_minor"], row["currency"]), row["created_at"],
        row["expires_at"], row["sent_at"], order, row["approval"],
    )  # fmt: skip


def _line_views(
    lines: Sequence[DraftLine], wished: Sequence[LineWishes], currency: str, names: Names
) -> list[DraftLineView]:
    views = []
    for number, line in enumerate(lines, 1):
        said = wished[number - 1] if wished else LineWishes()
        price = UnitPrice(line.unit_price, currency)
        total = Money.of_minor(price.line_minor(line.quantity), currency)
        code, name = names.skus.get(line.sku_id, (str(line.sku_id), ""))
        views.append(
            DraftLineView(
                number, code, name, line.quantity, price, total, line.external_id, line.pickup, said.ship_complete,
                said.attributes,
            )
        )  # fmt: skip
    return views


def _place(row: asyncpg.Record | None) -> DraftAddress | None:
    return None if row is None else DraftAddress(*(row[name] for name in DraftAddress.__struct_fields__))
