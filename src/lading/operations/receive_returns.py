"""Receive returns: units are on hand again and wait in quality hold until somebody has looked at them."""

from collections.abc import Mapping, Sequence
from typing import Any

from lading.database.pool import Transaction
from lading.inventory.rules import by_name
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, coming_back, naming, returning
from lading.operations.coming_back import Came, Said
from lading.operations.registry import Batch, Verb
from lading.operations.returning import Found, ReturnState, World
from lading.orders.types import Order
from lading.returns import rules
from lading.returns.commands import RETURNED_TO_SENDER, ReceiveReturn
from lading.terms.ledger import Posting

MORE_THAN_AWAITED = ("more_than_awaited", "{document} awaits {awaited} of line {line}, not {quantity}.")
MORE_THAN_SENT_BACK = (
    "more_than_sent_back",
    "{awaited} of line {line} of order {document} came back to the sender and can be received, not {quantity}. What a customer sends is"
    " announced first (returns request), and received by its return.",
)
SEVERAL_RETURNS = (
    "several_returns",
    "No single parcel of order {order} brought all of that back: receive each by its return ({returns}).",
)
TAKES_NO_RETURNS = ("takes_no_returns", "{location} takes no returns: receive it at a location that does.")
RECEIVED_ELSEWHERE = (
    "received_elsewhere",
    "Units of line {line} of {document} were received at another location: request a return for the others.",
)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders and their returns; then the rows of stock that gain, locked in key order."""
    commands: list[ReceiveReturn] = batch.commands
    world = await returning.read_world(tx, batch, (command.document for command in commands))
    world.locations = await returning.read_locations(tx)
    named = [
        (order, each.line, each.lot, world.locations[command.location].id)
        for command in commands
        if command.location in world.locations and (order := world.orders.find(command.document))
        for each in command.lines
        if each.line in order.lines
    ]
    world.tracking = await coming_back.read(tx, ((order, line) for order, line, _, _ in named))
    await returning.lock_stock(tx, batch, coming_back.rows(named, world.tracking))
    await coming_back.lock_serials(tx, batch, world.tracking)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each receipt sees what the earlier ones brought."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[ReceiveReturn], world: World, batch: Batch) -> Decision:
    command = envelope.command
    sent_back = "-R" not in command.document
    if sent_back:
        order = changing.find(world.orders, command.document, command.expected_version, "/document")
        if isinstance(order, Decision):
            return order
        known: Order | Found = order
    else:
        found = returning.find(world, command.document, command.expected_version)
        if isinstance(found, Decision):
            return found
        known = found
    if command.location not in world.locations:
        return refused(returning.UNKNOWN_LOCATION, "/location", location=command.location)
    if isinstance(known, Found) and not world.locations[command.location].takes_returns:
        return refused(TAKES_NO_RETURNS, "/location", location=command.location)
    if isinstance(known, Found):
        return _refuse_receipt(command, known, world) or _receive(command, known, world, batch)
    return _refuse_sent_back(command, known, world) or _receive_sent_back(command, known, world, batch)


def _refuse_receipt(command: ReceiveReturn, found: Found, world: World) -> Decision | None:
    lines, location_id = found.document.lines, world.locations[command.location].id
    if refusal := returning.unknown_line(command.lines, lines, found.name):
        return refusal
    for number, quantity in rules.folded(command.lines).items():
        line = lines[number]
        where = returning.pointer(command.lines, number)
        if quantity > line.awaited:
            return refused(
                MORE_THAN_AWAITED, where, document=found.name, line=number, quantity=quantity, awaited=line.awaited
            )
        if line.location_id not in (None, location_id):
            return refused(RECEIVED_ELSEWHERE, where, document=found.name, line=number)
    units = _came(command, found, world)
    return units if isinstance(units, Decision) else None


def _came(command: ReceiveReturn, found: Found, world: World) -> dict[int, Came] | Decision:
    """Lot and names of what arrived, by line."""
    units: dict[int, Came] = {}
    for number, quantity in rules.folded(command.lines).items():
        mine = [each for each in command.lines if each.line == number]
        said = Said(quantity, [name for each in mine for name in each.serials], [each.lot for each in mine])
        came = coming_back.came(
            found.order, number, said, found.document.lines.get(number), world.tracking,
            sent_back=rules.is_sent_back(found.document), pointer=returning.pointer(command.lines, number),
        )  # fmt: skip
        if isinstance(came, Decision):
            return came
        units[number] = came
    return units


def _refuse_sent_back(command: ReceiveReturn, order: Order, world: World) -> Decision | None:
    if refusal := returning.unknown_line(command.lines, order.lines, f"Order {order.number}"):
        return refusal
    for number, quantity in rules.folded(command.lines).items():
        left = rules.sent_back_left(order.lines[number], world.returns[order.id])
        if quantity > left:
            return refused(
                MORE_THAN_SENT_BACK,
                returning.pointer(command.lines, number),
                document=str(order.number),
                line=number,
                quantity=quantity,
                awaited=left,
            )
    return None


def _receive_sent_back(command: ReceiveReturn, order: Order, world: World, batch: Batch) -> Decision:
    """Into the open return of one parcel that brought all of it back."""
    refusals, names = [], []
    for each in world.returns[order.id]:
        if rules.is_sent_back(each) and any(line.awaited for line in each.lines.values()):
            found = Found(order, each)
            refusal = _refuse_receipt(command, found, world)
            if refusal is None:
                return _receive(command, found, world, batch)
            refusals.append(refusal)
            names.append(found.name)
    if _unawaited(command, order, world):
        return _receive_unawaited(command, order, world, batch)
    if len(refusals) == 1:
        return refusals[0]
    return refused(SEVERAL_RETURNS, "/document", order=str(order.number), returns=", ".join(names))


def _unawaited(command: ReceiveReturn, order: Order, world: World) -> bool:
    """Whether all of it was sent back, and its announcement was withdrawn."""
    returns = world.returns[order.id]
    return all(
        quantity <= rules.sent_back_left(order.lines[number], returns) - order.lines[number].units["returning"]
        for number, quantity in rules.folded(command.lines).items()
    )


def _receive_unawaited(command: ReceiveReturn, order: Order, world: World, batch: Batch) -> Decision:
    """The return is made when the units arrive."""
    units = rules.folded(command.lines)
    returns = world.returns[order.id]
    new = rules.new_return(order.id, returns, RETURNED_TO_SENDER, None, units, order.lines, batch.now)
    if isinstance(refusal := _came(command, Found(order, new), world), Decision):
        returns.remove(new)
        return refusal
    announced = [rules.announce(order.lines[number], new, quantity) for number, quantity in units.items()]
    return _receive(command, Found(order, new), world, batch, announced)


def _receive(
    command: ReceiveReturn, found: Found, world: World, batch: Batch, announced: Sequence[Posting] = ()
) -> Decision:
    order, document = found.order, found.document
    location_id = world.locations[command.location].id
    units = rules.folded(command.lines)
    came = _came(command, found, world)
    assert not isinstance(came, Decision)
    received = [
        posting
        for number, quantity in units.items()
        for posting in by_name(
            rules.receive(order.lines[number], document, location_id, quantity, came[number].lot), came[number].serials
        )
    ]
    naming.carry(order, received, world.tracking.serials)
    data = {"location_id": location_id, "reason": document.reason, "lines": _told(units, came)}
    return returning.accepted(
        order, document, "return_received", batch, data, [*announced, *received], occurred_at=command.occurred_at
    )


def _told(units: Mapping[int, int], came: Mapping[int, Came]) -> list[dict[str, Any]]:
    return [
        {
            "line": number,
            "quantity": quantity,
            **({"lot": came[number].lot} if came[number].lot else {}),
            **({"serials": came[number].serials} if came[number].serials else {}),
        }
        for number, quantity in units.items()
    ]


VERB = Verb(
    noun="returns",
    verb="receive",
    summary="Receive returned units, all or a part; they wait in quality hold.",
    command=ReceiveReturn,
    outcome=ReturnState,
    refusals=(
        changing.UNKNOWN_ORDER,
        returning.UNKNOWN_RETURN,
        changing.VERSION_CONFLICT,
        returning.UNKNOWN_LOCATION,
        TAKES_NO_RETURNS,
        returning.UNKNOWN_LINE,
        MORE_THAN_AWAITED,
        MORE_THAN_SENT_BACK,
        SEVERAL_RETURNS,
        RECEIVED_ELSEWHERE,
        *coming_back.REFUSALS,
    ),
    scope="returns:write",
    event="return_received",
    example={"document": "1042-R1", "location": "HAM", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)
