"""Open work orders: what the kits take is set aside, all or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from lading.assembly import rules, store
from lading.assembly.commands import OpenWorkOrder
from lading.assembly.types import WorkLine, WorkOrder
from lading.catalog import store as catalog
from lading.catalog.types import Component, Location, Sku
from lading.database.pool import Transaction
from lading.inventory.types import Supplies
from lading.journal.types import Decision, Envelope, refused
from lading.operations import choosing_stock, placing, reading_stock, working
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.moving_stock import UNITS_MAX, UNKNOWN_LOCATION, UNKNOWN_SKU
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch, Verb
from lading.operations.working import WorkOrderState
from lading.sourcing.rules import Want
from lading.terms.ledger import Event

NOT_A_KIT = ("not_a_kit", "{sku} is no kit: say first what it is made of.")
NOT_STOCKED = ("not_stocked", "{sku} is put together for each order: save the kit as stocked to make it ahead.")
TOO_MANY_KITS = ("too_many_kits", "{quantity} {quantity:kit takes|kits take} more units of {sku} than a shelf holds.")
NOT_AN_INPUT = ("not_an_input", "{sku} is not what the work order takes: it has no lot to choose.")
REFERENCE_TAKEN = ("reference_taken", "{work_order} bears the reference {reference} already.")
INSUFFICIENT_STOCK = (
    "insufficient_stock", "{missing} of {quantity} {sku} {missing:is|are} missing in {location}: receive or move {missing:it|them} first.",
)  # fmt: skip


@dataclass(slots=True)
class World:
    """Kits, locations, the stock that may be set aside, and who bears the references of the batch."""

    skus: Mapping[str, Sku]
    kits: Mapping[UUID, Sequence[Component]]
    locations: Mapping[str, Location]
    references: dict[str, int]
    stock: Stock
    plans: list[Chosen | Decision] = field(default_factory=list)
    """One per command where what was proposed before the locks stands under them; otherwise empty, and decide plans."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Kits and references; then the stock that the batch would take, locked."""
    commands: list[OpenWorkOrder] = batch.commands
    skus = await catalog.read_skus(tx, (command.sku for command in commands))
    kits = await catalog.read_components(tx, (sku.id for sku in skus.values()))
    network, policies = await catalog.read_setup(tx, placing.ids_of(skus, kits))
    references = await store.taken_references(tx, (command.reference for command in commands if command.reference))
    locations = {location.code: location for location in network.locations.values()}
    world = World(skus, kits, locations, references, Stock(policies))
    wanted: dict[UUID, int] = {}
    for command in commands:
        for sku, per_kit in _inputs(command, world) if _refuse(command, world) is None else ():
            wanted[sku.id] = wanted.get(sku.id, 0) + per_kit * command.quantity
    plans: list[Chosen | Decision] = []

    def propose(stock: Stock) -> list[Chosen]:
        plans[:] = _plan_all(commands, world, stock)
        return [plan for plan in plans if isinstance(plan, Chosen)]

    world.stock, stands = await reading_stock.read_stock(tx, batch, Needs(wanted), network, policies, propose)
    if stands:
        world.plans = plans
    return world


