"""Choosing stock for orders: propose on an unlocked read, lock what was chosen, see whether it stands (DESIGN 4, ADR 0008)."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace as changed

from lading.catalog.policies import Policies
from lading.catalog.rules import ranking, sold_ahead
from lading.catalog.types import Location, Network
from lading.database.pool import Transaction
from lading.fulfillment import booking
from lading.fulfillment.booking import Bookings
from lading.fulfillment.types import Allocation
from lading.inventory import keeping, limit_store
from lading.inventory import store as inventory
from lading.inventory.keeping import NOTHING, Basis
from lading.inventory.limits import Allowance, Limits
from lading.inventory.rules import first_to_expire_first, lasting_until
from lading.inventory.types import Ended, Key, Place, ReservationLine, Reservations, Shelf, Supplies
from lading.journal import store as journal
from lading.operations import limiting
from lading.operations.choosing_days import FreeDays, days_of
from lading.operations.registry import Batch
from lading.orders.types import Order
from lading.sourcing.rules import Ranking, Sourcing, Take, Want, source, use_up
from lading.terms.ledger import End, Posting


@dataclass(slots=True)
class Stock:
    """All that a batch may take from; `take` uses it up in place."""

    policies: Policies
    ranking: Ranking = field(default_factory=dict)
    supplies: Supplies = field(default_factory=dict)
    """What is left when the safety stock is kept back."""
    safety: dict[Place, int] = field(default_factory=dict)
    """Units that are kept back from everybody."""
    basis: Basis = field(default_factory=Basis)
    reservations: Reservations = field(default_factory=dict)
    """Those that commands of the batch name and no earlier one used up, ended ones too."""
    days: FreeDays | None = None
    """When locations can send; None where no location has a schedule."""
    locations: Mapping[UUID, Location] = field(default_factory=dict)
    """What expired before today, as the day is there, is not promised."""
    in_lots: dict[Key, Shelf] = field(default_factory=dict)
    """The shelves that bear a lot, as they were read."""
    dated: set[UUID] = field(default_factory=set)
    """Products with a lot that expires."""
    now: datetime | None = None
    """None: nothing is kept for a later release."""
    waiting: dict[UUID, int] = field(default_factory=dict)
    """Units that wait, by product, where somebody read it; whoever lets more wait counts them."""
    allowances: dict[UUID, Allowance] = field(default_factory=dict)
    """What may still be promised of products that have limits: group claims or pools of channels."""
    unlimited: set[UUID] = field(default_factory=set)
    """Products that get their first limit, should the batch claim units of them."""

    def today(self, location_id: UUID) -> date:
        """The day that it is there."""
        return self.locations[location_id].today(self.now) if self.now else date.min


@dataclass(slots=True)
class Chosen(Sourcing):
    """Where the units come from, and the reservations that end with it."""

    ended: list[Ended] = field(default_factory=list)
    """The order's own, and those whose time was over and whose units are needed."""


def choose(
    wants: Sequence[Want],
    stock: Stock,
    channel_id: UUID | None,
    own: Sequence[ReservationLine] = (),
    *,
    order_id: UUID | None = None,
    book: bool = True,
) -> Chosen:
    """Where an order of that channel finds what it wants, first of all in its own reservation.

    The takes stay in the stock until `take` removes them. `order_id` is that of an order that may hold days of locations
    already; with `book` False no day is taken, but a location that has none left fills nothing either.
    """  # fmt: skip
    kept, wants, ended = _of_own(wants, own) if own else ([], wants, [])
    if own and (lifted := limiting.lifted(stock.allowances, own)):
        stock = replace(stock, allowances=lifted)
    later = _sold_ahead(wants, stock)
    wants = [want for want in wants if want not in later] if later else wants
    supplies = _seen_by(channel_id, wants, stock)
    may_split = stock.policies.value("may_split", channel=channel_id)

    def among(ranking: Ranking) -> Sourcing:
        return limiting.find(wants, supplies, stock.allowances, ranking, channel_id, may_split=may_split)

    days = stock.days
    found = days.choose(among, stock.ranking, kept, order_id, book=book) if days else among(stock.ranking)
    reason = "preorder" if later else "reserved" if kept and not wants else found.reason
    takes, short = [*kept, *found.takes], found.short | {want.line_number: want.quantity for want in later}
    return Chosen(takes, short, reason, ship_on=found.ship_on, booked=found.booked, ended=ended)


