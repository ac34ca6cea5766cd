"""What placing an order and recording one of the past have in common: the world they look at, and the order they make of a command."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lading.catalog import store as catalog
from lading.catalog.attributes import Schema
from lading.catalog.policies import Policies
from lading.catalog.types import Component, Network, Sku
from lading.customers import store as customers
from lading.customers.types import People, content_key, customer_key
from lading.database.pool import Transaction
from lading.inventory.commands import ReserveStock
from lading.inventory.types import Reservations
from lading.journal.types import Decision, Envelope, refused
from lading.kernel.ids import ZERO
from lading.operations import attributing, buying, pricing_lines, selling_kits, taxing
from lading.operations.backordering import Waiting
from lading.operations.buying import Buying
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.exchanging import Rates
from lading.operations.paying_with_cards import Cards
from lading.operations.pricing_lines import Pricing
from lading.operations.registry import Batch
from lading.operations.taxing import Taxing
from lading.orders import remarks, rules
from lading.orders import store as orders
from lading.orders.checks import Check, Past
from lading.orders.commands import PlaceOrder, TenderInput
from lading.orders.kits import Part
from lading.orders.remarks import Note, Said
from lading.orders.types import Buyer, Charge, Detail, Order
from lading.payments import rules as payments
from lading.payments.types import PaymentRequest, Tender
from lading.sourcing.plans import Plan
from lading.terms.ledger import MoneyPosting

UNKNOWN_CHANNEL = ("unknown_channel", "There is no channel {channel}.")
REFERENCE_TAKEN = (
    "external_reference_taken",
    "Order {order} of this channel bears {external_reference} already, with other content or for more than 35 days.",
)
UNKNOWN_SKU = ("unknown_sku", "There is no product {sku}.")
INACTIVE_SKU = ("inactive_sku", "{sku} is not sold any more.")

NEGATIVE_TOTAL = (
    "negative_total",
    "Discounts are larger than what they are given on: no line and no order costs less than nothing.",
)
NO_PROVIDER = ("no_provider", "Name a provider, or set the policy payment_provider for the channel.")

UNKNOWN_LOCATION = ("unknown_location", "There is no location {location}.")
NO_PICKUP = ("no_pickup", "{location} is not active, or hands nothing to customers.")

Reference = tuple[UUID, str]
"""(channel, external reference)"""

Decided = tuple[Decision, Chosen | Decision]
"""What becomes of a command, and what that rests on: where the order comes from, or why it is refused."""


@dataclass(slots=True)
class World:
    """All that placement may look at."""

    skus: Mapping[str, Sku]
    network: Network
    policies: Policies
    people: People
    kits: Mapping[UUID, Sequence[Component]] = field(default_factory=dict)
    """What the kits among the products are made of."""
    stock: Stock | None = None
    """None where nothing is taken: an order of the past."""
    reservations: Reservations = field(default_factory=dict)
    """Those that orders of the batch name."""
    waiting: Waiting = field(default_factory=Waiting)
    plan: Plan | None = None
    """The merchant's rules of sourcing."""
    checks: Sequence[Check] = ()
    """Those that policies ask for."""
    past: Past = field(default_factory=Past)
    """Of the customers, where a policy asks for it."""
    taxing: Taxing | None = None
    """Where taxes of some order are calculated here."""
    decided: Sequence[Decided] = ()
    """One per command where what was proposed before the locks stands under them; otherwise empty, and decide decides."""
    buying: Buying | None = None
    """The companies that buy; None where only people do."""
    rates: Rates | None = None
    """Of exchange, where a policy asks for them."""
    cards: Cards | None = None
    """The gift cards that pay; None where none does."""
    pricing: Pricing | None = None
    """What lists say of lines without a price; None where all say theirs."""
    batch: Batch | None = None
    """The batch with what it left out filled in: prices, places of companies; None where nothing was to fill in."""
    references: dict[Reference, tuple[int, bytes | None, str | msgspec.Struct]] = field(default_factory=dict)
    """(order number, payload hash, outcome: as stored, or of this batch) of orders that bear an external reference of the batch."""

    def anew(self) -> "World":
        """For a decision that may be made again: what deciding uses up is a copy. The stock is not among it."""
        return replace(
            self,
            people=self.people.copy(),
            past=self.past.copy(),
            waiting=copy.deepcopy(self.waiting),
            cards=copy.deepcopy(self.cards),
            references=dict(self.references),
        )

    def begin(self) -> None:
        """Nothing of the batch is placed yet."""
        if self.cards:
            self.cards.begin()
        if self.buying:
            self.buying.begin()