def _plan_all(commands: Sequence[OpenWorkOrder], world: World, stock: Stock) -> list[Chosen | Decision]:
    """In order of arrival; who bears the reference of an earlier one takes nothing: decide refuses it."""
    plans: list[Chosen | Decision] = []
    borne: set[str] = set()
    for command in commands:
        if command.reference in borne:
            plans.append(Chosen())
            continue
        plans.append(_refuse(command, world) or _plan(command, world, stock))
        if command.reference and isinstance(plans[-1], Chosen):
            borne.add(command.reference)
    return plans


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones set aside."""
    plans: Sequence[Chosen | Decision | None] = world.plans or [None] * len(batch.envelopes)
    decisions = []
    for envelope, number, proposed in zip(batch.envelopes, batch.numbers, plans, strict=True):
        command = envelope.command
        plan = _refuse(command, world) or proposed or _plan(command, world, world.stock)
        decisions.append(plan if isinstance(plan, Decision) else _open(envelope, number, world, batch, plan))
    return decisions


def _refuse(command: OpenWorkOrder, world: World) -> Decision | None:
    sku = world.skus.get(command.sku)
    if sku is None:
        return refused(UNKNOWN_SKU, "/sku", sku=command.sku)
    if command.location not in world.locations:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    if sku.id not in world.kits:
        return refused(NOT_A_KIT, "/sku", sku=command.sku)
    if command.kind == "assemble" and sku.kit != "stocked":
        return refused(NOT_STOCKED, "/sku", sku=command.sku)
    for each, per_kit, _ in _products(command, world):
        if per_kit * command.quantity > UNITS_MAX:
            return refused(TOO_MANY_KITS, "/quantity", sku=each.code, quantity=command.quantity)
    inputs = {each.code for each, _ in _inputs(command, world)}
    for index, named in enumerate(command.lots):
        if named.sku not in inputs:
            return refused(NOT_AN_INPUT, f"/lots/{index}/sku", sku=named.sku)
    if command.reference in world.references:
        taken = f"W{world.references[command.reference]}"
        return refused(REFERENCE_TAKEN, "/reference", work_order=taken, reference=command.reference)
    return None


def _products(command: OpenWorkOrder, world: World) -> Iterator[tuple[Sku, int, bool]]:
    """(product, units in one kit, whether it is made) of the kit and its components."""
    kit = world.skus[command.sku]
    yield kit, 1, command.kind == "assemble"
    for component in world.kits[kit.id]:
        yield component.sku, component.per_kit, command.kind == "disassemble"


def _inputs(command: OpenWorkOrder, world: World) -> list[tuple[Sku, int]]:
    """(product, units in one kit) of what it takes."""
    return [(sku, per_kit) for sku, per_kit, is_output in _products(command, world) if not is_output]


def _plan(command: OpenWorkOrder, world: World, stock: Stock) -> Chosen | Decision:
    """Where its inputs lie, taken from the stock; nothing where something is short."""
    inputs = _inputs(command, world)
    wants = [Want(number, sku.id, per_kit * command.quantity) for number, (sku, per_kit) in enumerate(inputs, 1)]
    among = replace(stock, supplies=stock.supplies | _of_lots(command, inputs, stock)) if command.lots else stock
    chosen = choosing_stock.choose_at(wants, among, world.locations[command.location].id)
    for line_number, missing in chosen.short.items():
        sku, per_kit = inputs[line_number - 1]
        return refused(
            INSUFFICIENT_STOCK, "/quantity", sku=sku.code, location=command.location, missing=missing,
            quantity=per_kit * command.quantity,
        )  # fmt: skip
    choosing_stock.take(chosen, stock)
    return chosen


def _of_lots(command: OpenWorkOrder, inputs: Sequence[tuple[Sku, int]], stock: Stock) -> Supplies:
    """The shelves of the lots that are named, in that order."""
    lots: dict[str, dict[str, None]] = {}
    for named in command.lots:
        lots.setdefault(named.sku, {})[named.lot] = None
    return {
        sku.id: [shelf for lot in lots[sku.code] for shelf in stock.supplies.get(sku.id, ()) if shelf.lot == lot]
        for sku, _ in inputs
        if sku.code in lots
    }


def _open(envelope: Envelope[OpenWorkOrder], number: int, world: World, batch: Batch, chosen: Chosen) -> Decision:
    command = envelope.command
    products = {sku.id: (sku, per_kit, is_output) for sku, per_kit, is_output in _products(command, world)}
    kit = world.skus[command.sku]
    order = WorkOrder(
        envelope.fresh_id, number, command.reference, command.kind, kit.id, world.locations[command.location].id,
        command.quantity, batch.now, command.due_at, stored=False,
    )  # fmt: skip
    for take in chosen.takes:
        sku, per_kit, _ = products[take.sku_id]
        _add(order, "input", sku, take.lot, per_kit, take.quantity)
    for sku, per_kit, is_output in products.values():
        if is_output:
            _add(order, "output", sku, "", per_kit, per_kit * command.quantity)
    if command.reference:
        world.references[command.reference] = number
    data = {
        "work_order": order.name, "number": number, "reference": order.reference, "kind": order.kind, "sku_id": kit.id,
        "sku": kit.code, "location_id": order.location_id, "quantity": order.quantity, "due_at": order.due_at,
        "lines": [
            {"line": line.number, "role": line.role, "sku_id": line.sku_id, "sku": line.sku, "lot": line.lot,
             "per_kit": line.per_kit, "quantity": line.planned}
            for line in order.lines.values()
        ],
    }  # fmt: skip
    endings = choosing_stock.end(chosen.ended, batch.now)
    if endings.told:
        data["reservations_ended"] = endings.told
    event = Event("work_order_opened", "work_order", order.id, batch.now, data)
    postings = [*endings.postings, *rules.set_aside(order)]
    return Decision(working.state(order), event, postings, rows=[order, *endings.rows])


def _add(order: WorkOrder, role: str, sku: Sku, lot: str, per_kit: int, units: int) -> None:
    number = len(order.lines) + 1
    allocated = units if role == "input" else 0
    order.lines[number] = WorkLine(number, role, sku.id, sku.code, lot, per_kit, units, allocated)


VERB = Verb(
    noun="work-orders",
    verb="open",
    summary="Plan to make kits to stock, or to take them apart: what they take is set aside at the location.",
    command=OpenWorkOrder,
    outcome=WorkOrderState,
    refusals=(
        UNKNOWN_SKU, UNKNOWN_LOCATION, NOT_A_KIT, NOT_STOCKED, TOO_MANY_KITS, NOT_AN_INPUT, REFERENCE_TAKEN, INSUFFICIENT_STOCK,
    ),
    scope="stock:write",
    event="work_order_opened",
    example={"sku": "GIFT-BOX", "location": "HAM", "quantity": 20, "due_at": "2099-11-30T12:00:00+01:00"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
    inverse="work-orders.cancel",
)  # fmt: skip
