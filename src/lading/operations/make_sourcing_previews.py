"""Make a preview of sourcing again: which unreleased orders would cost less, or come from fewer places, if they were sourced now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

import msgspec
from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.fulfillment.store import WorkByOrder
from lading.journal.types import Decision, Envelope, refused
from lading.kernel import money
from lading.operations import choosing_stock, planning, reading_stock, replanning
from lading.operations.choosing_stock import Stock
from lading.operations.reading_stock import EVERYTHING, Needs
from lading.operations.registry import Batch, Verb
from lading.orders import store as orders_store
from lading.orders.types import Order
from lading.sourcing import store as sourcing
from lading.sourcing.commands import ORDERS_LOOKED_AT, MakeSourcingPreview
from lading.sourcing.plans import Asked, Plan
from lading.sourcing.previews import Offer, SourcingPreview
from lading.terms.ledger import Event
from lading.terms.money import Money

UNKNOWN_CHANNEL = ("unknown_channel", "There is no channel {channel}.")


class OfferedOrder(Struct, frozen=True):
    """An order that would be better off."""

    order: str
    version: int
    before: list[str]
    """Locations."""
    after: list[str]
    saves: Money | None
    """None where no costs are given."""


class SourcingPreviewMade(Struct, frozen=True):
    """What sourcing again would save. It is carried out order by order with orders.resource, as it stands or not at all."""

    preview: UUID
    looked_at: int
    """Orders."""
    orders: list[OfferedOrder]
    saves: Money | None


@dataclass(slots=True)
class World:
    """The orders that wait for their release, the longest waiting first, and all that sourcing may look at."""

    orders: list[Order]
    work: WorkByOrder
    network: Network
    stock: Stock
    asked: Mapping[UUID, Asked] = field(default_factory=dict)
    plan: Plan | None = None
    copies: list[Stock] = field(default_factory=list)


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Nothing is locked: what is shown is carried out only if it is still so."""
    ids = await sourcing.waiting_orders(tx, ORDERS_LOOKED_AT)
    loaded = await orders_store.load(tx, [str(id_) for id_ in ids], lock=False)
    by_id = {order.id: order for order in loaded.by_ref.values()}
    found = [by_id[id_] for id_ in ids if id_ in by_id]
    skus = {line.sku_id for order in found for line in order.lines.values()}
    network, policies = await catalog.read_setup(tx, sorted(skus))
    work = await fulfillment.read_work(tx, sorted(by_id))
    world = World(found, work, network, Stock(policies))
    world.asked = await sourcing.read_asked(tx, by_id)
    world.plan = await planning.read_plan(tx, policies, skus, world.asked.values())
    needs = Needs(dict.fromkeys(skus, EVERYTHING), bookings=await fulfillment.read_bookings(tx, work))
    looking = Batch(batch.envelopes, lock=False, attempt=0, numbers=(), now=batch.now)
    world.stock, _ = await reading_stock.read_stock(tx, looking, needs, network, policies, lambda _: [])
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """Each command looks at the same stock."""
    return [_make(envelope, world, batch) for envelope in batch.envelopes]


def _make(envelope: Envelope[MakeSourcingPreview], world: World, batch: Batch) -> Decision:
    command = envelope.command
    channel_id = world.network.channels.get(command.channel) if command.channel else None
    if command.channel and channel_id is None:
        return refused(UNKNOWN_CHANNEL, "/channel", channel=command.channel)
    looked_at = [order for order in world.orders if channel_id is None or order.channel_id == channel_id]
    stock = choosing_stock.copy_of(world.stock)
    stock.plan = world.plan.anew() if world.plan else None
    least = _least(command, world)
    offers = []
    for order in looked_at:
        found = replanning.offer(order, world.work[order.id], stock, world.asked.get(order.id))
        if found and found.saves_minor >= least:
            offers.append(found)
    version = world.plan.version if world.plan else 0
    row = SourcingPreview(envelope.fresh_id, batch.now, version, len(looked_at), offers)
    data = {"rules_version": version, "looked_at": len(looked_at), "orders": msgspec.to_builtins(offers)}
    event = Event("sourcing_preview_made", "sourcing_preview", row.id, batch.now, data)
    return Decision(
        outcome_of(row, {id_: each.code for id_, each in world.network.locations.items()}), event, rows=[row]
    )


def _least(command: MakeSourcingPreview, world: World) -> int:
    costs = world.plan.costs if world.plan else None
    if costs is None or command.saves_at_least is None:
        return 0
    return money.written_minor(command.saves_at_least, money.exponent(costs.currency) or 0)


def outcome_of(row: SourcingPreview, codes: Mapping[UUID, str]) -> SourcingPreviewMade:
    """The preview as people read it."""
    told = [
        OfferedOrder(
            each.order,
            each.version,
            [codes[id_] for id_ in each.before],
            [codes[id_] for id_ in each.after],
            _saves(each),
        )
        for each in row.orders
    ]
    saves = None
    if row.orders and row.orders[0].currency:
        saves = Money.of_minor(sum(each.saves_minor for each in row.orders), row.orders[0].currency)
    return SourcingPreviewMade(row.id, row.looked_at, told, saves)


def _saves(each: Offer) -> Money | None:
    return Money.of_minor(each.saves_minor, each.currency) if each.currency else None


VERB = Verb(
    noun="sourcing-previews",
    verb="make",
    summary="See which orders that are not released yet would cost less, or come from fewer places, if they were sourced again now.",
    command=MakeSourcingPreview,
    outcome=SourcingPreviewMade,
    refusals=(UNKNOWN_CHANNEL,),
    scope="orders:write",
    event="sourcing_preview_made",
    example={"saves_at_least": "0.50"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
)