def _sold_ahead(wants: Sequence[Want], stock: Stock) -> list[Want]:
    """What nothing is given of before its release, and the other parts of its kits."""
    if stock.now is None or "preorder_until" not in stock.policies.values:
        return []
    later = [want for want in wants if sold_ahead(want.sku_id, stock.policies, stock.now)]
    kits = {want.kit for want in later if want.kit}
    return [want for want in wants if want in later or want.kit in kits]


def choose_at(wants: Sequence[Want], stock: Stock, location_id: UUID) -> Chosen:
    """What the house itself takes at one location, whether or not that fills orders: all of it, or what is short."""
    found = limiting.find(wants, stock.supplies, stock.allowances, {location_id: 0}, None, may_split=True)
    return Chosen(found.takes, found.short, found.reason)


def _seen_by(channel_id: UUID | None, wants: Sequence[Want], stock: Stock) -> Supplies:
    """What the orders of a channel may take: lots that last long enough; where it has a buffer, so much less of what is wanted."""
    supplies = _lasting(channel_id, wants, stock) if stock.dated else stock.supplies
    rule = stock.policies.value("channel_buffer", channel=channel_id)
    if rule in NOTHING:
        return supplies
    sku_ids = {want.sku_id for want in wants}
    places = {(sku_id, shelf.location_id) for sku_id in sku_ids for shelf in stock.supplies.get(sku_id, ())}
    more = {place: keeping.kept(rule, place, stock.basis) - stock.safety.get(place, 0) for place in places}
    return keeping.without(supplies, more, sku_ids)


def _lasting(channel_id: UUID | None, wants: Sequence[Want], stock: Stock) -> Supplies:
    """The same shelves of what is wanted without the lots that expire too soon for that channel."""
    return {
        sku_id: _without_old(stock, sku_id, stock.supplies.get(sku_id, []), channel_id)
        for sku_id in {want.sku_id for want in wants}
    }


def _without_old(stock: Stock, sku_id: UUID, shelves: list[Shelf], channel_id: UUID | None = None) -> list[Shelf]:
    if sku_id not in stock.dated:
        return shelves
    days = stock.policies.value("lot_min_days_left", channel=channel_id, sku=sku_id)
    return lasting_until(shelves, lambda location_id: stock.today(location_id) + timedelta(days=days))


def _of_own(wants: Sequence[Want], own: Sequence[ReservationLine]) -> tuple[list[Take], list[Want], list[Ended]]:
    """What a reservation gives its order, what is still to be found, and its lines, which all end with it.

    It is a small network of its own: kits stay whole in it as elsewhere.
    """
    supplies: Supplies = {}
    claims, own = [line for line in own if line.is_claim], [line for line in own if not line.is_claim]
    for key, units in _units_of(own).items():
        supplies.setdefault(key[0], []).append(Shelf(key[1], key[2], units))
    found = source(wants, supplies, dict.fromkeys((line.key[1] for line in own), 0), may_split=True)
    given, used = dict.fromkeys((want.line_number for want in wants), 0), dict[Key, int]()
    takes = [changed(take, bucket="reserved") for take in found.takes]
    for take in takes:
        key = (take.sku_id, take.location_id, take.lot)
        given[take.line_number] += take.quantity
        used[key] = used.get(key, 0) + take.quantity
    left = [changed(want, quantity=want.quantity - given[want.line_number]) for want in wants]
    ended = []
    for line in own:
        units = min(line.quantity, used.get(line.key, 0))
        if units:
            used[line.key] -= units
        ended.append(Ended(line, "converted" if units else "released", line.quantity - units))
    wanted = {want.sku_id for want in left if want.quantity}
    ended += [Ended(line, "converted" if line.sku_id in wanted else "released", 0) for line in claims]
    return takes, [want for want in left if want.quantity], ended


