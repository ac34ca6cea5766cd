"""Pin reservations: claims get their place, all of a reservation or none; not a unit is free in between."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from lading.catalog import store as catalog
from lading.catalog.types import Location, Network
from lading.database.pool import Transaction
from lading.inventory import store as inventory
from lading.inventory.commands import PinReservation
from lading.inventory.limits import Pinned
from lading.inventory.types import ReservationLine, Reservations
from lading.journal.types import Decision, refused
from lading.operations import choosing_stock, ending_reservations, planning, reading_stock
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.extend_reservations import RESERVATION_OVER
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch, Verb
from lading.operations.reserve_reservations import UNKNOWN_LOCATION, KeptAt, StockReserved, keep
from lading.sourcing.plans import Asked
from lading.sourcing.plans import Plan as Rules
from lading.sourcing.policies import POLICY
from lading.sourcing.rules import Ranking, Take, Want
from lading.terms.ledger import Event, Posting

OUTSIDE = ("outside_of_group", "{location} does not stand in the group of locations that the reservation names.")
NO_PLACE = (
    "no_place",
    "{missing} of {quantity} {sku} {missing:has|have} no place: what was claimed is gone, or lies apart and may not be split.",
)


@dataclass(slots=True)
class World:
    """The reservations, and the stock where their claims may be had."""

    known: Reservations
    codes: Mapping[UUID, str]
    network: Network
    locations: Mapping[str, Location]
    stock: Stock
    rules: Rules | None = None
    """The merchant's rules of sourcing."""
    plans: "list[Plan]" = field(default_factory=list)
    """One per command where what was proposed before the locks stands under them; otherwise empty, and decide plans."""


Plan = Chosen | Decision | None
"""Where the claims are to be had; None where there is none to pin."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """The reservations; then the stock that would be chosen for their claims, locked with them."""
    commands: list[PinReservation] = batch.commands
    known = await inventory.read_reservations(tx, {command.reservation for command in commands})
    wanted: dict[UUID, int] = {}
    for line in (line for lines in known.values() for line in lines):
        wanted[line.sku_id] = wanted.get(line.sku_id, 0) + line.quantity
    network, policies = await catalog.read_setup(tx, sorted(wanted))
    codes = await catalog.read_codes(tx, wanted)
    locations = {location.code: location for location in network.locations.values()}
    world = World(known, codes, network, locations, Stock(policies))
    if POLICY in policies.values:
        asked = [_asked(lines[0].channel_id, world) for lines in known.values()]
        world.rules = await planning.read_plan(tx, policies, sorted(wanted), asked)
    plans: list[Plan] = []

    def propose(stock: Stock) -> Iterable[Chosen]:
        plans[:] = _plan_all(commands, world, stock, batch)
        return [plan for plan in plans if isinstance(plan, Chosen)]

    world.stock, stands = await reading_stock.read_stock(tx, batch, Needs(wanted, known), network, policies, propose)
    if stands:
        world.plans = plans
    return world


def _plan_all(commands: Sequence[PinReservation], world: World, stock: Stock, batch: Batch) -> list[Plan]:
    """In order of arrival; a reservation that was pinned before in the batch has nothing left to pin."""
    stock.plan = world.rules.anew() if world.rules else None
    plans: list[Plan] = []
    pinned: set[UUID] = set()
    for command in commands:
        plan = None if command.reservation in pinned else _plan(command, world, stock, batch)
        if isinstance(plan, Chosen):
            pinned.add(command.reservation)
        plans.append(plan)
    return plans


def _plan(command: PinReservation, world: World, stock: Stock, batch: Batch) -> Plan:
    lines = world.known.get(command.reservation)
    if lines is None:
        return refused(ending_reservations.UNKNOWN_RESERVATION, "/reservation", reservation=command.reservation)
    if any(line.ended_as or line.is_over(batch.now) for line in lines):
        return refused(RESERVATION_OVER, "/reservation", reservation=command.reservation)
    claims = [line for line in lines if line.is_claim]
    if not claims:
        return None
    ranked = _ranking(command, claims, world, stock)
    if isinstance(ranked, Decision):
        return ranked
    wants = [Want(line.number, line.sku_id, line.quantity) for line in claims]
    channel_id = claims[0].channel_id
    among = replace(stock, ranking=ranked, plan=None if command.location else stock.plan)
    asked = _asked(channel_id, world) if among.plan else None
    chosen = choosing_stock.choose(wants, among, channel_id, claims, book=False, asked=asked)
    for number, missing in chosen.short.items():
        want = next(want for want in wants if want.line_number == number)
        return refused(NO_PLACE, "/reservation", sku=world.codes[want.sku_id], quantity=want.quantity, missing=missing)
    choosing_stock.take(chosen, stock, channel_id)
    return chosen


def _asked(channel_id: UUID | None, world: World) -> Asked:
    """What the rules may know of a reservation."""
    return Asked(next((code for code, id_ in world.network.channels.items() if id_ == channel_id), None))


def _ranking(
    command: PinReservation, claims: Sequence[ReservationLine], world: World, stock: Stock
) -> Ranking | Decision:
    """The locations beneath the group of the claims that fill orders, or the one that is named."""
    inside: dict[UUID, int] = {}
    for location_id, rank in stock.ranking.items():
        if all(
            (allowance := stock.allowances.get(line.sku_id)) is None or allowance.contains(line.node, location_id)
            for line in claims
        ):
            inside[location_id] = rank
    if command.location is None:
        return inside
    location = world.locations.get(command.location)
    if location is None:
        return refused(UNKNOWN_LOCATION, "/location", location=command.location)
    if location.id not in inside:
        return refused(OUTSIDE, "/location", location=command.location)
    return {location.id: inside[location.id]}


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; pinning twice changes nothing."""
    plans = world.plans or _plan_all(batch.commands, world, world.stock, batch)
    return [
        plan if isinstance(plan, Decision) else _pin(command.reservation, plan, world, batch)
        for command, plan in zip(batch.commands, plans, strict=True)
    ]


