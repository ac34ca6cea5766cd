"""Taxes that are calculated here, for orders of channels of which the policy `taxes` says so. Other orders pay for none of it.

What the calculation depends on is read before anything is decided; nobody is called from inside a transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from lading.catalog.policies import Policies
from lading.catalog.types import Network, Sku
from lading.database.pool import Transaction
from lading.operations.registry import Batch
from lading.orders import rules, taxing
from lading.orders import store as orders_store
from lading.orders.commands import PlaceOrder
from lading.orders.editing import next_charge
from lading.orders.port import TaxCalculator
from lading.orders.taxing import Borne, Ways
from lading.orders.types import Charge, Line, Order
from lading.taxes import store as taxes
from lading.terms.people import AddressInput
from lading.terms.taxes import Place, TaxDocument

CALCULATE = "calculate"


class Knows(Protocol):
    """What is known of channels, products and policies."""

    @property
    def network(self) -> Network: ...
    @property
    def policies(self) -> Policies: ...
    @property
    def skus(self) -> Mapping[str, Sku]: ...


class Sent(Protocol):
    """Units of a line that leave a location."""

    @property
    def line_number(self) -> int: ...
    @property
    def location_id(self) -> UUID: ...


@dataclass(slots=True)
class Taxing:
    """Who calculates, and what a document is made from."""

    calculator: TaxCalculator
    categories: Mapping[UUID, str]
    places: Mapping[UUID, Place]
    """Where locations are."""
    zone: ZoneInfo
    now: datetime
    addresses: Mapping[UUID, Place] = field(default_factory=dict)
    """Where orders go that were placed before, and lines of them that go elsewhere."""
    moved: dict[UUID, Place] = field(default_factory=dict)
    """Where edits of the batch send orders."""
    exemptions: Mapping[UUID, str] = field(default_factory=dict)
    """Of orders that were placed before."""
    home: Place | None = None
    """Where the first location is: an order that goes nowhere and has no stock yet is taxed there."""

    def charge(
        self, borne: Sequence[Borne], currency: str, at: datetime, to: Place | None, exemption: str | None, first: int
    ) -> list[Charge]:
        """The taxes, borne by their lines and numbered from `first`."""
        items = [each.item for each in borne]
        document = TaxDocument(currency, at.astimezone(self.zone).date(), to, items, exemption)
        return taxing.bear(borne, self.calculator.taxes(document), first)

    def sent_from(self, order: Order, to: Place | None, units: Iterable[Sent]) -> dict[int, Place]:
        """Where lines as they were sold are collected, and where to no place is told, sent from; of several places the first."""
        found = {
            line.part_of or line.number: self.places[line.pickup_at] for line in order.lines.values() if line.pickup_at
        }
        if to:
            return found
        for each in units:
            line = order.lines[each.line_number]
            found.setdefault(line.part_of or line.number, self.places[each.location_id])
        if self.home:
            for number in order.lines:
                found.setdefault(number, self.home)
        return found

    def sent_to(self, order: Order) -> dict[int, Place]:
        """Where lines go that do not go where their order goes."""
        return {line.number: self.addresses[line.ship_to_id] for line in order.lines.values() if line.ship_to_id}


def place_of(address: AddressInput | None) -> Place | None:
    """As much of an address as taxes depend on."""
    return Place(address.country, address.region or "", address.postal_code or "") if address else None


def calculates(policies: Policies, channel_id: UUID | None) -> bool:
    """Whether taxes of that channel's orders are calculated here."""
    return "taxes" in policies.values and policies.value("taxes", channel=channel_id) == CALCULATE


async def read(
    tx: Transaction, batch: Batch, places: Iterable[AddressInput | None], sku_ids: Iterable[UUID], world: Knows
) -> Taxing:
    """The table of rates for these places and the locations, and the products' categories."""
    locations = await taxes.read_places(tx)
    countries = {address.country for address in places if address} | {place.country for place in locations.values()}
    first = min(world.network.locations.values(), key=lambda each: (each.priority, each.code), default=None)
    return Taxing(
        await taxes.read_table(tx, countries), await taxes.read_categories(tx, sku_ids), locations, await taxes.read_zone(tx),
        batch.now, home=locations[first.id] if first else None,
    )  # fmt: skip