def take(chosen: Chosen, stock: Stock, channel_id: UUID | None = None) -> None:
    """What was chosen is not there for the next order; what of it expired reservations hold is given back first.

    The choice says from then on what of it counts for pools of the channel.
    """
    for ended in chosen.ended:
        stock.reservations.pop(ended.line.reservation_id, None)
        _put_back(ended, stock)
    if stock.days:
        stock.days.use_up(chosen)
    takes = [take for take in chosen.takes if take.bucket == "available"] if chosen.ended else chosen.takes
    use_up(takes, stock.supplies)
    for each in takes:
        for shelf in stock.supplies[each.sku_id]:
            if shelf.expired and shelf.location_id == each.location_id and shelf.lot == each.lot:
                chosen.ended += shelf.give_back(each.quantity)
    if stock.allowances:
        chosen.pools = limiting.grant(chosen.takes, chosen.ended, stock.allowances, channel_id)


def _put_back(ended: Ended, stock: Stock) -> None:
    """Units of its reservation that an order does not want are there for the next one."""
    for shelf in stock.supplies.get(ended.line.sku_id, ()) if ended.back else ():
        if (shelf.location_id, shelf.lot) == (ended.line.location_id, ended.line.lot):
            shelf.available += ended.back
            shelf.lying += ended.back
            if ended.line.sku_id in stock.allowances:
                stock.allowances[ended.line.sku_id].put_back(shelf.location_id, ended.back, ended.line.channel_id)


class Endings(NamedTuple):
    """What the end of reservations writes."""

    postings: list[Posting]
    """Units that go back to available."""
    rows: list[ReservationLine]
    told: list[dict[str, Any]]
    """As `reservations_ended` of an event, whatever its kind."""


def end(ended: Iterable[Ended], now: datetime, order_id: UUID | None = None) -> Endings:
    """End these lines; `order_id` is the order that took their units."""
    endings = Endings([], [], [])
    for line, how, back in ended:
        if back and not line.is_claim:
            source, target = End("reserved", line.location_id, line.lot), End("available", line.location_id, line.lot)
            endings.postings.append(Posting(line.sku_id, back, source, target))
        into = order_id if how == "converted" else None
        endings.rows.append(line._replace(ended_as=how, ended_at=now, order_id=into))
        endings.told.append({"reservation": line.reservation_id, "line": line.number, "as": how})
    return endings


Propose = Callable[[Stock], Iterable[Chosen]]
"""What the whole batch would choose of this stock, in arrival order; the stock is its own to use up."""

_ALL_UNITS = 2_000_000_000
"""More than any row of stock holds: all that expired reservations keep is counted."""
Ahead = Callable[[], Awaitable[bool]]
"""Locks what comes before stock for what the last proposal leaves short; whether something new was read, so that it changes."""

EVERYTHING = 2**31 - 1
"""Wanted of a product by somebody who takes nothing but asks how much there is."""

_ROUNDS_MAX = 3
_ATTEMPTS_MAX = 3
"""Attempts of a batch that may end with stock held by others; the next one makes do with what it locked."""


