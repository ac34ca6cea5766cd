"""Captures and refunds that a provider said were done, to be compared with its report."""

from collections.abc import Sequence

from lading.database import queries
from lading.database.pool import Transaction
from lading.payments.settlement import Done, Moved

sql = queries.load(__file__)


async def done_through(tx: Transaction, provider: str, moved: Sequence[Moved]) -> list[Done]:
    """Those of the payments in a report, and all in its time; each once."""
    if not moved:
        return []
    payments = sorted({line.payment for line in moved})
    first, last = min(line.at for line in moved), max(line.at for line in moved)
    rows = [
        *await tx.fetch(sql.done_for_payments, provider, payments),
        *await tx.fetch(sql.done_in_time, provider, first, last),
    ]
    found = {
        (row["order_id"], row["tender_number"], row["number"]): Done(
            row["payment"], row["kind"], row["amount_minor"], row["currency"], str(row["order_number"]), row["tender_number"],
            row["settled_at"],
        )
        for row in rows
    }  # fmt: skip
    return list(found.values())
