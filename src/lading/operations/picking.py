"""Taking units from shelves for a fulfillment order, and writing off those that are not there: what all who pick have in common."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import Struct

from lading.counts.rules import book
from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import LineUnits, ShortUnits
from lading.fulfillment.rules import Move
from lading.fulfillment.types import Allocation, FulfillmentOrder, Work
from lading.journal.types import Decision, refused
from lading.operations import changing, fulfilling, naming, requesting
from lading.operations.fulfilling import World
from lading.operations.naming import Naming
from lading.operations.registry import Batch
from lading.orders.types import Order
from lading.shortages import store as shortages_store
from lading.shortages.rules import open_shortage, settle
from lading.shortages.types import Cause, Shortage, told
from lading.terms.ledger import End, Posting

NAMED_UNITS = (
    "named_units",
    "Units of line {line} have serial numbers: say which are missing, the shelf is not empty for all.",
)
LOT_STOPPED = ("lot_stopped", "Lot {lot} of line {line} is {status}: swap the lot, or release it.")


class UnitsPicked(Struct, frozen=True):
    """What was picked and what was short, and where the order stands."""

    fulfillment_order: str
    order: str
    version: int
    stage: str
    picked: int
    short: int


def pick(
    found: tuple[Order, Work, FulfillmentOrder],
    units: tuple[Sequence[LineUnits], Sequence[ShortUnits]],
    allocations: Sequence[Allocation],
    world: World,
    event_id: UUID,
    batch: Batch,
    more: Mapping[str, Any] | None = None,
) -> Decision:
    """Take units of these allocations of the fulfillment order, and tell those that are short; so many wait there.

    `more` is what the journal keeps besides.
    """
    order, work, fulfillment_order = found
    lines, short = units
    document = fulfilling.name(order, "F", fulfillment_order.number)
    moves = _moves(order, work, units, allocations, world)
    if isinstance(moves, Decision):
        return moves
    postings = fulfilling.post(order, moves, world)
    data: dict[str, Any] = {
        "fulfillment_order": fulfillment_order.number,
        "location_id": fulfillment_order.location_id,
        "moves": rules.told(moves),
        "short": [{"line": each.line, "quantity": each.quantity, "reason": each.reason} for each in short],
        **(more or {}),
        **requesting.accept_silently(fulfillment_order),
    }
    world.shelves.move(postings)
    cause = Cause(event_id, batch.now, False)
    settled, turned_up = miss(moves, cause, world), turn_up(moves, cause, world)
    lost, shortages = _empty(short, moves, document, event_id, world, batch)
    if settled or turned_up:
        data["settled"] = told_settled(settled, turned_up)
    if shortages:
        data["shortages"] = [told(shortage) for shortage in shortages]
    if lost:
        data["shelf_empty"] = [{"sku_id": posting.sku_id, "quantity": posting.quantity} for posting in lost]
    days, given_back = world.diary.give_back(order.id, moves)
    if given_back:
        data["bookings"] = given_back
    event = changing.changed(order, "units_picked", batch, data)
    outcome = UnitsPicked(
        document, str(order.number), order.version, fulfilling.stage(order),
        sum(each.quantity for each in lines), sum(each.quantity for each in short),
    )  # fmt: skip
    rows = [order, fulfillment_order, *(moved.allocation for moved in moves), *days, *shortages]
    return Decision(outcome, event, [*postings, *lost], (), [*rows, *(each for each, _ in (*settled, *turned_up))])


def _moves(
    order: Order,
    work: Work,
    units: tuple[Sequence[LineUnits], Sequence[ShortUnits]],
    allocations: Sequence[Allocation],
    world: World,
) -> list[Move] | Decision:
    """Picked units leave the shelf, missing ones wait for another; or the refusal."""
    lines, short = units
    if refusal := _named_in_vain(short, allocations) or _stopped(lines, allocations, world):
        return refusal
    named = Naming(order, world.serials)
    picked = fulfilling.choose_lines(lines, allocations, "released", named, "/lines")
    if isinstance(picked, Decision):
        return picked
    missing = fulfilling.choose_lines(short, allocations, "released", named, "/short")
    if isinstance(missing, Decision):
        return missing
    good = [each for each in allocations if _may_go(each, world)]
    return [
        *fulfilling.take_lines(work, good, picked, "released", "picked", world),
        *fulfilling.take_lines(work, allocations, missing, "released", "open", world),
    ]


async def read_shortages(tx: Transaction, world: World) -> None:
    """What is short where units may be missed, or turn up; asked only where something is."""
    if in_need := [key for key, row in world.shelves.rows.items() if row.get("short")]:
        world.shortages = await shortages_store.read_open(tx, in_need)


def miss(moves: Sequence[Move], cause: Cause, world: World) -> list[tuple[Shortage, int]]:
    """Units that somebody misses on a shelf are those that were known to be short, if any were: they are written off now."""
    settled: list[tuple[Shortage, int]] = []
    for moved in moves:
        key = (moved.allocation.sku_id, moved.allocation.location_id, moved.allocation.lot)
        known = min(moved.quantity, world.shelves.row(key).get("short", 0))
        if known and (moved.source, moved.target) == ("released", "open"):
            world.shelves.row(key)["short"] -= known
            settled += settle(world.shortages[key], known, cause)
    return settled


def turn_up(moves: Sequence[Move], cause: Cause, world: World) -> list[tuple[Shortage, int]]:
    """Who takes more than lies there by the book has units in hand that were short; the shelves have moved already."""
    turned_up: list[tuple[Shortage, int]] = []
    for key in {(each.allocation.sku_id, each.allocation.location_id, each.allocation.lot): None for each in moves}:
        row = world.shelves.row(key)
        units = min(row.get("short", 0), -book(row))
        if units > 0:
            row["short"] -= units
            turned_up += settle(world.shortages[key], units, cause, turned_up=True)
    return turned_up


def told_settled(
    missed: Sequence[tuple[Shortage, int]], turned_up: Sequence[tuple[Shortage, int]]
) -> list[dict[str, Any]]:
    """As the journal keeps it, in the event's list `settled`."""
    told = [{"id": shortage.id, "quantity": units} for shortage, units in missed]
    return told + [{"id": shortage.id, "quantity": units, "turned_up": True} for shortage, units in turned_up]