async def read_stock(
    tx: Transaction,
    batch: Batch,
    wanted: Mapping[UUID, int],
    network: Network,
    policies: Policies,
    propose: Propose,
    reservations: Reservations | None = None,
    bookings: Bookings | None = None,
    ahead: Ahead | None = None,
    claimed: Collection[UUID] = (),
) -> tuple[Stock, bool]:
    """The stock that the batch may take (in a dry run all that is there), and whether the last proposal stands as it is.

    `wanted` is how much the batch may take of each product in all. `reservations` are those that its commands name, read
    without a lock: they are locked after their stock, and corrected in place.

    It stands where every row that it takes from was found, locked, to hold as much as it takes beside what is kept back
    there, and every reservation that it ends was found, locked, as it was read: the decision after the lock would be the
    same. Otherwise the caller decides again. The supplies are the locked rows only. Where the rounds end with stock that
    others hold just now, the batch runs again (LostRace): a lock that somebody looks at is no reason to refuse.

    The days of locations with a schedule are read beside the stock and locked after it; `bookings` is what orders that are
    sourced again hold of them.

    Products with limits are promised by one transaction at a time (ADR 0009): their gate is locked before their stock, and what
    limits them is read under it. `claimed` are products of which the batch claims units: they may get their first limit.
    """
    named: Reservations = {} if reservations is None else reservations
    stock = Stock(policies, ranking(network, policies), locations=network.locations, now=batch.now)
    days = days_of(network, batch.now, bookings)
    locked: dict[Key, int] = {}
    limited: set[UUID] = set()
    limits: Mapping[UUID, Limits] = {}
    unused: Mapping[UUID, Allowance] = {}

    async def look() -> dict[Key, int]:
        """Read what a proposal uses up; how much is kept back where."""
        nonlocal unused
        kept = await _read_supplies(tx, stock, wanted, batch.now, locked, limited)
        unused = limiting.allowances_of(limits, stock.supplies, stock.ranking)
        stock.allowances = {sku_id: allowance.copy() for sku_id, allowance in unused.items()}
        stock.reservations = dict(named)
        stock.days = await days.read(tx) if days else None
        return kept

    kept = await look()
    stock.unlimited = set(claimed) - limited
    limited |= set(claimed)
    if limited:
        if batch.lock and stock.unlimited:
            await limit_store.lock_for_first_limit(tx, limited, stock.unlimited)
        elif batch.lock:
            await limit_store.lock_gate(tx, limited)
        limits = await limit_store.read_limits(tx, limited, batch.now, named)
        wanted = {**wanted, **dict.fromkeys(limited, _ALL_UNITS)}
        kept = await look()
    if not batch.lock:
        if ahead is not None:
            propose(stock)
            await ahead()
            await look()
        return stock, False
    exact = any(policies.values.get("channel_buffer", {}).values())
    lines: dict[inventory.LineId, ReservationLine] = {}
    stands = False
    for round_number in range(_ROUNDS_MAX):
        if round_number:
            named.update(await inventory.read_reservations(tx, named) if named else {})
            kept = await look()
        seen = _available_by_key(stock.supplies) if exact else {}
        over = _expired_of(stock.supplies) if exact or kept else []
        chosen = list(propose(stock))
        if ahead is not None and await ahead():
            kept = await look()
            seen = _available_by_key(stock.supplies) if exact else {}
            over = _expired_of(stock.supplies) if exact or kept else []
            chosen = list(propose(stock))
        takes = _taken(chosen)
        ending = _ending(chosen, named) + [line for line in over if line.key in takes]
        keys = takes.keys() | {line.key for line in ending if not line.is_claim}
        locked |= await inventory.lock_supplies(tx, keys - locked.keys(), wait=round_number == 0, limited=limited)
        if limited - limits.keys():
            raise journal.LostRace("first limit of a product")
        unlocked = {line.id for line in ending} - lines.keys()
        lines |= await inventory.lock_reservation_lines(tx, unlocked, wait=round_number == 0)
        stands = all(lines.get(line.id) == line for line in ending) and locked.keys() >= takes.keys()
        freed = _given_back(chosen, over=False) if ending else {}
        if stands and (kept or exact):
            free = _sum(locked, freed, _units_of(over))
            stands = all(free[key] - kept.get(key, 0) >= max(units, seen.get(key, 0)) for key, units in takes.items())
        if stands:
            lying = _sum(locked, freed, _given_back(chosen, over=True) if ending else {})
            stands = all(lying[key] >= units for key, units in takes.items())
        if days:
            stands = await days.lock(tx, chosen, wait=round_number == 0) and stands
        if stands:
            break
    if not stands and batch.attempt < _ATTEMPTS_MAX:
        raise journal.LostRace("stock")
    for known in named.values():
        known[:] = [lines.get(line.id, line) for line in known if line.ended_as or line.id in lines]
    stock.reservations = dict(named)
    stock.allowances = dict(unused)
    stock.supplies = _shelves(wanted, locked, kept, [line for line in lines.values() if line.is_over(batch.now)])
    stock.days = days.settled() if days else None
    if stock.in_lots:
        _date(stock)
    return stock, stands


