"""Cancel returns: announced units do not come after all."""

from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, returning
from lading.operations.registry import Batch, Verb
from lading.operations.returning import Found, ReturnState, World
from lading.returns import rules
from lading.returns.commands import CancelReturn

NOT_AWAITED = ("not_awaited", "{document} awaits {awaited} of line {line}, not {quantity}.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders and their returns."""
    return await returning.read_world(tx, batch, (command.document for command in batch.commands))


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[CancelReturn], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = returning.find(world, command.document, command.expected_version)
    if isinstance(found, Decision):
        return found
    lines = found.document.lines
    if refusal := returning.unknown_line(command.lines, lines, found.name):
        return refusal
    units = rules.folded(command.lines) or {number: line.awaited for number, line in lines.items() if line.awaited}
    for number, quantity in units.items():
        if quantity > lines[number].awaited:
            return refused(
                NOT_AWAITED,
                returning.pointer(command.lines, number),
                document=found.name,
                line=number,
                quantity=quantity,
                awaited=lines[number].awaited,
            )
    return _cancel(found, units, batch) if units else Decision(returning.state(found.order, found.document))


def _cancel(found: Found, units: dict[int, int], batch: Batch) -> Decision:
    order, document = found.order, found.document
    postings = [rules.withdraw(order.lines[number], document, quantity) for number, quantity in units.items()]
    data = {"lines": [{"line": number, "quantity": quantity} for number, quantity in units.items()]}
    return returning.accepted(order, document, "return_cancelled", batch, data, postings)


VERB = Verb(
    noun="returns",
    verb="cancel",
    summary="Take back the announcement of units that have not come; without lines of all of them.",
    command=CancelReturn,
    outcome=ReturnState,
    refusals=(returning.UNKNOWN_RETURN, changing.VERSION_CONFLICT, returning.UNKNOWN_LINE, NOT_AWAITED),
    scope="returns:write",
    event="return_cancelled",
    example={"document": "1042-R1", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)
