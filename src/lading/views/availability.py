"""What can be promised: now and by date, in all, by location, by region and to a channel."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from lading.database import queries
from lading.database.pool import Transaction
from lading.inventory.promising import Forecast, KitForecast, Units
from lading.sourcing.commands import PostalCode
from lading.sourcing.plans import Asked
from lading.terms.fields import Code, Country, Moment
from lading.views.pages import NotFound
from lading.views.promisable import Setup, forecasts, kit_forecasts, promisable, read_setup

sql = queries.load(__file__)

SKUS_MAX = 1_000
CHANGES_MAX = 1_000


class AvailabilityQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which products; to whom, where and by when; and what else is told beside the sum."""

    skus: Annotated[list[Code], Meta(min_length=1, max_length=SKUS_MAX)]
    by: (
        Annotated[
            Moment,
            Meta(
                description="What can be promised by then, with what comes and is owed, of places that send by then; without it: now"
            ),
        ]
        | None
    ) = None
    channel: Annotated[Code, Meta(description="What is kept back from this channel is left out")] | None = None
    country: Annotated[Country, Meta(description="Where to: filters of sourcing for that country count")] | None = None
    postal_code: Annotated[PostalCode, Meta(description="The same, for that postal code of the country")] | None = None
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


async def availability(tx: Transaction, query: AvailabilityQuery) -> Availability:
    """Units that can be promised, in the order asked; one to eight statements, and four more for kits. Raises NotFound."""
    setup = await read_setup(tx, Asked(query.channel, query.country, query.postal_code), query.by)
    inside = _inside(setup, query.region)
    wanted = list(dict.fromkeys(query.skus))
    detailed = bool(query.per) or query.region is not None or not setup.may_split or bool(setup.rooms)
    found = await promisable(tx, setup, wanted, by_place=detailed, by=query.by)
    own = await forecasts(tx, setup, found, query.by, splits=setup.may_split)
    kits = await kit_forecasts(tx, setup, found, own, query.by)
    told: dict[str, Forecast | KitForecast] = {**own, **kits.forecasts}
    at = query.by or datetime.now(UTC)
    items = [_item(code, told[code].by(at), query, setup, inside) for code in wanted if code in found]
    return Availability(query.by, items, [code for code in wanted if code not in found])


def _inside(setup: Setup, region: str | None) -> set[UUID]:
    """The locations of a region, or all."""
    if region is None:
        return set(setup.locations)
    if region not in setup.groups.values():
        raise NotFound(f"There is no group of locations {region}.")
    return {id_ for id_ in setup.locations if region in (setup.groups[group] for group in setup.regions(id_))}


def _item(code: str, units: Units, query: AvailabilityQuery, setup: Setup, inside: set[UUID]) -> AvailabilityOfSku:
    in_all, by_place = units
    if not (query.per or query.region):
        return AvailabilityOfSku(code, in_all, None, None)
    places = {id_: min(units, in_all) for id_, units in by_place.items() if id_ in inside and units > 0}
    if query.region is not None:
        there = [by_place[id_] for id_ in places]
        in_all = min(in_all, sum(there) if setup.may_split else max(there, default=0))
    return AvailabilityOfSku(
        code,
        in_all,
        {setup.locations[id_]: min(units, in_all) for id_, units in places.items()}
        if "location" in query.per
        else None,
        _by_region(by_place, places, in_all, setup) if "region" in query.per else None,
    )


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
    country: Annotated[Country, Meta(description="Where to: filters of sourcing for that country count")] | None = None
    postal_code: Annotated[PostalCode, Meta(description="The same, for that postal code of the country")] | None = None


class CurveStep(Struct, frozen=True):
    """From this moment on so many units can be promised, until the next step."""

    at: datetime
    available: int


class CurveChange(Struct, frozen=True):
    """What is expected, or owed."""

    at: datetime | None
    """As it was told: what is late bears a moment of the past. None: it waits, and no date was told."""
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
    sku: str
    """The product, or the part of the kit, of which they are."""


class PromiseCurve(Struct, frozen=True):
    """What can be promised of a product from now on, and what makes it so."""

    sku: str
    steps: list[CurveStep]
    """The first one is now; each has more units than the one before."""
    changes: list[CurveChange]
    """By date; at most 1,000. Of a kit that is put together those of its parts as well."""


async def promise_curve(tx: Transaction, query: CurveQuery) -> PromiseCurve:
    """The steps, and the documents behind them; three or four statements, and four more for a kit. Raises NotFound."""
    setup = await read_setup(tx, Asked(query.channel, query.country, query.postal_code))
    now = datetime.now(UTC)
    found = await promisable(tx, setup, [query.sku], by_place=True, by=now)
    if query.sku not in found:
        raise NotFound(f"There is no product {query.sku}.")
    own = await forecasts(tx, setup, found, now, splits=setup.may_split)
    kits = await kit_forecasts(tx, setup, found, own, now)
    steps = kits.forecasts.get(query.sku, own[query.sku]).steps()
    codes = {found[query.sku].sku_id: query.sku, **kits.parts}
    rows = await tx.fetch(sql.changes_of_product, sorted(codes), list(setup.locations), CHANGES_MAX)
    return PromiseCurve(
        query.sku,
        [CurveStep(*step) for step in steps],
        [
            CurveChange(
                at, kind, document, setup.locations.get(location_id), units, at is not None and at <= now, codes[sku_id]
            )
            for kind, document, location_id, at, units, sku_id in rows
        ],
    )
