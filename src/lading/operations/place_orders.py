"""Place orders: validate, price, check holds, source, allocate or backorder, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from uuid import UUID

from msgspec import Struct

from lading.customers import addresses
from lading.database.pool import Transaction
from lading.inventory import keeping
from lading.inventory import store as inventory
from lading.inventory.types import ReservationLine
from lading.journal.store import LostRace
from lading.journal.types import Decision, Envelope, refused
from lading.operations import (
    attributing,
    backordering,
    buying,
    checking,
    choosing_pickups,
    choosing_stock,
    ending_reservations,
    exchanging,
    limiting,
    making_orders,
    paying_with_cards,
    placing,
    planning,
    pricing_lines,
    reading_stock,
    selling_kits,
    taxing,
)
from lading.operations.backordering import BACKORDER_LIMIT, INSUFFICIENT_STOCK, LinePromise
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.placing import Decided, World
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch, Verb
from lading.orders import checks, rules, status
from lading.orders import holds as order_holds
from lading.orders.commands import LineInput, PlaceOrder
from lading.orders.types import Order
from lading.sourcing.policies import POLICY
from lading.sourcing.rules import Take
from lading.terms.ledger import Event, Posting
from lading.terms.money import Money

NOT_AT_COUNTER = (
    INSUFFICIENT_STOCK[0],
    "{missing} of {quantity} {sku} cannot be collected at {location}: {kept} there {kept:is|are} kept back, and backorders not allowed.",
)
RESERVATION_ENDED = ("reservation_ended", "Reservation {reservation} was {how} already: its units are kept no longer.")


class OrderPlaced(Struct, frozen=True):
    """The order as it stands after placement."""

    order_id: UUID
    number: str
    version: int
    total: Money
    stage: str
    """The queue that it stands in now."""
    holds: list[str]
    sourcing: str
    """Why it is sourced as it is: one_location, two_locations, several_locations, short, split_not_allowed, ship_complete, preorder;
    reserved where all of it was kept for it."""
    ship_on: date | None = None
    """The day on which the last part that was found leaves, by the schedule of its location; None where it has none."""
    promises: list[LinePromise] = []
    """The dates told for lines that wait for stock."""


Plan = Chosen | Decision
"""Where an order comes from, or why it is refused."""


async def prefetch(tx: Transaction, batch: Batch, know: Callable[[World], None] | None = None) -> World:
    """Catalog, people, policies; then the stock that sourcing would choose, locked.

    `know` tells the world what its caller knows besides, before anything is decided.
    """
    world = await placing.read_world(tx, batch)
    batch = world.batch or batch
    world.past = await checking.read_past(tx, batch, world)
    world.taxing = await taxing.for_placing(tx, batch, batch.commands, world)
    world.rates = await exchanging.read(tx, batch.commands, world, batch.now)
    world.cards = await paying_with_cards.read(tx, batch.commands, batch.now)
    if know:
        know(world)
    decided: list[Decided] = []
    named = [command.reservation for command in batch.commands if command.reservation]
    if named:
        world.reservations = await inventory.read_reservations(tx, named)

    if POLICY in world.policies.values:
        asked = [planning.asked_of(command) for command in batch.commands]
        world.plan = await planning.read_plan(tx, world.policies, placing.ids_of(world.skus, world.kits), asked)

    def propose(stock: Stock) -> list[Chosen]:
        decided[:] = _decide(world.anew(), stock, batch)
        return [plan for _, plan in decided if isinstance(plan, Chosen)]

    async def ahead() -> bool:
        short = _short(batch, world, decided)
        return bool(short) and await backordering.read_waiting(
            tx, batch, world.waiting, short, world.network, world.policies
        )

    needs = Needs(
        placing.wanted(batch.commands, world.skus, world.kits),
        world.reservations,
        guarded=not (know or named or world.cards),
    )
    world.stock, stands = await reading_stock.read_stock(
        tx, batch, needs, world.network, world.policies, propose, ahead
    )
    if world.cards and batch.lock:
        stands = await world.cards.lock(tx) and stands
    if not batch.attempt and (not stands or any(isinstance(plan, Decision) for _, plan in decided)):
        # What is refused now may have been placed before: the same external reference has its answer already.
        await placing.read_references(tx, batch, world)
        stands = stands and not world.references
        if world.stock.guarded and not stands:
            raise LostRace("orders_external_reference")
    if stands:
        world.decided = decided
    return world


def _short(batch: Batch, world: World, decided: Sequence[Decided]) -> set[UUID]:
    """The products that some order of the batch would have to wait for."""
    return {
        sku_id
        for command, (_, plan) in zip(batch.commands, decided, strict=True)
        if isinstance(plan, Chosen) and plan.short
        for sku_id in _waits(command, world, plan)
    }


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each order sees what the earlier ones left. Days of locations are taken under their locks."""
    stock = world.stock or Stock(world.policies)
    decided = world.decided or _decide(world, stock, world.batch or batch)
    for decision, plan in decided:
        decision.guarded = stock.guarded
        if isinstance(plan, Chosen) and plan.booked and decision.event:
            decision.rows += choosing_stock.book(decision.event.subject_id, plan, stock)
    return [decision for decision, _ in decided]


