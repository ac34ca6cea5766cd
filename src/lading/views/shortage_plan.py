"""The plan for open shortages: over all orders that are concerned, what is regretted least; with the commands that carry it out."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import asyncpg
from msgspec import Meta, Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.rules import days_to_promise, ranking
from lading.catalog.types import Sku
from lading.database import queries
from lading.database.pool import Transaction
from lading.inbound import store as inbound
from lading.inventory import limit_store
from lading.inventory import store as inventory
from lading.inventory.limits import Pool, uncovered
from lading.inventory.types import ReservationLine
from lading.shortages import planning
from lading.shortages.planning import Choice, Claim, Kept, Offer
from lading.sourcing.ranking import promised_later
from lading.terms.fields import Code
from lading.views.availability import AvailabilityQuery, availability
from lading.views.kept_elsewhere import Elsewhere, Lying, read_elsewhere
from lading.views.names import read_names
from lading.views.promisable import read_setup
from lading.views.stock import find_location

sql = queries.load(__file__)

SHELVES_MAX = 50
KEPT_MAX = 500
"""Products with claims or pools that are looked at."""

EVERYTHING = 2**31 - 1
"""Wanted of each product by somebody who only looks."""

CLAIMS_MAX = 300
"""Orders per shelf that are weighed exactly; the first ones to be served beyond them keep or wait as they come."""


class ShortagePlanQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which shortages; without either: all that are open, the oldest first, up to 50 shelves."""

    sku: Code | None = None
    location: Code | None = None


class KeptElsewhere(Struct, frozen=True):
    """Units at another place that an order cannot have."""

    location: str
    quantity: int
    why: str
    """filter: rules of sourcing keep them there; gave_back: that place gave the order back before; collected: the customer collects
    it at one place, and nobody sends it there."""
    filter: str | None
    """Its name."""


class Concerned(Struct, frozen=True):
    """What happens to units of an order."""

    order: str
    line: int
    quantity: int
    instead: str
    """keep, elsewhere, substitute, wait or cancel"""
    expected_at: datetime | None
    """Where it waits: when it is expected."""
    sku: str | None
    """Where another product goes in its place: which."""
    regret: int
    """Points; the plan has the least sum."""
    why: str
    kept: list[KeptElsewhere]
    """Where it waits or is cancelled: units of the product that lie elsewhere and that it cannot have."""


class PlannedShelf(Struct, frozen=True):
    """A place with a shortage."""

    sku: str
    location: Annotated[str, Meta(description="Where units are missing")]
    lot: str
    short: int
    covered: int
    """Units that are free there and make up for it."""
    reserved: int
    """Units of carts that are let go, the youngest first."""
    orders: list[Concerned]
    open: int
    """Units that nobody who could give way holds (picked meanwhile, or set aside for a transfer): look at the place."""
    by_name: bool
    """Whether its units have serial numbers. Then the plan is advice without commands: a pick or a count says by name what is missing."""


class ShortClaim(Struct, frozen=True):
    """A claim that is shortened."""

    reservation: UUID
    line: int
    quantity: int
    """Units that it cannot have."""
    left: int
    why: str


class ShortPool(Struct, frozen=True):
    """A pool of channels that keeps less than it should: nobody was promised these units, so nothing is done about it."""

    pool: str
    quantity: int
    """Units that it keeps on paper and that are not there."""


class PlannedKeeps(Struct, frozen=True):
    """A product of which less is free than is claimed without a place, or kept for channels."""

    sku: str
    claims: list[ShortClaim]
    """The youngest first; older ones have what there is."""
    pools: list[ShortPool]


class ShortagePlan(Struct, frozen=True):
    """What to do, and the commands that do it, in this order. Each order's command is refused where it changed since."""

    shelves: list[PlannedShelf]
    regret: int
    cover: list[dict[str, Any]]
    """Commands of shortages.cover."""
    release: list[dict[str, Any]]
    """Commands of reservations.release; what they free is covered after them."""
    settle: list[dict[str, Any]]
    """Commands of shortages.settle."""
    source: list[dict[str, Any]]
    """Commands of orders.source, for those that look elsewhere or get a substitute, in the order in which they are served."""
    keeps: list[PlannedKeeps]
    """What is claimed or kept beyond what there is."""
    shorten: list[dict[str, Any]]
    """Commands of reservations.shorten, last: what orders gave back is looked at first."""