async def for_placing(
    tx: Transaction, batch: Batch, commands: Sequence[PlaceOrder], world: Knows, located: Iterable[UUID] = ()
) -> Taxing | None:
    """What placing these orders needs, and the places of addresses that are written already; None where nothing is calculated."""
    if "taxes" not in world.policies.values:
        return None
    mine = [each for each in commands if _wanted(each, world)]
    if not mine:
        return None
    ids = sorted(located)
    addresses = await taxes.read_addresses(tx, ids) if ids else {}
    places = [*(each.ship_to for each in mine), *(AddressInput(each.country) for each in addresses.values())]
    known = await read(tx, batch, places, (sku.id for sku in world.skus.values()), world)
    known.addresses = addresses
    return known


def _wanted(command: PlaceOrder, world: Knows) -> bool:
    """An order that brings its taxes keeps them as they were charged."""
    channel_id = world.network.channels.get(command.channel)
    return calculates(world.policies, channel_id) and all(charge.kind != "tax" for charge in command.charges)


def tax_placed(command: PlaceOrder, order: Order, known: Taxing, world: Knows, takes: Iterable[Sent]) -> None:
    """Add the taxes to the lines of an order that is placed."""
    if not _wanted(command, world):
        return
    to = place_of(command.ship_to)
    borne = taxing.placed(order.lines, known.categories, known.sent_from(order, to, takes))
    known.charge(borne, order.currency, order.placed_at, to, command.tax_exemption, len(command.charges) + 1)


def added_minor(command: PlaceOrder, located: UUID | None, known: Taxing | None, world: Knows) -> int:
    """What taxes would add to the order if it were placed now: a draft tells it beforehand."""
    if known is None or not _wanted(command, world):
        return 0
    lines = rules.lines_of(command, [world.skus[line.sku].id for line in command.lines], shared=True)
    to = place_of(command.ship_to) or (known.addresses[located] if located else known.home)
    borne = taxing.placed(lines, known.categories, {})
    taxed = known.charge(borne, command.currency, known.now, to, command.tax_exemption, len(command.charges) + 1)
    return sum(each.amount_minor for each in taxed if not each.included)


async def for_editing(
    tx: Transaction,
    batch: Batch,
    orders: Iterable[Order],
    sku_ids: Iterable[UUID],
    world: Knows,
    located: Iterable[UUID],
) -> Taxing | None:
    """What editing these orders needs, and the places of addresses that are written already; None where nothing is calculated."""
    mine = [each for each in orders if calculates(world.policies, each.channel_id)]
    if not mine:
        return None
    own = [line.ship_to_id for each in mine for line in each.lines.values() if line.ship_to_id]
    ids = [*(each.ship_to_id for each in mine if each.ship_to_id), *own, *located]
    addresses = await taxes.read_addresses(tx, ids)
    exemptions = await orders_store.read_exemptions(tx, (each.id for each in mine))
    places = [*(each.ship_to for each in batch.commands), *(AddressInput(each.country) for each in addresses.values())]
    known = await read(tx, batch, places, sku_ids, world)
    known.addresses, known.exemptions = addresses, exemptions
    return known


def moved_to(given: AddressInput | None, located: UUID | None, known: Taxing | None) -> Place | None:
    """Where an edit sends the order; an address that was written before counts as it was written."""
    return known.addresses[located] if known and located else place_of(given)


def tax_edited(
    order: Order, lines: Sequence[Line], charges: Sequence[Charge], moved: Place | None, known: Taxing | None, world: Knows,
    units: Iterable[Sent],
) -> list[Charge]:  # fmt: skip
    """Tax what an edit brought; the charges on lines that were there before (new lines bear theirs)."""
    if known is None or not calculates(world.policies, order.channel_id) or not taxing.is_calculated(order):
        return []
    if moved:
        known.moved[order.id] = moved
    to = known.moved.get(order.id) or (known.addresses[order.ship_to_id] if order.ship_to_id else None)
    ways = Ways(known.sent_from(order, to, units), known.sent_to(order))
    borne = taxing.edited(order, lines, charges, known.categories, ways, moved=moved is not None)
    made = known.charge(borne, order.currency, order.placed_at, to, known.exemptions.get(order.id), next_charge(order))
    new = {line.number for line in lines}
    return [charge for charge in made if charge.line_number not in new]


def tax_addressed(order: Order, lines: Sequence[Line], to: Place | None, known: Taxing | None) -> list[Charge]:
    """What taxes lines bear more, or less, where they go somewhere else now; None: where the order goes."""
    if known is None or not taxing.is_calculated(order):
        return []
    home = known.addresses.get(order.ship_to_id) if order.ship_to_id else None
    ways = Ways(known.sent_from(order, to or home, ()), {line.number: to for line in lines} if to else {})
    borne = taxing.again(order, lines, known.categories, ways)
    exemption = known.exemptions.get(order.id)
    return known.charge(borne, order.currency, order.placed_at, home, exemption, next_charge(order))