def _date(stock: Stock) -> None:
    """What was locked, first to expire first."""
    for sku_id in {key[0] for key in stock.in_lots}:
        for shelf in stock.supplies[sku_id]:
            if known := stock.in_lots.get((sku_id, shelf.location_id, shelf.lot)):
                shelf.expires_on, shelf.received_at = known.expires_on, known.received_at
        stock.supplies[sku_id] = first_to_expire_first(stock.supplies[sku_id])


def _ending(chosen: Iterable[Chosen], named: Reservations) -> list[ReservationLine]:
    """The lines that a decision of the batch depends on: those that are named, and those that are to be given back."""
    held = [line for known in named.values() for line in known if line.ended_as is None]
    return held + [ended.line for each in chosen for ended in each.ended]


def _shelves(
    wanted: Iterable[UUID], locked: Mapping[Key, int], kept: Mapping[Key, int], expired: Iterable[ReservationLine]
) -> Supplies:
    """The locked rows as supplies, without what is kept back; these reservations, locked too, are over."""
    over: dict[Key, list[ReservationLine]] = {}
    for line in sorted(expired, key=lambda line: (line.expires_at, line.id)):
        over.setdefault(line.key, []).append(line)
    supplies: Supplies = {sku_id: [] for sku_id in wanted}
    for key, available in sorted(locked.items()):
        shelf = Shelf(key[1], key[2], available)
        if key in over:
            shelf.count_expired(over[key])
        shelf.available = max(shelf.available - kept.get(key, 0), 0)
        supplies.setdefault(key[0], []).append(shelf)
    return supplies


async def _read_supplies(
    tx: Transaction,
    stock: Stock,
    wanted: Mapping[UUID, int],
    now: datetime,
    locked: Mapping[Key, int],
    limited: set[UUID] | None = None,
) -> dict[Key, int]:
    """Read what can be promised, unlocked; how many units are kept back in which row. What is locked is known better.

    `limited` learns which products have limits.
    """
    rules = {
        str(rule)
        for name in ("safety_stock", "channel_buffer")
        for rule in stock.policies.values.get(name, {}).values()
    }
    on_hand = any(rule.endswith("%") for rule in rules)
    if not locked and any(rule.endswith("d") for rule in rules):
        await inventory.read_demand(tx, list(wanted), stock.basis)
    kept = partial(_kept_at_most, rules, stock.basis) if rules else None
    stock.supplies = await inventory.read_supplies(
        tx, wanted, now, stock.basis if on_hand else None, locked, limited, kept
    )
    for sku_id, shelves in stock.supplies.items():
        for shelf in shelves:
            if shelf.lot:
                stock.in_lots[(sku_id, shelf.location_id, shelf.lot)] = shelf
                if shelf.expires_on:
                    stock.dated.add(sku_id)
    for sku_id in stock.dated:
        stock.supplies[sku_id] = _without_old(stock, sku_id, stock.supplies[sku_id])
    return _keep_safety(stock) if rules else {}