class Shelf(NamedTuple):
    """A row of stock with a shortage."""

    sku_id: UUID
    sku: str
    location_id: UUID
    location: str
    lot: str
    short: int
    free: int
    there: int
    """Units of those held that are really there."""
    by_name: bool
    """Whether they have serial numbers."""


async def shortage_plan(tx: Transaction, query: ShortagePlanQuery) -> ShortagePlan:
    """The plan as of now. Raises NotFound for a location that does not exist."""
    now = datetime.now(UTC)
    names = await read_names(tx)
    location_id = find_location(names, query.location)
    rows = await tx.fetch(sql.short_shelves, query.sku, location_id, SHELVES_MAX)
    shelves = [Shelf(*row) for row in rows]
    keeps = await _keeps(tx, query, now) if location_id is None else []
    if not shelves:
        return _with_commands([], keeps)
    substitutes = await catalog.read_substitutes(tx, {shelf.sku_id for shelf in shelves})
    concerned = {shelf.sku_id for shelf in shelves} | {sku.id for skus in substitutes.values() for sku in skus}
    network, policies = await catalog.read_setup(tx, concerned)
    held, carts = await _held(tx, shelves), await _carts(tx, shelves)
    rows = [row for each in held.values() for row in each]
    elsewhere = await read_elsewhere(tx, await read_setup(tx), network, policies, rows)
    arrivals = await _expected(tx, shelves, promised_later(elsewhere.filters, days_to_promise(network, policies)), now)
    drawn = await _read_drawn(tx, shelves, substitutes, arrivals)
    planned = [
        _plan_shelf(shelf, held.get(_place(shelf), []), carts.get(_place(shelf), []), elsewhere, drawn, now)
        for shelf in shelves
    ]
    return _with_commands(planned, keeps)


Place = tuple[UUID, UUID, str]


def _place(shelf: Shelf) -> Place:
    return shelf.sku_id, shelf.location_id, shelf.lot


class Drawn(NamedTuple):
    """What the plan has not given away yet: units elsewhere, of substitutes too, and what is expected."""

    substitutes: Mapping[UUID, Sequence[Sku]]
    """By product, the best first; those that are not sold, or are put together for each order, are left out."""
    free: dict[str, int]
    """Units that can be promised, by code."""
    places: dict[str, dict[str, int]]
    """The same by location."""
    expected: dict[UUID, list[tuple[datetime, int]]]


class Planned(NamedTuple):
    """A shelf with what happens there."""

    shelf: Shelf
    covered: int
    carts: Sequence[asyncpg.Record]
    choices: Sequence[Choice]
    claims: Mapping[tuple[UUID, int], asyncpg.Record]
    open: int


def _plan_shelf(
    shelf: Shelf,
    held: Sequence[asyncpg.Record],
    carts: Sequence[asyncpg.Record],
    elsewhere: Elsewhere,
    drawn: Drawn,
    now: datetime,
) -> Planned:
    covered = min(shelf.free, shelf.short)
    missing = shelf.short - covered
    let_go: list[asyncpg.Record] = []
    for cart in carts:
        if missing > 0:
            let_go.append(cart)
            missing -= cart["quantity"]
    missing = max(missing, 0)
    products: list[tuple[str | None, UUID, Lying]] = [(None, shelf.sku_id, drawn.places.get(shelf.sku, {}))]
    products += [(sku.code, sku.id, drawn.places.get(sku.code, {})) for sku in drawn.substitutes.get(shelf.sku_id, ())]
    claims = [_claim(row, elsewhere.policies, elsewhere.kept(row, products)) for row in held]
    units = sum(claim.units for claim in claims)
    gives_way = min(missing, units)
    offers = [
        Offer("keep", units - gives_way),
        *planning.by_takers("elsewhere", drawn.places.get(shelf.sku, {}), drawn.free.get(shelf.sku, 0), claims),
        *_substitutes(shelf, drawn, claims),
        *(Offer("wait", quantity, due_at) for due_at, quantity in drawn.expected.get(shelf.sku_id, ())),
        Offer("wait", units),
        Offer("cancel", units),
    ]
    choices = planning.plan(claims, offers, now) if gives_way else []
    _draw(shelf, choices, drawn)
    known = {(row["order_id"], row["line_number"]): row for row in held}
    return Planned(shelf, covered, let_go, choices, known, missing - gives_way)


