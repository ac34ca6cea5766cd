"""Taxes that are calculated, by the table or by a service, for orders of channels of which the policy `taxes` says so. Others pay nothing.

What the calculation depends on is read before anything is decided. Nobody is called from inside a transaction: what a service has not
answered yet is asked before the batch runs again (`asking_taxes.py`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Network, Sku
from lading.database.pool import Transaction
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.ids import ZERO
from lading.operations.asking_taxes import Asked, Question
from lading.operations.registry import Batch
from lading.orders import rules, taxing
from lading.orders import store as orders_store
from lading.orders.checks import AWAITING_TAXES
from lading.orders.commands import PlaceOrder
from lading.orders.editing import next_charge
from lading.orders.holds import WITH_MONEY, Terms
from lading.orders.port import TaxCalculator
from lading.orders.taxing import Borne, Ways
from lading.orders.types import Charge, Line, Order
from lading.taxes import store as taxes
from lading.taxes.types import TaxRequest, ask
from lading.terms.people import AddressInput
from lading.terms.taxes import Place, TaxDocument

CALCULATE, SERVICE = "calculate", "service"


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
    """By the table of rates."""
    asked: Asked
    policies: Policies
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

    def charge(self, borne: Sequence[Borne], taxed: "Taxed", first: int) -> list[Charge]:
        """The taxes, borne by their lines and numbered from `first`."""
        service = service_of(self.policies, taxed.channel_id)
        items = tuple(each.item for each in borne)
        included = service is not None and self.policies.value("prices_include_taxes", channel=taxed.channel_id)
        day = taxed.at.astimezone(self.zone).date()
        document = TaxDocument(taxed.currency, day, taxed.to, items, taxed.exemption, included)
        if service is None:
            return taxing.bear(borne, self.calculator.taxes(document), first)
        if not items:
            return []
        found = self.asked.taxes(Question(service, document), taxed.subject)
        return [] if found is None else taxing.bear(borne, found, first)

    def sent_from(self, order: Order, to: Place | None, units: Iterable[Sent]) -> dict[int, Place]:
        """Where lines as they were sold are collected; where nobody said where to, or a service asks, sent from: of several the first."""
        found = {
            line.part_of or line.number: self.places[line.pickup_at] for line in order.lines.values() if line.pickup_at
        }
        if to and service_of(self.policies, order.channel_id) is None:
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


UNKNOWN = (
    "taxes_unknown",
    "The tax service does not tell what this is taxed ({reason}): send it again later, as a command of its own.",
)


class Untaxed(NamedTuple):
    """Why an order waits whose taxes nobody knows, and what is asked for it later."""

    terms: Terms
    request: TaxRequest


class Taxed(NamedTuple):
    """What of a document its order says."""

    subject: UUID
    """The command that places the order, or the order."""
    channel_id: UUID | None
    currency: str
    at: datetime
    to: Place | None
    exemption: str | None


def place_of(address: AddressInput | None) -> Place | None:
    """As much of an address as taxes depend on."""
    return taxing.place_at(address) if address else None


def service_of(policies: Policies, channel_id: UUID | None) -> str | None:
    """The account of the service that calculates that channel's taxes; None where none does, empty where policy names none."""
    if "taxes" not in policies.values or policies.value("taxes", channel=channel_id) != SERVICE:
        return None
    return policies.value("tax_service", channel=channel_id) or ""


def calculates(policies: Policies, channel_id: UUID | None) -> bool:
    """Whether taxes of that channel's orders are calculated here, or by a service."""
    return "taxes" in policies.values and policies.value("taxes", channel=channel_id) in (CALCULATE, SERVICE)


