"""Send lines of an order somewhere else: each address gets fulfillment orders of its own. Only what nobody works on yet."""

from dataclasses import dataclass

from msgspec import Struct

from lading.customers import rules as people_rules
from lading.customers import store as customers
from lading.customers.types import People, content_key
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, fulfilling
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.commands import AddressLines
from lading.orders.types import Line, LineAddress, Orders

AT_WORK = ("line_at_work", "Units of line {line} are at a location or on their way: they go where they were to go.")
COLLECTED = ("line_is_collected", "Line {line} is collected by the customer: it goes nowhere.")
_AT_WORK = ("released", "picked", "packed", "in_transit")


class LinesAddressed(Struct, frozen=True):
    """Which lines go somewhere else now."""

    order: str
    version: int
    lines: list[int]


@dataclass(slots=True)
class World:
    """The orders, and which addresses are known."""

    orders: Orders
    people: People


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked; the addresses."""
    commands: list[AddressLines] = batch.commands
    orders = await orders_store.load(tx, (command.order for command in commands), lock=batch.lock)
    places = [content_key(command.ship_to) for command in commands if command.ship_to]
    return World(orders, await customers.read_people(tx, (), (), places) if places else People())


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_address(envelope, world, batch) for envelope in batch.envelopes]


def _address(envelope: Envelope[AddressLines], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    lines: list[Line] = []
    for index, number in enumerate(command.lines):
        if number not in order.lines:
            document = f"Order {order.number}"
            return refused(fulfilling.UNKNOWN_LINE, f"/lines/{index}", document=document, line=number)
        parts = [line for line in order.lines.values() if number in (line.number, line.part_of)]
        if any(line.units[stage] for line in parts for stage in _AT_WORK):
            return refused(AT_WORK, f"/lines/{index}", line=number)
        if any(line.pickup_at for line in parts):
            return refused(COLLECTED, f"/lines/{index}", line=number)
        lines += parts
    if refusal := fulfilling.held(order, "edit", set(command.lines)):
        return refusal
    place, rows = None, list[object]()
    if command.ship_to:
        place, rows = people_rules.locate(command.ship_to, world.people, envelope.fresh_id)
    for line in lines:
        line.ship_to_id = place
    numbers = sorted({line.number for line in lines})
    event = changing.changed(order, "lines_addressed", batch, {"lines": numbers, "ship_to_id": place})
    rows += [LineAddress(order.id, number, place) for number in numbers]
    return Decision(LinesAddressed(str(order.number), order.version, numbers), event, rows=[order, *rows])


VERB = Verb(
    noun="lines",
    verb="address",
    summary="Send lines of an order somewhere else than the order, or back there; each address gets its own fulfillment orders.",
    command=AddressLines,
    outcome=LinesAddressed,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, fulfilling.UNKNOWN_LINE, AT_WORK, COLLECTED, fulfilling.ON_HOLD,
    ),
    scope="orders:write",
    event="lines_addressed",
    example={
        "order": "1042", "lines": [2],
        "ship_to": {"name": "Kai Ohm", "line1": "Elbweg 7", "city": "Dresden", "postal_code": "01067", "country": "DE"},
    },
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