def _kept_at_most(rules: Iterable[str], basis: Basis, place: Place) -> int:
    """Units that are kept back there, whichever of the rules counts."""
    return max(keeping.kept(rule, place, basis) for rule in rules)


def _keep_safety(stock: Stock) -> dict[Key, int]:
    """Take the safety stock off the supplies; how many units off which row."""
    places = keeping.places_of(stock.supplies)
    rules = {
        (sku_id, location_id): stock.policies.value("safety_stock", location=location_id, sku=sku_id)
        for sku_id, location_id in places
    }
    stock.safety = {place: units for place, rule in rules.items() if (units := keeping.kept(rule, place, stock.basis))}
    return keeping.keep_back(stock.supplies, stock.safety)


def _available_by_key(supplies: Supplies) -> dict[Key, int]:
    return {
        (sku_id, shelf.location_id, shelf.lot): shelf.available
        for sku_id, shelves in supplies.items()
        for shelf in shelves
    }


def _expired_of(supplies: Supplies) -> list[ReservationLine]:
    return [line for shelves in supplies.values() for shelf in shelves for line in shelf.expired]


def _units_of(lines: Iterable[ReservationLine]) -> dict[Key, int]:
    units: dict[Key, int] = {}
    for line in lines:
        units[line.key] = units.get(line.key, 0) + line.quantity
    return units


def _taken(chosen: Iterable[Chosen]) -> dict[Key, int]:
    """How much is taken off which row."""
    taken: dict[Key, int] = {}
    for each in chosen:
        for take in each.takes:
            if take.bucket == "available":
                key = (take.sku_id, take.location_id, take.lot)
                taken[key] = taken.get(key, 0) + take.quantity
    return taken


def _given_back(chosen: Iterable[Chosen], *, over: bool) -> dict[Key, int]:
    """How much reservations give back to which row: those whose time is over, or those that orders used up."""
    units: dict[Key, int] = {}
    for each in chosen:
        for line, how, back in each.ended:
            if (how == "expired") == over:
                units[line.key] = units.get(line.key, 0) + back
    return units


def _sum(locked: Mapping[Key, int], *more: Mapping[Key, int]) -> Mapping[Key, int]:
    if not any(more):
        return locked
    return {key: units + sum(each.get(key, 0) for each in more) for key, units in locked.items()}


def allocations_of(order: Order, sourcing: Sourcing, first: int = 1) -> list[Allocation]:
    """A new allocation for each take, numbered from `first`."""
    return [
        Allocation(
            order.id, number, take.line_number, take.sku_id, take.location_id, take.lot, take.quantity,
            ship_on=sourcing.ship_on.get(take.location_id), stored=False,
        )
        for number, take in enumerate(sourcing.takes, first)
    ]  # fmt: skip


def book(order: Order, sourcing: Sourcing, stock: Stock) -> list[object]:
    """Take the days that sourcing chose; the rows that changed."""
    return stock.days.days.diary.book(order.id, sourcing.booked) if stock.days else []


def told_days(sourcing: Sourcing) -> dict[str, Any]:
    """What the journal keeps of the days, beside the takes; nothing where no location has a schedule."""
    told: dict[str, Any] = {}
    if sourcing.ship_on:
        told["ship_on"] = {str(location_id): day for location_id, day in sourcing.ship_on.items()}
    if sourcing.booked:
        told["bookings"] = booking.told(sourcing.booked)
    return told


def allocate(order: Order, take: Take, stage: str, quantity: int) -> Posting:
    """Move units that sourcing took from available (or from their reservation) to allocated, stock and line at once."""
    order.lines[take.line_number].move(stage, "allocated", quantity)
    shelf, promised = End(take.bucket, take.location_id, take.lot), End("allocated", take.location_id, take.lot)
    return Posting(take.sku_id, quantity, shelf, promised, take.line_number, stage, "allocated")
