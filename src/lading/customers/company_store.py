"""Loading and saving companies, and what they owe."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from lading.customers.companies import Companies, Company, Contact, Credit, Place
from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)

_contacts = msgspec.json.Decoder(list[Contact]).decode
_places = msgspec.json.Decoder(list[Place]).decode


async def read(tx: Transaction, codes: Iterable[str], *, lock: bool) -> Companies:
    """The companies of those codes; with `lock` what they owe is locked, in key order, and read afterwards."""
    found = Companies()
    for row in await tx.fetch(sql.read_companies, sorted(set(codes))):
        values = {**dict(row), "contacts": _contacts(row["contacts"]), "addresses": _places(row["addresses"])}
        found.by_code[row["code"]] = Company(**values)
    ids = sorted(company.id for company in found.by_code.values())
    for row in await tx.fetch(sql.lock_company_credit if lock else sql.read_company_credit, ids):
        found.credit[row[0], row[1]] = Credit(*row)
    return found


async def read_credit(tx: Transaction, ids: Iterable[UUID]) -> dict[tuple[UUID, str], Credit]:
    """What these companies owe and may owe; whoever locked their orders locked it."""
    rows = await tx.fetch(sql.read_company_credit, sorted(set(ids)))
    return {(row[0], row[1]): Credit(*row) for row in rows}


async def read_codes(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The codes of companies."""
    wanted = sorted(set(ids))
    return {row[0]: row[1] for row in await tx.fetch(sql.company_codes, wanted)} if wanted else {}


async def save(tx: Transaction, companies: Sequence[Company]) -> int:
    """Insert new ones and save known ones; rows written (fewer than given: somebody else took a code)."""
    rows = [
        (each.id, each.code, each.name, each.tax_number, each.group, each.terms_days, each.needs_purchase_order, each.active,
         _json(each.contacts), _json(each.addresses), each.version)
        for each in companies
    ]  # fmt: skip
    return await tx.execute(sql.save_companies, *queries.transposed(rows, 11))


async def save_limits(tx: Transaction, rows: Sequence[Credit]) -> None:
    """What companies may owe; what they owe stays as it is."""
    last = {(row.company_id, row.currency): row for row in rows}
    ordered = [last[key] for key in sorted(last)]
    await tx.execute(sql.save_limits, *queries.columns(ordered, "company_id currency limit_minor"))


async def lock_credit(tx: Transaction, companies: Companies, keys: Iterable[tuple[UUID, str]]) -> None:
    """Make the rows of companies that never ordered in a currency, so that they can be locked before everything else, and lock them.

    Who met such a company without a row would lock it late, and wait for those who lock it first.
    """
    missing = sorted(set(keys) - companies.credit.keys())
    if not missing:
        return
    await tx.execute(sql.create_company_credit, [key[0] for key in missing], [key[1] for key in missing])
    for row in await tx.fetch(sql.lock_company_credit, sorted({key[0] for key in missing})):
        companies.credit[row[0], row[1]] = Credit(*row)


async def move_exposure(tx: Transaction, changes: dict[tuple[UUID, str], int]) -> None:
    """Companies owe so much more, or less. Their rows are locked."""
    keys = sorted(changes)
    columns = [[key[0] for key in keys], [key[1] for key in keys]]
    await tx.execute(sql.move_exposure, *columns, [changes[key] for key in keys])


async def taken_purchase_orders(tx: Transaction, wanted: Iterable[tuple[UUID, str]]) -> dict[tuple[UUID, str], int]:
    """The numbers of the orders that bear these purchase order numbers of companies, of those that must be unique."""
    keys = sorted(set(wanted))
    if not keys:
        return {}
    rows = await tx.fetch(sql.taken_purchase_orders, [key[0] for key in keys], [key[1] for key in keys])
    return {(row[0], row[1]): row[2] for row in rows}


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
