"""Swap the lot of units that are promised to an order and not picked yet: its units go back, others take their place."""

from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import SwapLot
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation, Work
from lading.inventory import lots
from lading.inventory import store as inventory
from lading.inventory.types import Key, LotRow
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling
from lading.operations.fulfilling import World
from lading.operations.registry import Batch, Verb
from lading.operations.shelves import Shelves
from lading.orders.types import Order
from lading.terms.ledger import End, Posting

NOT_IN_LOT = (
    "not_in_lot",
    "Line {line} has {waiting} of lot {lot} promised and not picked: no more than that can be swapped.",
)
LOT_NOT_GOOD = ("lot_not_good", "Lot {lot} is {status}: nothing is promised of it.")
LOT_SHORT = ("lot_short", "Lot {lot} has {available} available at that location, not {quantity}.")

STAGES = ("allocated", "released")
"""Stages whose units still lie on the shelf."""


class LotSwapped(Struct, frozen=True):
    """How many units have another lot now, and where the order stands."""

    order: str
    version: int
    stage: str
    units: int


@dataclass(slots=True)
class Swapping(World):
    """The orders with their allocations, and the stock of both lots."""

    shelves: Shelves = field(default_factory=lambda: Shelves({}))
    network: Network = field(default_factory=Network)


async def prefetch(tx: Transaction, batch: Batch) -> Swapping:
    """The orders and their allocations; the rows of stock of both lots, locked in key order; then the lots, that stay as they are."""
    commands: list[SwapLot] = batch.commands
    read = await fulfilling.read_world(tx, batch, (command.order for command in commands), stock=False)
    world = Swapping(read.orders, read.work, network=await catalog.read_network(tx))
    keys: set[Key] = set()
    for command in commands:
        order = world.orders.find(command.order)
        for each in _concerned(command, world.work[order.id]) if order else ():
            keys |= {(each.sku_id, each.location_id, each.lot), (each.sku_id, each.location_id, command.to_lot)}
    world.shelves = Shelves(await inventory.stock_rows(tx, keys, lock=batch.lock))
    known = lots.keep_lots if batch.lock else lots.read_lots
    world.lots = await known(tx, ((sku_id, lot) for sku_id, _, lot in keys if lot))
    return world


def _concerned(command: SwapLot, work: Work) -> list[Allocation]:
    """The line's allocations of the lot that have units on the shelf."""
    return [
        each
        for each in rules.of_line(work.allocations, command.line)
        if each.lot == command.lot and any(getattr(each, stage) for stage in STAGES)
    ]


def decide(world: Swapping, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_swap(command, world, batch) for command in batch.commands]


def _swap(command: SwapLot, world: Swapping, batch: Batch) -> Decision:
    order = changing.find(world.orders, command.order, command.expected_version)
    if isinstance(order, Decision):
        return order
    if command.line not in order.lines:
        return refused(fulfilling.UNKNOWN_LINE, "/line", document=f"Order {order.number}", line=command.line)
    work = world.work[order.id]
    parts = [
        (each, stage, units)
        for each in _concerned(command, work)
        for stage in STAGES
        if (units := getattr(each, stage))
    ]
    waiting = sum(units for _, _, units in parts)
    quantity = command.quantity or waiting
    if not waiting or quantity > waiting:
        return refused(
            NOT_IN_LOT,
            "/quantity",
            line=command.line,
            lot=command.lot,
            waiting=waiting,
            quantity=quantity,
        )
    left, taken = quantity, []
    for each, stage, units in parts:
        if left:
            taken.append((each, stage, min(left, units)))
            left -= min(left, units)
    return _refuse(command, taken, world, batch) or _exchange(command, order, work, taken, world, batch)


Taken = list[tuple[Allocation, str, int]]
"""(allocation, stage, units)"""


def _is_over(lot: LotRow, allocation: Allocation, world: Swapping, batch: Batch) -> bool:
    """Whether the lot's last day has passed where the units lie."""
    there = world.network.locations[allocation.location_id]
    return lot.expires_on is not None and lot.expires_on < there.today(batch.now)


