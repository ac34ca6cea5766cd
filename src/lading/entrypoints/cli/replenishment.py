"""`lading replenishment count`: count now what to order, without waiting for the worker."""

from __future__ import annotations

from datetime import UTC, datetime

from lading.database.pool import Database
from lading.entrypoints.cli.access import MerchantSlug, choose_merchant, with_database
from lading.entrypoints.worker.replenishment import count_all
from lading.kernel.trouble import Trouble


def count(*, as_of: str | None = None, merchant: MerchantSlug = None) -> None:
    """Count what to order now; the worker does it every hour.

    Parameters
    ----------
    as_of
        Look back from this moment instead (with its offset): demand of the year before it.
    """
    try:
        moment = datetime.fromisoformat(as_of) if as_of else datetime.now(UTC)
    except ValueError:
        raise Trouble(f"{as_of} is no moment such as 2026-11-20T02:00:00+01:00.") from None
    if moment.tzinfo is None:
        raise Trouble(f"{as_of} has no offset: write 2026-11-20T02:00:00+01:00.")

    async def work(database: Database) -> None:
        await count_all(database, (await choose_merchant(database, merchant)).id, moment)

    with_database(work)
    print("Counted. `lading replenishment list --state reorder` shows what to order.")
