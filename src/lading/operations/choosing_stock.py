"""Choosing stock for orders. Pure: what may be taken was read before (reading_stock.py), what was chosen is written after."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace as changed

from lading.catalog.policies import Policies
from lading.catalog.rules import sold_ahead
from lading.catalog.types import Location
from lading.fulfillment import booking
from lading.fulfillment.types import Allocation
from lading.inventory import keeping
from lading.inventory.keeping import NOTHING, Basis
from lading.inventory.limits import Allowance
from lading.inventory.rules import lasting_until, units_held
from lading.inventory.types import Ended, Key, Place, ReservationLine, Reservations, Shelf, Supplies
from lading.operations import limiting, planning
from lading.operations.choosing_days import FreeDays, RankedByDay
from lading.operations.limiting import How
from lading.orders.types import Order
from lading.sourcing.deciding import find
from lading.sourcing.plans import NOBODY, Asked, Plan
from lading.sourcing.rules import Ranking, Sourcing, Take, Want, source, together, use_up
from lading.terms.ledger import End, Posting

Asking = tuple[UUID, tuple[Want, ...], frozenset[UUID]]
"""(order, what it wants, locations that are not asked)"""


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
    plan: Plan | None = None
    """The merchant's rules of sourcing; None where there are none."""
    proposed: dict[Asking, Sourcing] = field(default_factory=dict)
    """What the rules chose for an order of all the stock there was: under the locks only that is seen which was chosen, and what
    rules say of a location (how much it has, who else has it) is not to be judged by that."""
    stands: bool = False
    """Whether the locks bear the proposal out, so that it is the decision (ADR 0008)."""
    guarded: bool = False
    """Whether nothing is locked, and the postings of the decision must find the units there (ADR 0024)."""

    def today(self, location_id: UUID) -> date:
        """The day that it is there."""
        return self.locations[location_id].today(self.now) if self.now else date.min

    def lasting(self, sku_id: UUID, channel_id: UUID | None = None) -> list[Shelf]:
        """The shelves of a product without the lots that expire too soon for that channel."""
        shelves = self.supplies.get(sku_id, [])
        if sku_id not in self.dated:
            return shelves
        days = timedelta(days=self.policies.value("lot_min_days_left", channel=channel_id, sku=sku_id))
        return lasting_until(shelves, lambda location_id: self.today(location_id) + days)


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
    only: UUID | None = None,
    without: Collection[UUID] = (),
    asked: Asked | None = None,
) -> Chosen:
    """Where an order of that channel finds what it wants, first of all in its own reservation.

    `asked` is what the merchant's rules may know of it; None: its channel is all there is to know.

    The takes stay in the stock until `take` removes them. `order_id` is that of an order that may hold days of locations
    already; with `book` False no day is taken, but a location that has none left fills nothing either. `only` is the one location
    that may give it, whether or not it fills orders otherwise; locations `without` gave it back before.
    """  # fmt: skip
    kept, wants, ended = _of_own(wants, own) if own else ([], wants, [])
    if own and (lifted := limiting.lifted(stock.allowances, own)):
        stock = replace(stock, allowances=lifted)
    later = _sold_ahead(wants, stock)
    wants = [want for want in wants if want not in later] if later else wants
    supplies = seen_by(channel_id, wants, stock)
    may_split = stock.policies.value("may_split", channel=channel_id)
    how: How | None = None
    if only is None and (stock.plan or asked or "may_split" in stock.policies.values):
        how = _by_plan(wants, stock, channel_id, asked, may_split=may_split)

    def look(wanted: Sequence[Want]) -> Sourcing:
        def among(ranking: Ranking) -> Sourcing:
            if how is None and not stock.allowances:
                return source(wanted, supplies, ranking, may_split=may_split)
            plainly = how or partial(source, may_split=may_split)
            return limiting.find(wanted, supplies, stock.allowances, ranking, channel_id, plainly)

        days, ranking = stock.days, stock.ranking
        if only is not None:
            ranking = {only: 0}
        elif without:
            ranking = {location_id: rank for location_id, rank in ranking.items() if location_id not in without}
        return days.choose(among, ranking, kept, order_id, book=book) if days else among(ranking)

    key = (order_id, tuple(wants), frozenset(without)) if stock.plan and how and order_id else None
    found = _as_proposed(key, supplies, stock, channel_id) if key else None
    if found is None:
        found = look(wants)
        if (found.short or later) and any(want.whole for want in wants):
            found = together(wants, {want.whole for want in later if want.whole}, look)
    if key and not stock.stands:
        stock.proposed.setdefault(key, found)
    reason = "preorder" if later else "reserved" if kept and not wants else found.reason
    takes, short = [*kept, *found.takes], found.short | {want.line_number: want.quantity for want in later}
    return Chosen(takes, short, reason, ship_on=found.ship_on, booked=found.booked, why=found.why, ended=ended)


