"""Track parcels: what carriers say about them, late, twice and out of order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal import store as journal
from lading.journal.types import Decision, refused
from lading.operations import fulfilling
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.orders import rules as order_rules
from lading.orders import store as orders_store
from lading.orders.types import Order
from lading.shipping import rules
from lading.shipping import store as shipping
from lading.shipping.commands import TrackParcel
from lading.shipping.types import Parcel
from lading.terms.ledger import Posting

NOT_SHIPPED = ("not_shipped", "{parcel} has not been handed to a carrier.")
IN_FUTURE = ("in_future", "{occurred_at} is more than a day ahead.")
PARCEL_ENDED = ("parcel_ended", "{parcel} was {status} at {status_at}; it cannot be {said} after that.")
ALREADY_REFUNDED = ("already_refunded", "Lost units of line {line} of {parcel} were refunded already.")

Word = tuple[UUID, int, str, datetime]
"""(order, parcel, status, when it occurred)"""


class ParcelTracked(Struct, frozen=True):
    """The parcel's status as it is now, and where the order stands."""

    parcel: str
    order: str
    version: int
    stage: str
    status: str
    """Another one than was said where the word came late or after the parcel's end."""
    changed: bool
    """Whether the word gave the parcel its status."""


@dataclass(slots=True)
class Tracked:
    """Orders and parcels, and what carriers said about them before."""

    world: World
    heard: set[Word]


async def prefetch(tx: Transaction, batch: Batch) -> Tracked:
    """The orders and parcels, and the words in the journal. No stock moves."""
    orders = await orders_store.load(tx, (command.parcel for command in batch.commands), lock=batch.lock)
    ids = sorted({order.id for order in orders.by_ref.values()})
    world = World(orders, {}, await shipping.read_parcels(tx, ids))
    told = await journal.read_events(tx, "parcel_tracked", ids)
    heard = {(subject_id, data["parcel"], data["status"], at) for subject_id, at, data in told}
    return Tracked(world, heard)


def decide(tracked: Tracked, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_track(command, tracked, batch) for command in batch.commands]


def _track(command: TrackParcel, tracked: Tracked, batch: Batch) -> Decision:
    found = fulfilling.find_parcel(tracked.world, command.parcel)
    if isinstance(found, Decision):
        return found
    order, parcel = found
    if refusal := _refuse(command, order, parcel, batch):
        return refusal
    word = (order.id, parcel.number, command.status, command.occurred_at)
    if word in tracked.heard:
        return Decision(_outcome(order, parcel, changed=False))
    tracked.heard.add(word)
    before = fulfilling.stage(order)
    changed = rules.takes_over(parcel, command.status, command.occurred_at)
    postings = _give_status(order, parcel, command) if changed else []
    data: dict[str, Any] = {"parcel": parcel.number, "status": command.status, "changed": changed}
    if postings:
        data["lines"] = [
            {
                "line": posting.line_number,
                "from": posting.line_from,
                "to": posting.line_to,
                "quantity": posting.quantity,
            }
            for posting in postings
        ]
    event = fulfilling.stepped(order, before, "parcel_tracked", batch, data, command.occurred_at)
    return Decision(_outcome(order, parcel, changed=changed), event, postings, (), [order, parcel])


def _refuse(command: TrackParcel, order: Order, parcel: Parcel, batch: Batch) -> Decision | None:
    document = fulfilling.name(order, "P", parcel.number)
    if parcel.status == "packed":
        return refused(NOT_SHIPPED, "/parcel", parcel=document)
    if rules.too_early(command.occurred_at, batch.now):
        return refused(IN_FUTURE, "/occurred_at", occurred_at=command.occurred_at.isoformat())
    if rules.contradicts(parcel, command.status, command.occurred_at):
        return refused(
            PARCEL_ENDED, "/status", parcel=document, status=parcel.status, status_at=parcel.status_at.isoformat(),
            said=command.status,
        )  # fmt: skip
    leaves_lost = parcel.status == "lost" and command.status != "lost"
    if leaves_lost and rules.takes_over(parcel, command.status, command.occurred_at):
        for line_number, units in parcel.units().items():
            line = order.lines[line_number]
            if line.refunded > line.units["returned"] + line.units["sent_back"] + line.units["lost"] - units:
                return refused(ALREADY_REFUNDED, "/status", parcel=document, line=line_number)
    return None


def _give_status(order: Order, parcel: Parcel, command: TrackParcel) -> list[Posting]:
    source, target = rules.set_status(parcel, command.status, command.occurred_at)
    if source == target:
        return []
    return [
        order_rules.to_stage(order.lines[line_number], units, source, target)
        for line_number, units in parcel.units().items()
    ]


def _outcome(order: Order, parcel: Parcel, *, changed: bool) -> ParcelTracked:
    document = fulfilling.name(order, "P", parcel.number)
    return ParcelTracked(document, str(order.number), order.version, fulfilling.stage(order), parcel.status, changed)


VERB = Verb(
    noun="parcels",
    verb="track",
    summary="Record what a carrier says about a parcel; late and repeated words do no harm.",
    command=TrackParcel,
    outcome=ParcelTracked,
    refusals=(fulfilling.UNKNOWN_PARCEL, NOT_SHIPPED, IN_FUTURE, PARCEL_ENDED, ALREADY_REFUNDED),
    scope="fulfillment:write",
    event="parcel_tracked",
    example={"parcel": "1042-P1", "status": "delivered", "occurred_at": "2026-03-02T11:42:00+01:00"},
    prefetch=prefetch,
    decide=decide,
)
