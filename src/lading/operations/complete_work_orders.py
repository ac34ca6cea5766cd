"""Complete work orders: what the kits take is used up, and what they give is available."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from lading.assembly import rules
from lading.assembly.commands import CompleteWorkOrder, ToldApart
from lading.assembly.rules import Step, Units
from lading.assembly.types import WorkLine, WorkOrder
from lading.database.pool import Transaction
from lading.journal.types import Decision, refused
from lading.operations import telling_apart, telling_late, working
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS, UNITS_MAX
from lading.operations.registry import Batch, Verb
from lading.operations.working import WorkOrderState, World
from lading.terms.ledger import End

NOT_OF_IT = ("not_of_it", "{work_order} neither takes nor gives {sku}.")


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The work orders and the stock of their lines."""
    world = await working.prefetch(tx, batch)
    moved = (
        ((line.sku_id, order.location_id, lot), command.occurred_at)
        for command in batch.commands
        if (order := world.orders.find(command.work_order))
        for line in order.lines.values()
        for lot in {line.lot, *(units.lot for units in command.units)}
    )
    world.counted = await telling_late.read(tx, batch, moved)
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival."""
    return [
        telling_late.take_back(_complete(envelope.command, world, batch), envelope, world.counted, world.shelves.rows)
        for envelope in batch.envelopes
    ]


def _complete(command: CompleteWorkOrder, world: World, batch: Batch) -> Decision:
    found = working.find(command, world)
    if isinstance(found, Decision):
        return found
    order, kits = found
    units = _told_apart(command, order, kits, world)
    if isinstance(units, Decision):
        return units
    for line in order.lines.values():
        lot = units[line.sku_id].lot if line.sku_id in units else line.lot
        there = world.shelves.units(line.sku_id, order.location_id, lot, "available")
        if line.role == "output" and there + kits * line.per_kit > UNITS_MAX:
            return refused(
                TOO_MANY_UNITS, "/quantity", location=world.locations[order.location_id], sku=line.sku, bucket="available",
                there=there, quantity=kits * line.per_kit, most=UNITS_MAX,
            )  # fmt: skip
    occurred_at = command.occurred_at or batch.now
    if refusal := _gone(order, kits, units, world):
        return refusal
    steps = rules.complete(order, kits, occurred_at, units)
    rows, new_lots = _carry(command, order, steps, occurred_at, world)
    more = {"new_lots": new_lots} if new_lots else {}
    decision = working.decide(world, order, steps, kits, "work_order_completed", occurred_at, **more)
    decision.rows += rows
    return decision


def _gone(order: WorkOrder, kits: int, told: Mapping[UUID, Units], world: World) -> Decision | None:
    """The refusal of inputs that were set aside, but turned out not to be there."""
    using = {
        (step.line.sku_id, order.location_id, step.lot): step.quantity
        for step in rules.to_use(order, kits, told)
    }  # fmt: skip
    codes = {line.sku_id: line.sku for line in order.lines.values()}
    return world.shelves.refuse_leaving(using, codes, world.locations, "/quantity")


def _told_apart(command: CompleteWorkOrder, order: WorkOrder, kits: int, world: World) -> dict[UUID, Units] | Decision:
    """Which units are meant, by product; all of them are where they are taken from, or nowhere with us."""
    told = {each.sku: (index, each) for index, each in enumerate(command.units)}
    if stranger := told.keys() - {line.sku for line in order.lines.values()}:
        code = min(stranger)
        return refused(NOT_OF_IT, f"/units/{told[code][0]}/sku", work_order=order.name, sku=code)
    found: dict[UUID, Units] = {}
    for line in order.lines.values():
        if line.sku_id in found:
            continue
        index, each = told.get(line.sku, (0, ToldApart(line.sku)))
        pointer = f"/units/{index}" if line.sku in told else "/units"
        made = line.role == "output"
        if made and line.tracking == "lot" and not each.lot:
            return refused(telling_apart.LOT_REQUIRED, f"{pointer}/lot", sku=line.sku)
        if refusal := telling_apart.refuse_names(line, kits * line.per_kit, each.serials, pointer):
            return refusal
        if refusal := telling_apart.other_expiry(line, each.lot, each.expires_on, world.lots):
            return refusal
        if refusal := _elsewhere(order, line, each, made, world, pointer):
            return refusal
        lots = {name: world.serials[(line.sku_id, name)].lot if not made else each.lot for name in each.serials}
        if lots or made:
            found[line.sku_id] = Units(lots, each.lot if made else "")
    return found


def _elsewhere(
    order: WorkOrder, line: WorkLine, told: ToldApart, made: bool, world: World, pointer: str
) -> Decision | None:
    """The refusal of a unit that cannot be used up, or made: in each lot no more of them than were set aside."""
    if made:
        return telling_apart.elsewhere(line, told.serials, End(rules.ACCOUNT), world.serials, pointer)
    left = {each.lot: each.allocated for each in order.lines.values() if each.sku_id == line.sku_id}
    for name in told.serials:
        known = world.serials.get((line.sku_id, name))
        lot = known.lot if known else line.lot
        shelf = End("allocated", order.location_id, lot if lot in left else line.lot)
        if refusal := telling_apart.elsewhere(line, [name], shelf, world.serials, pointer):
            return refusal
        left[lot] -= 1
        if left[lot] < 0:
            return refused(
                telling_apart.SERIAL_ELSEWHERE, f"{pointer}/serials", sku=line.sku, serial=name, place=f"of lot {lot}",
                expected="of a lot that was set aside",
            )  # fmt: skip
    return None


def _carry(
    command: CompleteWorkOrder, order: WorkOrder, steps: Sequence[Step], at: datetime, world: World
) -> tuple[list[object], list[dict[str, Any]]]:
    """Named units are where their postings leave them; the rows of units and lots that nobody knew."""
    expiry = {each.sku: each.expires_on for each in command.units}
    rows: list[object] = []
    new_lots = []
    for step in steps:
        line, made = step.line, step.line.role == "output"
        there, here = End("available", order.location_id, step.lot), End(rules.ACCOUNT)
        rows += telling_apart.carry(
            line.sku_id, step.serials, here if made else there, there if made else here, world.serials
        )
        if made and (lot := telling_apart.open_lot(line.sku_id, step.lot, expiry.get(line.sku), at, world.lots)):
            rows.append(lot)
            new_lots.append({"sku_id": line.sku_id, "lot": lot.lot, "expires_on": lot.expires_on})
    return rows, new_lots


VERB = Verb(
    noun="work-orders",
    verb="complete",
    summary="Kits are made, or taken apart, all or some: what they take is used up, what they give can be sold.",
    command=CompleteWorkOrder,
    outcome=WorkOrderState,
    refusals=(
        working.UNKNOWN_WORK_ORDER, working.VERSION_CONFLICT, working.NOTHING_LEFT, working.TOO_MANY, NOT_OF_IT,
        *telling_apart.REFUSALS, telling_apart.OTHER_EXPIRY, telling_apart.SERIAL_ELSEWHERE, TOO_MANY_UNITS, NOT_THERE,
    ),
    scope="stock:write",
    event="work_order_completed",
    example={"work_order": "W1043", "quantity": 5},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