def _decide(world: World, stock: Stock, batch: Batch) -> list[Decided]:
    """Others wait while the stock is locked, so what is proposed is made out before."""
    plans = _plan_all(world, stock, batch)
    world.begin()
    world.checks = checks.asked(world.policies)
    decided: list[Decided] = []
    for envelope, number, planned in zip(batch.envelopes, batch.numbers, plans, strict=True):
        plan = placing.heard_before(envelope, world, OrderPlaced) or planned
        decided.append((plan if isinstance(plan, Decision) else _place(envelope, number, world, batch, plan), plan))
    return decided


def _plan_all(world: World, stock: Stock, batch: Batch) -> list[Plan]:
    """Where each order comes from, in order of arrival; each sees the stock that the earlier ones left.

    An order whose external reference an earlier one of the batch bears takes nothing: it is answered or refused.
    """
    plans: list[Plan] = []
    world.begin()
    stock.plan = world.plan.anew() if world.plan else None
    stock.waiting = dict(world.waiting.units)
    borne: set[tuple[str, str]] = set()
    for envelope, number in zip(batch.envelopes, batch.numbers, strict=True):
        command = envelope.command
        bears = (command.channel, command.external_reference) if command.external_reference else None
        if bears in borne:
            plans.append(Chosen())
            continue
        plans.append(_refuse(envelope, world) or _plan(command, world, stock, batch))
        if bears and isinstance(plans[-1], Chosen):
            borne.add(bears)
        if world.cards and isinstance(plans[-1], Chosen):
            world.cards.count(command)
        if world.buying and isinstance(plans[-1], Chosen):
            world.buying.count(command, number, placing.owed_minor(command, world))
    return plans


def _refuse(envelope: Envelope[PlaceOrder], world: World) -> Decision | None:
    return (
        placing.heard_before(envelope, world, OrderPlaced)
        or placing.refuse(envelope.command, world)
        or (taxing.refuse_untaxed(envelope, world.taxing, world) if world.taxing else None)
    )


def _own(reservation: UUID, world: World, stock: Stock, batch: Batch) -> list[ReservationLine] | Decision:
    """What the reservation still keeps: nothing where its time is over, for then its units are anybody's."""
    known = world.reservations.get(reservation)
    if known is None:
        return refused(ending_reservations.UNKNOWN_RESERVATION, "/reservation", reservation=reservation)
    how = "converted" if reservation not in stock.reservations else ending_reservations.status(known)
    if how in ("converted", "released"):
        return refused(RESERVATION_ENDED, "/reservation", reservation=reservation, how=how)
    return [line for line in known if line.ended_as is None and not line.is_over(batch.now)]


def _plan(command: PlaceOrder, world: World, stock: Stock, batch: Batch) -> Plan:
    """Where it all comes from; what is short waits where backorders are allowed, otherwise the order is refused."""
    own = _own(command.reservation, world, stock, batch) if command.reservation else ()
    if isinstance(own, Decision):
        return own
    channel_id = world.network.channels[command.channel]
    sourcing = _choose(command, world, stock, channel_id, own)
    if world.kits and sourcing.short:
        sourcing = _assembled(command, world, stock, sourcing, own)
    if sourcing.short and (refusal := _let_wait(command, channel_id, sourcing, world, stock)):
        return refusal
    choosing_stock.take(sourcing, stock, channel_id)
    return sourcing