def _named_in_vain(short: Sequence[ShortUnits], allocations: Sequence[Allocation]) -> Decision | None:
    """The refusal of an empty shelf where units have names: each of them has to be looked for."""
    named = {each.line_number for each in allocations if each.tracking == "serial"}
    for index, units in enumerate(short):
        if units.shelf_empty and units.line in named:
            return refused(NAMED_UNITS, f"/short/{index}/shelf_empty", line=units.line)
    return None


def _empty(
    short: Sequence[ShortUnits], moves: Sequence[Move], document: str, event_id: UUID, world: World, batch: Batch
) -> tuple[list[Posting], list[Shortage]]:
    """Where a picker found the shelf empty, what is free there on the book is lost, and what others hold there is short."""
    reasons = {units.line: units.reason for units in short if units.shelf_empty}
    rows = {
        (moved.allocation.sku_id, moved.allocation.location_id, moved.allocation.lot): reasons[
            moved.allocation.line_number
        ]
        for moved in moves
        if moved.target == "open" and moved.allocation.line_number in reasons
    }
    lost: list[Posting] = []
    shortages: list[Shortage] = []
    for key, reason in sorted(rows.items()):
        row = world.shelves.row(key)
        if free := row.get("available", 0):
            lost.append(Posting(key[0], free, End("available", key[1], key[2]), End("lost")))
        held = row.get("allocated", 0) + row.get("reserved", 0) - row.get("short", 0)
        if held > 0:
            cause = Cause(event_id, batch.now, False)
            shortages.append(open_shortage(key, held, "short_pick", reason, document, cause))
            world.shortages.setdefault(key, []).append(shortages[-1])
            row["short"] = row.get("short", 0) + held
    world.shelves.move(lost)
    return lost, shortages


def _may_go(allocation: Allocation, world: World) -> bool:
    """Whether its lot may leave the building."""
    lot = world.lots.get((allocation.sku_id, allocation.lot))
    return lot is None or lot.status == "ok"


def _stopped(lines: Sequence[LineUnits], allocations: Sequence[Allocation], world: World) -> Decision | None:
    """The refusal of a line that would take units of a lot which is held or recalled."""
    stopped = [each for each in allocations if each.released and not _may_go(each, world)]
    if not stopped:
        return None
    good = rules.waiting((each for each in allocations if each not in stopped), "released")
    for index, units in enumerate(lines):
        good[units.line] = good.get(units.line, 0) - units.quantity
        bad = next((each for each in stopped if each.line_number == units.line), None)
        if bad and good[units.line] < 0:
            status = world.lots[(bad.sku_id, bad.lot)].status
            return refused(LOT_STOPPED, f"/lines/{index}", lot=bad.lot, line=units.line, status=status)
    return None


REFUSALS = (NAMED_UNITS, LOT_STOPPED, *naming.REFUSALS)
"""What `pick` may say."""
