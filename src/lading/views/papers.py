"""What papers say of an order's parts: one fulfillment order, one parcel, one return, or what left a location on a day."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import asyncpg

from lading.catalog import store as catalog
from lading.database import queries
from lading.database.pool import Transaction
from lading.invoices import store as invoices
from lading.invoices.types import LegalEntity
from lading.views import products
from lading.views.order import Address, OrderDetail, order, ship_to_of
from lading.views.order_parcels import Parcel, Return
from lading.views.order_work import FulfillmentOrder
from lading.views.pages import NotFound
from lading.views.products import Location

sql = queries.load(__file__)

FIRST_YEAR, LAST_YEAR = 1900, 3000
"""Days outside of these are slips of the pen."""


@dataclass(slots=True, frozen=True)
class Ware:
    """A product as papers know it."""

    sku: str
    name: str
    gtin: str | None
    weight_grams: int | None
    hs_code: str | None
    origin: str | None


@dataclass(slots=True, frozen=True)
class Bin:
    """A bin with units of a product."""

    code: str
    units: int
    sequence: int
    """Its place on the way."""


@dataclass(slots=True)
class Papers:
    """All that papers about a part of an order may say."""

    order: OrderDetail
    location: Location
    zone: ZoneInfo
    """Of the location: its dates."""
    seller: LegalEntity | None
    """None where nothing was said about who sells."""
    wares: dict[str, Ware]
    """By SKU."""
    fulfillment_order: FulfillmentOrder | None = None
    parcel: Parcel | None = None
    back: Return | None = None
    bins: dict[tuple[str, str], list[Bin]] = field(default_factory=dict)
    """Where (SKU, lot) lies, the first to be emptied first."""
    serials: dict[int, list[str]] = field(default_factory=dict)
    """By line: the names of the units in the parcel."""
    greetings: list[str] = field(default_factory=list)
    """What is said to whoever gets it."""
    ship_to: Address | None = None
    """Where the part goes: where its lines go, or where the order goes."""


@dataclass(slots=True, frozen=True)
class Left:
    """A parcel that left."""

    name: str
    tracking_number: str | None
    sscc: str | None
    weight_grams: int | None
    carrier: str
    country: str | None
    postal_code: str | None
    units: int
    shipped_at: datetime


@dataclass(slots=True)
class Manifest:
    """What left a location on a day, with one carrier or all."""

    location: Location
    seller: LegalEntity | None
    on: date
    parcels: list[Left]


async def papers(tx: Transaction, ref: str) -> Papers:
    """About 1042-F1, 1042-P1 or 1042-R1. Raises NotFound."""
    found = await order(tx, ref)
    letter = ref.partition("-")[2][:1]
    fulfillment_order = next((each for each in found.fulfillment_orders if each.name == ref), None)
    parcel = next((each for each in found.parcels if each.name == ref), None)
    back = next((each for each in found.returns if each.name == ref), None)
    part = fulfillment_order or parcel or back
    if part is None:
        what = {"F": "fulfillment order", "P": "parcel", "R": "return"}.get(letter, "document")
        raise NotFound(f"There is no {what} {ref}.")
    locations = (await products.locations(tx, products.LocationsQuery())).items
    code = _location(found, fulfillment_order or parcel, back)
    place = next((each for each in locations if each.code == code), None) or next(iter(locations), None)
    if place is None:
        raise NotFound("There is no location.")
    lines = {line.sku: line for line in found.lines}
    rows = await tx.fetch(sql.wares, sorted(lines))
    told = Papers(
        found,
        place,
        ZoneInfo(place.time_zone),
        await seller(tx, found.channel.code),
        {row["code"]: Ware(*row) for row in rows},
        fulfillment_order,
        parcel,
        back,
    )
    told.ship_to = found.ship_to
    if work := parcel.fulfillment_order if parcel else fulfillment_order.name if fulfillment_order else None:
        row = await tx.fetchrow(sql.address_of_part, found.id, int(work.partition("-F")[2]))
        told.ship_to = ship_to_of(row) if row else found.ship_to
    if fulfillment_order:
        for sku, lot, *bin_ in await tx.fetch(sql.bins_of, place.id, sorted(lines)):
            told.bins.setdefault((sku, lot), []).append(Bin(*bin_))
    if parcel:
        told.greetings = [row["text"] for row in await tx.fetch(sql.greetings, found.id)]
        for line, names in await tx.fetch(sql.names_in_parcel, found.id, int(ref.partition("-P")[2])):
            told.serials.setdefault(line, []).extend(names)
    return told


def _location(found: OrderDetail, part: FulfillmentOrder | Parcel | None, back: Return | None) -> str:
    """Where the paper is about: a return goes where it was received, or to where its goods came from."""
    if part:
        return part.location
    received = [line.location for line in back.lines if line.location] if back else []
    return next(iter([*received, *(parcel.location for parcel in reversed(found.parcels))]), "")


async def seller(tx: Transaction, channel: str) -> LegalEntity | None:
    """Who sells on that channel, as it was said last."""
    network, policies = await catalog.read_setup(tx, ())
    code = policies.value("legal_entity", channel=network.channels.get(channel))
    return (await invoices.read_entities(tx, [code])).get(code)


async def manifest(tx: Transaction, location: str, on: date | None, carrier: str | None) -> Manifest:
    """What left that location on that day of its own, today where none is named. Raises NotFound."""
    place = await location_of(tx, location)
    zone = ZoneInfo(place.time_zone)
    on = on or datetime.now(zone).date()
    if not FIRST_YEAR <= on.year < LAST_YEAR:
        raise NotFound(f"Nothing left {location} on {on}.")
    since = datetime.combine(on, time(), zone)
    until = datetime.combine(on + timedelta(days=1), time(), zone)
    rows = await tx.fetch(sql.left_location, place.id, since, until, carrier)
    return Manifest(place, (await _only_seller(tx)), on, [_left(row) for row in rows])


async def location_of(tx: Transaction, code: str) -> products.Location:
    """The location of that code. Raises NotFound."""
    locations = (await products.locations(tx, products.LocationsQuery())).items
    place = next((each for each in locations if each.code == code), None)
    if place is None:
        raise NotFound(f"There is no location {code}.")
    return place


async def _only_seller(tx: Transaction) -> LegalEntity | None:
    _, policies = await catalog.read_setup(tx, ())
    code = policies.value("legal_entity")
    return (await invoices.read_entities(tx, [code])).get(code)


def _left(row: asyncpg.Record) -> Left:
    return Left(*row)
