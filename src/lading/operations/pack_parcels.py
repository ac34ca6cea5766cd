"""Pack parcels of what was picked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Sku
from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, naming
from lading.operations.fulfilling import World
from lading.operations.naming import Naming
from lading.operations.registry import Batch, Verb
from lading.orders.types import Order
from lading.packing import store as packing
from lading.packing.sscc import SsccSeries
from lading.packing.types import CartonRow
from lading.shipping.commands import PackedUnits, PackParcel
from lading.shipping.types import Parcel, ParcelLine

NOTHING_TO_PACK = ("nothing_to_pack", "Nothing of {fulfillment_order} is picked and waits for a parcel.")
NOT_PICKED = ("not_picked", "{document} has {waiting} of line {line} picked, not {quantity}.")
UNKNOWN_BARCODE = ("unknown_barcode", "No product has the bar code {code}.")
WRONG_ITEM = ("wrong_item", "{sku} does not belong to {document}.")
TOO_MANY = (
    "too_many_scanned",
    "{document} has {waiting} of {sku} to be packed, and {quantity} {quantity:was|were} scanned.",
)
UNKNOWN_CARTON = ("unknown_carton", "There is no carton {carton}.")
TOO_HEAVY = ("too_heavy", "Carton {carton} carries {max_grams} g, its contents weigh {grams} g.")
WEIGHT_OFF = (
    "weight_off",
    "It weighs {weight_grams} g and should weigh {expected_grams} g: look what is missing or too much, or confirm the weight.",
)
SERIALS_USED_UP = ("sscc_used_up", "The GS1 company prefix {prefix} has no serial left.")


class ParcelPacked(Struct, frozen=True):
    """The parcel, and where the order stands."""

    parcel: str
    fulfillment_order: str
    order: str
    version: int
    stage: str
    units: int
    sscc: str | None = None


@dataclass(slots=True)
class Bench:
    """What is known where parcels are packed."""

    world: World
    policies: Policies
    scanned: Mapping[str, Sku] = field(default_factory=dict)
    """Products by bar code."""
    cartons: Mapping[str, CartonRow] = field(default_factory=dict)
    weights: Mapping[UUID, int | None] = field(default_factory=dict)
    series: Mapping[str, SsccSeries] = field(default_factory=dict)


async def prefetch(tx: Transaction, batch: Batch) -> Bench:
    """The orders with allocations and parcels, and the stock where their units lie; last the series that name parcels."""
    commands: list[PackParcel] = batch.commands
    world = await fulfilling.read_world(tx, batch, (command.fulfillment_order for command in commands), parcels=True)
    await fulfilling.read_serials(tx, batch, world)
    bench = Bench(world, (await catalog.read_setup(tx, ()))[1])
    if codes := [scan.code for command in commands for scan in command.scans]:
        bench.scanned = await catalog.read_skus_scanned(tx, codes)
    if cartons := {command.carton for command in commands if command.carton}:
        bench.cartons = await packing.read_cartons(tx, cartons)
    if cartons or "parcel_weight_tolerance_percent" in bench.policies.values:
        inside = (each.sku_id for work in world.work.values() for each in work.allocations)
        bench.weights = await catalog.read_weights(tx, inside)
    if prefix := bench.policies.value("gs1_company_prefix"):
        bench.series = await packing.read_series(tx, [prefix], lock=batch.lock)
    return bench


def decide(bench: Bench, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_pack(command, bench, batch) for command in batch.commands]


def _pack(command: PackParcel, bench: Bench, batch: Batch) -> Decision:
    world = bench.world
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, fulfillment_order = found
    document = fulfilling.name(order, "F", fulfillment_order.number)
    if refusal := fulfilling.held(order, "release", (), fulfillment_order.number):
        return refusal
    allocations = work.of(fulfillment_order.number)
    lines = _lines(command, order, allocations, bench, document)
    if isinstance(lines, Decision):
        return lines
    chosen = fulfilling.choose_lines(lines, allocations, "picked", Naming(order, world.serials), "/lines")
    if isinstance(chosen, Decision):
        return chosen
    series = next(iter(bench.series.values()), None)
    sscc = series.draw() if series else None
    if series and sscc is None:
        return refused(SERIALS_USED_UP, "", prefix=series.prefix)
    moves = fulfilling.take_lines(work, allocations, chosen, "picked", "packed", world)
    parcels = world.parcels[order.id]
    parcel = Parcel(
        order.id, len(parcels) + 1, fulfillment_order.number, fulfillment_order.location_id, "packed", batch.now,
        None, None, command.weight_grams, batch.now, lines=contents(moves), stored=False, carton=command.carton, sscc=sscc,
    )  # fmt: skip
    if command.carton:
        parcel.length_mm, parcel.width_mm, parcel.height_mm = bench.cartons[command.carton].outer
    parcels.append(parcel)
    postings = fulfilling.post(order, moves, world)
    event = changing.changed(order, "parcel_packed", batch, _told(parcel, moves, series))
    outcome = ParcelPacked(
        fulfilling.name(order, "P", parcel.number), document, str(order.number), order.version, fulfilling.stage(order),
        sum(line.quantity for line in parcel.lines), sscc,
    )  # fmt: skip
    rows = [order, fulfillment_order, *([series] if series else []), parcel, *(moved.allocation for moved in moves)]
    return Decision(outcome, event, postings, (), rows)


def _lines(
    command: PackParcel, order: Order, allocations: Sequence[Allocation], bench: Bench, document: str
) -> Sequence[PackedUnits] | Decision:
    """What goes into the parcel: what was scanned or named, otherwise all that is picked and not held; or the refusal."""
    left = rules.waiting(allocations, "picked")
    if not rules.total(left):
        return refused(NOTHING_TO_PACK, "/fulfillment_order", fulfillment_order=document)
    given = _scanned(command, allocations, bench, document) if command.scans else command.lines
    if isinstance(given, Decision):
        return given
    if refusal := fulfilling.refuse_lines(given, dict(left), NOT_PICKED, document, "/lines"):
        return refusal
    if command.carton and command.carton not in bench.cartons:
        return refused(UNKNOWN_CARTON, "/carton", carton=command.carton)
    lines: Sequence[PackedUnits] = given or [
        PackedUnits(line, units) for line, units in fulfilling.not_held(order, "release", left).items() if units
    ]
    if refusal := fulfilling.held(order, "release", {each.line for each in lines}):
        return refusal
    return _refuse_weight(command, lines, allocations, bench) or lines


def _told(parcel: Parcel, moves: Sequence[Move], series: SsccSeries | None) -> dict[str, Any]:
    """As the journal keeps it."""
    data: dict[str, Any] = {
        "parcel": parcel.number, "fulfillment_order": parcel.fulfillment_order, "location_id": parcel.location_id,
        "weight_grams": parcel.weight_grams, "moves": rules.told(moves),
    }  # fmt: skip
    if parcel.carton:
        data |= {name: getattr(parcel, name) for name in ("carton", "length_mm", "width_mm", "height_mm")}
    if series:
        data |= {"sscc": parcel.sscc, "sscc_prefix": series.prefix, "sscc_serial": series.last_serial}
    return data


def _scanned(
    command: PackParcel, allocations: Sequence[Allocation], bench: Bench, document: str
) -> list[PackedUnits] | Decision:
    """What was scanned as lines of the order, or the refusal of the first scan that does not belong here."""
    waiting: dict[tuple[UUID, int], int] = {}
    for each in allocations:
        key = (each.sku_id, each.line_number)
        waiting[key] = waiting.get(key, 0) + each.picked
    at_first = dict(waiting)
    units: dict[int, int] = {}
    serials: dict[int, list[str]] = {}
    for index, scan in enumerate(command.scans):
        sku = bench.scanned.get(scan.code)
        if sku is None:
            return refused(UNKNOWN_BARCODE, f"/scans/{index}/code", code=scan.code)
        lines = [line for sku_id, line in waiting if sku_id == sku.id]
        if not lines:
            return refused(WRONG_ITEM, f"/scans/{index}/code", sku=sku.code, document=document)
        names = list(scan.serials)
        todo = scan.quantity
        for line in lines:
            taken = min(todo, waiting[(sku.id, line)])
            if taken:
                waiting[(sku.id, line)] -= taken
                units[line] = units.get(line, 0) + taken
                serials.setdefault(line, []).extend(names[:taken])
                del names[:taken]
                todo -= taken
        if todo:
            there = sum(count for (sku_id, _), count in at_first.items() if sku_id == sku.id)
            quantity = sum(each.quantity for each in command.scans[: index + 1] if bench.scanned.get(each.code) == sku)
            return refused(
                TOO_MANY, f"/scans/{index}/quantity", sku=sku.code, document=document, waiting=there, quantity=quantity
            )
    return [PackedUnits(line, count, serials.get(line, [])) for line, count in units.items()]


def _refuse_weight(
    command: PackParcel, lines: Sequence[PackedUnits], allocations: Sequence[Allocation], bench: Bench
) -> Decision | None:
    """Contents that the carton does not carry, and a weight that is not theirs. Where a weight is not known nobody can say."""
    sku_of = {each.line_number: each.sku_id for each in allocations}
    weights = [(bench.weights.get(sku_of[each.line]), each.quantity) for each in lines]
    grams = sum((weight or 0) * quantity for weight, quantity in weights)
    carton = bench.cartons.get(command.carton or "")
    if carton and grams > carton.max_grams:
        return refused(TOO_HEAVY, "/carton", carton=carton.code, max_grams=carton.max_grams, grams=grams)
    percent = bench.policies.value("parcel_weight_tolerance_percent", location=allocations[0].location_id)
    if percent is None or command.weight_grams is None or command.weight_confirmed:
        return None
    if any(weight is None for weight, _ in weights):
        return None
    expected = grams + (carton.tare_grams if carton else 0)
    if abs(command.weight_grams - expected) * 100 <= expected * percent:
        return None
    return refused(WEIGHT_OFF, "/weight_grams", weight_grams=command.weight_grams, expected_grams=expected)


def contents(moves: Sequence[rules.Move]) -> list[ParcelLine]:
    """Units by allocation; a line that the command names twice is one row."""
    units: dict[tuple[int, int], tuple[int, tuple[str, ...]]] = {}
    for moved in moves:
        key = (moved.allocation.number, moved.allocation.line_number)
        quantity, serials = units.get(key, (0, ()))
        units[key] = (quantity + moved.quantity, serials + moved.serials)
    return [ParcelLine(*key, *told) for key, told in units.items()]


VERB = Verb(
    noun="parcels",
    verb="pack",
    summary="Pack units that were picked for a fulfillment order into a parcel, all or some.",
    command=PackParcel,
    outcome=ParcelPacked,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, fulfilling.ON_HOLD, NOTHING_TO_PACK, UNKNOWN_BARCODE, WRONG_ITEM, TOO_MANY,
        fulfilling.UNKNOWN_LINE, NOT_PICKED, UNKNOWN_CARTON, TOO_HEAVY, WEIGHT_OFF, *naming.REFUSALS, SERIALS_USED_UP,
    ),
    scope="fulfillment:write",
    event="parcel_packed",
    example={"fulfillment_order": "1042-F1", "scans": [{"code": "4006381333931", "quantity": 2}], "carton": "M", "weight_grams": 840},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)  # fmt: skip
