"""Confirm edits: what was prepared is done exactly as it was shown, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.outcomes import Refusal
from lading.operations import edit_orders, preparing, reading_edits
from lading.operations.edit_orders import OrderEdited
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.edit_commands import ConfirmEdit, EditOrder
from lading.orders.types import Edit

CHANGED = (
    "changed_since_preview",
    "Edit {edit} would not do any more what was shown: {why} Prepare it anew.",
)


@dataclass(slots=True)
class World:
    """What the edits look at, and the edits by name."""

    edit: reading_edits.World
    edits: Mapping[str, Edit]
    envelopes: Mapping[UUID, Envelope[EditOrder]]
    """The commands that were prepared, by that of their confirmation."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """What was prepared never changes; whether it still stands is read under the lock of its order."""
    names = [command.edit for command in batch.commands]
    edits = await orders_store.find_edits(tx, names)
    envelopes = {
        envelope.command_id: replace(envelope, command=preparing.command_of(edits[envelope.command.edit]))
        for envelope in batch.envelopes
        if envelope.command.edit in edits
    }
    prepared = ((envelope.command_id, edits.get(envelope.command.edit)) for envelope in batch.envelopes)
    located = {command_id: edit.ship_to_id for command_id, edit in prepared if edit and edit.ship_to_id}
    world = await reading_edits.read(tx, replace(batch, envelopes=list(envelopes.values())), located)
    return World(world, await orders_store.find_edits(tx, names), envelopes)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_confirm(envelope, world, batch) for envelope in batch.envelopes]


def _confirm(envelope: Envelope[ConfirmEdit], world: World, batch: Batch) -> Decision:
    ref = envelope.command.edit
    edit, prepared = world.edits.get(ref), world.envelopes.get(envelope.command_id)
    if edit is None or prepared is None:
        return refused(preparing.UNKNOWN_EDIT, "/edit", edit=ref)
    if edit.status != "begun":
        return refused(preparing.EDIT_CLOSED, "/edit", edit=ref, status=edit.status)
    if edit.expires_at and edit.expires_at <= batch.now:
        return refused(preparing.EDIT_OVER, "/edit", edit=ref, expires_at=edit.expires_at.isoformat())
    if why := _changed(edit, prepared, world, batch):
        return refused(CHANGED, "/edit", edit=ref, why=why)
    decision = edit_orders.edit(prepared, world.edit, batch)
    if decision.event:
        decision.event.data["edit"] = edit.number
        edit.status, edit.closed_at = "confirmed", batch.now
        decision.rows.append(edit)
    return decision


def _changed(edit: Edit, prepared: Envelope[EditOrder], world: World, batch: Batch) -> str:
    """Why it would not do what was shown; nothing where it would."""
    order = world.edit.orders.by_ref[str(edit.order_id)]
    if order.version != edit.version:
        return f"order {order.number} has version {order.version} by now, the preview was made on {edit.version}."
    preview = preparing.preview(prepared, world.edit, batch)
    if isinstance(preview.outcome, Refusal):
        return preview.outcome.message
    now = preparing.told(preview)
    differs = sorted(key.replace("_", " ") for key, value in now.items() if value != edit.shown.get(key))
    return f"{', '.join(differs)} would differ." if differs else ""


VERB = Verb(
    noun="edits",
    verb="confirm",
    summary="Do an edit that was prepared, exactly as it was shown; refused where it would do anything else by now.",
    command=ConfirmEdit,
    outcome=OrderEdited,
    refusals=(preparing.UNKNOWN_EDIT, preparing.EDIT_CLOSED, preparing.EDIT_OVER, CHANGED),
    scope="orders:write",
    event="order_edited",
    example={"edit": "1042-E1"},
    prefetch=prefetch,
    decide=decide,
)
