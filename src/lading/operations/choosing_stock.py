"""Choosing stock for orders: propose on an unlocked read, lock what was chosen, see whether it stands (DESIGN 4, ADR 0008)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from lading.catalog.policies import Policies
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.fulfillment.types import Allocation
from lading.inventory import store as inventory
from lading.inventory.types import Shelf, Supplies
from lading.journal import store as journal
from lading.operations.registry import Batch
from lading.orders.types import Order
from lading.sourcing.rules import Ranking, Sourcing, Take, Want, source, use_up
from lading.terms.ledger import End, Posting


@dataclass(slots=True)
class Stock:
    """All that a batch may take from; `choose` uses it up in place."""

    supplies: Supplies
    ranking: Ranking
    policies: Policies


def choose(wants: Sequence[Want], stock: Stock, channel_id: UUID) -> Sourcing:
    """Where an order of that channel finds what it wants. The takes stay in the stock until `take` removes them."""
    return source(wants, stock.supplies, stock.ranking, may_split=stock.policies.value("may_split", channel=channel_id))


def take(sourcing: Sourcing, stock: Stock) -> None:
    """What was chosen is not there for the next order."""
    use_up(sourcing.takes, stock.supplies)


Propose = Callable[[Supplies], Iterable[Take]]
"""What the whole batch would take of these supplies, in arrival order; the supplies are its own to use up."""

_ROUNDS_MAX = 3
_ATTEMPTS_MAX = 3
"""Attempts of a batch that may end with stock held by others; the next one makes do with what it locked."""


async def read_supplies(
    tx: Transaction, batch: Batch, sku_ids: Sequence[UUID], propose: Propose
) -> tuple[Supplies, bool]:
    """The stock that the batch may take (in a dry run all that is there), and whether the last proposal stands as it is.

    It stands where every row that it takes from was found, locked, to hold as much as it takes: the decision after the lock
    would be the same. Otherwise the caller decides again. The supplies are the locked rows only. Where the rounds end with
    stock that others hold just now, the batch runs again (LostRace): a lock that somebody looks at is no reason to refuse.
    """
    if not batch.lock:
        return await inventory.read_supplies(tx, sku_ids), False
    locked: dict[inventory.Key, int] = {}
    stands = False
    for round_number in range(_ROUNDS_MAX):
        proposed = await inventory.read_supplies(tx, sku_ids)
        if locked:
            _correct(proposed, locked)
        chosen = _units_by_key(propose(proposed))
        locked |= await inventory.lock_supplies(tx, chosen.keys() - locked.keys(), wait=round_number == 0)
        stands = all(locked.get(key, 0) >= units for key, units in chosen.items())
        if stands:
            break
    if not stands and batch.attempt < _ATTEMPTS_MAX:
        raise journal.LostRace("stock")
    supplies: Supplies = {sku_id: [] for sku_id in sku_ids}
    for (sku_id, location_id, lot), available in sorted(locked.items()):
        supplies[sku_id].append(Shelf(location_id, lot, available))
    return supplies, stands


def _correct(supplies: Supplies, locked: Mapping[inventory.Key, int]) -> None:
    """What is locked is known better than an unlocked read says."""
    for sku_id, shelves in supplies.items():
        for shelf in shelves:
            shelf.available = locked.get((sku_id, shelf.location_id, shelf.lot), shelf.available)


def _units_by_key(takes: Iterable[Take]) -> dict[inventory.Key, int]:
    chosen: dict[inventory.Key, int] = {}
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
