"""Dispose of returns: received units are sold again, kept as damaged, or scrapped; all or a part, now or later."""

from lading.database.pool import Transaction
from lading.inventory.rules import by_name
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, coming_back, naming, returning, telling_apart
from lading.operations.coming_back import Said
from lading.operations.registry import Batch, Verb
from lading.operations.returning import Found, ReturnState, World
from lading.returns import rules
from lading.returns.commands import DisposeReturn

NOT_RECEIVED = ("not_received", "{document} has {undisposed} of line {line} in quality hold, not {quantity}.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders and their returns; then the rows of stock where the units lie, locked in key order."""
    world = await returning.read_world(tx, batch, (command.document for command in batch.commands))
    keys = {
        (line.sku_id, line.location_id, line.lot)
        for returns in world.returns.values()
        for each in returns
        for line in each.lines.values()
        if line.location_id and line.undisposed
    }
    commands: list[DisposeReturn] = batch.commands
    found = ((world.orders.find(command.document), command) for command in commands)
    world.tracking = await coming_back.read(
        tx, ((order, each.line) for order, command in found if order for each in command.lines)
    )
    await returning.lock_stock(tx, batch, keys)
    await coming_back.lock_serials(tx, batch, world.tracking)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each command sees what the earlier ones left in quality hold."""
    return [_decide(envelope, world, batch) for envelope in batch.envelopes]


def _decide(envelope: Envelope[DisposeReturn], world: World, batch: Batch) -> Decision:
    command = envelope.command
    found = returning.find(world, command.document, command.expected_version)
    if isinstance(found, Decision):
        return found
    lines = found.document.lines
    if refusal := returning.unknown_line(command.lines, lines, found.name):
        return refusal
    for number, quantity in rules.folded(command.lines).items():
        if quantity > lines[number].undisposed:
            return refused(
                NOT_RECEIVED,
                returning.pointer(command.lines, number),
                document=found.name,
                line=number,
                quantity=quantity,
                undisposed=lines[number].undisposed,
            )
    return _refuse_names(command, found, world) or _dispose(command, found, world, batch)


def _refuse_names(command: DisposeReturn, found: Found, world: World) -> Decision | None:
    named: dict[int, list[str]] = {}
    for index, each in enumerate(command.lines):
        where, line = f"/lines/{index}/serials", found.document.lines[each.line]
        said = Said(each.quantity, each.serials)
        refusal = coming_back.refuse_disposed(found.order, line, said, world.tracking, where)
        named.setdefault(each.line, []).extend(each.serials)
        if refusal := refusal or telling_apart.twice(named[each.line], f"/lines/{index}"):
            return refusal
    return None


def _dispose(command: DisposeReturn, found: Found, world: World, batch: Batch) -> Decision:
    lines = found.document.lines
    postings = [
        posting
        for each in command.lines
        for posting in by_name(rules.dispose(lines[each.line], each.disposition, each.quantity), each.serials)
    ]
    naming.carry(found.order, postings, world.tracking.serials)
    data = {
        "lines": [
            {"line": each.line, "quantity": each.quantity, "disposition": each.disposition} for each in command.lines
        ]
    }
    return returning.accepted(found.order, found.document, "return_disposed", batch, data, postings)


VERB = Verb(
    noun="returns",
    verb="dispose",
    summary="Say what becomes of received units: restock, damaged or scrapped.",
    command=DisposeReturn,
    outcome=ReturnState,
    refusals=(
        returning.UNKNOWN_RETURN, changing.VERSION_CONFLICT, returning.UNKNOWN_LINE, NOT_RECEIVED, naming.NO_NAMES,
        naming.NOT_NAMED, telling_apart.SERIAL_TWICE, naming.NOT_HERE,
    ),
    scope="returns:write",
    event="return_disposed",
    example={"document": "1042-R1", "lines": [{"line": 1, "quantity": 1, "disposition": "restock"}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
