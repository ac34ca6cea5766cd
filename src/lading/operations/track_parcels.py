"""Track parcels: what carriers say about them, late, twice and out of order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct

from lading.database.pool import Transaction
from lading.journal import store as journal
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.orders import rules as order_rules
from lading.orders import store as orders_store
from lading.orders.types import Line, Order
from lading.returns import rules as return_rules
from lading.returns import store as returns_store
from lading.returns.commands import RETURNED_TO_SENDER
from lading.returns.store import ReturnsByOrder
from lading.returns.types import Return
from lading.shipping import rules
from lading.shipping import store as shipping
from lading.shipping.commands import TrackParcel
from lading.shipping.types import Parcel
from lading.terms.ledger import Posting

UNKNOWN_TRACKING = ("unknown_tracking_number", "No parcel bears the tracking number {tracking_number}.")
AMBIGUOUS = (
    "ambiguous_tracking_number",
    "More than one parcel bears the tracking number {tracking_number}: {parcels}. Say which one.",
)
TO_A_COUNTER = (
    "goes_to_a_counter",
    "{parcel} goes to where its customer collects it: that location receives it, whatever its carrier says of the end.",
)
NOT_SHIPPED = ("not_shipped", "{parcel} has not been handed to a carrier.")
IN_FUTURE = ("in_future", "{occurred_at} is more than a day ahead.")
PARCEL_ENDED = ("parcel_ended", "{parcel} was {status} at {status_at}; it cannot be {said} after that.")
CAME_BACK = ("came_back", "Units of line {line} of {parcel} came back already; they cannot be {said}.")
WRITTEN_OFF = (
    "written_off",
    "Lost units of line {line} of {parcel} were written off; if they turned up, receive them as stock that was found.",
)

_ON_ITS_WAY = ("in_transit", "delivered")

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
    """Orders, parcels and returns, and what carriers said about the parcels before."""

    world: World
    returns: ReturnsByOrder
    heard: set[Word]
    borne: dict[str, list[str]]
    """Names of parcels by tracking number."""


async def prefetch(tx: Transaction, batch: Batch) -> Tracked:
    """The orders with parcels and returns, and the words in the journal. No stock moves."""
    commands: list[TrackParcel] = batch.commands
    borne = await shipping.find_by_tracking(tx, (each.tracking_number for each in commands if each.tracking_number))
    named = [command.parcel for command in commands if command.parcel] + [
        name for names in borne.values() for name in names
    ]
    orders = await orders_store.load(tx, named, lock=batch.lock)
    ids = sorted({order.id for order in orders.by_ref.values()})
    world = World(orders, {}, await shipping.read_parcels(tx, ids))
    returns = await returns_store.read_returns(tx, ids)
    told = await journal.read_events(tx, "parcel_tracked", ids)
    heard = {(subject_id, data["parcel"], data["status"], at) for subject_id, at, data in told}
    return Tracked(world, returns, heard, borne)


def decide(tracked: Tracked, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_track(command, tracked, batch) for command in batch.commands]


def _find(command: TrackParcel, tracked: Tracked) -> tuple[Order, Parcel] | Decision:
    if command.parcel is not None:
        return fulfilling.find_parcel(tracked.world, command.parcel)
    names = tracked.borne.get(command.tracking_number or "", [])
    if not names:
        return refused(UNKNOWN_TRACKING, "/tracking_number", tracking_number=command.tracking_number)
    if len(names) > 1:
        told = ", ".join(sorted(names))
        return refused(AMBIGUOUS, "/tracking_number", tracking_number=command.tracking_number, parcels=told)
    return fulfilling.find_parcel(tracked.world, names[0])


def _track(command: TrackParcel, tracked: Tracked, batch: Batch) -> Decision:
    found = _find(command, tracked)
    if isinstance(found, Decision):
        return found
    order, parcel = found
    word = (order.id, parcel.number, command.status, command.occurred_at)
    if word in tracked.heard:
        return Decision(_outcome(order, parcel, changed=False))
    if refusal := _refuse(command, order, parcel, tracked, batch):
        return refusal
    tracked.heard.add(word)
    data: dict[str, Any] = {"parcel": parcel.number, "status": command.status, "changed": False}
    postings: list[Posting] = []
    changes: list[Change] = []
    if rules.takes_over(parcel, command.status, command.occurred_at):
        postings = _give_status(order, parcel, command)
        returns = tracked.returns[order.id]
        withdrawn = _withdraw(order, {each.line_number for each in postings}, returns)
        announced = _announce(order, parcel, postings, returns, batch)
        data |= {"changed": True, "lines": _told(postings)}
        data |= {"withdrawn": _told_returns(withdrawn), "announced": _told_returns(announced)}
        changes = [*withdrawn, *announced]
    event = changing.changed(order, "parcel_tracked", batch, data, command.occurred_at)
    touched = [each.document for each in changes]
    for document in touched:
        return_rules.settle(document, batch.now)
    postings += [each.posting for each in changes]
    return Decision(
        _outcome(order, parcel, changed=data["changed"]), event, postings, (), [order, parcel, *touched]
    )  # fmt: skip


def _refuse(command: TrackParcel, order: Order, parcel: Parcel, tracked: Tracked, batch: Batch) -> Decision | None:
    document = fulfilling.name(order, "P", parcel.number)
    if parcel.status in ("packed", "cancelled"):
        return refused(NOT_SHIPPED, "/parcel", parcel=document)
    collected = any(order.lines[line].pickup_at for line in parcel.units())
    if parcel.status == "arrived" or (collected and command.status == "delivered"):
        return refused(TO_A_COUNTER, "/status", parcel=document)
    if rules.too_early(command.occurred_at, batch.now):
        return refused(IN_FUTURE, "/occurred_at", occurred_at=command.occurred_at.isoformat())
    if rules.contradicts(parcel, command.status, command.occurred_at):
        return refused(
            PARCEL_ENDED, "/status", parcel=document, status=parcel.status, status_at=parcel.status_at.isoformat(),
            said=command.status,
        )  # fmt: skip
    if rules.takes_over(parcel, command.status, command.occurred_at):
        source, target = rules.UNITS_ARE[parcel.status], rules.UNITS_ARE[command.status]
        for line_number, units in parcel.units().items():
            line = order.lines[line_number]
            if source == "lost" != target and units > return_rules.lost_left(line, tracked.returns[order.id]):
                return refused(WRITTEN_OFF, "/status", parcel=document, line=line_number)
            if (
                source == "in_transit"
                and target not in _ON_ITS_WAY
                and line.units["returned"] > _handed_over(line) - units
            ):
                return refused(CAME_BACK, "/status", parcel=document, line=line_number, said=command.status)
    return None


def _handed_over(line: Line) -> int:
    """Units that a return may be about."""
    return line.units["delivered"] + line.units["in_transit"]


def _give_status(order: Order, parcel: Parcel, command: TrackParcel) -> list[Posting]:
    source, target = rules.set_status(parcel, command.status, command.occurred_at)
    if source == target:
        return []
    postings = []
    for line_number, units in parcel.units().items():
        whole = order_rules.to_stage(order.lines[line_number], units, source, target)
        named = [whole._replace(quantity=1, serial=serial) for serial in parcel.serials(line_number)]
        postings += named or [whole]
    return postings


class Change(NamedTuple):
    """Units of a return that are awaited from now on, or cannot come any more."""

    document: Return
    line_number: int
    quantity: int
    posting: Posting


def _withdraw(order: Order, line_numbers: Iterable[int | None], returns: Sequence[Return]) -> list[Change]:
    """Take back what customers announced, the latest first, where it no longer fits what was handed over."""
    withdrawn = []
    for number in sorted(each for each in line_numbers if each):
        line = order.lines[number]
        excess = line.units["return_requested"] + line.units["returned"] - _handed_over(line)
        for document in reversed(returns):
            returned = document.lines.get(number)
            if returned is None or return_rules.is_sent_back(document):
                continue
            units = min(excess, returned.awaited)
            if units > 0:
                posting = return_rules.withdraw(line, document, units)
                withdrawn.append(Change(document, number, units, posting))
                excess -= units
    return withdrawn


def _announce(
    order: Order, parcel: Parcel, moved: Sequence[Posting], returns: list[Return], batch: Batch
) -> list[Change]:
    """The return of what comes back to its sender: somebody has to receive it."""
    if not moved or rules.UNITS_ARE[parcel.status] != "sent_back":
        return []
    units = parcel.units()
    new = return_rules.new_return(order.id, returns, RETURNED_TO_SENDER, None, units, order.lines, batch.now)
    return [
        Change(new, number, quantity, return_rules.announce(order.lines[number], new, quantity))
        for number, quantity in sorted(units.items())
    ]


def _told(postings: Sequence[Posting]) -> list[dict[str, Any]]:
    return [
        {"line": each.line_number, "from": each.line_from, "to": each.line_to, "quantity": each.quantity}
        for each in postings
    ]


def _told_returns(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [{"return": each.document.number, "line": each.line_number, "quantity": each.quantity} for each in changes]


def _outcome(order: Order, parcel: Parcel, *, changed: bool) -> ParcelTracked:
    document = fulfilling.name(order, "P", parcel.number)
    return ParcelTracked(document, str(order.number), order.version, fulfilling.stage(order), parcel.status, changed)


VERB = Verb(
    noun="parcels",
    verb="track",
    summary="Record what a carrier says about a parcel; late and repeated words do no harm.",
    command=TrackParcel,
    outcome=ParcelTracked,
    refusals=(
        fulfilling.UNKNOWN_PARCEL,
        UNKNOWN_TRACKING,
        AMBIGUOUS,
        NOT_SHIPPED,
        TO_A_COUNTER,
        IN_FUTURE,
        PARCEL_ENDED,
        WRITTEN_OFF,
        CAME_BACK,
    ),
    scope="fulfillment:write",
    event="parcel_tracked",
    example={"parcel": "1042-P1", "status": "delivered", "occurred_at": "2026-03-02T11:42:00+01:00"},
    prefetch=prefetch,
    decide=decide,
)