def ids_of(skus: Mapping[str, Sku], kits: Mapping[UUID, Sequence[Component]]) -> list[UUID]:
    """Products and the components of kits, sorted."""
    ids = {sku.id for sku in skus.values()}
    for components in kits.values():
        ids.update(component.sku.id for component in components)
    return sorted(ids)


def wanted(
    commands: Iterable[PlaceOrder | ReserveStock], skus: Mapping[str, Sku], kits: Mapping[UUID, Sequence[Component]]
) -> dict[UUID, int]:
    """How much a batch may take of each product at most, of kits also of what they are made of."""
    units = dict.fromkeys(ids_of(skus, kits), 0)
    for line in (line for command in commands for line in command.lines):
        if sku := skus.get(line.sku):
            units[sku.id] += line.quantity
            for component in kits.get(sku.id, ()):
                units[component.sku.id] += line.quantity * component.per_kit
    return units


async def read_world(tx: Transaction, batch: Batch) -> World:
    """Catalog, policies, people; external references only where a first attempt lost a race (the unique key finds out otherwise)."""
    commands: list[PlaceOrder] = batch.commands
    buying_ = await buying.read(tx, batch)
    skus = await catalog.read_skus(tx, (line.sku for command in commands for line in command.lines))
    kit_ids = [sku.id for sku in skus.values() if sku.kit != "none"]
    made_of = await catalog.read_components(tx, kit_ids) if kit_ids else {}
    network, policies = await catalog.read_setup(tx, ids_of(skus, made_of))
    known = [
        (key, content_key(command.customer, key))
        for command in commands
        if command.customer and (key := customer_key(command.customer, command.channel))
    ]
    people = await customers.read_people(
        tx,
        (key for key, _ in known),
        (content for _, content in known),
        (content_key(place) for command in commands for place in (command.ship_to, command.bill_to) if place),
    )
    pricing = await pricing_lines.read(tx, commands, skus, buying_)
    world = World(skus, network, policies, people, made_of, buying=buying_, pricing=pricing)
    if buying_ or pricing:
        envelopes = [replace(each, command=filled(each.command, world, batch.now)) for each in batch.envelopes]
        world.batch = replace(batch, envelopes=envelopes)
    if buying_:
        buying_.begin()
    if batch.attempt:
        await read_references(tx, batch, world)
    return world


def filled(command: PlaceOrder, world: World, now: datetime) -> PlaceOrder:
    """The order with what it leaves out: the places of its company, the prices of lists."""
    if world.buying:
        command = buying.fill(command, world.buying, world.people)
    if world.pricing:
        command = pricing_lines.fill(command, world.pricing, world.skus, world.network, world.buying, now)
    return command


async def read_references(tx: Transaction, batch: Batch, world: World) -> None:
    """Who bears the external references of the batch."""
    world.references = {**await orders.find_by_reference(tx, _references(batch.commands, world.network))}


def _references(commands: Iterable[PlaceOrder], network: Network) -> list[Reference]:
    known = (
        (network.channels[command.channel], command.external_reference)
        for command in commands
        if command.external_reference and command.channel in network.channels
    )
    return sorted(set(known))


def refuse(command: PlaceOrder, world: World, *, history: bool = False) -> Decision | None:
    """What an order needs before anything else is asked; one of the past may hold what is not sold any more."""
    if command.channel not in world.network.channels:
        return refused(UNKNOWN_CHANNEL, "/channel", channel=command.channel)
    for index, line in enumerate(command.lines):
        sku = world.skus.get(line.sku)
        if sku is None:
            return refused(UNKNOWN_SKU, f"/lines/{index}/sku", sku=line.sku)
        if not sku.active and not history:
            return refused(INACTIVE_SKU, f"/lines/{index}/sku", sku=line.sku)
        if line.pickup is not None and (refusal := refuse_pickup(line.pickup, world.network, f"/lines/{index}/pickup")):
            return refusal
    if refusal := _refuse_attributes(command, world.network.attributes, history=history):
        return refusal
    policies = world.policies
    if world.pricing or not policies.values.keys().isdisjoint(pricing_lines.SOLD_IN):
        channel_id = world.network.channels[command.channel]
        if refusal := pricing_lines.refuse(command, world.pricing, world.skus, policies, channel_id):
            return refusal
    if command.charges and not history and rules.costs_less_than_nothing(command):
        return refused(NEGATIVE_TOTAL, "/charges")
    for index, tender in enumerate(command.tenders):
        if tender.is_asked and provider_of(tender, command, world) is None:
            return refused(NO_PROVIDER, f"/tenders/{index}/provider")
    if world.cards and (refusal := world.cards.refuse(command)):
        return refusal
    if world.kits and (refusal := selling_kits.refuse(command, world)):
        return refusal
    if world.buying:
        channel_id = world.network.channels[command.channel]
        return buying.refuse(command, world.buying, world.policies, channel_id, owed_minor(command, world))
    return None


