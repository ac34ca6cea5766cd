"""Loading and issuing invoices. The order's lock guards its documents; the row of a series guards its numbers."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.invoices.types import Invoice, InvoiceCharge, InvoiceLine, LegalEntity, Series
from lading.terms.fields import EARLIEST

sql = queries.load(__file__)

SeriesKey = tuple[str, str]
"""(legal entity, series)"""

_INVOICE = (
    "order_id number kind legal_entity series serial entity_version issued_at issued_on currency total_minor tax_minor parcel credits"
    " party_version_id ship_to_id"
)


async def read_invoices(tx: Transaction, order_ids: Iterable[UUID]) -> dict[UUID, list[Invoice]]:
    """The documents of each order, whole, in the order of their numbers."""
    found: dict[UUID, list[Invoice]] = {id_: [] for id_ in order_ids}
    ids = list(found)
    for row in await tx.fetch(sql.read_invoices, ids):
        found[row[0]].append(Invoice(*row))
    for row in await tx.fetch(sql.read_invoice_lines, ids):
        found[row[0]][row[1] - 1].lines.append(InvoiceLine(*row[2:]))
    for row in await tx.fetch(sql.read_invoice_charges, ids):
        found[row[0]][row[1] - 1].lines[row[2] - 1].charges.append(InvoiceCharge(*row[3:]))
    return found


async def read_labels(tx: Transaction, sku_ids: Iterable[UUID]) -> dict[UUID, tuple[str, str]]:
    """(code, name) of these products."""
    return {row[0]: (row[1], row[2]) for row in await tx.fetch(sql.labels_of_products, sorted(set(sku_ids)))}


async def read_series(tx: Transaction, keys: Iterable[SeriesKey], *, lock: bool) -> dict[SeriesKey, Series]:
    """Each series with its last number; locked in key order, and made where it is missing, but for a dry run."""
    wanted = sorted(set(keys))
    columns = queries.transposed(wanted, 2)
    if lock:
        await tx.execute(sql.create_series, *columns)
    rows = await tx.fetch(sql.lock_series if lock else sql.read_series, *columns)
    found = {(row[0], row[1]): Series(*row) for row in rows}
    return {key: found.get(key) or Series(*key, 0, EARLIEST) for key in wanted}


async def read_entities(tx: Transaction, codes: Iterable[str]) -> dict[str, LegalEntity]:
    """The last versions of these legal entities."""
    return {row[0]: LegalEntity(*row) for row in await tx.fetch(sql.read_entities, sorted(set(codes)))}


async def save_invoices(tx: Transaction, invoices: Sequence[Invoice]) -> None:
    """Write documents, whole."""
    await tx.execute(sql.insert_invoices, *queries.columns(invoices, _INVOICE))
    lines = [
        (each.order_id, each.number, line.number, line.line_number, line.sku_id, line.sku, line.name, line.first_unit, line.quantity,
         line.unit_price, line.goods_minor, line.reason)
        for each in invoices for line in each.lines
    ]  # fmt: skip
    await tx.execute(sql.insert_invoice_lines, *queries.transposed(lines, 12))
    charges = [
        (each.order_id, each.number, line.number, charge.number, charge.kind, charge.code, charge.amount_minor, charge.rate,
         charge.included, charge.applies_to)
        for each in invoices for line in each.lines for charge in line.charges
    ]  # fmt: skip
    await tx.execute(sql.insert_invoice_charges, *queries.transposed(charges, 10))


async def save_series(tx: Transaction, series: Sequence[Series]) -> None:
    """How far each series has come."""
    await tx.execute(sql.update_series, *queries.columns(series, "legal_entity series last_serial last_at"))


async def insert_entities(tx: Transaction, rows: Sequence[LegalEntity]) -> int:
    """Versions written; fewer than given means that somebody else saved one meanwhile."""
    names = "code version name line1 line2 postal_code city country tax_number footer saved_at"
    return await tx.execute(sql.insert_entities, *queries.columns(rows, names))
