"""What can be asked of sourcing: rules of the merchant, postal codes on the map."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from lading.terms.fields import Code, Country, Name
from lading.terms.money import CurrencyCode, Money

RULES_MAX = 100
PRODUCTS_MAX = 1_000

PostalCode = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 -]{0,15}(?![\s\S])", description="A postal code, or what some begin with"),
]
Amount = Annotated[
    str,
    Meta(
        pattern=r"^(0|[1-9][0-9]{0,8})(\.[0-9]{1,3})?(?![\s\S])",
        description='In the currency of the costs, such as "4.90"',
    ),
]
RankBy = Literal[
    "listed", "priority", "nearest", "most_stock", "oldest_stock", "lowest_workload", "soonest", "stores_last"
]
Take = Literal["all_from_one", "fewest_parcels", "cheapest", "earliest"]


class Region(Struct, frozen=True, forbid_unknown_fields=True):
    """Where orders go: a country, or the postal codes of it that begin so."""

    country: Country
    postal_codes: Annotated[list[PostalCode], Meta(max_length=500)] = []


class When(Struct, frozen=True, forbid_unknown_fields=True):
    """Which orders a rule is about: all that is given must fit. Of products one is enough; nothing given: all orders."""

    channels: Annotated[list[Code], Meta(max_length=100)] = []
    regions: Annotated[list[Region], Meta(max_length=100)] = []
    products: Annotated[list[Code], Meta(max_length=PRODUCTS_MAX)] = []


class RankingRule(Struct, frozen=True, forbid_unknown_fields=True):
    """How locations are ranked. The first rule that tells two apart decides between them; one that cannot tell abstains.

    listed: as `locations` says, all others behind; priority: as the locations have it; nearest: to the address; most_stock: of what
    is wanted; oldest_stock: whose lots came first; lowest_workload: fewest orders to pick and pack; soonest: the day on which it
    leaves; stores_last: stores behind all others.
    """

    name: Name
    by: RankBy
    locations: Annotated[list[Code], Meta(max_length=1_000)] = []
    when: When = When()

    def __post_init__(self) -> None:
        if (self.by == "listed") != bool(self.locations):
            raise ValueError("locations are given for a rule by listed, and only there")
        if len(set(self.locations)) < len(self.locations):
            raise ValueError("locations name each one once")


FilterBy = Literal["stock", "distance", "capability", "cut_off", "workload", "only", "never"]
_NEEDS = {
    "stock": "units", "distance": "km", "capability": "capability", "cut_off": "days", "workload": "orders",
    "only": "locations, groups or kinds", "never": "locations, groups or kinds",
}  # fmt: skip


class FilterRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Which locations are left out. With products it keeps them out for those products only.

    stock: where fewer than `units` of a product can be promised; distance: beyond `km` of the address; capability: without
    `capability`; cut_off: what leaves later than `days` days from now; workload: with more than `orders` to pick and pack;
    only: all but these locations, groups or kinds; never: these.
    """

    name: Name
    by: FilterBy
    units: Annotated[int, Meta(ge=2, le=1_000_000)] | None = None
    km: Annotated[int, Meta(ge=1, le=20_100)] | None = None
    capability: Literal["pickup", "returns", "hazardous"] | None = None
    days: Annotated[int, Meta(ge=0, le=365)] | None = None
    orders: Annotated[int, Meta(ge=0, le=1_000_000)] | None = None
    locations: Annotated[list[Code], Meta(max_length=1_000)] = []
    groups: Annotated[list[Code], Meta(max_length=100)] = []
    kinds: Annotated[list[Literal["warehouse", "store", "vendor", "virtual"]], Meta(max_length=4)] = []
    when: When = When()

    def __post_init__(self) -> None:
        given = {name for name in ("units", "km", "capability", "days", "orders") if getattr(self, name) is not None}
        places = bool(self.locations or self.groups or self.kinds)
        needs = _NEEDS[self.by]
        if self.by in ("only", "never"):
            if given or not places:
                raise ValueError(f"a filter by {self.by} names {needs}, and nothing else")
        elif given != {needs} or places:
            raise ValueError(f"a filter by {self.by} says {needs}, and nothing else")


class Strategy(Struct, frozen=True, forbid_unknown_fields=True):
    """What is taken from the locations that are left. The first strategy that fits an order counts."""

    name: Name
    take: Take
    may_split: bool | None = None
    """None: as the policy says."""
    when: When = When()