def _refuse(command: SwapLot, taken: Taken, world: Swapping, batch: Batch) -> Decision | None:
    """The other lot may be sold, and has so many units on the same shelves."""
    sku_id = taken[0][0].sku_id
    lot = world.lots.get((sku_id, command.to_lot))
    expired = lot is not None and any(_is_over(lot, each, world, batch) for each, _, _ in taken)
    if lot is None or lot.status != "ok" or expired:
        status = "unknown" if lot is None else "expired" if lot.status == "ok" else lot.status
        return refused(LOT_NOT_GOOD, "/to_lot", lot=command.to_lot, status=status)
    wanted: dict[Any, int] = {}
    for each, _, units in taken:
        wanted[each.location_id] = wanted.get(each.location_id, 0) + units
    for location_id, units in wanted.items():
        there = world.shelves.takeable(sku_id, location_id, command.to_lot, "available")
        if there < units:
            return refused(LOT_SHORT, "/to_lot", lot=command.to_lot, available=there, quantity=units)
    return None


def _exchange(command: SwapLot, order: Order, work: Work, taken: Taken, world: Swapping, batch: Batch) -> Decision:
    """Give the units back to open and allocate others from there: stock and line say the same."""
    postings: list[Posting] = []
    moves: list[Move] = []
    born: list[Allocation] = []
    for each, stage, units in taken:
        other = _other(command, each, work, born)
        for allocation, change in ((each, -units), (other, units)):
            setattr(allocation, stage, getattr(allocation, stage) + change)
        moves += [Move(each, stage, "open", units), Move(other, "open", stage, units)]
        postings += [
            Posting(each.sku_id, units, _end("allocated", each), _end("available", each), command.line, stage, "open"),
            Posting(each.sku_id, units, _end("available", other), _end("allocated", other), command.line, "open", stage),
        ]  # fmt: skip
    world.shelves.move(postings)
    data: dict[str, Any] = {
        "line": command.line, "lot": command.lot, "to_lot": command.to_lot, "reason": command.reason,
        "moves": rules.told(moves),
        "allocations": [
            {"number": each.number, "line": each.line_number, "location_id": each.location_id, "lot": each.lot, "quantity": 0}
            for each in born
        ],
        "ship_on": {str(each.location_id): each.ship_on for each in born if each.ship_on},
    }  # fmt: skip
    event = changing.changed(order, "lot_swapped", batch, data)
    units = sum(quantity for _, _, quantity in taken)
    outcome = LotSwapped(str(order.number), order.version, fulfilling.stage(order), units)
    touched = {moved.allocation.number: moved.allocation for moved in moves}
    return Decision(outcome, event, postings, (), [order, *touched.values()])


def _other(command: SwapLot, allocation: Allocation, work: Work, born: list[Allocation]) -> Allocation:
    """The line's allocation of the other lot in the same fulfillment order; a new one where there is none."""
    for each in rules.of_line(work.allocations, command.line):
        if (each.lot, each.location_id, each.fulfillment_order) == (
            command.to_lot,
            allocation.location_id,
            allocation.fulfillment_order,
        ):
            return each
    new = Allocation(
        allocation.order_id, len(work.allocations) + 1, command.line, allocation.sku_id, allocation.location_id,
        command.to_lot, 0, allocation.fulfillment_order, ship_on=allocation.ship_on, tracking=allocation.tracking, stored=False,
    )  # fmt: skip
    work.allocations.append(new)
    born.append(new)
    return new


def _end(bucket: str, allocation: Allocation) -> End:
    return End(bucket, allocation.location_id, allocation.lot)


VERB = Verb(
    noun="allocations",
    verb="swap-lot",
    summary="Give units that are promised to an order and not picked yet another lot, at the same location.",
    command=SwapLot,
    outcome=LotSwapped,
    refusals=(
        changing.UNKNOWN_ORDER, changing.VERSION_CONFLICT, fulfilling.UNKNOWN_LINE, NOT_IN_LOT, LOT_NOT_GOOD, LOT_SHORT,
    ),
    scope="fulfillment:write",
    event="lot_swapped",
    example={"order": "1042", "line": 1, "lot": "L-2026-10", "to_lot": "L-2026-11", "reason": "complaint"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