def _pin(reservation: UUID, chosen: Chosen | None, world: World, batch: Batch) -> Decision:
    lines = world.known[reservation]
    if chosen is None:
        return Decision(_outcome(reservation, lines, world))
    claims = {line.number: line for line in lines if line.is_claim}
    over = choosing_stock.end((each for each in chosen.ended if each.how == "expired"), batch.now)
    postings: list[Posting] = [*over.postings]
    rows: list[object] = [*over.rows]
    pinned: list[ReservationLine] = []
    last = max(line.number for line in lines)
    for take in chosen.takes:
        postings.append(keep(take))
        line = _placed(claims[take.line_number], take)
        if any(each.id == line.id for each in pinned):
            last += 1
            line = line._replace(number=last, stored=False)
            rows.append(line)
        else:
            rows.append(Pinned(line))
        pinned.append(line)
    lines[:] = [line for line in lines if not line.is_claim] + [line._replace(stored=True) for line in pinned]
    data: dict[str, object] = {
        "expires_at": pinned[0].expires_at, "channel_id": pinned[0].channel_id, "reference": pinned[0].reference,
        "lines": [
            {"number": line.number, "sku_id": line.sku_id, "location_id": line.location_id, "lot": line.lot,
             "quantity": line.quantity}
            for line in pinned
        ],
    }  # fmt: skip
    if over.told:
        data["reservations_ended"] = over.told
    event = Event("reservation_pinned", "reservation", reservation, batch.now, data)
    return Decision(_outcome(reservation, lines, world), event, postings, (), rows)


def _placed(claim: ReservationLine, take: Take) -> ReservationLine:
    return claim._replace(location_id=take.location_id, group_id=None, lot=take.lot, quantity=take.quantity)


def _outcome(reservation: UUID, lines: Sequence[ReservationLine], world: World) -> StockReserved:
    kept = [
        KeptAt(
            world.codes[line.sku_id],
            world.network.locations[line.location_id].code if line.location_id else None,
            line.lot,
            line.quantity,
        )
        for line in lines
    ]
    return StockReserved(reservation, lines[0].expires_at, kept)


VERB = Verb(
    noun="reservations",
    verb="pin",
    summary="Give what a reservation claims its place: units are reserved at locations, all or none.",
    command=PinReservation,
    outcome=StockReserved,
    refusals=(
        ending_reservations.UNKNOWN_RESERVATION, RESERVATION_OVER, UNKNOWN_LOCATION, OUTSIDE, NO_PLACE,
    ),
    scope="reservations:write",
    event="reservation_pinned",
    example={"reservation": "01980a3e-7c00-7000-8000-000000000001", "location": "HAM"},
    prefetch=prefetch,
    decide=decide,
)  # fmt: skip
