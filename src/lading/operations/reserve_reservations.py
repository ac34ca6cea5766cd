"""Reserve stock: keep units for a while, all that a command asks for or none of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from lading.catalog import store as catalog
from lading.catalog.policies import Policies
from lading.catalog.types import Component, Location, Network, Sku
from lading.database.pool import Transaction
from lading.inventory import limit_store
from lading.inventory.commands import ReserveStock
from lading.inventory.limits import ROOT, FirstLimit
from lading.inventory.types import ReservationLine
from lading.journal.types import Decision, Envelope, refused
from lading.operations import choosing_stock, limiting, placing, planning, reading_stock, selling_kits
from lading.operations.choosing_stock import Chosen, Stock
from lading.operations.reading_stock import Needs
from lading.operations.registry import Batch, Verb
from lading.operations.save_location_groups import UNKNOWN_GROUP
from lading.sourcing.plans import Asked
from lading.sourcing.plans import Plan as Rules
from lading.sourcing.policies import POLICY
from lading.sourcing.rules import Take, Want
from lading.terms.ledger import End, Event, Posting

UNKNOWN_LOCATION = ("unknown_location", "There is no location {location}.")
INSUFFICIENT_STOCK = (
    "insufficient_stock",
    "{missing} of {quantity} {sku} cannot be kept: not there, or kept for others.",
)


class KeptAt(Struct, frozen=True):
    """Units of one product that are kept at one location."""

    sku: str
    location: str | None
    """None: claimed, without a place yet."""
    lot: str
    quantity: int


class StockReserved(Struct, frozen=True):
    """What is kept where, and until when."""

    reservation: UUID
    expires_at: datetime
    lines: list[KeptAt]


@dataclass(slots=True)
class World:
    """All that reserving may look at."""

    skus: Mapping[str, Sku]
    network: Network
    policies: Policies
    locations: Mapping[str, Location]
    stock: Stock
    kits: Mapping[UUID, Sequence[Component]]
    """What the kits among the products are made of."""
    rules: Rules | None = None
    """The merchant's rules of sourcing."""
    groups: Mapping[str, UUID] = field(default_factory=dict)
    """Groups of locations that claims name."""
    decisions: list[Decision] = field(default_factory=list)
    """One per command where what was proposed before the locks stands under them; otherwise empty, and decide decides."""


@dataclass(slots=True)
class Claimed(Chosen):
    """What is claimed beneath a node, without a place."""

    wants: Sequence[Want] = ()
    node: UUID = ROOT


Plan = Chosen | Decision
"""Where the units of a reservation lie, or why it is refused."""


async def prefetch(tx: Transaction, batch: Batch) -> World:
    """Catalog and policies; then the stock that would be chosen, locked."""
    commands: list[ReserveStock] = batch.commands
    skus = await catalog.read_skus(tx, (line.sku for command in commands for line in command.lines))
    kit_ids = [sku.id for sku in skus.values() if sku.kit != "none"]
    kits = await catalog.read_components(tx, kit_ids) if kit_ids else {}
    network, policies = await catalog.read_setup(tx, placing.ids_of(skus, kits))
    locations = {location.code: location for location in network.locations.values()}
    world = World(skus, network, policies, locations, Stock(policies), kits)
    decisions: list[Decision] = []
    if POLICY in policies.values:
        asked = [Asked(command.channel) for command in commands]
        world.rules = await planning.read_plan(tx, policies, placing.ids_of(skus, kits), asked)

    def propose(stock: Stock) -> Iterable[Chosen]:
        plans = _plans(world, stock, batch)
        decisions[:] = _decide(plans, world, stock, batch)
        return (plan for plan in plans if isinstance(plan, Chosen))

    claims = [command for command in commands if command.anywhere or command.group]
    if claims:
        world.groups = await limit_store.read_groups(tx, (command.group for command in claims if command.group))
    needs = Needs(
        placing.wanted(commands, skus, kits),
        claimed={sku_id for sku_id, units in placing.wanted(claims, skus, kits).items() if units} if claims else (),
    )
    world.stock, stands = await reading_stock.read_stock(tx, batch, needs, network, policies, propose)
    if stands:
        world.decisions = decisions
    return world


def decide(world: World, batch: Batch) -> list[Decision]:
    """In order of arrival; each reservation sees what the earlier ones left."""
    return world.decisions or _decide(_plans(world, world.stock, batch), world, world.stock, batch)


def _plans(world: World, stock: Stock, batch: Batch) -> "list[Plan]":
    stock.plan = world.rules.anew() if world.rules else None
    return [_plan(command, world, stock) for command in batch.commands]


def _decide(plans: "Sequence[Plan]", world: World, stock: Stock, batch: Batch) -> list[Decision]:
    """Others wait while the stock is locked, so what was proposed is made out before."""
    codes = {sku.id: sku.code for sku in world.skus.values()}
    codes |= {part.sku.id: part.sku.code for components in world.kits.values() for part in components}
    unlimited = set(stock.unlimited)
    return [
        plan if isinstance(plan, Decision) else _reserve(envelope, plan, world, batch, codes, unlimited)
        for envelope, plan in zip(batch.envelopes, plans, strict=True)
    ]


