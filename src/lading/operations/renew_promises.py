"""Renew promises: what was told an order is told again where the date moved."""

from dataclasses import dataclass
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.database.pool import Transaction
from lading.inbound import store as inbound
from lading.inbound.commands import RenewPromises
from lading.inbound.rules import Outlook
from lading.inbound.types import Promise
from lading.journal.types import Decision
from lading.operations import backordering, changing
from lading.operations.backordering import LinePromise
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.types import Order, Orders


class PromisesRenewed(Struct, frozen=True):
    """What can be told now."""

    order: str
    version: int
    moved: bool
    """Whether a date is another one than was told before."""
    promises: list[LinePromise]
    """Of all lines that wait."""


@dataclass(slots=True)
class World:
    """The orders, and what is expected of all that they wait for."""

    orders: Orders
    policies: Policies
    outlooks: dict[UUID, Outlook]
    told: dict[tuple[UUID, int], Promise]
    """By order and line: what waits, and what was told for it."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The orders, locked; the backlogs of what they wait for, locked; then what is expected and promised."""
    orders = await orders_store.load(tx, (command.order for command in batch.commands), lock=batch.lock)
    sku_ids = {
        line.sku_id for order in orders.by_ref.values() for line in order.lines.values() if line.units["backordered"]
    }
    network, policies = await catalog.read_setup(tx, sorted(sku_ids))
    if batch.lock:
        await inbound.lock_backlog(tx, sku_ids)
    waiting = await inbound.read_waiting(tx, sku_ids)
    outlooks = await backordering.read_outlooks(tx, batch.now, backordering.by_product(waiting), network, policies)
    return World(orders, policies, outlooks, {(each.order_id, each.line_number): each for each in waiting})


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each looks at the promises of those who are served before it."""
    return [_renew(command, world, batch) for command in batch.commands]


def _renew(command: RenewPromises, world: World, batch: Batch) -> Decision:
    order = changing.find(world.orders, command.order)
    if isinstance(order, Decision):
        return order
    renewed, moved = [], []
    for line in order.lines.values():
        told = world.told.get((order.id, line.number))
        if told is None:
            continue
        before = told.promised_at
        told.promised_at = backordering.foresee(told, world.outlooks[told.sku_id], world.policies, batch.now)
        renewed.append(told)
        if told.promised_at != before:
            moved.append((told, before))
    if not moved:
        return Decision(_outcome(order, renewed, moved=False))
    data = {
        "promises": [
            {"line": new.line_number, "quantity": new.quantity, "before": before, "promised_at": new.promised_at}
            for new, before in moved
        ]
    }
    event = changing.changed(order, "promise_moved", batch, data)
    return Decision(_outcome(order, renewed, moved=True), event, rows=[order, *(new for new, _ in moved)])


def _outcome(order: Order, promises: list[Promise], *, moved: bool) -> PromisesRenewed:
    told = [LinePromise(each.line_number, each.quantity, each.promised_at) for each in promises]
    return PromisesRenewed(str(order.number), order.version, moved, told)


VERB = Verb(
    noun="promises",
    verb="renew",
    summary="Look again when what an order waits for can be there; it is told only where a date moved.",
    command=RenewPromises,
    outcome=PromisesRenewed,
    refusals=(changing.UNKNOWN_ORDER,),
    scope="orders:write",
    event="promise_moved",
    example={"order": "1042"},
    prefetch=prefetch,
    decide=decide,
)
