"""The reader of the feed that gives out what arrives: by priority, then age; and tells those who wait on when their date moved.

It does so by commands of its own, so whatever it does has its event, and doing it twice does nothing. Its cursor moves after they are
answered: a worker that dies in between repeats them.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.entrypoints.worker.following import follow
from lading.inbound.commands import RenewPromises
from lading.journal.types import own_envelope
from lading.operations import backordering
from lading.operations.execute import Executor
from lading.operations.registry import Verb, verbs
from lading.operations.source_orders import OrderSourced
from lading.orders.commands import SourceOrder
from lading.terms.fields import EARLIEST

sql = queries.load(__file__)

CONSUMER = "arrivals"
ACTOR = "rule:arrivals"
EVENTS_MAX = 1_000
ORDERS_MAX = 500
"""Orders of one batch."""
IN_VAIN_MAX = 2
"""So many batches that found nothing, one after the other, and the rest waits for the next arrival."""

QUIET = [
    "order_placed", "order_recorded", "order_held", "holds_released", "order_released", "parcel_packed",
    "parcel_unpacked", "parcel_shipped", "units_put_back",
    "parcel_tracked", "return_requested", "return_received", "return_refunded", "return_cancelled", "return_recorded", "lines_written_off",
    "payment_recorded", "payment_refunded", "payment_authorisation_requested", "payment_capture_requested", "payment_void_requested",
    "payments_followed", "payment_answered", "payment_lapsed", "payment_disputed", "promise_moved",
    "edit_begun", "edit_dropped", "note_added", "note_blanked", "order_tagged", "provider_fee_posted",
    "dispute_answered", "dispute_answer_settled", "tax_record_answered", "tax_record_repeated", "order_taxed",
    "fulfillment_order_split", "fulfillment_orders_merged", "fulfillment_order_submitted", "fulfillment_order_accepted",
    "fulfillment_order_scheduled", "fulfillment_order_cancelled", "fulfillment_order_cancellation_requested", "cancellation_answered",
    "pickup_ready", "pickup_extended", "pickup_handed_over", "pickup_received", "fulfillment_order_shipped",
]  # fmt: skip
"""Events of orders that free no unit and move no date."""


class Arrivals:
    """Gives out stock and renews promises, for all merchants."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._released: dict[tuple[int, UUID], str] = {}

    async def read_on(self, tx: Transaction) -> bool:
        """Take the next piece of the feed; False where there is nothing to take, or another worker is at it."""
        return await follow(tx, CONSUMER, self._serve_touched)

    async def _serve_touched(self, tx: Transaction, position: int) -> int:
        rows = await tx.fetch(sql.touched_skus, position, EVENTS_MAX, QUIET)
        last: int = next(row["position"] for row in rows if row["what"] == "position")
        await self._serve(tx, [row["id"] for row in rows if row["what"] == "sku"])
        return last

    async def release(self, tx: Transaction) -> None:
        """Give out what was sold ahead until a time that has come; once for each time that was set, and after a start."""
        rows = await tx.fetch(sql.released_skus, datetime.now(UTC))
        due = {row["sku_id"]: row["until"] for row in rows}
        new = [id_ for id_, until in due.items() if self._released.get((tx.merchant_id, id_)) != until]
        await self._serve(tx, new)
        self._released.update({(tx.merchant_id, id_): due[id_] for id_ in new})

    async def _serve(self, tx: Transaction, sku_ids: Sequence[UUID]) -> None:
        if sku_ids:
            await self._give_out(tx, sku_ids)
            await self._renew(tx, sku_ids)

    async def _give_out(self, tx: Transaction, sku_ids: Sequence[UUID]) -> None:
        """Batch after batch in the order in which they are served, until nothing is left or nothing can be used."""
        after, in_vain = (2**15 - 1, EARLIEST, 0), 0
        while in_vain < IN_VAIN_MAX:
            there = [row["sku_id"] for row in await tx.fetch(sql.there_to_give, sku_ids)]
            waiting = await tx.fetch(sql.who_waits, there, *after, ORDERS_MAX) if there else []
            if not waiting:
                return
            answers = await self._run(tx, "orders.source", [SourceOrder(str(row["id"])) for row in waiting])
            found = sum(msgspec.json.decode(body, type=OrderSourced).allocated for body in answers)
            in_vain = 0 if found else in_vain + 1
            after = (waiting[-1]["priority"], waiting[-1]["placed_at"], waiting[-1]["number"])

    async def _renew(self, tx: Transaction, sku_ids: Collection[UUID]) -> None:
        """Those whose date moved are told."""
        moved = await backordering.orders_to_tell(tx, sku_ids, datetime.now(UTC))
        for first in range(0, len(moved), ORDERS_MAX):
            piece = moved[first : first + ORDERS_MAX]
            await self._run(tx, "promises.renew", [RenewPromises(str(id_)) for id_ in piece])

    async def _run(self, tx: Transaction, name: str, commands: Sequence[SourceOrder | RenewPromises]) -> list[bytes]:
        """The outcomes of those that were accepted."""
        verb: Verb = verbs()[name]
        batch = [own_envelope(ACTOR, command) for command in commands]
        answers = await self._executor.run(tx.merchant_id, verb, batch)
        return [answer.body for answer in answers if answer.accepted]
