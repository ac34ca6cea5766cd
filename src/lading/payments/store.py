"""Loading and saving tenders. The order's lock guards them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.payments.types import Tender

sql = queries.load(__file__)

TendersByOrder = dict[UUID, list[Tender]]


async def read_tenders(tx: Transaction, order_ids: Iterable[UUID]) -> TendersByOrder:
    """The tenders of each order, in the order of their numbers."""
    tenders: TendersByOrder = {id_: [] for id_ in order_ids}
    for row in await tx.fetch(sql.read_tenders, list(tenders)):
        tenders[row[0]].append(Tender(*row))
    return tenders


async def save_tenders(tx: Transaction, tenders: Sequence[Tender]) -> None:
    """Insert new ones, save what changed of the others."""
    new = [tender for tender in tenders if not tender.stored]
    if new:
        names = "order_id number kind reference authorised_minor captured_minor refunded_minor"
        await tx.execute(sql.insert_tenders, *queries.columns(new, names))
    known = [tender for tender in tenders if tender.stored]
    if known:
        await tx.execute(
            sql.update_tenders,
            *queries.columns(known, "order_id number authorised_minor captured_minor refunded_minor"),
        )