def _choose(
    command: PlaceOrder,
    world: World,
    stock: Stock,
    channel_id: UUID,
    own: Sequence[ReservationLine],
    assembled: frozenset[int] = frozenset(),
) -> Chosen:
    wants = selling_kits.wants_of(command, world, assembled)
    wishes = world.plan or command.may_split is not None or command.whole_lines or assembled
    asked = planning.asked_of(command) if wishes else None
    if any(line.pickup for line in command.lines):
        places = placing.pickups_of(command, selling_kits.parts_of(command, world, assembled), world.network)
        return choosing_pickups.choose(wants, places, stock, channel_id, own, asked=asked)
    return choosing_stock.choose(wants, stock, channel_id, own, asked=asked)


def _waits(command: PlaceOrder, world: World, sourcing: Chosen) -> dict[UUID, int]:
    """Units that the order would have to wait for, by product: of kits their parts."""
    waits: dict[UUID, int] = {}
    for want in selling_kits.wants_of(command, world, sourcing.assembled):
        if missing := sourcing.short.get(want.line_number):
            waits[want.sku_id] = waits.get(want.sku_id, 0) + missing
    return waits


def _let_wait(command: PlaceOrder, channel_id: UUID, sourcing: Chosen, world: World, stock: Stock) -> Decision | None:
    """Count what waits where it may; otherwise why the order is refused."""
    waits = _waits(command, world, sourcing)
    for line_number, missing in selling_kits.short_as_sold(sourcing, command, world).items():
        line, pointer = command.lines[line_number - 1], f"/lines/{line_number - 1}/quantity"
        sku_id = world.skus[line.sku].id
        units = stock.waiting.get(sku_id, 0) + waits.get(sku_id, 0)
        if not backordering.may_wait(world.waiting, world.policies, channel_id, sku_id, units, stock.now):
            if line.pickup:
                return _not_at_counter(line, sku_id, missing, pointer, world, stock, channel_id)
            return refused(INSUFFICIENT_STOCK, pointer, sku=line.sku, quantity=line.quantity, missing=missing)
    return backordering.count_waiting(waits, stock.waiting, world.policies, "/lines")


def _not_at_counter(
    line: LineInput, sku_id: UUID, missing: int, pointer: str, world: World, stock: Stock, channel_id: UUID
) -> Decision:
    """The refusal of what cannot be collected; what is kept back there is named, for on the shelf one sees more."""
    place = world.network.location_by_code(line.pickup or "")
    kept = 0
    if place:
        at = (sku_id, place.id)
        buffer = stock.policies.value("channel_buffer", channel=channel_id)
        kept = max(stock.safety.get(at, 0), keeping.kept(buffer, at, stock.basis))
    return refused(
        NOT_AT_COUNTER, pointer, sku=line.sku, quantity=line.quantity, missing=missing, location=line.pickup, kept=kept
    )


def _assembled(
    command: PlaceOrder, world: World, stock: Stock, sourcing: Chosen, own: Sequence[ReservationLine]
) -> Chosen:
    """Stocked kits that are short are put together from their parts where that is allowed and the parts are there."""
    channel_id = world.network.channels[command.channel]
    lines = frozenset(
        number
        for number in sourcing.short
        if number <= len(command.lines)
        and (sku := world.skus[command.lines[number - 1].sku]).kit == "stocked"
        and world.policies.value("assemble_when_short", channel=channel_id, sku=sku.id)
    )
    if not lines:
        return sourcing
    other = _choose(command, world, stock, channel_id, own, lines)
    other.assembled = lines
    return other if not selling_kits.short_as_sold(other, command, world).keys() & lines else sourcing


