"""Send lines of an order somewhere else: each address gets fulfillment orders of its own. Only what nobody works on yet."""

from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from lading.customers import rules as people_rules
from lading.customers import store as customers
from lading.customers.types import People, content_key
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, fulfilling, retaxing, taxing
from lading.operations.paying_for_edits import EditPayment
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.commands import AddressLines
from lading.orders.types import LineAddress
from lading.terms.money import Money

AT_WORK = ("line_at_work", "Units of line {line} are at a location or on their way: they go where they were to go.")
COLLECTED = ("line_is_collected", "Line {line} is collected by the customer: it goes nowhere.")
_AT_WORK = ("released", "picked", "packed", "in_transit")


class LinesAddressed(Struct, frozen=True):
    """Which lines go somewhere else now."""

    order: str
    version: int
    lines: list[int]
    difference: Money
    """What the order costs more, or less: taxes that are calculated where the lines go."""
    payment: EditPayment | None
    """What that does to the money that somebody promised or paid."""
    holds: list[str] = []
    """The holds that it places: for an approval, for what a company owes."""


@dataclass(slots=True)
class World(retaxing.World):
    """The orders with all that their taxes depend on, and which addresses are known."""

    people: People = field(default_factory=People)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked; the addresses; where an order of theirs is taxed, what its lines would be taxed there; tenders last."""
    commands: list[AddressLines] = batch.commands
    places = [content_key(command.ship_to) for command in commands if command.ship_to]
    world = World(await orders_store.load(tx, (command.order for command in commands), lock=batch.lock))
    if places:
        world.people = await customers.read_people(tx, (), (), places)
    await retaxing.read(tx, batch, world, [command.ship_to for command in commands])
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [_address(envelope, world, batch) for envelope in batch.envelopes]


def _address(envelope: Envelope[AddressLines], world: World, batch: Batch) -> Decision:
    command = envelope.command
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    lines = fulfilling.idle_lines(order, command.lines, _AT_WORK, AT_WORK)
    if isinstance(lines, Decision):
        return lines
    if collected := next((line for line in lines if line.pickup_at), None):
        number = collected.part_of or collected.number
        return refused(COLLECTED, f"/lines/{command.lines.index(number)}", line=number)
    if refusal := fulfilling.held(order, "edit", set(command.lines)):
        return refusal
    if refusal := taxing.refuse_unknown(order, world.taxing):
        return refusal
    place, rows = None, list[object]()
    if command.ship_to:
        place, rows = people_rules.locate(command.ship_to, world.people, envelope.fresh_id)
    for line in lines:
        line.ship_to_id = place
    numbers = sorted({line.number for line in lines})
    rows += [LineAddress(order.id, number, place) for number in numbers]
    data: dict[str, Any] = {"lines": numbers, "ship_to_id": place}
    known = world.taxing if taxing.calculates(world.policies, order.channel_id) else None
    charges = taxing.tax_addressed(order, lines, taxing.place_of(command.ship_to), known)
    taxed = retaxing.charge(order, charges, world, envelope.actor, batch.now)
    rows += taxed.rows
    data |= taxed.data
    event = changing.changed(order, "lines_addressed", batch, data)
    difference = Money.of_minor(data.get("adjusted_minor", 0), order.currency)
    outcome = LinesAddressed(str(order.number), order.version, numbers, difference, taxed.paid, taxed.holds)
    return Decision(outcome, event, money=taxed.money, rows=[order, *rows])


VERB = Verb(
    noun="lines",
    verb="address",
    summary="Send lines of an order somewhere else than the order, or back there; each address gets its own fulfillment orders.",
    command=AddressLines,
    outcome=LinesAddressed,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, fulfilling.UNKNOWN_LINE, AT_WORK, COLLECTED, fulfilling.ON_HOLD, taxing.UNKNOWN,
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
