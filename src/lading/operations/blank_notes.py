"""Blank notes: that there was one is known, what it said is gone."""

from collections.abc import Mapping

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch, Verb
from lading.orders import remarks
from lading.orders import store as orders_store
from lading.orders.commands import BlankNote
from lading.orders.remarks import Note
from lading.terms.ledger import Event

UNKNOWN_NOTE = ("unknown_note", "There is no note {note}.")


class NoteBlanked(Struct, frozen=True):
    """The note that says nothing any more."""

    note: str


async def prefetch(tx: Transaction, batch: Batch) -> Mapping[str, Note]:
    """The notes by name, under the locks of their orders."""
    names = [command.note.partition("-")[0] for command in batch.commands]
    orders = await orders_store.find_numbered(tx, names, lock=batch.lock)
    notes = await remarks.read_notes(tx, {order.id for order in orders.values()})
    return {f"{order.number}-N{note.number}": note for order in orders.values() for note in notes.get(order.id, ())}


def decide(notes: Mapping[str, Note], batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_blank(command, notes, batch) for command in batch.commands]


def _blank(command: BlankNote, notes: Mapping[str, Note], batch: Batch) -> Decision:
    note = notes.get(command.note)
    if note is None:
        return refused(UNKNOWN_NOTE, "/note", note=command.note)
    outcome = NoteBlanked(command.note)
    if note.text is None:
        return Decision(outcome)
    note.text, note.blanked_at = None, batch.now
    return Decision(
        outcome, Event("note_blanked", "order", note.order_id, batch.now, {"note": note.number}), (), (), [note]
    )


VERB = Verb(
    noun="notes",
    verb="blank",
    summary="Blank a note: its text is gone for ever. Blanking it again changes nothing.",
    command=BlankNote,
    outcome=NoteBlanked,
    refusals=(UNKNOWN_NOTE,),
    scope="orders:write",
    event="note_blanked",
    example={"note": "1042-N1"},
    prefetch=prefetch,
    decide=decide,
)
