"""Repeat tax records: ask the tax service once more for what it refused to record, when what was wrong is mended."""

from dataclasses import dataclass

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, taxing
from lading.operations.answer_tax_records import UNKNOWN_RECORD, TaxRecordState, event, state
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.types import Orders
from lading.taxes import store as taxes
from lading.taxes.commands import RepeatTaxRecord
from lading.taxes.store import RequestKey
from lading.taxes.types import TaxRequest, repeat

NOT_FAILED = ("tax_record_not_failed", "Document {document} of order {order} is {status}: there is nothing to repeat.")


@dataclass(slots=True)
class World:
    """The orders, and what was asked of their documents."""

    orders: Orders
    requests: dict[RequestKey, TaxRequest]
    policies: Policies


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders and the requests, locked."""
    orders = await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)
    _, policies = await catalog.read_setup(tx, ())
    found = ((orders.find(command.order), command.document) for command in batch.commands)
    keys = [(order.id, "record", document) for order, document in found if order]
    return World(orders, await taxes.read_requests(tx, keys, lock=batch.lock), policies)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_repeat(envelope, world, batch) for envelope in batch.envelopes]


def _repeat(envelope: Envelope[RepeatTaxRecord], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order)
    if isinstance(order, Decision):
        return order
    request = world.requests.get((order.id, "record", command.document))
    if request is None:
        return refused(UNKNOWN_RECORD, "/document", document=command.document)
    if request.status != "failed":
        number = str(order.number)
        return refused(NOT_FAILED, "/document", document=command.document, order=number, status=request.status)
    repeat(request, taxing.service_of(world.policies, order.channel_id) or request.service, batch.now)
    return Decision(state(request), event("tax_record_repeated", request, batch), rows=[request])


VERB = Verb(
    noun="tax-records",
    verb="repeat",
    summary="Ask the tax service again to record an invoice or credit note that it refused.",
    command=RepeatTaxRecord,
    outcome=TaxRecordState,
    refusals=(changing.UNKNOWN_ORDER, UNKNOWN_RECORD, NOT_FAILED),
    scope="taxes:write",
    event="tax_record_repeated",
    example={"order": "1042", "document": 1},
    prefetch=prefetch,
    decide=decide,
)
