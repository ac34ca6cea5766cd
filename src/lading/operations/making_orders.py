"""An order in the making: what was asked for as an order with its lines priced, its people and its tenders. Pure."""

from collections.abc import Collection, Sequence
from decimal import Decimal

from lading.catalog.attributes import Schema
from lading.customers import rules as people_rules
from lading.journal.types import Envelope
from lading.kernel.ids import dated_id
from lading.operations import attributing, buying, selling_kits, taxing
from lading.operations.exchanging import Worth
from lading.operations.placing import Placed, World, pickups_of, provider_of
from lading.operations.registry import Batch
from lading.orders import remarks, rules
from lading.orders.commands import PlaceOrder
from lading.orders.kits import Part
from lading.orders.remarks import Note, Said, Tagging
from lading.orders.types import Detail, Order, Wholeness
from lading.payments import rules as payments
from lading.payments.types import PaymentRequest, Tender
from lading.sourcing.rules import Take


def new_order(
    envelope: Envelope[PlaceOrder],
    number: int,
    world: World,
    batch: Batch,
    *,
    history: bool,
    assembled: Collection[int] = (),
    takes: Sequence[Take] = (),
) -> Placed:
    """The order with its lines priced and taxed, its people and its tenders; all units open.

    `assembled` as for `selling_kits.parts_of`; `takes`: where it comes from.
    """
    command = envelope.command
    parts = selling_kits.parts_of(command, world, assembled)
    order = _made_out(envelope, number, world, batch, parts, history=history)
    if any(line.pickup for line in command.lines) and not history:
        for number_, place in pickups_of(command, parts, world.network).items():
            order.lines[number_].pickup_at = place
    if world.taxing:
        taxing.tax_placed(envelope.command_id, command, order, world.taxing, world, takes)
    placed = Placed(order, [order])
    _say(envelope, placed, world, batch)
    _name_people(envelope, placed, world)
    _detail(envelope, placed, world)
    _charge(command, placed, world, batch)
    if world.pricing:
        placed.price_lists = {line: found.price_list.id for line, found in world.pricing.of(command).items()}
    return placed


def _made_out(
    envelope: Envelope[PlaceOrder],
    number: int,
    world: World,
    batch: Batch,
    parts: Sequence[Part],
    *,
    history: bool,
) -> Order:
    """The order with its priced lines."""
    command = envelope.command
    channel_id = world.network.channels[command.channel]
    placed_at = command.placed_at or batch.now
    priority = command.priority
    return Order(
        id=dated_id(envelope.fresh_id, placed_at), number=number, channel_id=channel_id,
        external_reference=command.external_reference, placed_at=placed_at, ship_by=command.ship_by, queued_at=batch.now,
        currency=command.currency,
        priority=world.policies.value("order_priority", channel=channel_id) if priority is None else priority,
        version=1, policy_version=world.policies.version, placed_by=envelope.command_id, customer_id=None, party_version_id=None,
        ship_to_id=None, history=history, charged_minor=0,
        lines=rules.lines_of(command, [world.skus[line.sku].id for line in command.lines], parts, shared=not history),
        charges=rules.charges_of(command) if history else [], ship_complete=command.ship_complete, stored=False,
    )  # fmt: skip


def _say(envelope: Envelope[PlaceOrder], placed: Placed, world: World, batch: Batch) -> None:
    """What is said of it: that it goes whole, notes, attributes, tags."""
    command, order = envelope.command, placed.order
    if command.goes_whole:
        placed.rows.append(Wholeness(order))
    placed.notes = [
        Note(order.id, number, note.audience, note.text, batch.now, envelope.actor, stored=False)
        for number, note in enumerate(command.notes, 1)
    ]
    placed.said = _said(command, order, world.network.attributes) if world.network.attributes else []
    placed.rows += [*placed.notes, *placed.said]
    if command.tags:
        placed.rows.append(Tagging(order.id, sorted(remarks.tags_of(command.tags)), ()))


