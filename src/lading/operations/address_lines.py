"""Send lines of an order somewhere else: each address gets fulfillment orders of its own. Only what nobody works on yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Network, Sku
from lading.customers import rules as people_rules
from lading.customers import store as customers
from lading.customers.types import People, content_key
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, fulfilling, paying_for_edits, taxing
from lading.operations.paying_for_edits import EditPayment
from lading.operations.placing import told_charges
from lading.operations.registry import Batch, Verb
from lading.operations.taxing import Taxing
from lading.orders import editing
from lading.orders import store as orders_store
from lading.orders.commands import AddressLines
from lading.orders.types import AddedCharge, Line, LineAddress, Order, Orders
from lading.payments import store as payments_store
from lading.payments.store import TendersByOrder
from lading.terms.ledger import MoneyPosting
from lading.terms.money import Money
from lading.terms.taxes import Place

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


@dataclass(slots=True)
class World:
    """The orders with their tenders, which addresses are known, and where taxes are calculated."""

    orders: Orders
    people: People
    tenders: TendersByOrder
    network: Network
    policies: Policies
    skus: Mapping[str, Sku] = field(default_factory=dict)
    taxing: Taxing | None = None


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked; the addresses; where an order of theirs is taxed, what its lines would be taxed there; tenders last."""
    commands: list[AddressLines] = batch.commands
    orders = await orders_store.load(tx, (command.order for command in commands), lock=batch.lock)
    places = [content_key(command.ship_to) for command in commands if command.ship_to]
    people = await customers.read_people(tx, (), (), places) if places else People()
    found = {order.id: order for order in orders.by_ref.values()}
    sku_ids = {line.sku_id for order in found.values() for line in order.lines.values()}
    world = World(orders, people, {}, *await catalog.read_setup(tx, sorted(sku_ids)))
    world.taxing = await taxing.for_editing(
        tx, batch, found.values(), sku_ids, world, to=(each.ship_to for each in commands)
    )
    world.tenders = await payments_store.read_tenders(tx, sorted(found), lock=batch.lock)
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
    money, paid = _tax(order, lines, taxing.place_of(command.ship_to), envelope.actor, world, batch, rows, data)
    event = changing.changed(order, "lines_addressed", batch, data)
    difference = Money.of_minor(data.get("adjusted_minor", 0), order.currency)
    outcome = LinesAddressed(str(order.number), order.version, numbers, difference, paid)
    return Decision(outcome, event, money=money, rows=[order, *rows])


def _tax(
    order: Order, lines: list[Line], to: Place | None, actor: str, world: World, batch: Batch, rows: list[object],
    data: dict[str, Any],
) -> tuple[list[MoneyPosting], EditPayment | None]:  # fmt: skip
    """The lines are taxed where they go, and what that changes is paid as what an edit changes."""
    known = world.taxing if taxing.calculates(world.policies, order.channel_id) else None
    charges = taxing.tax_addressed(order, lines, to, known)
    if not charges:
        return [], None
    before = order.adjusted_minor
    money = editing.owe(order, (), charges)
    data |= {"charges": told_charges(charges), "adjusted_minor": order.adjusted_minor - before}
    rows += [AddedCharge(order.id, charge) for charge in charges]
    paid = paying_for_edits.follow(
        order, order.adjusted_minor - before, world.tenders[order.id], world.policies, actor, batch.now
    )
    if paid is None:
        return money, None
    rows += paid.rows
    data |= paid.data
    return money, paid.told


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