def _plan(command: ReserveStock, world: World, stock: Stock) -> Plan:
    """Where the units lie; all of them, or a refusal and none."""
    channel_id = None
    if command.channel is not None:
        channel_id = world.network.channels.get(command.channel)
        if channel_id is None:
            return refused(placing.UNKNOWN_CHANNEL, "/channel", channel=command.channel)
    for index, line in enumerate(command.lines):
        if line.sku not in world.skus:
            return refused(placing.UNKNOWN_SKU, f"/lines/{index}/sku", sku=line.sku)
        if not world.skus[line.sku].active:
            return refused(placing.INACTIVE_SKU, f"/lines/{index}/sku", sku=line.sku)
    if command.location is not None:
        location = world.locations.get(command.location)
        if location is None:
            return refused(UNKNOWN_LOCATION, "/location", location=command.location)
        stock = replace(stock, ranking={location.id: location.priority}, plan=None)
    if command.group is not None and command.group not in world.groups:
        return refused(UNKNOWN_GROUP, "/group", group=command.group)
    if world.kits and (refusal := selling_kits.refuse(command, world)):
        return refusal
    wants = selling_kits.wants_of(command, world)
    chosen: Chosen
    if command.anywhere or command.group:
        node = world.groups[command.group] if command.group else ROOT
        chosen = Claimed(short=limiting.claim(wants, stock.allowances, node, channel_id), wants=wants, node=node)
    else:
        asked = Asked(command.channel) if stock.plan else None
        chosen = choosing_stock.choose(wants, stock, channel_id, book=False, asked=asked)
    if chosen.short:
        number, missing = next(iter(selling_kits.short_as_sold(chosen, command, world).items()))
        line = command.lines[number - 1]
        return refused(
            INSUFFICIENT_STOCK, f"/lines/{number - 1}/quantity", sku=line.sku, quantity=line.quantity, missing=missing
        )
    if not isinstance(chosen, Claimed):
        choosing_stock.take(chosen, stock, channel_id)
    return chosen


def _reserve(
    envelope: Envelope[ReserveStock],
    chosen: Chosen,
    world: World,
    batch: Batch,
    codes: Mapping[UUID, str],
    unlimited: set[UUID],
) -> Decision:
    command, id_ = envelope.command, envelope.fresh_id
    channel_id = world.network.channels[command.channel] if command.channel else None
    expires_at = expiry(batch.now, command.seconds, channel_id, world.policies)
    endings = choosing_stock.end(chosen.ended, batch.now)
    postings, rows, kept, told = endings.postings, list[object](endings.rows), [], []
    for number, take in enumerate(chosen.takes, 1):
        postings.append(keep(take))
        rows.append(
            ReservationLine(
                id_, number, take.sku_id, take.location_id, take.lot, take.quantity, expires_at, channel_id, command.reference,
                stored=False,
            )
        )  # fmt: skip
        location = world.network.locations[take.location_id].code
        kept.append(KeptAt(codes[take.sku_id], location, take.lot, take.quantity))
        told.append(
            {"sku_id": take.sku_id, "location_id": take.location_id, "lot": take.lot, "quantity": take.quantity}
        )
    claimed = chosen if isinstance(chosen, Claimed) else Claimed()
    for number, want in enumerate(claimed.wants, 1):
        group_id = None if claimed.node == ROOT else claimed.node
        line = ReservationLine(
            id_, number, want.sku_id, None, "", want.quantity, expires_at, channel_id, command.reference, group_id=group_id,
            stored=False,
        )  # fmt: skip
        rows.append(line)
        kept.append(KeptAt(codes[want.sku_id], None, "", want.quantity))
        told.append({"sku_id": want.sku_id, "location_id": None, "group_id": group_id, "quantity": want.quantity})
        if want.sku_id in unlimited:
            unlimited.remove(want.sku_id)
            rows.append(FirstLimit(want.sku_id))
    data: dict[str, object] = {"expires_at": expires_at, "lines": told}
    if channel_id:
        data["channel_id"] = channel_id
    if command.reference:
        data["reference"] = command.reference
    if endings.told:
        data["reservations_ended"] = endings.told
    event = Event("stock_reserved", "reservation", id_, batch.now, data)
    return Decision(StockReserved(id_, expires_at, kept), event, postings, (), rows)


def keep(take: Take) -> Posting:
    """Move units that were chosen into the bucket of reservations."""
    source, target = End("available", take.location_id, take.lot), End("reserved", take.location_id, take.lot)
    return Posting(take.sku_id, take.quantity, source, target)


def expiry(now: datetime, seconds: int | None, channel_id: UUID | None, policies: Policies) -> datetime:
    """Until when units are kept, by the command or else by the policy."""
    return now + timedelta(seconds=seconds or policies.value("reservation_seconds", channel=channel_id))


VERB = Verb(
    noun="reservations",
    verb="reserve",
    summary="Keep units for a cart, a checkout or a quote for a while: all that is asked for, or none.",
    command=ReserveStock,
    outcome=StockReserved,
    refusals=(
        placing.UNKNOWN_CHANNEL, placing.UNKNOWN_SKU, placing.INACTIVE_SKU, UNKNOWN_LOCATION, UNKNOWN_GROUP, INSUFFICIENT_STOCK,
    ),
    scope="reservations:write",
    event="stock_reserved",
    example={"lines": [{"sku": "MUG-BLUE", "quantity": 2}], "seconds": 900, "channel": "web", "reference": "cart-77"},
    prefetch=prefetch,
    decide=decide,
    creates=True,
    inverse="reservations.release",
)  # fmt: skip