async def read(
    tx: Transaction, batch: Batch, places: Iterable[AddressInput | None], sku_ids: Iterable[UUID], world: Knows
) -> Taxing:
    """The table of rates for these places and the locations, and the products' categories."""
    locations = await taxes.read_places(tx)
    countries = {address.country for address in places if address} | {place.country for place in locations.values()}
    first = min(world.network.locations.values(), key=lambda each: (each.priority, each.code), default=None)
    return Taxing(
        await taxes.read_table(tx, countries), batch.asked, world.policies, await taxes.read_categories(tx, sku_ids), locations,
        await catalog.read_zone(tx), batch.now, home=locations[first.id] if first else None,
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


def tax_placed(
    command_id: UUID, command: PlaceOrder, order: Order, known: Taxing, world: Knows, takes: Iterable[Sent]
) -> None:
    """Add the taxes to the lines of an order that is placed."""
    if not _wanted(command, world):
        return
    to = place_of(command.ship_to)
    borne = taxing.placed(order.lines, known.categories, known.sent_from(order, to, takes))
    taxed = Taxed(command_id, order.channel_id, order.currency, order.placed_at, to, command.tax_exemption)
    known.charge(borne, taxed, len(command.charges) + 1)


def refuse_untaxed(envelope: Envelope[PlaceOrder], known: Taxing, world: Knows) -> Decision | None:
    """Refuse an order whose taxes nobody knows, where policy says so."""
    reason = known.asked.failed.get(envelope.command_id)
    channel_id = world.network.channels[envelope.command.channel]
    if reason is None or world.policies.value("tax_service_away", channel=channel_id) != "refuse":
        return None
    return refused(UNKNOWN, "", reason=reason)


def wait(command_id: UUID, order: Order, known: Taxing, now: datetime) -> Untaxed | None:
    """The hold and the request of an order whose taxes nobody knows yet; None where they are known."""
    reason = known.asked.failed.get(command_id)
    if reason is None:
        return None
    service = service_of(known.policies, order.channel_id) or ""
    terms = Terms(AWAITING_TAXES, WITH_MONEY, reason=reason)
    return Untaxed(terms, ask(order.id, "calculate", 0, service, now))


def added_minor(command: PlaceOrder, located: UUID | None, known: Taxing | None, world: Knows) -> int:
    """What taxes would add to the order if it were placed now: a draft tells it beforehand. Nothing where a service does not tell."""
    if known is None or not _wanted(command, world):
        return 0
    lines = rules.lines_of(command, [world.skus[line.sku].id for line in command.lines], shared=True)
    to = place_of(command.ship_to) or (known.addresses[located] if located else known.home)
    borne = taxing.placed(lines, known.categories, {})
    channel_id = world.network.channels.get(command.channel)
    taxed = Taxed(ZERO, channel_id, command.currency, known.now, to, command.tax_exemption)
    charges = known.charge(borne, taxed, len(command.charges) + 1)
    return sum(each.amount_minor for each in charges if not each.included)


async def for_editing(
    tx: Transaction,
    batch: Batch,
    orders: Iterable[Order],
    sku_ids: Iterable[UUID],
    world: Knows,
    located: Iterable[UUID] = (),
    to: Iterable[AddressInput | None] = (),
) -> Taxing | None:
    """What editing these orders needs, and the places of addresses that are written already; None where nothing is calculated."""
    mine = [each for each in orders if calculates(world.policies, each.channel_id)]
    if not mine:
        return None
    own = [line.ship_to_id for each in mine for line in each.lines.values() if line.ship_to_id]
    ids = [*(each.ship_to_id for each in mine if each.ship_to_id), *own, *located]
    addresses = await taxes.read_addresses(tx, ids)
    exemptions = await orders_store.read_exemptions(tx, (each.id for each in mine))
    places = [*to, *(AddressInput(each.country) for each in addresses.values())]
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
    made = known.charge(borne, _of(order, to, known), next_charge(order))
    new = {line.number for line in lines}
    return [charge for charge in made if charge.line_number not in new]


def tax_addressed(order: Order, lines: Sequence[Line], to: Place | None, known: Taxing | None) -> list[Charge]:
    """What taxes lines bear more, or less, where they go somewhere else now; None: where the order goes."""
    if known is None or not taxing.is_calculated(order):
        return []
    home = known.addresses.get(order.ship_to_id) if order.ship_to_id else None
    ways = Ways(known.sent_from(order, to or home, ()), {line.number: to for line in lines} if to else {})
    borne = taxing.again(order, lines, known.categories, ways)
    return known.charge(borne, _of(order, home, known), next_charge(order))


def tax_collected(order: Order, lines: Sequence[Line], known: Taxing | None) -> list[Charge]:
    """What taxes lines bear more, or less, that are collected somewhere else now, or sent."""
    if known is None or not taxing.is_calculated(order):
        return []
    home = known.addresses.get(order.ship_to_id) if order.ship_to_id else None
    ways = Ways(known.sent_from(order, home, ()), known.sent_to(order))
    return known.charge(taxing.again(order, lines, known.categories, ways), _of(order, home, known), next_charge(order))


def tax_late(order: Order, known: Taxing, units: Iterable[Sent]) -> list[Charge]:
    """The taxes of an order that was placed without them, for its service did not tell."""
    to = known.addresses.get(order.ship_to_id) if order.ship_to_id else None
    ways = Ways(known.sent_from(order, to, units), known.sent_to(order))
    return known.charge(taxing.late(order, known.categories, ways), _of(order, to, known), next_charge(order))


def _of(order: Order, to: Place | None, known: Taxing) -> Taxed:
    """An order keeps the rules of the day on which it was placed."""
    return Taxed(order.id, order.channel_id, order.currency, order.placed_at, to, known.exemptions.get(order.id))


def refuse_unknown(order: Order, known: Taxing | None) -> Decision | None:
    """Refuse to change what the service does not tell the taxes of: it would be charged by halves."""
    reason = known.asked.failed.get(order.id) if known else None
    return refused(UNKNOWN, "", reason=reason) if reason else None