def _as_proposed(key: Asking, supplies: Supplies, stock: Stock, channel_id: UUID | None) -> Sourcing | None:
    """What was proposed for these wants, where that stands and all of it is still there."""
    found = stock.proposed.get(key) if stock.stands else None
    if found is None or not limiting.allowed(found, stock.allowances, channel_id):
        return None
    left = {
        (sku_id, shelf.location_id, shelf.lot): shelf.available
        for sku_id in {each.sku_id for each in found.takes}
        for shelf in supplies.get(sku_id, ())
    }
    for each in found.takes:
        left[each.sku_id, each.location_id, each.lot] = (
            left.get((each.sku_id, each.location_id, each.lot), 0) - each.quantity
        )
    return found if min(left.values(), default=0) >= 0 else None


def _by_plan(
    wants: Sequence[Want], stock: Stock, channel_id: UUID | None, asked: Asked | None, *, may_split: bool
) -> How:
    """How the merchant's rules and the order's own wishes look for it; as the house does where there is neither."""
    asked, policies = asked or NOBODY, stock.policies
    whole = {
        want.line_number for want in wants if policies.values.get("may_split", {}).get(("sku", want.sku_id)) is False
    }
    if whole:
        asked = asked._replace(together=asked.together | whole)
    if asked.may_split is not None:
        may_split = asked.may_split
    plan = stock.plan or (planning.without_rules(stock.locations, policies.version) if asked.together else None)
    if plan is None:
        return partial(source, may_split=may_split)

    def how(wants: Sequence[Want], supplies: Supplies, ranking: Ranking) -> Sourcing:
        days = ranking.days_ahead if isinstance(ranking, RankedByDay) else _today
        return find(plan, asked, wants, supplies, ranking, days, may_split=may_split)

    return how


def _today(location_id: UUID) -> int:
    """Without a schedule no days are counted."""
    return 0


def _sold_ahead(wants: Sequence[Want], stock: Stock) -> list[Want]:
    """What nothing is given of before its release, and the other parts of its kits."""
    if stock.now is None or "preorder_until" not in stock.policies.values:
        return []
    later = [want for want in wants if sold_ahead(want.sku_id, stock.policies, stock.now)]
    kits = {want.kit for want in later if want.kit}
    return [want for want in wants if want in later or want.kit in kits]


def choose_at(wants: Sequence[Want], stock: Stock, location_id: UUID) -> Chosen:
    """What the house itself takes at one location, whether or not that fills orders: all of it, or what is short."""
    how = partial(source, may_split=True)
    found = limiting.find(wants, stock.supplies, stock.allowances, {location_id: 0}, None, how)
    return Chosen(found.takes, found.short, found.reason)


def copy_of(stock: Stock) -> Stock:
    """The same, to be used up apart."""
    return replace(
        stock,
        supplies={sku_id: [shelf.copy() for shelf in shelves] for sku_id, shelves in stock.supplies.items()},
        allowances={sku_id: allowance.copy() for sku_id, allowance in stock.allowances.items()},
        days=replace(stock.days, taken=dict(stock.days.taken), ahead={}) if stock.days else None,
    )


def as_wants(takes: Iterable[Take]) -> list[Want]:
    """What these units are of."""
    return [Want(take.line_number, take.sku_id, take.quantity) for take in takes]


def seen_by(channel_id: UUID | None, wants: Sequence[Want], stock: Stock) -> Supplies:
    """What the orders of a channel may take: lots that last long enough; where it has a buffer, so much less of what is wanted."""
    supplies = stock.supplies
    if stock.dated:
        supplies = {sku_id: stock.lasting(sku_id, channel_id) for sku_id in {want.sku_id for want in wants}}
    rule = stock.policies.value("channel_buffer", channel=channel_id)
    if rule in NOTHING:
        return supplies
    sku_ids = {want.sku_id for want in wants}
    places = {(sku_id, shelf.location_id) for sku_id in sku_ids for shelf in stock.supplies.get(sku_id, ())}
    more = {place: keeping.kept(rule, place, stock.basis) - stock.safety.get(place, 0) for place in places}
    return keeping.without(supplies, more, sku_ids)


def _of_own(wants: Sequence[Want], own: Sequence[ReservationLine]) -> tuple[list[Take], list[Want], list[Ended]]:
    """What a reservation gives its order, what is still to be found, and its lines, which all end with it.

    It is a small network of its own: kits stay whole in it as elsewhere.
    """
    supplies: Supplies = {}
    claims, own = [line for line in own if line.is_claim], [line for line in own if not line.is_claim]
    for key, units in units_held(own).items():
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
    if stock.plan:
        for location_id in {each.location_id for each in chosen.takes}:
            stock.plan.busy[location_id] = stock.plan.busy.get(location_id, 0) + 1
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


def allocations_of(order: Order, sourcing: Sourcing, first: int = 1) -> list[Allocation]:
    """A new allocation for each take, numbered from `first`."""
    return [
        Allocation(
            order.id, number, take.line_number, take.sku_id, take.location_id, take.lot, take.quantity,
            ship_on=sourcing.ship_on.get(take.location_id), stored=False,
        )
        for number, take in enumerate(sourcing.takes, first)
    ]  # fmt: skip


def book(order_id: UUID, sourcing: Sourcing, stock: Stock) -> list[object]:
    """Take the days that sourcing chose; the rows that changed."""
    return stock.days.days.diary.book(order_id, sourcing.booked) if stock.days else []


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
