"""What can be promised: now and by date, in all, by location, by region and to a channel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

import asyncpg
import msgspec
from msgspec import Meta, Struct

from lading.catalog.policies import Policies
from lading.database import queries
from lading.database.pool import Transaction
from lading.inventory import keeping, limit_store, promising
from lading.inventory.keeping import Parts
from lading.inventory.limits import Limits, promisable_at_each, promisable_in_all
from lading.inventory.promising import Arrival, Owed, Step
from lading.terms.fields import Code, Moment
from lading.views.pages import NotFound

sql = queries.load(__file__)

SKUS_MAX = 1_000
CHANGES_MAX = 1_000

KITS = ("kits_in_parts", "assemble_when_short")
WIDE = ("fills_orders", "safety_stock", "channel_buffer", "late_inbound_days", "lot_min_days_left", *KITS)
"""Policies that say what can be promised; of a product only its safety stock, its lots' days, and how a kit is put together."""


class AvailabilityQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which products; to whom, where and by when; and what else is told beside the sum."""

    skus: Annotated[list[Code], Meta(min_length=1, max_length=SKUS_MAX)]
    by: (
        Annotated[
            Moment, Meta(description="What can be promised by then, with what is expected and owed; without it: now")
        ]
        | None
    ) = None
    channel: Annotated[Code, Meta(description="What is kept back from this channel is left out")] | None = None
    region: Annotated[Code, Meta(description="Only locations in this group, or in one beneath it")] | None = None
    per: Annotated[
        list[Literal["location", "region"]], Meta(max_length=2, description="Tell the units of each of these as well")
    ] = []


class AvailabilityOfSku(Struct, frozen=True):
    """What can be promised of a product, in units."""

    sku: str
    available: int
    """In all: to an order placed now, or by the date asked for."""
    locations: dict[str, int] | None
    """By location that has some; None where it was not asked for. Never more than in all."""
    regions: dict[str, int] | None
    """By group of locations, those beneath it included; None where it was not asked for."""


class Availability(Struct, frozen=True):
    """What can be promised."""

    by: datetime | None
    items: list[AvailabilityOfSku]
    unknown: list[str]
    """Codes that no product has."""


@dataclass(slots=True)
class Setup:
    """Who may promise, and the rules of what is kept back."""

    policies: Policies = field(default_factory=lambda: Policies(0))
    locations: dict[UUID, str] = field(default_factory=dict)
    """Codes of the locations that fill orders."""
    group_of: dict[UUID, UUID | None] = field(default_factory=dict)
    """Of locations and groups: the group above."""
    groups: dict[UUID, str] = field(default_factory=dict)
    """Codes of the groups."""
    channel_id: UUID | None = None
    products_differ: bool = False
    """Whether any product has a safety stock of its own."""

    def regions(self, location_id: UUID) -> list[UUID]:
        """The groups that a location is in, the nearest first."""
        found: list[UUID] = []
        above = self.group_of.get(location_id)
        while above is not None and above not in found:
            found.append(above)
            above = self.group_of.get(above)
        return found

    @property
    def keeps_back(self) -> bool:
        """Whether any rule keeps something back."""
        rules = {self.policies.value("safety_stock", location=id_) for id_ in self.locations} | {self.buffer}
        return self.products_differ or any(any(keeping.parts(rule)) for rule in rules)

    @property
    def buffer(self) -> keeping.Rule:
        """What is kept back from the channel."""
        rule: keeping.Rule = self.policies.value("channel_buffer", channel=self.channel_id)
        return rule


@dataclass(slots=True, frozen=True)
class Promisable:
    """What can be promised of a product now."""

    sku_id: UUID
    units: int
    by_place: Mapping[UUID, int]
    """By location, less what is kept back: below zero where it lacks some of that. All that have something, or only those below
    zero: see `promisable`."""
    percent: int | None
    """Of its own safety stock; None where it has none of its own."""
    kit: str = "none"
    """none, on_demand, stocked"""
    by_date: int | None = None
    """By the date that was asked for, where that is known already."""
    limited: bool = False
    """Whether it has claims or pools."""


Units = tuple[int, Mapping[UUID, int]]
"""(in all, by location): what can be promised of a product. Below zero where a location lacks some of what it keeps."""


async def availability(tx: Transaction, query: AvailabilityQuery) -> Availability:
    """Units that can be promised, in the order asked; one to four statements, and four more for kits. Raises NotFound."""
    setup = await read_setup(tx, query.channel)
    inside = _inside(setup, query.region)
    wanted = list(dict.fromkeys(query.skus))
    detailed = bool(query.per) or query.region is not None
    found = await promisable(tx, setup, wanted, by_place=detailed, by=query.by)
    units = await _units(tx, setup, found, query.by)
    if any(each.kit != "none" for each in found.values()):
        units |= await _of_kits(tx, setup, found, units, query)
    items = [_item(code, units[code], query, setup, inside) for code in wanted if code in found]
    return Availability(query.by, items, [code for code in wanted if code not in found])


async def _units(
    tx: Transaction, setup: Setup, found: Mapping[str, Promisable], by: datetime | None
) -> dict[str, Units]:
    """What can be promised of each product, now or by the date."""
    if by is None:
        return {code: (each.units, each.by_place) for code, each in found.items()}
    units: dict[str, Units] = {
        code: (each.by_date, each.by_place) for code, each in found.items() if each.by_date is not None
    }
    if unknown := {code: each for code, each in found.items() if each.by_date is None}:
        changes = await _changes(tx, setup, unknown, by)
        now = datetime.now(UTC)
        units |= {code: _by(each, changes.get(each.sku_id, Changes()), by, now) for code, each in unknown.items()}
    return units


async def _of_kits(
    tx: Transaction, setup: Setup, found: Mapping[str, Promisable], units: Mapping[str, Units], query: AvailabilityQuery
) -> dict[str, Units]:
    """What can be promised of the kits: what their components give together. A stocked kit is sold from stock.

    Where a stocked kit may be put together when it is short, an order gets all of its kits from stock, or all of them put
    together: whichever are more.
    """
    kits = {each.sku_id: code for code, each in found.items() if each.kit != "none"}
    made_of: dict[str, dict[str, int]] = {}
    for kit_id, per_kit, component, *values in await tx.fetch(sql.kits_made_of, sorted(kits)):
        made_of.setdefault(kits[kit_id], {})[component] = per_kit
        for name, value in zip(KITS, values, strict=True):
            if value is not None:
                setup.policies.values.setdefault(name, {})[("sku", kit_id)] = msgspec.json.decode(value)

    def holds(name: str, code: str) -> bool:
        return bool(setup.policies.value(name, channel=setup.channel_id, sku=found[code].sku_id))

    put_together = [code for code in made_of if found[code].kit == "on_demand" or holds("assemble_when_short", code)]
    components = sorted({component for code in put_together for component in made_of[code]})
    parts = await promisable(tx, setup, components, by_place=True, by=query.by) if components else {}
    of_parts = await _units(tx, setup, parts, query.by)
    kits_of: dict[str, Units] = {}
    for code in put_together:
        its = [(of_parts[component], per_kit) for component, per_kit in made_of[code].items()]
        kits_of[code] = _put_together(its, whole=not holds("kits_in_parts", code))
        if found[code].kit == "stocked":
            kits_of[code] = max(units[code], kits_of[code], key=lambda each: each[0])
    return kits_of


def _put_together(parts: Sequence[tuple[Units, int]], *, whole: bool) -> Units:
    """Kits that their components give, each (units, units in one kit); a whole one has them all from one location."""
    places = set.intersection(*(set(by_place) for (_, by_place), _ in parts))
    at = {id_: min(min(by_place[id_], in_all) // per_kit for (in_all, by_place), per_kit in parts) for id_ in places}
    at = {id_: kits for id_, kits in at.items() if kits > 0}
    most = min(in_all // per_kit for (in_all, _), per_kit in parts)
    return (min(sum(at.values()), most) if whole else most), at


async def read_setup(tx: Transaction, channel: str | None = None) -> Setup:
    """Who may promise. Raises NotFound for a channel that does not exist."""
    setup = Setup()
    active: dict[UUID, str] = {}
    for what, id_, code, above, value in await tx.fetch(sql.promise_setup, channel, list(WIDE)):
        match what:
            case "location":
                active[id_] = code
                setup.group_of[id_] = above
            case "group":
                setup.groups[id_] = code
                setup.group_of[id_] = above
            case "channel":
                setup.channel_id = id_
            case "of_products":
                setup.products_differ = True
            case name:
                setup.policies.values.setdefault(name, {})[(code, id_)] = msgspec.json.decode(value)
    if channel is not None and setup.channel_id is None:
        raise NotFound(f"There is no channel {channel}.")
    setup.locations = {id_: code for id_, code in active.items() if setup.policies.value("fills_orders", location=id_)}
    return setup


def _inside(setup: Setup, region: str | None) -> set[UUID]:
    """The locations of a region, or all."""
    if region is None:
        return set(setup.locations)
    if region not in setup.groups.values():
        raise NotFound(f"There is no group of locations {region}.")
    return {id_ for id_ in setup.locations if region in (setup.groups[group] for group in setup.regions(id_))}


async def promisable(
    tx: Transaction, setup: Setup, codes: Sequence[str], *, by_place: bool, by: datetime | None = None
) -> dict[str, Promisable]:
    """What these products can promise now, by code; of each place where `by_place`, otherwise of those that lack something.

    Where a date is given, places count too to which something is to come, even if nothing lies there. Of products with limits
    it is what claims and pools leave to the channel.
    """
    ask = _promisable_at_shelves if setup.keeps_back else _promisable_plainly
    found = await ask(tx, setup, codes, by_place=by_place, by=by)
    limited = {code: each.sku_id for code, each in found.items() if each.limited}
    if limited:
        at_places = found if by_place else await ask(tx, setup, list(limited), by_place=True, by=by)
        limits = await limit_store.read_limits(tx, limited.values(), datetime.now(UTC))
        for code, sku_id in limited.items():
            found[code] = _within(found[code], at_places[code].by_place, limits[sku_id], setup.channel_id, by_place)
    return found


def _within(
    found: Promisable, by_place: Mapping[UUID, int], limits: Limits, channel_id: UUID | None, detailed: bool
) -> Promisable:
    """What claims and pools leave to the channel."""
    free = {id_: units for id_, units in by_place.items() if units > 0}
    in_all = promisable_in_all(free, limits, channel_id)
    if not detailed:
        return replace(found, units=in_all, by_date=None)
    left = {**by_place, **promisable_at_each(free, limits, channel_id)}
    return replace(found, units=in_all, by_place=left, by_date=None)


async def _promisable_at_shelves(
    tx: Transaction, setup: Setup, codes: Sequence[str], *, by_place: bool, by: datetime | None
) -> dict[str, Promisable]:
    """What lies there less what is kept back there."""
    own: dict[str, Parts] = {}
    if setup.products_differ:
        own = {code: keeping.parts(rule) for code, rule in await tx.fetch(sql.safety_of_products, list(codes))}
    places = list(setup.locations)
    of_places = [keeping.parts(setup.policies.value("safety_stock", location=id_)) for id_ in places]
    buffer = keeping.parts(setup.buffer)
    rules = [own.get(code, (None, None, None)) for code in codes]
    looks_at_demand = any(each[2] for each in (*of_places, *own.values(), buffer))
    now = datetime.now(UTC)
    rows = await tx.fetch(
        sql.promisable, list(codes), *queries.transposed(rules, 3), places, *queries.transposed(of_places, 3), *buffer,
        looks_at_demand, by_place, by is not None, now, now.date(),
        setup.policies.value("lot_min_days_left", channel=setup.channel_id),
    )  # fmt: skip
    return {row["code"]: _promisable(row, places, own.get(row["code"])) for row in rows}


async def _promisable_plainly(
    tx: Transaction, setup: Setup, codes: Sequence[str], *, by_place: bool, by: datetime | None
) -> dict[str, Promisable]:
    """As `promisable`, where nothing is kept back; without places also by the date, where nothing is owed later."""
    now = datetime.now(UTC)
    date = max(by, now) if by and not by_place else None
    rows = await tx.fetch(
        sql.promisable_plainly, list(codes), list(setup.locations), now, now.date(),
        setup.policies.value("lot_min_days_left", channel=setup.channel_id), date, _late(setup, now), by_place,
    )  # fmt: skip
    found: dict[str, Promisable] = {}
    for code, id_, kit, limited, units, due, owed_later, places, of_places in rows:
        at: dict[UUID, int] = {}
        for place, each in zip(places or (), of_places or (), strict=True):
            at[place] = at.get(place, 0) + each
        by_date = None if date is None or owed_later else max(units + due, 0)
        found[code] = Promisable(id_, units, at, None, kit, by_date, limited)
    return found


def _late(setup: Setup, now: datetime) -> datetime:
    """When that is expected which is late."""
    return now + timedelta(days=setup.policies.value("late_inbound_days"))


def _promisable(row: asyncpg.Record, places: Sequence[UUID], own: Parts | None) -> Promisable:
    numbers, units = row["places"] or (), row["by_place"] or ()
    by_place = {places[number - 1]: each for number, each in zip(numbers, units, strict=True) if number}
    return Promisable(
        row["id"], row["units"], by_place, own.percent if own else None, row["kit"], limited=row["limited"]
    )


@dataclass(slots=True)
class Changes:
    """What will change of a product's stock."""

    arrivals: list[Arrival] = field(default_factory=list)
    owed: list[Owed] = field(default_factory=list)


