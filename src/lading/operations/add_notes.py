"""Add notes to orders: for colleagues, or for the customer."""

from dataclasses import dataclass, field
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing
from lading.operations.registry import Batch, Verb
from lading.orders import remarks
from lading.orders import store as orders_store
from lading.orders.commands import AddNote
from lading.orders.remarks import Note
from lading.orders.types import Numbered
from lading.terms.ledger import Event

NOTES_MAX = 1_000
TOO_MANY = ("too_many_notes", "Order {order} has {count} notes, more than anybody reads.")


class NoteAdded(Struct, frozen=True):
    """The name of the note. Its text is told to nobody but who reads the order."""

    note: str


@dataclass(slots=True)
class World:
    """The orders by what they were called, and their notes."""

    orders: dict[str, Numbered]
    notes: dict[UUID, list[Note]] = field(default_factory=dict)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked, for their notes are numbered; nothing of them changes."""
    orders = await orders_store.find_numbered(tx, (command.order for command in batch.commands), lock=batch.lock)
    return World(orders, await remarks.read_notes(tx, {order.id for order in orders.values()}))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_add(envelope, world, batch) for envelope in batch.envelopes]


def _add(envelope: Envelope[AddNote], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = world.orders.get(command.order)
    if order is None:
        return refused(changing.UNKNOWN_ORDER, "/order", order=command.order)
    notes = world.notes.setdefault(order.id, [])
    if len(notes) >= NOTES_MAX:
        return refused(TOO_MANY, "/order", order=str(order.number), count=len(notes))
    note = Note(
        order.id, len(notes) + 1, command.audience, command.text, batch.now, envelope.actor, stored=False
    )  # fmt: skip
    notes.append(note)
    event = Event("note_added", "order", order.id, batch.now, {"notes": [remarks.told(note)]})
    return Decision(NoteAdded(f"{order.number}-N{note.number}"), event, (), (), [note])


VERB = Verb(
    noun="notes",
    verb="add",
    summary="Write a note on an order, for colleagues or for the customer. It is not kept in the journal.",
    command=AddNote,
    outcome=NoteAdded,
    refusals=(changing.UNKNOWN_ORDER, TOO_MANY),
    scope="orders:write",
    event="note_added",
    example={"order": "1042", "text": "Rings at the back door, please.", "audience": "internal"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    inverse="notes.blank",
)
