"""The catalog as rules see it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from lading.catalog.attributes import Attribute
from lading.catalog.schedule import Schedule, day_there

CAPABILITIES_AT_FIRST = ("ship", "returns")
"""What a location can do where nobody said otherwise."""


@dataclass(slots=True, frozen=True)
class Sku:
    """A product as orders see it."""

    id: UUID
    code: str
    active: bool
    tracking: str = "none"
    """none, lot, serial"""
    kit: str = "none"
    """none, on_demand, stocked"""
    limited: bool = False
    """Whether it has group claims or channel pools."""


@dataclass(slots=True, frozen=True)
class Component:
    """What a kit is made of."""

    sku: Sku
    per_kit: int
    list_price: Decimal | None
    """Of one unit, in any one currency: only ratios count. None where it is unknown."""


@dataclass(slots=True, frozen=True)
class Location:
    """Where stock lies and orders are filled."""

    id: UUID
    code: str
    name: str
    priority: int
    active: bool
    ships: bool = True
    """Whether sending orders is among its capabilities."""
    time_zone: str = "UTC"
    schedule: Schedule | None = None
    """None: its days are not counted."""
    takes_returns: bool = True
    """Whether taking goods back is among its capabilities."""
    hands_out: bool = False
    """Whether customers may collect there."""
    is_vendor: bool = False
    """Whether its stock is a vendor's, who ships for us."""

    def today(self, now: datetime) -> date:
        """The day that it is there: what bears this date as its last is sold there until its midnight."""
        return day_there(self.time_zone, now)


@dataclass(slots=True)
class Network:
    """Channels and locations of the merchant."""

    channels: dict[str, UUID] = field(default_factory=dict)
    locations: dict[UUID, Location] = field(default_factory=dict)
    attributes: dict[tuple[str, str], Attribute] = field(default_factory=dict)
    """What can be said of orders and lines, by subject and code."""

    def location_by_code(self, code: str) -> Location | None:
        """The location of that code, or None."""
        return next((location for location in self.locations.values() if location.code == code), None)


@dataclass(slots=True)
class ProductRow:
    """A product as it is saved."""

    id: UUID
    code: str
    name: str
    gtin: str | None
    weight_grams: int | None
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    active: bool
    version: int
    tracking: str = "none"
    upright: bool = False
    """Its height points upwards in a carton."""
    fragile: bool = False
    """Nothing lies above it but what is fragile too."""
    keep_apart: str = ""
    """It shares no carton with products of another class."""
    hs_code: str | None = None
    """Of the customs tariff."""
    origin: str | None = None
    """The country that it was made in."""
    tax_category: str = ""
    """What tax rates call it; empty: an ordinary one."""


@dataclass(slots=True)
class LocationRow:
    """A location as it is saved."""

    id: UUID
    code: str
    name: str
    kind: str
    time_zone: str
    country: str
    priority: int
    active: bool
    version: int
    group_id: UUID | None = None
    address: str | None = None
    """JSON of a LocationAddress."""
    capabilities: list[str] = field(default_factory=lambda: list(CAPABILITIES_AT_FIRST))
    schedule: str | None = None
    """JSON of a Schedule."""


@dataclass(slots=True)
class GroupRow:
    """A location group as it is saved."""

    id: UUID
    code: str
    name: str
    parent_id: UUID | None
    version: int


@dataclass(slots=True)
class KitRow:
    """A kit as it is saved: all its components, or none where the product is no kit any more."""

    id: UUID
    kit: str
    """none, on_demand, stocked"""
    components: list[tuple[UUID, int, Decimal | None]]
    """(SKU, units in one kit, list price), in their order."""


@dataclass(slots=True, frozen=True)
class SubstitutesRow:
    """What may be sent in place of a product, as it is saved."""

    sku_id: UUID
    substitutes: list[UUID]
    """The first is thought of first."""


@dataclass(slots=True)
class ChannelRow:
    """A channel as it is saved."""

    id: UUID
    code: str
    name: str
    version: int


@dataclass(slots=True)
class PolicyRow:
    """One version of a policy's value in one scope."""

    name: str
    scope_kind: str
    scope_id: UUID
    version: int
    value: str | None
    """JSON; None where it was withdrawn."""
    set_at: datetime
    set_by: str
    superseded_by: int | None = None
    stored: bool = True
