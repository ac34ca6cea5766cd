"""Reject fulfillment orders: the location does not send them, or units of them; stock is looked for elsewhere in the same decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from msgspec import Struct

from lading.database.pool import Transaction
from lading.fulfillment import rules
from lading.fulfillment.commands import LineUnits
from lading.fulfillment.requests import RejectFulfillmentOrder
from lading.fulfillment.rules import Move
from lading.journal.types import Decision, Envelope, refused
from lading.operations import changing, dividing, fulfilling, naming, picking, requesting, resourcing
from lading.operations.naming import Naming
from lading.operations.registry import Batch, Verb
from lading.operations.resourcing import Leaving, World
from lading.shortages.types import Cause, Shortage
from lading.terms.ledger import Posting

NOTHING_TO_REJECT = (
    "nothing_to_reject",
    "Nothing of {fulfillment_order} is released or picked: what is packed is unpacked first.",
)
SAY_WHICH = (
    "say_which_units",
    "Units of line {line} have serial numbers: say which of them are missing or damaged, by a short pick or an adjustment.",
)

Settled = list[tuple[Shortage, int]]

BACK = {"there": "available", "missing": "lost", "damaged": "damaged"}
"""Where the units are after it, by what was found of them."""


class FulfillmentOrderRejected(Struct, frozen=True):
    """What was given back, and where it comes from now."""

    fulfillment_order: str
    order: str
    version: int
    stage: str
    units: int
    """Given back."""
    sourcing: str
    """As orders.source says it; held where a hold stops it, not_over where nothing was done."""
    found: int
    """Units that another location gives."""
    missing: int
    """Units of the order that wait or are to be sourced."""
    fulfillment_orders: list[str]
    """The new ones."""
    promise_kept: bool
    ship_on: date | None = None
    """The day on which the last of the new ones leaves; None where no location has a schedule."""


@dataclass(slots=True)
class Rejection(Leaving):
    """Which units are given back."""

    lines: Sequence[LineUnits] = ()


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Orders and work, and the stock that sourcing would choose instead, locked; what is short where units are gone."""
    named = [(command.fulfillment_order, command.lines) for command in batch.commands]
    world = await resourcing.read(tx, batch, plan, named)
    if any(command.found != "there" for command in batch.commands):
        await fulfilling.read_shelves(tx, batch, world, rows=True)
        await picking.read_shortages(tx, world)
    return world