def _place(envelope: Envelope[PlaceOrder], number: int, world: World, batch: Batch, sourcing: Chosen) -> Decision:
    placed = making_orders.new_order(
        envelope, number, world, batch, history=False, assembled=sourcing.assembled, takes=sourcing.takes
    )
    order = placed.order
    if world.cards:
        world.cards.count(envelope.command)
    found = checks.look(world.checks, envelope.command, order, world.policies, world.past, addresses.fault, batch.now)
    if world.buying:
        if over := buying.over_limit(envelope.command, order, world.buying):
            found.append(checks.over_credit(over))
        world.buying.count(envelope.command, order.number, order.owed_minor)
    untaxed = taxing.wait(envelope.command_id, order, world.taxing, batch.now) if world.taxing else None
    if untaxed:
        found.append(untaxed.terms)
    holds = [order_holds.place(order, terms, checking.ACTOR, batch.now) for terms in found]
    kinds = [hold.kind for hold in holds]
    world.past.remember(order)
    allocations = choosing_stock.allocations_of(order, sourcing)
    postings = [choosing_stock.allocate(order, take, "open", take.quantity) for take in sourcing.takes]
    postings += _backorder(order, sourcing.short)
    promises = backordering.promise(order, sourcing.short, world.waiting, world.policies, batch.now)
    endings = choosing_stock.end(sourcing.ended, batch.now, order.id)
    postings += endings.postings
    data = placing.event_data(placed, envelope.command)
    data["sourcing"] = {"reason": sourcing.reason, "takes": _told(sourcing.takes)}
    if sourcing.why:
        data["sourcing"]["why"] = sourcing.why
    if sourcing.ship_on:
        data |= choosing_stock.told_days(sourcing)
    if promises:
        data["promises"] = backordering.told(promises)
    if kinds:
        data |= {"holds": kinds, "hold_terms": order_holds.told(holds)}
    if endings.told:
        data["reservations_ended"] = endings.told
    if sourcing.pools:
        data["pools"] = sourcing.pools
    if untaxed:
        data["tax_service"] = untaxed.request.service
    outcome = OrderPlaced(
        order.id,
        str(number),
        1,
        Money.of_minor(order.charged_minor, order.currency),
        stage_of(order),
        kinds,
        sourcing.reason,
        max(sourcing.ship_on.values(), default=None),
        [LinePromise(each.line_number, each.quantity, each.promised_at) for each in promises],
    )
    placing.remember(envelope, order, outcome, world)
    rows = [*placed.rows, *holds, *allocations, *endings.rows, *promises]
    rows += limiting.pool_uses(order, sourcing.pools)
    if untaxed:
        rows.append(untaxed.request)
    event = Event("order_placed", "order", order.id, order.placed_at, data)
    return Decision(outcome, event, postings, placed.money, rows)


def _told(takes: Sequence[Take]) -> list[tuple[int, UUID, str, int]]:
    return [(take.line_number, take.location_id, take.lot, take.quantity) for take in takes]


def _backorder(order: Order, short: Mapping[int, int]) -> list[Posting]:
    return [rules.to_stage(order.lines[number], units, "open", "backordered") for number, units in short.items()]


def stage_of(order: Order) -> str:
    """The queue that the order stands in."""
    return status.stage(order.sums())


VERB = Verb(
    noun="orders",
    verb="place",
    path="/v1/orders",
    summary="Place an order: it is validated, checked for holds, sourced and its stock allocated, all or nothing.",
    command=PlaceOrder,
    outcome=OrderPlaced,
    refusals=(
        placing.REFERENCE_TAKEN, placing.UNKNOWN_CHANNEL, placing.UNKNOWN_SKU, placing.INACTIVE_SKU, placing.UNKNOWN_LOCATION,
        placing.NO_PICKUP, placing.NEGATIVE_TOTAL, *attributing.REFUSALS,
        placing.NO_PROVIDER, *paying_with_cards.REFUSALS,
        selling_kits.TOO_MANY_PARTS, ending_reservations.UNKNOWN_RESERVATION, RESERVATION_ENDED, INSUFFICIENT_STOCK,
        BACKORDER_LIMIT, *buying.REFUSALS, *pricing_lines.REFUSALS, taxing.UNKNOWN,
    ),
    scope="orders:write",
    event="order_placed",
    example={
        "channel": "web", "external_reference": "W-10482", "currency": "EUR",
        "customer": {"name": "Ada Meyer", "email": "ada@example.com"},
        "ship_to": {
            "name": "Ada Meyer", "line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457", "country": "DE",
        },
        "lines": [{"sku": "MUG-BLUE", "quantity": 2, "unit_price": {"amount": "12.50", "currency": "EUR"}}],
        "charges": [{"kind": "shipping", "code": "standard", "amount": {"amount": "4.90", "currency": "EUR"}}],
    },
    prefetch=prefetch,
    decide=decide,
    creates=True,
    draws_numbers=True,
)  # fmt: skip
