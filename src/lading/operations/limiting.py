"""Choosing stock of products that have limits: no more than their allowances permit, whoever asks (ADR 0009)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

from lading.inventory.limits import Allowance, Limits, PoolUse
from lading.inventory.types import Ended, ReservationLine, Shelf, Supplies
from lading.orders.types import Order
from lading.sourcing.rules import Ranking, Sourcing, Take, Want

Allowances = Mapping[UUID, Allowance]
"""What may still be promised, by product; only of those that have limits."""


How = Callable[[Sequence[Want], Supplies, Ranking], Sourcing]
"""How an order's lines are looked for."""


def allowances_of(limits: Mapping[UUID, Limits], supplies: Supplies, ranking: Ranking) -> dict[UUID, Allowance]:
    """What the stock as it was read allows; only what may leave its location stands for what is kept."""
    return {
        sku_id: Allowance(each, {id_: units for id_, units in _by_location(supplies[sku_id]).items() if id_ in ranking})
        for sku_id, each in limits.items()
    }


def find(
    wants: Sequence[Want],
    supplies: Supplies,
    allowances: Allowances,
    ranking: Ranking,
    channel_id: UUID | None,
    how: How,
) -> Sourcing:
    """Where what a channel wants comes from; of products with limits no more than those allow."""
    limited = {want.sku_id for want in wants if want.sku_id in allowances} if allowances else None
    if not limited:
        return how(wants, supplies, ranking)
    seen = {want.sku_id: supplies.get(want.sku_id, []) for want in wants}
    for sku_id in limited:
        allowance = allowances[sku_id]
        most = {location_id: allowance.at(location_id, channel_id) for location_id in _by_location(seen[sku_id])}
        seen[sku_id] = _at_most(seen[sku_id], most)
    found = how(wants, seen, ranking)
    if allowed(found, allowances, channel_id):
        return found
    # Each location alone may give that much, but not all of them at once: the best ranked ones come first.
    for sku_id in limited:
        lying = _by_location(seen[sku_id])
        ranked = {id_: lying[id_] for id_ in sorted(lying, key=lambda id_: (ranking.get(id_, 0), id_))}
        seen[sku_id] = _at_most(seen[sku_id], allowances[sku_id].together(ranked, channel_id))
    return how(wants, seen, ranking)


def _by_location(shelves: Iterable[Shelf]) -> dict[UUID, int]:
    units: dict[UUID, int] = {}
    for shelf in shelves:
        units[shelf.location_id] = units.get(shelf.location_id, 0) + shelf.available
    return units


def _at_most(shelves: Iterable[Shelf], most: Mapping[UUID, int]) -> list[Shelf]:
    """The shelves as if no location had more than that."""
    left, seen = dict(most), []
    for shelf in shelves:
        copy = shelf.copy()
        copy.available = min(shelf.available, left[shelf.location_id])
        left[shelf.location_id] -= copy.available
        seen.append(copy)
    return seen


def allowed(found: Sourcing, allowances: Allowances, channel_id: UUID | None) -> bool:
    """Whether what was found is no more than the allowances permit."""
    takes: dict[UUID, list[tuple[UUID, int]]] = {}
    for each in found.takes:
        if each.sku_id in allowances:
            takes.setdefault(each.sku_id, []).append((each.location_id, each.quantity))
    return all(allowances[sku_id].allows(each, channel_id) for sku_id, each in takes.items())


def lifted(allowances: Allowances, own: Iterable[ReservationLine]) -> dict[UUID, Allowance] | None:
    """The allowances as they are for whom these claims are kept, to look at; None where nothing of it is claimed."""
    claims = [line for line in own if line.is_claim and line.sku_id in allowances]
    if not claims:
        return None
    lifted = {line.sku_id: allowances[line.sku_id].copy() for line in claims}
    for line in claims:
        lifted[line.sku_id].lift(line.id, line.node, line.channel_id, line.quantity)
    return {**allowances, **lifted}


def claim(
    wants: Sequence[Want], allowances: dict[UUID, Allowance], node: UUID, channel_id: UUID | None
) -> dict[int, int]:
    """Claim units beneath a node, wherever they lie, all or none: what is short, by line; where nothing is, they are used up."""
    trial = {want.sku_id: allowances[want.sku_id].copy() for want in wants}
    short: dict[int, int] = {}
    for want in wants:
        there = trial[want.sku_id].beneath(node, channel_id)
        if there < want.quantity:
            short[want.line_number] = want.quantity - there
        else:
            trial[want.sku_id].claim(node, channel_id, want.quantity)
    if not short:
        allowances |= trial
    return short


def grant(
    takes: Iterable[Take], ended: Iterable[Ended], allowances: Allowances, channel_id: UUID | None
) -> list[tuple[int, UUID, int]]:
    """Use the allowances up; what counts for pools from now on (line, pool, units).

    Claims of the order's own reservation are lifted first; units that were reserved for it are counted for the order from now on.
    """
    reserved_for = None
    for line, how, _ in ended:
        if how != "expired":
            reserved_for = line.channel_id
        if line.is_claim and line.sku_id in allowances:
            allowances[line.sku_id].lift(line.id, line.node, line.channel_id, line.quantity)
    counted: dict[tuple[int, UUID], int] = {}
    for each in takes:
        if (allowance := allowances.get(each.sku_id)) is None:
            continue
        if each.bucket == "reserved":
            pooled = allowance.convert(each.location_id, channel_id, each.quantity, reserved_for)
        else:
            pooled = allowance.grant(each.location_id, channel_id, each.quantity)
        if pooled:
            key = (each.line_number, pooled[0])
            counted[key] = counted.get(key, 0) + pooled[1]
    return [(line_number, pool_id, units) for (line_number, pool_id), units in counted.items()]


def pool_uses(order: Order, pools: Iterable[tuple[int, UUID, int]]) -> list[PoolUse]:
    """Rows that count these units (line, pool, units) for pools."""
    return [PoolUse(order.id, *each) for each in pools]