def _substitutes(shelf: Shelf, drawn: Drawn, claims: Sequence[Claim]) -> list[Offer]:
    """What may go in place of the product: from the place itself, and from others."""
    offers = []
    for rank, sku in enumerate(drawn.substitutes.get(shelf.sku_id, ())):
        free, others = drawn.free.get(sku.code, 0), dict(drawn.places.get(sku.code, {}))
        here = min(others.pop(shelf.location, 0), free)
        offers.append(Offer("substitute", here, None, sku.code, rank, True, (shelf.location,)))
        offers += planning.by_takers("substitute", others, free - here, claims, sku.code, rank)
    return [offer for offer in offers if offer.units]


def _claim(row: asyncpg.Record, policies: Policies, kept: Mapping[tuple[str | None, str], Kept]) -> Claim:
    channel, may_split = row["channel_id"], row["may_split"]
    return Claim(
        row["order_id"], row["line_number"], row["units"], row["priority"], row["ship_by"], row["others"], row["released"] > 0,
        bool(policies.value("may_split", channel=channel)) if may_split is None else may_split,
        bool(policies.value("may_backorder", channel=channel, sku=row["sku_id"])), not row["part_of_kit"],
        not row["part_of_kit"] and bool(policies.value("may_substitute", channel=channel, sku=row["sku_id"])), kept,
    )  # fmt: skip


def _draw(shelf: Shelf, choices: Sequence[Choice], drawn: Drawn) -> None:
    """What one shelf's orders take the next shelf's do not find."""
    for choice in choices:
        if choice.offer.places:
            code, left = choice.offer.sku or shelf.sku, choice.units
            drawn.free[code] -= left
            lying = drawn.places[code]
            for place in sorted(choice.offer.places, key=lambda place: -lying[place]):
                units = min(left, lying[place])
                lying[place] -= units
                left -= units
        elif choice.offer.kind == "wait" and choice.offer.due_at:
            expected = drawn.expected[shelf.sku_id]
            drawn.expected[shelf.sku_id] = [
                (at, units - (choice.units if at == choice.offer.due_at else 0)) for at, units in expected
            ]


async def _held(tx: Transaction, shelves: Sequence[Shelf]) -> dict[Place, list[asyncpg.Record]]:
    """Who holds unpicked units there, those first who are served first."""
    found: dict[Place, list[asyncpg.Record]] = {}
    rows = await tx.fetch(sql.held_by_orders, *queries.transposed([_place(shelf) for shelf in shelves], 3))
    for row in rows:
        held = found.setdefault((row["sku_id"], row["location_id"], row["lot"]), [])
        if len(held) < CLAIMS_MAX:
            held.append(row)
    return found


async def _carts(tx: Transaction, shelves: Sequence[Shelf]) -> dict[Place, list[asyncpg.Record]]:
    """Reservations that hold units there, the youngest first."""
    found: dict[Place, list[asyncpg.Record]] = {}
    rows = await tx.fetch(sql.held_by_carts, *queries.transposed([_place(shelf) for shelf in shelves], 3))
    for row in rows:
        found.setdefault((row["sku_id"], row["location_id"], row["lot"]), []).append(row)
    return found


async def _read_drawn(
    tx: Transaction,
    shelves: Sequence[Shelf],
    known: Mapping[UUID, Sequence[Sku]],
    expected: dict[UUID, list[tuple[datetime, int]]],
) -> Drawn:
    """What can be promised of the products and of what may go in their place; what is free beside a shortage is not among it."""
    substitutes = {
        sku_id: [sku for sku in skus if sku.active and sku.kit != "on_demand"] for sku_id, skus in known.items()
    }
    codes = {shelf.sku for shelf in shelves} | {sku.code for skus in substitutes.values() for sku in skus}
    told = await availability(tx, AvailabilityQuery(skus=sorted(codes), per=["location"]))
    return Drawn(
        substitutes,
        {item.sku: item.available for item in told.items},
        {item.sku: dict(item.locations or {}) for item in told.items},
        expected,
    )


async def _expected(
    tx: Transaction, shelves: Sequence[Shelf], days: Callable[[UUID, UUID], int | None], now: datetime
) -> dict[UUID, list[tuple[datetime, int]]]:
    """What is to come of each product beyond what those get who wait for it already, the soonest first."""
    waiting = await inbound.read_backlog(tx, {shelf.sku_id for shelf in shelves})
    outlooks = await inbound.read_outlooks(tx, now, waiting, days)
    return {sku_id: outlook.unclaimed() for sku_id, outlook in outlooks.items()}