def plan(command: RejectFulfillmentOrder, world: World, batch: Batch) -> Rejection | Decision:
    """What the location gives back, or why not."""
    found = fulfilling.find_fulfillment_order(world, command.fulfillment_order)
    if isinstance(found, Decision):
        return found
    order, work, source = found
    left = dividing.left(work, source)
    document = fulfilling.name(order, "F", source.number)
    if command.only_over and not (source.answer_by and source.answer_by <= batch.now):
        return Rejection(order, work, source, {})
    if not rules.total(left):
        return refused(NOTHING_TO_REJECT, "/fulfillment_order", fulfillment_order=document)
    if refusal := fulfilling.refuse_lines(command.lines, dict(left), dividing.NOT_DIVISIBLE, document, "/lines"):
        return refusal
    lines: Sequence[LineUnits] = command.lines or [LineUnits(line, units) for line, units in left.items() if units]
    for index, each in enumerate(lines):
        tracked = naming.is_named(rules.of_line(work.of(source.number), each.line))
        if command.found != "there" and tracked:
            return refused(SAY_WHICH, f"/lines/{index}" if command.lines else "/found", line=each.line)
    return Rejection(order, work, source, fulfilling.units_by_line(lines), lines=lines)


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each sees what the earlier ones left."""
    return [_reject(envelope, world, batch) for envelope in batch.envelopes]


def _reject(envelope: Envelope[RejectFulfillmentOrder], world: World, batch: Batch) -> Decision:
    command = envelope.command
    leaving = plan(command, world, batch)
    if isinstance(leaving, Decision):
        return leaving
    order, source = leaving.order, leaving.source
    document = fulfilling.name(order, "F", source.number)
    if not leaving.units:
        return Decision(_outcome(document, leaving, [], resourcing.Resourced(reason="not_over"), kept=True))
    moves = _give_back(command, leaving, world)
    if isinstance(moves, Decision):
        return moves
    postings = fulfilling.post(order, moves, world)
    settled = _settle(command, moves, postings, Cause(envelope.event_id, batch.now, False), world)
    days, booked_off = world.diary.give_back(order.id, moves)
    asked = []
    if not requesting.in_house(source):
        requesting.say(source, "rejected")
        asked.append(source)
    done = resourcing.look_elsewhere(leaving, world, batch)
    data = resourcing.tell(leaving, moves, done, asked, booked_off)
    data |= {"reason": command.reason, "found": command.found}
    if any(settled):
        data["settled"] = picking.told_settled(*settled)
    if command.only_over:
        data["over"] = True
    event = changing.changed(order, "fulfillment_order_rejected", batch, data)
    kept = data.get("promise", {}).get("kept", True)
    rows = resourcing.changed_rows(leaving, moves, done, days)
    rows += [shortage for each in settled for shortage, _ in each]
    return Decision(_outcome(document, leaving, moves, done, kept=kept), event, [*postings, *done.postings], (), rows)


def _settle(
    command: RejectFulfillmentOrder, moves: Sequence[Move], postings: Sequence[Posting], cause: Cause, world: World
) -> tuple[Settled, Settled]:
    """What was short of those rows: (what is missed for good, what was there though damaged)."""
    if command.found == "there":
        return [], []
    world.shelves.move(postings)
    missed = picking.miss(moves, cause, world) if command.found == "missing" else []
    return missed, picking.turn_up(moves, cause, world)


def _give_back(command: RejectFulfillmentOrder, leaving: Rejection, world: World) -> list[Move] | Decision:
    """Released units first, then picked ones: the first lie on the shelf, the others have to be put back."""
    work, named, moves = leaving.work, Naming(leaving.order, world.serials), list[Move]()
    allocations = work.of(leaving.source.number)
    chosen: list[tuple[LineUnits, int, tuple[str, ...]]] = []
    left = rules.waiting(allocations, "released")
    for index, each in enumerate(leaving.lines):
        released = min(each.quantity, left[each.line])
        left[each.line] -= released
        chosen.append((each, released, ()))
        if picked := each.quantity - released:
            here = rules.of_line(allocations, each.line)
            names = named.choose(each.line, here, picked, each.serials, "picked", f"/lines/{index}/serials")
            if isinstance(names, Decision):
                return names
            chosen[-1] = (each, released, names)
    back = BACK[command.found]
    for each, released, names in chosen:
        here = rules.of_line(allocations, each.line)
        moves += rules.take(work, here, "released", "open", released, back)
        moves += naming.moves(work, here, "picked", "open", each.quantity - released, names, world.serials, back)
    return moves


def _outcome(
    document: str, leaving: Leaving, moves: Sequence[Move], done: resourcing.Resourced, *, kept: bool
) -> FulfillmentOrderRejected:
    order = leaving.order
    return FulfillmentOrderRejected(
        document, str(order.number), order.version, fulfilling.stage(order), sum(moved.quantity for moved in moves),
        done.reason, done.found, order.sum("open") + order.sum("backordered"),
        [fulfilling.name(order, "F", each.number) for each in done.made], kept,
        max((each.ship_on for each in done.allocations if each.ship_on), default=None),
    )  # fmt: skip


VERB = Verb(
    noun="fulfillment-orders",
    verb="reject",
    summary="Say that a location does not send a fulfillment order, or units of it: other stock is looked for at once, elsewhere.",
    command=RejectFulfillmentOrder,
    outcome=FulfillmentOrderRejected,
    refusals=(
        fulfilling.UNKNOWN_FULFILLMENT_ORDER, NOTHING_TO_REJECT, fulfilling.UNKNOWN_LINE, dividing.NOT_DIVISIBLE, SAY_WHICH,
        *naming.REFUSALS,
    ),
    scope="fulfillment:write",
    event="fulfillment_order_rejected",
    example={"fulfillment_order": "1042-F1", "reason": "no_staff", "lines": [{"line": 1, "quantity": 1}]},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