def _name_people(envelope: Envelope[PlaceOrder], placed: Placed, world: World) -> None:
    """Whose it is, and where it goes."""
    command, order = envelope.command, placed.order
    if command.customer:
        order.customer_id, order.party_version_id, new = people_rules.recognise(
            command.customer, command.channel, world.people, envelope.fresh_id
        )
        placed.rows += new
    if command.ship_to:
        order.ship_to_id, new = people_rules.locate(command.ship_to, world.people, envelope.fresh_id)
        placed.rows += new


def _detail(envelope: Envelope[PlaceOrder], placed: Placed, world: World) -> None:
    """What few orders have; no row where it has none of it."""
    command, order = envelope.command, placed.order
    wishes = command.gift or command.language or command.may_split is not None or bool(command.whole_lines)
    worth = world.rates.of(command, world.policies, order.channel_id) if world.rates else None
    if command.exchange:
        worth = Worth(command.exchange.currency, Decimal(command.exchange.rate))
    told = command.risk is not None or command.tax_exemption is not None or worth is not None
    if not (command.bill_to or told or wishes):
        return
    whole = ",".join(map(str, sorted(set(command.whole_lines)))) or None
    detail = Detail(order.id, None, command.risk, command.gift, command.may_split, whole, command.tax_exemption)
    detail.language = command.language
    if worth:
        detail.shop_currency, detail.shop_rate = worth
    if command.bill_to:
        detail.bill_to_id, new = people_rules.locate(command.bill_to, world.people, envelope.fresh_id, billing=True)
        placed.rows += new
    placed.detail = detail
    placed.rows.append(detail)


def _charge(command: PlaceOrder, placed: Placed, world: World, batch: Batch) -> None:
    """What it costs, who owes it, and how it is paid."""
    order = placed.order
    charged = rules.charged_by_kind(order)
    order.charged_minor = sum(charged.values())
    placed.money = [
        posting for kind, amount in charged.items() for posting in rules.owe(order.id, kind, amount, order.currency)
    ]
    placed.money += rules.set_taxes_apart(order)
    placed.tenders, placed.asked = _tenders(command, order, world, batch)
    placed.money += [payments.taken(tender, order.currency) for tender in placed.tenders if tender.captured_minor]
    order.authorised_minor = order.captured_minor = sum(tender.captured_minor for tender in placed.tenders)
    placed.rows += [tender.credit for tender in placed.tenders if tender.credit]
    placed.buyer = buying.buyer_of(command, order, world.buying, world.policies) if world.buying else None
    if placed.buyer:
        placed.rows.append(placed.buyer)
    placed.rows += [*placed.tenders, *placed.asked]


def _tenders(
    command: PlaceOrder, order: Order, world: World, batch: Batch
) -> tuple[list[Tender], list[PaymentRequest]]:
    """How it is paid: what was taken already, what providers are asked to promise, and what is to come."""
    tenders: list[Tender] = []
    asked: list[PaymentRequest] = []
    for number, given in enumerate(command.tenders, 1):
        amount = given.amount.minor
        if given.is_asked:
            tender = Tender(
                order.id, number, given.kind, given.reference, 0, 0, provider=provider_of(given, command, world),
                method=given.method, payer=given.payer, unattended=given.unattended, stored=False,
            )  # fmt: skip
            asked.append(payments.ask(tender, "authorise", amount, batch.now, given.reference))
        elif given.code is not None and world.cards:
            tender = world.cards.spend(given, order, number)
        elif given.is_to_come:
            tender = Tender(order.id, number, given.kind, given.reference, 0, 0, expected_minor=amount, stored=False)
        else:
            tender = payments.take(order.id, number, given.kind, given.reference, amount)
        tenders.append(tender)
    return tenders, asked


def _said(command: PlaceOrder, order: Order, schema: Schema) -> list[Said]:
    rows = attributing.said(schema, "order", order.id, 0, command.attributes)
    for number, line in enumerate(command.lines, 1):
        rows += attributing.said(schema, "line", order.id, number, line.attributes)
    return rows
