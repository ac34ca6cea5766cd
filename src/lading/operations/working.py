"""What the verbs of a work order have in common: finding it, taking steps with its units, telling where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.assembly import rules, store
from lading.assembly.commands import CancelWorkOrder, CompleteWorkOrder, ToldApart
from lading.assembly.rules import Step
from lading.assembly.types import WorkLine, WorkOrder, WorkOrders
from lading.catalog import store as catalog
from lading.database.pool import Transaction
from lading.inventory import lots
from lading.inventory import rules as inventory_rules
from lading.inventory import store as inventory
from lading.inventory.lots import Lots, Serials
from lading.journal.types import Decision, refused
from lading.operations.registry import Batch
from lading.operations.shelves import Shelves
from lading.operations.telling_late import Counted
from lading.terms.ledger import Event

UNKNOWN_WORK_ORDER = ("unknown_work_order", "There is no work order {work_order}.")
VERSION_CONFLICT = ("version_conflict", "{work_order} has version {version} by now, not {expected}: look at it again.")
NOTHING_LEFT = ("nothing_left", "{work_order} is {status}: nothing is left of it.")
TOO_MANY = ("too_many", "{work_order} has {left} left, not {quantity}.")


class WorkOrderState(Struct, frozen=True):
    """Where a work order stands now, in kits."""

    work_order: str
    id: UUID
    status: str
    version: int
    quantity: int
    completed: int
    cancelled: int


@dataclass(slots=True)
class World:
    """Work orders, the codes of all locations, and the rows of stock that their units leave or reach."""

    orders: WorkOrders
    locations: dict[UUID, str]
    shelves: Shelves
    lots: Lots = field(default_factory=dict)
    serials: Serials = field(default_factory=dict)
    """What is known of lots and units that the commands name."""
    counted: Counted = field(default_factory=Counted)
    """Of what is told late."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The work orders, locked; then the rows of stock of their lines, locked in key order."""
    orders = await store.load(tx, (command.work_order for command in batch.commands), lock=batch.lock)
    network = await catalog.read_network(tx)
    keys = {(line.sku_id, order.location_id, line.lot) for order in orders.all() for line in order.lines.values()}
    named = _named(batch.commands, orders)
    made = {(line.sku_id, order.location_id, units.lot) for order, line, units in named if units.lot}
    rows = await inventory.stock_rows(tx, keys | made, lock=batch.lock)
    world = World(orders, {location.id: location.code for location in network.locations.values()}, Shelves(rows))
    world.lots = await lots.read_lots(tx, ((sku_id, lot) for sku_id, _, lot in made))
    names = {(line.sku_id, name) for _, line, units in named for name in units.serials}
    world.serials = await lots.read_serials(tx, names, lock=batch.lock)
    return world


def _named(
    commands: Sequence[CompleteWorkOrder | CancelWorkOrder], orders: WorkOrders
) -> list[tuple[WorkOrder, WorkLine, ToldApart]]:
    """What commands tell apart, with the lines that it is about."""
    return [
        (order, line, units)
        for command in commands
        if isinstance(command, CompleteWorkOrder) and command.units and (order := orders.find(command.work_order))
        for units in command.units
        for line in order.lines.values()
        if line.sku == units.sku
    ]


def find(command: CompleteWorkOrder | CancelWorkOrder, world: World) -> tuple[WorkOrder, int] | Decision:
    """The work order and the kits that are meant, or why nothing can be done with it."""
    order = world.orders.find(command.work_order)
    if order is None:
        return refused(UNKNOWN_WORK_ORDER, "/work_order", work_order=command.work_order)
    if command.expected_version not in (None, order.version):
        return refused(
            VERSION_CONFLICT, "/expected_version", work_order=order.name, version=order.version,
            expected=command.expected_version,
        )  # fmt: skip
    if not order.left:
        return refused(NOTHING_LEFT, "/work_order", work_order=order.name, status=order.status)
    if command.quantity is not None and command.quantity > order.left:
        return refused(TOO_MANY, "/quantity", work_order=order.name, left=order.left, quantity=command.quantity)
    return order, command.quantity or order.left


def state(order: WorkOrder) -> WorkOrderState:
    """Where it stands."""
    return WorkOrderState(
        order.name, order.id, order.status, order.version, order.quantity, order.completed, order.cancelled
    )


def decide(
    world: World, order: WorkOrder, steps: Sequence[Step], kits: int, kind: str, occurred_at: datetime, **more: Any
) -> Decision:
    """The steps are taken already: one more version, one event, a posting for each unit that moved."""
    postings = [
        each
        for step in steps
        if (posting := rules.posting(order, step))
        for each in inventory_rules.by_name(posting, step.serials)
    ]
    world.shelves.move(postings)
    order.version += 1
    kit = next(line.sku for line in order.lines.values() if line.sku_id == order.sku_id)
    data = {
        "work_order": order.name, "kind": order.kind, "sku": kit, "location_id": order.location_id, "quantity": kits,
        "left": order.left, "steps": [rules.told(step) for step in steps], **more,
    }  # fmt: skip
    return Decision(state(order), Event(kind, "work_order", order.id, occurred_at, data), postings, rows=[order])
