"""Keep what came back or was credited and no order explains: it stands in a queue with its reason."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations.placing import UNKNOWN_CHANNEL
from lading.operations.registry import Batch, Verb
from lading.returns import store as returns
from lading.returns.commands import KeepUnmatched
from lading.returns.types import UnmatchedReturn
from lading.terms.ledger import Event


class UnmatchedKept(Struct, frozen=True):
    """The item in the queue."""

    id: UUID
    key: str


@dataclass(slots=True)
class World:
    """Channels by code, and what stands in the queue already."""

    channels: dict[str, UUID]
    known: dict[tuple[UUID, str], UUID]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Channels, and the items of the batch that are kept already."""
    channels = (await catalog.read_network(tx)).channels
    keys = {(channels[command.channel], command.key) for command in batch.commands if command.channel in channels}
    return World(channels, await returns.known_unmatched(tx, sorted(keys)))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; the same key is kept once."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[KeepUnmatched], world: World, batch: Batch) -> Decision:
    command = envelope.command
    channel_id = world.channels.get(command.channel)
    if channel_id is None:
        return refused(UNKNOWN_CHANNEL, "/channel", channel=command.channel)
    known = world.known.setdefault((channel_id, command.key), envelope.fresh_id)
    if known != envelope.fresh_id:
        return Decision(UnmatchedKept(known, command.key))
    row = UnmatchedReturn(
        envelope.fresh_id,
        channel_id,
        command.key,
        command.reference,
        command.customer,
        command.sku,
        command.description,
        command.quantity,
        command.amount.minor,
        command.amount.currency,
        command.reason,
        command.occurred_at,
        batch.now,
    )
    data = {
        "channel_id": channel_id,
        "key": row.key,
        "reference": row.reference,
        "sku": row.sku_code,
        "description": row.description,
        "quantity": row.quantity,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "reason": row.reason,
    }
    event = Event("unmatched_return_kept", "unmatched_return", row.id, command.occurred_at, data)
    return Decision(UnmatchedKept(row.id, row.key), event, rows=[row])


VERB = Verb(
    noun="unmatched-returns",
    verb="keep",
    summary="Keep something that came back or was credited and that no order explains, with the reason why.",
    command=KeepUnmatched,
    outcome=UnmatchedKept,
    refusals=(UNKNOWN_CHANNEL,),
    scope="returns:write",
    event="unmatched_return_kept",
    example={
        "channel": "web",
        "key": "C536391:3",
        "reference": "C536391",
        "sku": "MUG-BLUE",
        "quantity": -12,
        "amount": {"amount": "-19.80", "currency": "EUR"},
        "reason": "no_earlier_order",
        "occurred_at": "2010-12-01T10:24:00+00:00",
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