async def _changes(tx: Transaction, setup: Setup, found: Mapping[str, Promisable], by: datetime) -> dict[UUID, Changes]:
    """What is to come and what is owed; all that is due by a date is one change."""
    now = datetime.now(UTC)
    own = {each.sku_id: each.percent for each in found.values()}
    changes: dict[UUID, Changes] = {}
    for sku_id, location_id, at, units in await tx.fetch(
        sql.expected_by_date, list(own), now, _late(setup, now), by, list(setup.locations)
    ):
        of_sku = changes.setdefault(sku_id, Changes())
        if location_id is None:
            of_sku.owed.append(Owed(at, -units))
        else:
            kept = -(-units * _percent(setup, own[sku_id], location_id) // 100)
            of_sku.arrivals.append(Arrival(at, location_id, units - kept))
    return changes


def _percent(setup: Setup, own: int | None, location_id: UUID) -> int:
    """How much of what arrives there is kept back at once, rounded up for each arrival."""
    if own is None:
        own = keeping.parts(setup.policies.value("safety_stock", location=location_id)).percent
    return max(own, keeping.parts(setup.buffer).percent)


def _by(found: Promisable, changes: Changes, by: datetime, now: datetime) -> Units:
    """What can be promised by the date."""
    if not (changes.arrivals or changes.owed):
        return found.units, found.by_place
    by_place = dict(found.by_place)
    for at, location_id, units in changes.arrivals:
        if at <= by:
            by_place[location_id] = by_place.get(location_id, 0) + units
    return promising.by(curve_of(found, changes, now), by), by_place


def _item(code: str, units: Units, query: AvailabilityQuery, setup: Setup, inside: set[UUID]) -> AvailabilityOfSku:
    in_all, by_place = units
    if not (query.per or query.region):
        return AvailabilityOfSku(code, in_all, None, None)
    places = {id_: min(units, in_all) for id_, units in by_place.items() if id_ in inside and units > 0}
    if query.region is not None:
        in_all = min(in_all, sum(by_place[id_] for id_ in places))
    return AvailabilityOfSku(
        code,
        in_all,
        {setup.locations[id_]: min(units, in_all) for id_, units in places.items()}
        if "location" in query.per
        else None,
        _by_region(by_place, places, in_all, setup) if "region" in query.per else None,
    )


def curve_of(found: Promisable, changes: Changes, now: datetime) -> list[Step]:
    """From when on how many can be promised."""
    short = {id_: -units for id_, units in found.by_place.items() if units < 0}
    return promising.curve(now, found.units, short, changes.arrivals, changes.owed)


def _by_region(by_place: Mapping[UUID, int], places: Iterable[UUID], in_all: int, setup: Setup) -> dict[str, int]:
    regions: dict[str, int] = {}
    for id_ in places:
        for group_id in setup.regions(id_):
            code = setup.groups[group_id]
            regions[code] = min(regions.get(code, 0) + by_place[id_], in_all)
    return regions


class CurveQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose curve."""

    sku: Code
    channel: Annotated[Code, Meta(description="What is kept back from this channel is left out")] | None = None


class CurveStep(Struct, frozen=True):
    """From this moment on so many units can be promised, until the next step."""

    at: datetime
    available: int


class CurveChange(Struct, frozen=True):
    """What is expected, or owed."""

    at: datetime
    """As it was told: what is late bears a moment of the past."""
    kind: str
    """purchase_order, transfer, promise"""
    document: str
    """PO1042, T1043; of a promise the number of the order that waits."""
    location: str | None
    """Where it arrives; None for a promise, which is filled from anywhere."""
    quantity: int
    """Below zero for what is owed."""
    late: bool
    """Due in the past, and not there."""


class PromiseCurve(Struct, frozen=True):
    """What can be promised of a product from now on, and what makes it so."""

    sku: str
    steps: list[CurveStep]
    """The first one is now; each has more units than the one before."""
    changes: list[CurveChange]
    """By date; at most 1,000."""


async def promise_curve(tx: Transaction, query: CurveQuery) -> PromiseCurve:
    """The steps, and the documents behind them; three or four statements. Raises NotFound."""
    setup = await read_setup(tx, query.channel)
    now = datetime.now(UTC)
    found = await promisable(tx, setup, [query.sku], by_place=False, by=now)
    if query.sku not in found:
        raise NotFound(f"There is no product {query.sku}.")
    product = found[query.sku]
    changes = await _changes(tx, setup, found, now)
    steps = curve_of(product, changes.get(product.sku_id, Changes()), now)
    rows = await tx.fetch(sql.changes_of_product, product.sku_id, list(setup.locations), CHANGES_MAX)
    return PromiseCurve(
        query.sku,
        [CurveStep(*step) for step in steps],
        [
            CurveChange(at, kind, document, setup.locations.get(location_id), units, at <= now)
            for kind, document, location_id, at, units in rows
        ],
    )