class ZoneInput(Struct, frozen=True, forbid_unknown_fields=True):
    """A zone of the cost table: from these locations (none named: all) to these regions, up to so many km; the first that fits counts."""

    zone: Code
    locations: Annotated[list[Code], Meta(max_length=1_000)] = []
    regions: Annotated[list[Region], Meta(max_length=100)] = []
    up_to_km: Annotated[int, Meta(ge=1, le=20_100)] | None = None


class RateInput(Struct, frozen=True, forbid_unknown_fields=True):
    """What a parcel of up to that weight costs in a zone."""

    zone: Code
    up_to_grams: Annotated[int, Meta(ge=1, le=100_000_000)]
    amount: Amount


class HandlingInput(Struct, frozen=True, forbid_unknown_fields=True):
    """What it costs a location to pick and pack its share of an order."""

    location: Code
    per_order: Amount = "0"
    per_unit: Amount = "0"


class CostsInput(Struct, frozen=True, forbid_unknown_fields=True):
    """What the cheapest is measured by."""

    currency: CurrencyCode
    zones: Annotated[list[ZoneInput], Meta(min_length=1, max_length=200)]
    rates: Annotated[list[RateInput], Meta(min_length=1, max_length=2_000)]
    handling: Annotated[list[HandlingInput], Meta(max_length=1_000)] = []
    per_order: Amount = "0"
    """Handling where a location is not named."""
    per_unit: Amount = "0"
    per_split: Amount = "0"
    """The price for each location beyond the first."""
    grams: Annotated[int, Meta(ge=0, le=100_000_000, description="Of a product whose weight is not known")] = 500

    def __post_init__(self) -> None:
        rated, zones = {each.zone for each in self.rates}, {each.zone for each in self.zones}
        if missing := zones - rated:
            raise ValueError(f"no rate for zone {min(missing)}")
        if unused := rated - zones:
            raise ValueError(f"a rate for zone {min(unused)}, which no zone bears")
        if len({(each.zone, each.up_to_grams) for each in self.rates}) < len(self.rates):
            raise ValueError("one amount a zone and weight")
        amounts = [each.amount for each in self.rates] + [self.per_order, self.per_unit, self.per_split]
        amounts += [amount for each in self.handling for amount in (each.per_order, each.per_unit)]
        for amount in amounts:
            Money(amount, self.currency)


class SaveSourcingRules(Struct, frozen=True, forbid_unknown_fields=True):
    """All rules of sourcing, instead of those before; without any the house's own order holds: fewest parcels, by priority."""

    rules: Annotated[list[RankingRule], Meta(max_length=RULES_MAX)] = []
    filters: Annotated[list[FilterRule], Meta(max_length=RULES_MAX)] = []
    strategies: Annotated[list[Strategy], Meta(max_length=RULES_MAX)] = []
    costs: CostsInput | None = None
    expected_version: Annotated[int, Meta(ge=0, description="Refuse unless these are the rules in force")] | None = None

    def __post_init__(self) -> None:
        for kind in ("rules", "filters", "strategies"):
            names = [each.name for each in getattr(self, kind)]
            if len(set(names)) < len(names):
                raise ValueError(f"{kind} have each a name of their own")
        if self.costs is None and any(each.take == "cheapest" for each in self.strategies):
            raise ValueError("a strategy takes the cheapest: say in costs what it is measured by")

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.rules or self.filters or self.strategies)


ORDERS_LOOKED_AT = 1_000
"""Orders that a preview looks at, those that wait for their release the longest."""


class MakeSourcingPreview(Struct, frozen=True, forbid_unknown_fields=True):
    """What would be saved by sourcing unreleased orders again; nothing moves before it is carried out."""

    channel: Code | None = None
    """Only orders of that channel."""
    saves_at_least: Amount | None = None
    """Of each order, in the currency of the costs; left out: anything."""


AREAS_MAX = 1_000


class AreaInput(Struct, frozen=True, forbid_unknown_fields=True):
    """The middle of a postal code."""

    postal_code: PostalCode
    latitude: Annotated[float, Meta(ge=-90, le=90)]
    longitude: Annotated[float, Meta(ge=-180, le=180)]


class SavePostalCodes(Struct, frozen=True, forbid_unknown_fields=True):
    """Where postal codes of a country lie; new by the code, otherwise changed."""

    country: Country
    areas: Annotated[list[AreaInput], Meta(min_length=1, max_length=AREAS_MAX)]
