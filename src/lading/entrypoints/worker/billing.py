"""The reader of the feed that issues invoices and credit notes where policies ask for them.

It does so by commands of its own, so whatever it does has its event, and doing it twice does nothing. Its cursor moves after they are
answered: a worker that dies in between repeats them.
"""

from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.entrypoints.worker.following import follow
from lading.invoices.commands import IssueInvoices
from lading.journal.types import own_envelope
from lading.operations.execute import Executor
from lading.operations.registry import verbs

sql = queries.load(__file__)

CONSUMER = "invoices"
ACTOR = "rule:invoices"
EVENTS_MAX = 1_000
ORDERS_MAX = 200
"""Orders of one batch: others that issue invoices wait for it."""

QUIET = [
    "order_held", "holds_released", "order_sourced", "order_released", "units_picked", "parcel_packed", "parcel_unpacked",
    "parcel_tracked", "return_requested", "return_received", "return_disposed", "promise_moved", "lot_swapped", "invoices_issued",
    "edit_begun", "edit_dropped", "note_added", "note_blanked", "order_tagged", "order_resourced",
    "fulfillment_order_split", "fulfillment_orders_merged", "fulfillment_order_submitted", "fulfillment_order_accepted",
    "fulfillment_order_scheduled", "fulfillment_order_cancelled", "fulfillment_order_cancellation_requested", "cancellation_answered",
    "fulfillment_order_rejected", "fulfillment_order_moved",
    "dispute_answered", "dispute_answer_settled", "tax_record_answered", "tax_record_repeated",
    "pickup_ready", "pickup_extended", "pickup_received",
]  # fmt: skip
"""Events of orders by which nothing becomes due to be billed or credited."""


class Billing:
    """Issues what is due, for all merchants."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def read_on(self, tx: Transaction) -> bool:
        """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
        return await follow(tx, CONSUMER, self._bill_touched)

    async def _bill_touched(self, tx: Transaction, position: int) -> int:
        rows = await tx.fetch(sql.orders_to_bill, position, EVENTS_MAX, QUIET)
        last: int = next(row["position"] for row in rows if row["what"] == "position")
        await self._issue(tx, [row["id"] for row in rows if row["what"] == "order"])
        return last

    async def _issue(self, tx: Transaction, order_ids: list[UUID]) -> None:
        for first in range(0, len(order_ids), ORDERS_MAX):
            batch = [own_envelope(ACTOR, IssueInvoices(str(id_))) for id_ in order_ids[first : first + ORDERS_MAX]]
            await self._executor.run(tx.merchant_id, verbs()["invoices.issue"], batch)
