"""Save channels: new by their code, otherwise changed."""

from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.commands import SaveChannel
from lading.catalog.types import ChannelRow
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope
from lading.operations.registry import Batch, Verb
from lading.terms.ledger import Event

FIELDS = ("code", "name")


class ChannelSaved(Struct, frozen=True):
    """The channel as it is now."""

    channel_id: UUID
    code: str
    version: int


async def prefetch(tx: Transaction, batch: Batch) -> dict[str, ChannelRow]:
    """The channels of all codes that the batch names."""
    return await catalog.read_channels(tx, [command.code for command in batch.commands], lock=batch.lock)


def decide(known: dict[str, ChannelRow], batch: Batch) -> list[Decision]:
    """In order of arrival; saved twice in a batch, it gets two versions."""
    return [_save(envelope, known, batch) for envelope in batch.envelopes]


def _save(envelope: Envelope[SaveChannel], known: dict[str, ChannelRow], batch: Batch) -> Decision:
    command = envelope.command
    row = known.setdefault(command.code, ChannelRow(envelope.fresh_id, command.code, "", 0))
    for name in FIELDS:
        setattr(row, name, getattr(command, name))
    row.version += 1
    data = {name: getattr(row, name) for name in (*FIELDS, "version")}
    return Decision(
        ChannelSaved(row.id, row.code, row.version),
        Event("channel_saved", "channel", row.id, batch.now, data),
        rows=[row],
    )


VERB = Verb(
    noun="channels",
    verb="save",
    summary="Create a channel by its code, or change it.",
    command=SaveChannel,
    outcome=ChannelSaved,
    refusals=(),
    scope="catalog:write",
    event="channel_saved",
    example={"code": "web", "name": "Web shop"},
    prefetch=prefetch,
    decide=decide,
)