def owed_minor(command: PlaceOrder, world: World) -> int:
    """What nobody has paid yet of a company's order; of others nobody asks."""
    if command.company is None:
        return 0
    return buying.owed_minor(command, taxing.added_minor(command, None, world.taxing, world))


def _refuse_attributes(command: PlaceOrder, schema: Schema, *, history: bool) -> Decision | None:
    """What is said must fit; an order of the past need not say everything."""
    if refusal := attributing.refuse(schema, "order", command.attributes, "/attributes", whole=not history):
        return refusal
    for index, line in enumerate(command.lines):
        if (line.attributes or schema) and (
            refusal := attributing.refuse(
                schema, "line", line.attributes, f"/lines/{index}/attributes", whole=not history
            )
        ):
            return refusal
    return None


def provider_of(tender: TenderInput, command: PlaceOrder, world: World) -> str | None:
    """The account that is asked for it."""
    channel_id = world.network.channels[command.channel]
    provider: str | None = tender.provider or world.policies.value("payment_provider", channel=channel_id)
    return provider


def refuse_pickup(code: str, network: Network, pointer: str) -> Decision | None:
    """Refuse a location where nobody can collect anything."""
    location = network.location_by_code(code)
    if location is None:
        return refused(UNKNOWN_LOCATION, pointer, location=code)
    return None if location.active and location.hands_out else refused(NO_PICKUP, pointer, location=code)


def pickups_of(command: PlaceOrder, parts: Sequence[Part], network: Network) -> dict[int, UUID]:
    """Where lines are collected; the parts of a kit where the kit is."""
    places = {
        number: location.id
        for number, line in enumerate(command.lines, 1)
        if line.pickup and (location := network.location_by_code(line.pickup))
    }
    return places | {part.number: places[part.part_of] for part in parts if part.part_of in places}


def heard_before(envelope: Envelope[PlaceOrder], world: World, outcome: type[msgspec.Struct]) -> Decision | None:
    """The same external reference with the same body has its answer already; with another body it is refused."""
    command = envelope.command
    if not command.external_reference or not world.references:
        return None
    earlier = world.references.get((world.network.channels.get(command.channel, ZERO), command.external_reference))
    if earlier is None:
        return None
    number, payload_hash, answered = earlier
    if payload_hash == envelope.payload_hash:
        return Decision(msgspec.json.decode(answered, type=outcome) if isinstance(answered, str) else answered)
    return refused(
        REFERENCE_TAKEN, "/external_reference", order=str(number), external_reference=command.external_reference
    )  # fmt: skip


def remember(envelope: Envelope[PlaceOrder], order: Order, outcome: msgspec.Struct, world: World) -> None:
    """Later commands of the batch see whose external reference it is."""
    if order.external_reference:
        world.references[(order.channel_id, order.external_reference)] = (
            order.number,
            envelope.payload_hash,
            outcome,
        )


@dataclass(slots=True)
class Placed:
    """An order in the making: what is written, beside what the caller adds."""

    order: Order
    rows: list[object]
    tenders: list[Tender] = field(default_factory=list)
    money: list[MoneyPosting] = field(default_factory=list)
    detail: Detail | None = None
    asked: list[PaymentRequest] = field(default_factory=list)
    """Of providers."""
    notes: Sequence[Note] = ()
    said: Sequence[Said] = ()
    buyer: Buyer | None = None
    price_lists: dict[int, UUID] = field(default_factory=dict)
    """By line: the list that priced it."""


