"""Begin edits: what an edit would do is told and kept, until somebody confirms it or drops it."""

from dataclasses import dataclass, replace
from uuid import UUID

from msgspec import Struct

from lading.customers import rules as people_rules
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import edit_orders, preparing, reading_edits
from lading.operations.drafting import IN_PAST
from lading.operations.edit_orders import OrderEdited
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.edit_commands import BeginEdit
from lading.orders.types import Edit
from lading.terms.ledger import Event

EDITS_MAX = 1_000
FREE_TEXT = (
    "free_text",
    "{attribute} is free text, which is not kept with an edit that waits: say it of the order itself.",
)
TOO_MANY = ("too_many_edits", "{count} edits of order {order} were prepared, more than anybody reads.")


class EditBegun(Struct, frozen=True):
    """The edit that was prepared, and what it would do."""

    edit: str
    preview: OrderEdited


@dataclass(slots=True)
class World:
    """What an edit looks at, and what else was prepared for the orders."""

    edit: reading_edits.World
    edits: dict[UUID, list[Edit]]


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked, for their edits are numbered; all else as for a preview, without locks."""
    if batch.lock:
        await orders_store.find_numbered(tx, (command.order for command in batch.commands), lock=True)
    world = await reading_edits.read(tx, replace(batch, lock=False))
    edits = await orders_store.read_edits(tx, (order.id for order in world.orders.by_ref.values()))
    return World(world, edits)


def decide(world: World, batch: Batch) -> list[Decision]:
    """Each for itself: what is prepared takes nothing."""
    return [_begin(envelope, world, batch) for envelope in batch.envelopes]


def _begin(envelope: Envelope[BeginEdit], world: World, batch: Batch) -> Decision:
    command = envelope.command
    if refusal := _refuse_text(command, world.edit):
        return refusal
    preview = preparing.preview(envelope, world.edit, batch)
    order = world.edit.orders.find(command.order)
    if order is None or not isinstance(preview.outcome, OrderEdited):
        return preview
    edits = world.edits.setdefault(order.id, [])
    if len(edits) >= EDITS_MAX:
        return refused(TOO_MANY, "/order", order=str(order.number), count=len(edits))
    expires_at = preparing.expiry(command.expires_at, order, world.edit.policies, batch.now)
    if expires_at <= batch.now:
        return refused(IN_PAST, "/expires_at", expires_at=expires_at.isoformat())
    ship_to_id, rows = None, list[object]()
    if command.ship_to:
        ship_to_id, rows = people_rules.locate(command.ship_to, world.edit.people, envelope.fresh_id)
    new = Edit(
        order.id, len(edits) + 1, order.version, batch.now, envelope.actor, preparing.fields_of(command), ship_to_id,
        preparing.told(preview), expires_at=expires_at, stored=False,
    )  # fmt: skip
    edits.append(new)
    data = {
        "edit": new.number, "version": new.version, "fields": new.fields, "ship_to_id": ship_to_id, "shown": new.shown,
        "reason": command.reason, "expires_at": expires_at,
    }  # fmt: skip
    event = Event("edit_begun", "order", order.id, batch.now, data)
    return Decision(EditBegun(preparing.name(order.number, new.number), preview.outcome), event, (), (), [*rows, new])


def _refuse_text(command: BeginEdit, world: reading_edits.World) -> Decision | None:
    said = [("order", command.attributes), *(("line", each.attributes) for each in command.line_attributes)]
    said += [("line", dict(each.attributes)) for each in command.add]
    for subject, values in said:
        for code in values:
            if (known := world.network.attributes.get((subject, code))) and known.is_text:
                return refused(FREE_TEXT, "", attribute=code)
    return None


VERB = Verb(
    noun="edits",
    verb="begin",
    summary="Prepare an edit: its preview is told and kept, and the order stays as it is until the edit is confirmed.",
    command=BeginEdit,
    outcome=EditBegun,
    refusals=(FREE_TEXT, *edit_orders.VERB.refusals, TOO_MANY, IN_PAST),
    scope="orders:write",
    event="edit_begun",
    example={"order": "1042", "reason": "customer_request", "quantities": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    inverse="edits.drop",
)
