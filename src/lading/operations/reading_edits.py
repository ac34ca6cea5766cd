"""What editing orders looks at: the orders with their work, all that an added line may be, and the stock that it would come from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.types import Network, Sku
from lading.customers import company_store
from lading.customers import store as customers
from lading.customers.types import People, content_key
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.fulfillment.booking import Diary
from lading.inbound import store as inbound
from lading.inventory import limit_store
from lading.operations import (
    backordering,
    charging_edits,
    choosing_stock,
    fulfilling,
    heading,
    planning,
    reading_stock,
    taxing,
)
from lading.operations.backordering import Waiting
from lading.operations.checking_edits import Credits
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch
from lading.operations.taxing import Taxing
from lading.orders import remarks
from lading.orders.edit_commands import EditOrder
from lading.orders.types import Line, Order
from lading.payments import store as payments_store
from lading.payments.store import TendersByOrder
from lading.sourcing import store as sourcing_store
from lading.sourcing.plans import Asked
from lading.sourcing.plans import Plan as Rules
from lading.sourcing.rules import ORDER, Want
from lading.terms.money import UnitPrice


@dataclass(slots=True)
class World(fulfilling.World):
    """The orders with their work, and all that an added line may look at."""

    network: Network = field(default_factory=Network)
    skus: Mapping[str, Sku] = field(default_factory=dict)
    people: People = field(default_factory=People)
    waiting: Waiting = field(default_factory=Waiting)
    stock: Stock | None = None
    said: dict[tuple[UUID, int], dict[str, str]] = field(default_factory=dict)
    """What is said of the orders and their lines, where the merchant has attributes of lines."""
    located: Mapping[UUID, UUID] = field(default_factory=dict)
    """Addresses that were written when their edit was prepared, by command."""
    asked: Mapping[UUID, Asked] = field(default_factory=dict)
    """What rules of sourcing may know of each order."""
    rules: Rules | None = None
    taxing: Taxing | None = None
    """Where taxes of some order are calculated here."""
    tenders: TendersByOrder = field(default_factory=dict)
    credits: Credits = field(default_factory=dict)


async def read(tx: Transaction, batch: Batch, located: Mapping[UUID, UUID] = MappingProxyType({})) -> World:
    """Orders, work and parcels; products, people, policies; the stock that sourcing would choose; days; serials."""
    commands: list[EditOrder] = batch.commands
    unpack = any(command.unpack for command in commands)
    found = await fulfilling.read_world(tx, batch, (each.order for each in commands), parcels=unpack, stock=False)
    world = World(found.orders, found.work, parcels=found.parcels, located=located)
    orders = {order.id: order for order in world.orders.by_ref.values()}
    world.skus = await catalog.read_skus(tx, (line.sku for command in commands for line in command.add))
    lines = [line for order in orders.values() for line in order.lines.values()]
    sku_ids = {line.sku_id for line in lines} | {sku.id for sku in world.skus.values()}
    world.network, world.policies = await catalog.read_setup(tx, sorted(sku_ids))
    to = [command.ship_to for command in commands]
    world.taxing = await taxing.for_editing(tx, batch, orders.values(), sku_ids, world, located.values(), to)
    if any(subject == "line" for subject, _ in world.network.attributes):
        world.said = await remarks.read_said(tx, orders)
    places = [command.ship_to for command in commands if command.ship_to]
    if places:
        world.people = await customers.read_people(tx, (), (), (content_key(place) for place in places))
    await _read_stock(tx, batch, world, lines)
    world.taken = await limit_store.read_pool_takes(tx, orders)
    await fulfilling.read_serials(tx, batch, world)
    if companies := {order.company_id for order in orders.values() if order.company_id}:
        world.credits = await company_store.read_credit(tx, companies)
    world.tenders = await payments_store.read_tenders(tx, sorted(orders), lock=batch.lock)
    return world


async def _read_stock(tx: Transaction, batch: Batch, world: World, lines: Sequence[Line]) -> None:
    """What is added is chosen and locked; then the days that the orders have booked, and those that were chosen."""
    asked = _asked(batch, world)
    wanted: dict[UUID, int] = {}
    for _, wants in asked:
        for want in wants:
            wanted[want.sku_id] = wanted.get(want.sku_id, 0) + want.quantity
    waits = {line.sku_id for line in lines if line.units["backordered"]}
    if batch.lock:
        await limit_store.lock_gate(tx, wanted.keys() | waits)
        await inbound.lock_backlog(tx, waits)
    chosen: list[Chosen] = []
    if wanted:
        world.asked = await sourcing_store.read_asked(tx, {order.id for order in world.orders.by_ref.values()})
        world.rules = await planning.read_plan(tx, world.policies, wanted, world.asked.values())

    def propose(stock: Stock) -> list[Chosen]:
        stock.waiting = dict(world.waiting.units)
        stock.plan = world.rules.anew() if world.rules else None
        chosen[:] = [choose(wants, order, stock, world) for order, wants in asked]
        return chosen

    async def ahead() -> bool:
        short = {
            want.sku_id
            for (_, wants), each in zip(asked, chosen, strict=True)
            for want in wants
            if want.line_number in each.short
        }
        return bool(short) and await backordering.read_waiting(
            tx, batch, world.waiting, short, world.network, world.policies
        )

    if wanted:
        bookings = await fulfillment.read_bookings(tx, world.work)
        world.stock, _ = await reading_stock.read_stock(
            tx, batch, Needs(wanted, bookings=bookings), world.network, world.policies, propose, ahead
        )
        world.stock.waiting = dict(world.waiting.units)
        world.stock.plan = world.rules.anew() if world.rules else None
    world.diary = await fulfillment.read_diary(tx, world.work, lock=batch.lock)
    if world.stock and world.stock.days:
        world.diary = _one_diary(world.stock.days.days.diary, world.diary)


def _one_diary(chosen: Diary, held: Diary) -> Diary:
    """What is given back and what is booked are the same rows."""
    chosen.days |= held.days
    chosen.bookings = held.bookings
    return chosen


def _asked(batch: Batch, world: World) -> list[tuple[Order, list[Want]]]:
    """What each command may want of its order; commands that want nothing are left out."""
    found = [(command, order) for command in batch.commands if (order := world.orders.find(command.order))]
    named = Counter(order.id for _, order in found)
    asked = [(order, _may_want(command, order, world, again=named[order.id] > 1)) for command, order in found]
    return [(order, wants) for order, wants in asked if wants]


def _may_want(command: EditOrder, order: Order, world: World, *, again: bool) -> list[Want]:
    """What the command wants of the order as it stands; where an earlier command may take units away first, all that it may want."""
    wants = wants_of(command, order, world)
    if not again:
        return wants
    first = wants[-1].line_number + 1 if wants else max(order.lines, default=0) + 1
    raised = [each for each in command.quantities if each.line in order.lines and each.quantity]
    return wants + [
        Want(first + index, order.lines[each.line].sku_id, each.quantity) for index, each in enumerate(raised)
    ]


def added(command: EditOrder, order: Order, world: World) -> list[charging_edits.Added]:
    """More of what it has, then what is new."""
    more = [
        charging_edits.Added(
            line.sku_id,
            units,
            UnitPrice(f"{line.unit_price.normalize():f}", order.currency),
            (),
            line.ship_complete,
            world.said.get((order.id, line.number), {}),
        )
        for each in command.quantities
        if (line := order.lines.get(each.line)) and (units := each.quantity - charging_edits.left(order, line)) > 0
    ]
    new = [
        charging_edits.Added(
            world.skus[each.sku].id, each.quantity, each.unit_price, each.charges, each.ship_complete, each.attributes
        )
        for each in command.add
        if each.sku in world.skus
    ]
    return [*more, *new]


def wants_of(command: EditOrder, order: Order, world: World) -> list[Want]:
    first, everything = max(order.lines, default=0) + 1, heading.goes_whole(command, order)
    return [
        Want(number, each.sku_id, each.units, whole=ORDER if everything else number if each.ship_complete else 0)
        for number, each in enumerate(added(command, order, world), first)
    ]


def choose(wants: Sequence[Want], order: Order, stock: Stock, world: World) -> Chosen:
    asked = world.asked.get(order.id)
    sourcing = choosing_stock.choose(wants, stock, order.channel_id, order_id=order.id, asked=asked)
    choosing_stock.take(sourcing, stock, order.channel_id)
    return sourcing
