"""Companies that buy, and what they have to pay."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.catalog import store as catalog
from lading.customers.companies import Contact, Place
from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.fields import Code
from lading.terms.money import Money
from lading.views.pages import FIRST_ID, NotFound, PageQuery, key_of, page_of

sql = queries.load(__file__)

_FIRST_DAY = date(1, 1, 1)
_contacts = msgspec.json.Decoder(list[Contact]).decode
_places = msgspec.json.Decoder(list[Place]).decode


class CompanyCredit(Struct, frozen=True):
    """What a company owes in one currency, and may owe."""

    owed: Money
    limit: Money | None
    """None: no limit."""
    is_over: bool


class CompanyRow(Struct, frozen=True):
    """A company in a list."""

    id: UUID
    code: str
    name: str
    group: str | None
    terms_days: int | None
    """Days until it has to pay; None: at once."""
    active: bool
    version: int
    credit: list[CompanyCredit]


class CompanyContact(Struct, frozen=True):
    """Somebody of a company; all but the role is None once they are erased."""

    customer: UUID
    name: str | None
    email: str | None
    phone: str | None
    role: str


class CompanyPlace(Struct, frozen=True):
    """An address of a company."""

    use: str
    label: str | None
    country: str
    name: str | None
    company: str | None
    line1: str | None
    line2: str | None
    city: str | None
    region: str | None
    postal_code: str | None


class CompanyView(CompanyRow, frozen=True, kw_only=True):
    """A company, whole."""

    tax_number: str | None
    needs_purchase_order: bool
    contacts: list[CompanyContact]
    addresses: list[CompanyPlace]


class CompaniesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which companies, by code."""

    group: Code | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[str], ("",))


class CompaniesPage(Struct, frozen=True):
    """A page of companies."""

    items: list[CompanyRow]
    next: str | None


class CompanyQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """One company."""

    company: Code


class Receivable(Struct, frozen=True):
    """An order that a company has not paid."""

    order: str
    company: str
    company_name: str
    purchase_order: str | None
    terms_days: int | None
    due_on: date
    """When it, or the first invoice of it, is to be paid."""
    days_late: int
    """Below zero: days left."""
    owed: Money
    """What nobody has paid or promised yet."""
    overdue: Money
    """What of it is late by today: where invoices set the dates, only what these billed."""


class ReceivablesQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What companies have to pay, the longest due first: what is overdue, or all of it."""

    status: Annotated[Literal["overdue", "open"], Meta(description="`open`: also what is not due yet")] = "overdue"
    company: Code | None = None

    def __post_init__(self) -> None:
        key_of(self.after, tuple[date, UUID], (_FIRST_DAY, FIRST_ID))


class ReceivablesPage(Struct, frozen=True):
    """A page of orders that are to be paid."""

    items: list[Receivable]
    next: str | None
    """A page may be shorter than its limit and still have a next one."""


async def companies(tx: Transaction, query: CompaniesQuery) -> CompaniesPage:
    """A page of companies."""
    (after,) = key_of(query.after, tuple[str], ("",))
    rows = await tx.fetch(sql.walk_companies, after, query.group, query.limit + 1)
    shown, following = page_of(rows, query.limit, "code")
    credit = await _credit(tx, [row["id"] for row in shown])
    items = [_row(row, credit) for row in shown]
    return CompaniesPage(items, following)


async def company(tx: Transaction, query: CompanyQuery) -> CompanyView:
    """One company. Raises NotFound."""
    rows = await tx.fetch(sql.company_row, query.company)
    if not rows:
        raise NotFound(f"There is no company {query.company}.")
    row = rows[0]
    contacts, places = _contacts(row["contacts"]), _places(row["addresses"])
    people = {
        each["id"]: each for each in await tx.fetch(sql.company_people, [one.party_version_id for one in contacts])
    }
    found = {each["id"]: each for each in await tx.fetch(sql.company_places, [one.address_id for one in places])}
    head = _row(row, await _credit(tx, [row["id"]]))
    return CompanyView(
        *(getattr(head, name) for name in CompanyRow.__struct_fields__), tax_number=row["tax_number"],
        needs_purchase_order=row["needs_purchase_order"],
        contacts=[
            CompanyContact(one.customer_id, known["name"], known["email"], known["phone"], one.role)
            for one in contacts if (known := people.get(one.party_version_id))
        ],
        addresses=[
            CompanyPlace(one.use, one.label, *(known[name] for name in CompanyPlace.__struct_fields__[2:]))
            for one in places if (known := found.get(one.address_id))
        ],
    )  # fmt: skip


def _row(row: asyncpg.Record, credit: dict[UUID, list[CompanyCredit]]) -> CompanyRow:
    return CompanyRow(
        row["id"], row["code"], row["name"], row["group"], row["terms_days"], row["active"], row["version"],
        credit.get(row["id"], []),
    )  # fmt: skip


async def _credit(tx: Transaction, ids: Sequence[UUID]) -> dict[UUID, list[CompanyCredit]]:
    found: dict[UUID, list[CompanyCredit]] = {}
    for id_, currency, limit_minor, exposure_minor in await tx.fetch(sql.company_credit, ids):
        limit = None if limit_minor is None else Money.of_minor(limit_minor, currency)
        is_over = limit_minor is not None and exposure_minor > limit_minor
        found.setdefault(id_, []).append(CompanyCredit(Money.of_minor(exposure_minor, currency), limit, is_over))
    return found


async def receivables(tx: Transaction, query: ReceivablesQuery) -> ReceivablesPage:
    """A page of orders that companies have to pay. Raises NotFound for a company that does not exist."""
    key = key_of(query.after, tuple[date, UUID], (_FIRST_DAY, FIRST_ID))
    company_id = None
    if query.company is not None:
        rows = await tx.fetch(sql.company_row, query.company)
        if not rows:
            raise NotFound(f"There is no company {query.company}.")
        company_id = rows[0]["id"]
    today = datetime.now(await catalog.read_zone(tx)).date()
    last = today if query.status == "overdue" else date.max
    rows = await tx.fetch(sql.walk_receivables, *key, last, company_id, query.limit + 1, today)
    shown, following = page_of(rows, query.limit, "due_on", "order_id")
    items = [_receivable(row, today) for row in shown]
    if query.status == "overdue":
        items = [each for each in items if each.overdue.minor > 0]
    return ReceivablesPage(items, following)


def _receivable(row: asyncpg.Record, today: date) -> Receivable:
    owed = row["owed_minor"]
    late = 0
    if row["due_on"] < today:
        billed, paid = row["billed_minor"], row["captured_minor"] - row["refunded_minor"]
        late = owed if billed is None else max(0, min(owed, billed - paid))
    return Receivable(
        str(row["order_number"]), row["company"], row["company_name"], row["purchase_order"], row["terms_days"], row["due_on"],
        (today - row["due_on"]).days, Money.of_minor(owed, row["currency"]), Money.of_minor(late, row["currency"]),
    )  # fmt: skip