async def _keeps(tx: Transaction, query: ShortagePlanQuery, now: datetime) -> list[PlannedKeeps]:
    """Products of which less is free than is claimed or kept; a claim has no place, so that it is looked at over all of them."""
    skus = await limit_store.kept_of(tx, query.sku, now, KEPT_MAX)
    if not skus:
        return []
    network, policies = await catalog.read_setup(tx, skus)
    fills = ranking(network, policies)
    limits = await limit_store.read_limits(tx, skus, now)
    claims = await limit_store.read_all_claims(tx, skus, now)
    supplies = await inventory.read_supplies(tx, dict.fromkeys(skus, EVERYTHING), now)
    found = []
    for sku_id, code in skus.items():
        free = dict.fromkeys(fills, 0)
        for shelf in supplies[sku_id]:
            if shelf.location_id in free:
                free[shelf.location_id] += shelf.available
        told = uncovered(limits[sku_id], [line for line in claims if line.sku_id == sku_id], free)
        if any(told):
            found.append(
                PlannedKeeps(code, [_claimed(*each) for each in told.claims], [_pool(*each) for each in told.pools])
            )
    return found


def _claimed(line: ReservationLine, units: int) -> ShortClaim:
    why = "It is younger than the claims that have what there is."
    return ShortClaim(line.reservation_id, line.number, units, line.quantity - units, why)


def _pool(pool: Pool, units: int) -> ShortPool:
    return ShortPool(pool.code, units)


def _with_commands(planned: Sequence[Planned], keeps: list[PlannedKeeps]) -> ShortagePlan:
    settle: dict[UUID, dict[str, Any]] = {}
    looking: dict[UUID, str] = {}
    nameless = [each for each in planned if not each.shelf.by_name]
    for each in nameless:
        for choice in each.choices:
            if choice.offer.kind == "keep":
                continue
            row = each.claims[(choice.claim.order_id, choice.claim.line_number)]
            command = settle.setdefault(
                row["order_id"], {"order": str(row["number"]), "lines": [], "expected_version": row["version"]}
            )
            _add_line(command["lines"], each.shelf, choice)
            if choice.offer.kind in ("elsewhere", "substitute"):
                looking[row["order_id"]] = str(row["number"])
    return ShortagePlan(
        [_shelf(each) for each in planned],
        sum(choice.points for each in planned for choice in each.choices),
        [_cover(each.shelf) for each in nameless if each.covered or each.carts],
        [
            {"reservation": id_}
            for id_ in dict.fromkeys(cart["reservation_id"] for each in nameless for cart in each.carts)
        ],
        list(settle.values()),
        [{"order": number} for number in looking.values()],
        keeps,
        [{"sku": each.sku} for each in keeps if each.claims],
    )


def _add_line(lines: list[dict[str, Any]], shelf: Shelf, choice: Choice) -> None:
    """One line for each thing that happens to units of a line: two dates to wait for are one wait."""
    line = {
        "line": choice.claim.line_number,
        "location": shelf.location,
        "lot": shelf.lot,
        "instead": choice.offer.kind,
    }
    if choice.offer.sku:
        line["sku"] = choice.offer.sku
    for known in lines:
        if {**known, "quantity": 0} == {**line, "quantity": 0}:
            known["quantity"] += choice.units
            return
    lines.append({**line, "quantity": choice.units})


def _cover(shelf: Shelf) -> dict[str, Any]:
    return {"sku": shelf.sku, "location": shelf.location, "lot": shelf.lot}


def _shelf(each: Planned) -> PlannedShelf:
    orders = [
        Concerned(
            str(each.claims[(choice.claim.order_id, choice.claim.line_number)]["number"]), choice.claim.line_number, choice.units,
            choice.offer.kind, choice.offer.due_at, choice.offer.sku, choice.points, choice.why,
            [KeptElsewhere(*kept) for kept in planning.kept_elsewhere(choice.claim)]
            if choice.offer.kind in ("wait", "cancel") else [],
        )
        for choice in each.choices
    ]  # fmt: skip
    shelf = each.shelf
    reserved = sum(cart["quantity"] for cart in each.carts)
    return PlannedShelf(
        shelf.sku, shelf.location, shelf.lot, shelf.short, each.covered, reserved, orders, each.open, shelf.by_name
    )  # fmt: skip
