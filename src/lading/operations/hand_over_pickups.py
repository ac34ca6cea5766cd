"""Hand parcels to customers who come for them: they are delivered."""

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.pickups import HandOverPickup
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Work
from lading.journal.types import Decision, refused
from lading.operations import changing, collecting, fulfilling, naming
from lading.operations.collecting import World
from lading.operations.registry import Batch, Verb
from lading.shipping.types import Parcel, ParcelLine

NOT_INSIDE = ("not_inside", "{document} has {waiting} of line {line} inside, not {quantity}.")
WRONG_CODE = ("wrong_code", "That is not the code of {parcel}.")


class PickupHandedOver(Struct, frozen=True):
    """What the customer has, and where the order stands."""

    parcel: str
    """A new one, where only some of it was taken."""
    order: str
    version: int
    stage: str
    proof: str
    """code or document"""
    units: int
    left: int
    """Units that the customer did not take: they are picked."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders with their parcels, and the stock where their units lie."""
    return await collecting.read(tx, batch, (each.parcel for each in batch.commands))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_hand_over(command, world, batch) for command in batch.commands]


def _hand_over(command: HandOverPickup, world: World, batch: Batch) -> Decision:
    waiting = collecting.find_waiting(command.parcel, world)
    if isinstance(waiting, Decision):
        return waiting
    found, pickup = waiting
    order, parcel, work = found.order, found.parcel, found.work
    if refusal := fulfilling.held(order, "ship", parcel.units(), parcel.fulfillment_order):
        return refusal
    if command.code is not None and command.code != pickup.code:
        return refused(WRONG_CODE, "/code", parcel=found.document)
    taken = _taken(command, parcel, found.document)
    if isinstance(taken, Decision):
        return taken
    rest = [
        ParcelLine(line.allocation, line.line_number, line.quantity - some.quantity, _without(line, some))
        for line, some in zip(parcel.lines, taken, strict=True)
        if line.quantity > some.quantity
    ]
    moves = [_move(work, line, "delivered") for line in taken if line.quantity]
    moves += [_move(work, line, "picked") for line in rest]
    postings = fulfilling.post(order, moves)
    given = parcel
    if rest:
        parcels = world.parcels[order.id]
        parcel.status, parcel.status_at = "cancelled", batch.now
        given = Parcel(
            order.id, len(parcels) + 1, parcel.fulfillment_order, parcel.location_id, "packed", batch.now, None, None, None, batch.now,
            lines=[line for line in taken if line.quantity], stored=False,
        )  # fmt: skip
        parcels.append(given)
    given.status = "delivered"
    given.status_at = given.shipped_at = given.delivered_at = batch.now
    pickup.ended_as, pickup.ended_at, pickup.collected_by = "collected", batch.now, command.name
    pickup.proof = "code" if command.code else "document"
    data = {
        "parcel": given.number, "fulfillment_order": parcel.fulfillment_order, "location_id": parcel.location_id,
        "proof": pickup.proof, "moves": rules.told(moves), **({"instead_of": parcel.number} if rest else {}),
    }  # fmt: skip
    event = changing.changed(order, "pickup_handed_over", batch, data)
    units = sum(line.quantity for line in taken)
    outcome = PickupHandedOver(
        fulfilling.name(order, "P", given.number), str(order.number), order.version, fulfilling.stage(order), pickup.proof, units,
        sum(line.quantity for line in rest),
    )  # fmt: skip
    rows: list[object] = [order, found.source, parcel, pickup, *(moved.allocation for moved in moves)]
    rows += [given] if rest else []
    return Decision(outcome, event, postings, (), rows)


def _taken(command: HandOverPickup, parcel: Parcel, document: str) -> list[ParcelLine] | Decision:
    """Of each line of the parcel what the customer takes, maybe nothing; or the refusal."""
    if not command.lines:
        return list(parcel.lines)
    if refusal := fulfilling.refuse_lines(command.lines, parcel.units(), NOT_INSIDE, document, "/lines"):
        return refusal
    wanted: dict[int, int] = {}
    names: dict[int, list[str]] = {}
    for each in command.lines:
        wanted[each.line] = wanted.get(each.line, 0) + each.quantity
        names.setdefault(each.line, []).extend(each.serials)
    taken = []
    for line in parcel.lines:
        units = min(line.quantity, wanted.get(line.line_number, 0))
        wanted[line.line_number] = wanted.get(line.line_number, 0) - units
        named = line.serials
        if line.serials and units < line.quantity:
            named = tuple(name for name in line.serials if name in names.get(line.line_number, ()))
            if len(named) != units:
                return refused(naming.NOT_NAMED, "/lines", line=line.line_number, quantity=units, named=len(named))
        taken.append(ParcelLine(line.allocation, line.line_number, units, named))
    return taken


def _without(line: ParcelLine, some: ParcelLine) -> tuple[str, ...]:
    return tuple(name for name in line.serials if name not in some.serials)


def _move(work: Work, line: ParcelLine, target: str) -> Move:
    return rules.move(work, work.allocations[line.allocation - 1], "packed", target, line.quantity, line.serials)


VERB = Verb(
    noun="pickups",
    verb="hand-over",
    summary="Hand a parcel to its customer, who says the code or shows a document.",
    command=HandOverPickup,
    outcome=PickupHandedOver,
    refusals=(
        fulfilling.UNKNOWN_PARCEL, collecting.NOT_READY, collecting.ENDED, collecting.NOT_PACKED, fulfilling.ON_HOLD, WRONG_CODE,
        fulfilling.UNKNOWN_LINE, NOT_INSIDE, naming.NOT_NAMED,
    ),
    scope="fulfillment:write",
    event="pickup_handed_over",
    example={"parcel": "1042-P1", "code": "402917"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
