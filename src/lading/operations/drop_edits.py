"""Drop edits that were prepared and shall not be done."""

from collections.abc import Mapping

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import preparing
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.edit_commands import DropEdit
from lading.orders.types import Edit
from lading.terms.ledger import Event


class EditDropped(Struct, frozen=True):
    """The edit that will not be done."""

    edit: str


async def prefetch(tx: Transaction, batch: Batch) -> Mapping[str, Edit]:
    """What was prepared, under the locks of its orders."""
    names = [command.edit for command in batch.commands]
    if batch.lock:
        await orders_store.find_numbered(tx, (name.partition("-")[0] for name in names), lock=True)
    return await orders_store.find_edits(tx, names)


def decide(edits: Mapping[str, Edit], batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_drop(command, edits, batch) for command in batch.commands]


def _drop(command: DropEdit, edits: Mapping[str, Edit], batch: Batch) -> Decision:
    edit = edits.get(command.edit)
    if edit is None:
        return refused(preparing.UNKNOWN_EDIT, "/edit", edit=command.edit)
    if edit.status == "confirmed":
        return refused(preparing.EDIT_CLOSED, "/edit", edit=command.edit, status=edit.status)
    outcome = EditDropped(command.edit)
    if edit.status == "dropped":
        return Decision(outcome)
    edit.status, edit.closed_at = "dropped", batch.now
    data = {"edit": edit.number, **({"reason": command.reason} if command.reason else {})}
    return Decision(outcome, Event("edit_dropped", "order", edit.order_id, batch.now, data), (), (), [edit])


VERB = Verb(
    noun="edits",
    verb="drop",
    summary="Give up an edit that was prepared. Dropping it again changes nothing.",
    command=DropEdit,
    outcome=EditDropped,
    refusals=(preparing.UNKNOWN_EDIT, preparing.EDIT_CLOSED),
    scope="orders:write",
    event="edit_dropped",
    example={"edit": "1042-E1"},
    prefetch=prefetch,
    decide=decide,
)