def told_order(order: Order) -> dict[str, Any]:
    """What the journal keeps of a new order itself, its lines and charges."""
    data: dict[str, Any] = {
        "number": str(order.number), "channel_id": order.channel_id, "external_reference": order.external_reference,
        "currency": order.currency, "priority": order.priority, "policy_version": order.policy_version, "ship_by": order.ship_by,
        "history": order.history, "customer_id": order.customer_id, "party_version_id": order.party_version_id,
        "ship_to_id": order.ship_to_id, "charged_minor": order.charged_minor, "captured_minor": order.captured_minor,
        "lines": [
            {"number": line.number, "sku_id": line.sku_id, "quantity": line.ordered, "unit_price": str(line.unit_price),
             "goods_minor": line.goods_minor}
            if line.external_id is None else
            {"number": line.number, "sku_id": line.sku_id, "quantity": line.ordered, "unit_price": str(line.unit_price),
             "goods_minor": line.goods_minor, "external_id": line.external_id}
            for line in order.lines.values()
        ],
    }  # fmt: skip
    charges = order.all_charges
    return data | ({"charges": told_charges(charges)} if charges else {})


def told_tenders(tenders: Iterable[Tender]) -> list[dict[str, Any]]:
    """As `tenders` of an event."""
    return [
        {
            "number": tender.number,
            "kind": tender.kind,
            "reference": tender.reference,
            "amount_minor": tender.captured_minor,
            **({"provider": tender.provider} if tender.provider else {}),
            **({"beside": tender.beside} if tender.beside else {}),
            **({"expected_minor": tender.expected_minor} if tender.expected_minor else {}),
            **({"credit_id": tender.credit_id} if tender.credit_id else {}),
        }
        for tender in tenders
    ]


def tell_kits(order: Order, data: dict[str, Any]) -> None:
    """Which lines are kits, and which their parts."""
    for told, line in zip(data["lines"], order.lines.values(), strict=True):
        if line.is_kit:
            told["is_kit"] = True
        elif line.part_of:
            told |= {"part_of": line.part_of, "per_kit": line.per_kit}


def event_data(placed: Placed, command: PlaceOrder) -> dict[str, Any]:
    """What the journal keeps of a new order: enough to rebuild it, and nothing of a person but ids."""
    order = placed.order
    data = told_order(order)
    if len(order.lines) > len(command.lines):
        tell_kits(order, data)
    for told, line in zip(data["lines"], order.lines.values(), strict=True):
        if line.pickup_at:
            told["pickup_location_id"] = line.pickup_at
    if placed.said:
        data["attributes"] = attributing.told(placed.said)
    if command.tags:
        data["tags"] = sorted(remarks.tags_of(command.tags))
    if placed.notes:
        data["notes"] = [remarks.told(note) for note in placed.notes]
    if command.goes_whole:
        whole = [line.number for line in order.lines.values() if line.ship_complete]
        data |= {"ship_complete": order.ship_complete, "complete_lines": whole}
    if placed.detail:
        data |= told_detail(placed.detail)
    if placed.price_lists:
        data["price_lists"] = {str(line): list_id for line, list_id in placed.price_lists.items()}
    if placed.buyer:
        data |= buying.told(placed.buyer)
    if placed.tenders:
        data["tenders"] = told_tenders(placed.tenders)
    if placed.asked:
        data["asked"] = [
            told | {"reference": each.reference}
            for told, each in zip(payments.told(placed.asked), placed.asked, strict=True)
        ]
    return data


def told_detail(detail: Detail) -> dict[str, Any]:
    """What few orders carry, as the journal keeps it."""
    data: dict[str, Any] = {"bill_to_id": detail.bill_to_id, "risk_score": detail.risk_score}
    if detail.gift:
        data["gift"] = True
    if detail.language:
        data["language"] = detail.language
    if detail.may_split is not None:
        data["may_split"] = detail.may_split
    if detail.whole_lines:
        data["whole_lines"] = detail.whole_lines
    if detail.tax_exemption is not None:
        data["tax_exemption"] = detail.tax_exemption
    if detail.shop_currency:
        data |= {"shop_currency": detail.shop_currency, "shop_rate": str(detail.shop_rate)}
    return data


def told_charges(charges: Iterable[Charge]) -> list[dict[str, Any]]:
    """As `charges` of an event: each once, with its shares (minor units by line); enough to rebuild the rows, and no more."""
    shares: dict[int, dict[int, int]] = {}
    told: list[dict[str, Any]] = []
    for charge in charges:
        known = shares.get(charge.number)
        if known is None:
            known = shares[charge.number] = {}
            said = {"number": charge.number, "kind": charge.kind, "code": charge.code, "shares": known}
            if charge.rate is not None:
                said["rate"] = str(charge.rate)
            if charge.included:
                said["included"] = True
            if charge.applies_to:
                said["applies_to"] = charge.applies_to
            if charge.source:
                said["source"] = charge.source
            told.append(said)
        known[charge.line_number] = charge.amount_minor
    return told
