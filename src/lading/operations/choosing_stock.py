"""Choosing stock for orders: propose on an unlocked read, lock what was chosen, see whether it stands (DESIGN 4, ADR 0008)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from lading.catalog.policies import Policies
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment.types import Allocation
from lading.inventory import keeping
from lading.inventory import store as inventory
from lading.inventory.keeping import NOTHING, Basis
from lading.inventory.types import Key, Place, Shelf, Supplies
from lading.journal import store as journal
from lading.operations.registry import Batch
from lading.orders.types import Order
from lading.sourcing.rules import Ranking, Sourcing, Take, Want, source, use_up
from lading.terms.ledger import End, Posting


@dataclass(slots=True)
class Stock:
    """All that a batch may take from; `take` uses it up in place."""

    policies: Policies
    ranking: Ranking = field(default_factory=dict)
    supplies: Supplies = field(default_factory=dict)
    """What is left when the safety stock is kept back."""
    safety: dict[Place, int] = field(default_factory=dict)
    """Units that are kept back from everybody."""
    basis: Basis = field(default_factory=Basis)


def choose(wants: Sequence[Want], stock: Stock, channel_id: UUID) -> Sourcing:
    """Where an order of that channel finds what it wants. The takes stay in the stock until `take` removes them."""
    supplies = _seen_by(channel_id, wants, stock)
    return source(wants, supplies, stock.ranking, may_split=stock.policies.value("may_split", channel=channel_id))


def _seen_by(channel_id: UUID, wants: Sequence[Want], stock: Stock) -> Supplies:
    """What the orders of a channel may take: where the channel has a buffer, so much less of what is wanted."""
    rule = stock.policies.value("channel_buffer", channel=channel_id)
    if rule == NOTHING:
        return stock.supplies
    sku_ids = {want.sku_id for want in wants}
    places = {(sku_id, shelf.location_id) for sku_id in sku_ids for shelf in stock.supplies.get(sku_id, ())}
    more = {place: keeping.kept(rule, place, stock.basis) - stock.safety.get(place, 0) for place in places}
    return keeping.without(stock.supplies, more, sku_ids)


def take(sourcing: Sourcing, stock: Stock) -> None:
    """What was chosen is not there for the next order."""
    use_up(sourcing.takes, stock.supplies)


Propose = Callable[[Stock], Iterable[Take]]
"""What the whole batch would take of this stock, in arrival order; the stock is its own to use up."""

_ROUNDS_MAX = 3
_ATTEMPTS_MAX = 3
"""Attempts of a batch that may end with stock held by others; the next one makes do with what it locked."""


async def read_stock(
    tx: Transaction, batch: Batch, sku_ids: Sequence[UUID], network: Network, policies: Policies, propose: Propose
) -> tuple[Stock, bool]:
    """The stock that the batch may take (in a dry run all that is there), and whether the last proposal stands as it is.

    It stands where every row that it takes from was found, locked, to hold as much as it takes beside what is kept back
    there: the decision after the lock would be the same. Otherwise the caller decides again. The supplies are the locked
    rows only. Where the rounds end with stock that others hold just now, the batch runs again (LostRace): a lock that
    somebody looks at is no reason to refuse.
    """
    stock = Stock(policies, ranking(network, policies))
    kept = await _read_supplies(tx, stock, sku_ids, {})
    if not batch.lock:
        return stock, False
    exact = any(policies.values.get("channel_buffer", {}).values())
    locked: dict[Key, int] = {}
    stands = False
    for round_number in range(_ROUNDS_MAX):
        if round_number:
            kept = await _read_supplies(tx, stock, sku_ids, locked)
        seen = _available_by_key(stock.supplies) if exact else {}
        chosen = _units_by_key(propose(stock))
        locked |= await inventory.lock_supplies(tx, chosen.keys() - locked.keys(), wait=round_number == 0)
        stands = all(
            locked.get(key, 0) - kept.get(key, 0) >= max(units, seen.get(key, 0)) for key, units in chosen.items()
        )
        if stands:
            break
    if not stands and batch.attempt < _ATTEMPTS_MAX:
        raise journal.LostRace("stock")
    stock.supplies = {sku_id: [] for sku_id in sku_ids}
    for key, available in sorted(locked.items()):
        sku_id, location_id, lot = key
        stock.supplies[sku_id].append(Shelf(location_id, lot, max(available - kept.get(key, 0), 0)))
    return stock, stands


async def _read_supplies(
    tx: Transaction, stock: Stock, sku_ids: Sequence[UUID], locked: Mapping[Key, int]
) -> dict[Key, int]:
    """Read what can be promised, unlocked; how many units are kept back in which row. What is locked is known better."""
    rules = {
        rule for name in ("safety_stock", "channel_buffer") for rule in stock.policies.values.get(name, {}).values()
    }
    on_hand = any(rule.endswith("%") for rule in rules)
    if not locked and any(rule.endswith("d") for rule in rules):
        await inventory.read_demand(tx, sku_ids, stock.basis)
    stock.supplies = await inventory.read_supplies(tx, sku_ids, stock.basis if on_hand else None)
    for sku_id, shelves in stock.supplies.items():
        for shelf in shelves if locked else ():
            shelf.available = locked.get((sku_id, shelf.location_id, shelf.lot), shelf.available)
    return _keep_safety(stock) if rules else {}


def _keep_safety(stock: Stock) -> dict[Key, int]:
    """Take the safety stock off the supplies; how many units off which row."""
    places = keeping.places_of(stock.supplies)
    rules = {
        (sku_id, location_id): stock.policies.value("safety_stock", location=location_id, sku=sku_id)
        for sku_id, location_id in places
    }
    stock.safety = {place: units for place, rule in rules.items() if (units := keeping.kept(rule, place, stock.basis))}
    return keeping.keep_back(stock.supplies, stock.safety)


def _available_by_key(supplies: Supplies) -> dict[Key, int]:
    return {
        (sku_id, shelf.location_id, shelf.lot): shelf.available
        for sku_id, shelves in supplies.items()
        for shelf in shelves
    }


def _units_by_key(takes: Iterable[Take]) -> dict[Key, int]:
    chosen: dict[Key, int] = {}
    for take in takes:
        key = (take.sku_id, take.location_id, take.lot)
        chosen[key] = chosen.get(key, 0) + take.quantity
    return chosen


def ranking(network: Network, policies: Policies) -> Ranking:
    """Active locations that policies let fill orders, by their priority."""
    return {
        location.id: location.priority
        for location in network.locations.values()
        if location.active and policies.value("fills_orders", location=location.id)
    }


def allocations_of(order: Order, takes: Sequence[Take], first: int = 1) -> list[Allocation]:
    """A new allocation for each take, numbered from `first`."""
    return [
        Allocation(
            order.id, number, take.line_number, take.sku_id, take.location_id, take.lot, take.quantity, stored=False
        )
        for number, take in enumerate(takes, first)
    ]


def allocate(order: Order, take: Take, stage: str, quantity: int) -> Posting:
    """Move units that sourcing took from available to allocated, stock and line at once."""
    order.lines[take.line_number].move(stage, "allocated", quantity)
    shelf, promised = End("available", take.location_id, take.lot), End("allocated", take.location_id, take.lot)
    return Posting(take.sku_id, quantity, shelf, promised, take.line_number, stage, "allocated")
