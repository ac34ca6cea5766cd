"""Sourcing tried out: what another policy, more stock or one location less would change, and what rules say of recent orders.

Nothing is locked and nothing is written.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from lading.catalog import store as catalog
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment import store as fulfillment
from lading.operations import planning, reading_stock, replanning
from lading.operations.choosing_stock import Stock
from lading.operations.reading_stock import EVERYTHING, Needs
from lading.operations.registry import Batch
from lading.operations.replanning import IN_HOUSE, Trial
from lading.orders import store as orders_store
from lading.orders.types import Order
from lading.sourcing import linting
from lading.sourcing import store as sourcing
from lading.sourcing.commands import SaveSourcingRules, Strategy, Take
from lading.sourcing.linting import Finding
from lading.sourcing.observing import Observed
from lading.sourcing.plans import Asked, conditions
from lading.sourcing.policies import in_force


@dataclass(slots=True)
class Scene:
    """Orders, and all the stock that there is."""

    network: Network
    stock: Stock
    asked: Mapping[UUID, Asked]


async def _scene(
    tx: Transaction,
    orders: Collection[Order],
    now: datetime,
    rules: SaveSourcingRules | None,
    more: Iterable[UUID] = (),
) -> Scene:
    skus = {line.sku_id for order in orders for line in order.lines.values()} | set(more)
    network, policies = await catalog.read_setup(tx, sorted(skus))
    asked = await sourcing.read_asked(tx, [order.id for order in orders])
    batch = Batch((), lock=False, attempt=0, numbers=(), now=now)
    needs = Needs(dict.fromkeys(skus, EVERYTHING))
    stock, _ = await reading_stock.read_stock(tx, batch, needs, network, policies, lambda _: [])
    stock.plan = await planning.read_plan(tx, policies, skus, asked.values(), rules)
    return Scene(network, stock, asked)


async def rules_by_id(tx: Transaction, rules: SaveSourcingRules) -> SaveSourcingRules:
    """Rules as they are written, with the ids of the products that there are; others stay codes that fit nothing."""
    codes = {code for when in conditions(rules) for code in when.products}
    ids = {code: str(sku.id) for code, sku in (await catalog.read_skus(tx, codes)).items()} if codes else {}
    return planning.with_ids(rules, {code: ids[code] for code in codes if code in ids})


async def rules_with(tx: Transaction, take: Take) -> SaveSourcingRules | None:
    """The rules in force with one strategy for all orders."""
    _, policies = await catalog.read_setup(tx, ())
    rules = in_force(policies.values) or SaveSourcingRules()
    if take == "cheapest" and rules.costs is None:
        return None
    return replace(rules, strategies=[Strategy("what if", take)])


async def try_out(
    tx: Transaction,
    order_id: UUID,
    now: datetime,
    rules: SaveSourcingRules | None,
    more: Mapping[tuple[UUID, UUID], int],
    left_out: Collection[UUID],
) -> tuple[Trial, Scene]:
    """Where what has not left the house would come from; `more` are units by (product, location) that are thought to be there."""
    order = (await orders_store.load(tx, [str(order_id)], lock=False)).by_ref[str(order_id)]
    work = (await fulfillment.read_work(tx, [order.id])).get(order.id)
    scene = await _scene(tx, [order], now, rules)
    stock = scene.stock
    for (sku_id, location_id), units in more.items():
        replanning.lay(stock, sku_id, location_id, "", units)
    stock.ranking = {id_: rank for id_, rank in stock.ranking.items() if id_ not in left_out}
    allocations = work.allocations if work else []
    return replanning.try_again(order, allocations, stock, scene.asked.get(order.id), IN_HOUSE), scene


async def lint(tx: Transaction, rules: SaveSourcingRules, count: int, now: datetime) -> tuple[int, list[Finding]]:
    """What looks wrong with rules (products in them as ids), over so many of the latest orders: (orders, findings)."""
    findings = linting.at_a_glance(rules)
    ids = await sourcing.latest_orders(tx, count)
    loaded = await orders_store.load(tx, [str(id_) for id_ in ids], lock=False)
    orders = list({order.id: order for order in loaded.by_ref.values()}.values())
    scene = await _scene(tx, orders, now, rules)
    plan, days, observed = scene.stock.plan, scene.stock.days, Observed()
    assert plan is not None

    def ahead(location_id: UUID) -> int:
        if days is None or location_id not in days.days.locations:
            return 0
        leaves = days.leaves_on(location_id, 1, frozenset())
        return max(0, (leaves[-1][0] - now.date()).days) if leaves else 0

    for order in orders:
        products = [line.sku_id for line in order.lines.values() if not line.is_kit]
        asked = scene.asked[order.id]
        observed.look(str(order.number), plan, asked, products, scene.stock.supplies, scene.stock.ranking, ahead)
    said = {(each.kind, each.name) for each in findings}
    over = [each for each in linting.over_orders(rules, observed.fired()) if (each.kind, each.name) not in said]
    return len(orders), findings + over
