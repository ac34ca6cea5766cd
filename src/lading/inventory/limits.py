"""How much of a product may be promised, where and to whom: what is kept of more than one location.

Safety stock and buffers of a location are taken off before (inventory/keeping.py). Two things more hold units back, and neither
moves one: claims (units promised without a place yet) on a group of locations, and pools of channels. Groups form a tree under
the merchant (ROOT). A node's slack is what is free beneath it minus what is kept beneath it; units may leave a location while
no node above it falls below zero. As the nodes form a tree, that suffices: everything that is kept can then be had.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from lading.inventory.types import ReservationLine
from lading.kernel.ids import ZERO

ROOT = ZERO
"""The node of the merchant: all locations."""

KEEPS = ("exclusive", "shared")
"""Kinds of pool that keep units from other channels."""

CAPS = ("exclusive", "capped")
"""Kinds of pool beyond which its channels get nothing (of the locations that it concerns)."""


@dataclass(slots=True)
class Pool:
    """Units of a product that are kept for channels, or how many they may have."""

    id: UUID
    sku_id: UUID
    code: str
    kind: str
    """exclusive, shared, capped"""
    channel_ids: Sequence[UUID]
    group_id: UUID | None
    """The locations that it concerns; None: all."""
    quantity: int
    taken: int
    """Units of it that orders hold."""
    active: bool = True
    version: int = 0

    @property
    def node(self) -> UUID:
        """Where it stands in the tree."""
        return self.group_id or ROOT

    @property
    def left(self) -> int:
        """What its channels may still take of it."""
        return max(self.quantity - self.taken, 0)


@dataclass(slots=True, frozen=True)
class PoolUse:
    """Units of an order line that count for a pool from now on; below zero, no longer."""

    order_id: UUID
    line_number: int
    pool_id: UUID
    quantity: int


@dataclass(slots=True, frozen=True)
class FirstLimit:
    """From now on whoever promises units of the product goes through its gate."""

    sku_id: UUID


Tree = Mapping[UUID, UUID | None]
"""The group of each location and the parent of each group; None: directly under the merchant."""


def path(node: UUID, tree: Tree) -> tuple[UUID, ...]:
    """The nodes above a location or group, the nearest first; ROOT last."""
    nodes: list[UUID] = []
    above = tree.get(node)
    while above is not None and above not in nodes:
        nodes.append(above)
        above = tree.get(above)
    return (*nodes, ROOT)


def overlap(one: UUID, other: UUID, tree: Tree) -> bool:
    """Whether two nodes have locations in common: one of them is the other or stands above it."""
    return one == other or ROOT in (one, other) or one in path(other, tree) or other in path(one, tree)


ClaimId = tuple[UUID, int]
"""(reservation, number of its line)"""


class Claim(NamedTuple):
    """Units promised without a place beneath a node."""

    node: UUID
    units: int
    channel_id: UUID | None = None
    id: ClaimId | None = None
    """None: it is the sum of several, of which the batch names none."""


class Pinned(NamedTuple):
    """A claim that has its place now."""

    line: ReservationLine


@dataclass(slots=True)
class Limits:
    """What limits one product, as it was read under its lock."""

    pools: list[Pool] = field(default_factory=list)
    """Active ones, the oldest first."""
    claims: list[Claim] = field(default_factory=list)
    reserved: list[tuple[UUID, UUID, int]] = field(default_factory=list)
    """(location, channel, units) that reservations of channels with a place hold, where the product has pools."""
    tree: Tree = field(default_factory=dict)


class Allowance:
    """What may still be promised of one product; used up in place by `grant`.

    Keeps that the stock does not cover keep what there is: claims first, then pools by age. Nodes are locations, groups and ROOT.
    """

    def __init__(self, limits: Limits, free: Mapping[UUID, int]) -> None:
        """`free`: units by location that fills orders, after safety stock."""
        self._limits = limits
        self._paths: dict[UUID, tuple[UUID, ...]] = {}
        self._slack: dict[UUID, int] = {}
        self._counted = free.keys()
        for location_id, units in free.items():
            self._add(location_id, units)
        self._left = {pool.id: pool.left for pool in limits.pools}
        self._claimed: dict[ClaimId, int] = {}
        for claim in limits.claims:
            units = self._keep(claim.node, claim.units)
            self._count(claim.node, claim.channel_id, claim.units)
            if claim.id:
                self._claimed[claim.id] = units
        for location_id, channel_id, units in limits.reserved:
            self._count(location_id, channel_id, units)
        self._kept = {
            pool.id: self._keep(pool.node, self._left[pool.id]) if pool.kind in KEEPS else 0 for pool in limits.pools
        }

    def copy(self) -> "Allowance":
        """For a trial."""
        other = object.__new__(Allowance)
        other._limits, other._paths, other._counted = self._limits, self._paths, self._counted
        other._slack, other._left, other._kept = dict(self._slack), dict(self._left), dict(self._kept)
        other._claimed = dict(self._claimed)
        return other

    def _up_from(self, node: UUID) -> tuple[UUID, ...]:
        """The node and all above it."""
        if node not in self._paths:
            self._paths[node] = (ROOT,) if node == ROOT else (node, *path(node, self._limits.tree))
        return self._paths[node]

    def _add(self, node: UUID, units: int) -> None:
        for each in self._up_from(node):
            self._slack[each] = self._slack.get(each, 0) + units

    def _keep(self, node: UUID, units: int) -> int:
        """Set units aside beneath a node, as many as there are; how many that is."""
        units = max(min(units, *(self._slack.get(each, 0) for each in self._up_from(node))), 0)
        self._add(node, -units)
        return units

    def kept_for(self, id: ClaimId) -> int:
        """Units that are there for a claim."""
        return self._claimed.get(id, 0)

    def kept_in_vain(self, pool: Pool) -> int:
        """Units that a pool keeps on paper and that are not there."""
        return self._left[pool.id] - self._kept[pool.id] if pool.kind in KEEPS else 0

    def _pool(self, node: UUID, channel_id: UUID | None) -> Pool | None:
        """The pool of the channel there; the nearest one, should the tree have moved under two of them."""
        if channel_id is None or not self._limits.pools:
            return None
        nodes = self._up_from(node)
        own = [each for each in self._limits.pools if channel_id in each.channel_ids and each.node in nodes]
        return min(own, key=lambda pool: nodes.index(pool.node)) if own else None

    def at(self, location_id: UUID, channel_id: UUID | None) -> int:
        """Units that may be promised from there to that channel (None: to whom no pool belongs).

        A location that fills no orders keeps nothing for anybody: what lies there is not limited.
        """
        return self.beneath(location_id, channel_id) if location_id in self._counted else _ENDLESS

    def beneath(self, node: UUID, channel_id: UUID | None) -> int:
        """Units that may be promised to that channel without saying from which location beneath the node."""
        pool = self._pool(node, channel_id)
        most, own = _ENDLESS, 0
        for each in self._up_from(node):
            if pool is not None and each == pool.node:
                own = self._kept[pool.id]
            most = min(most, self._slack.get(each, 0) + own)
        if pool is not None and pool.kind in CAPS:
            most = min(most, self._left[pool.id] if pool.kind == "capped" else self._kept[pool.id])
        return max(most, 0)

    def grant(self, location_id: UUID, channel_id: UUID | None, units: int) -> tuple[UUID, int] | None:
        """Promise units that `at` allows; the pool that they count for, and how many of them."""
        return self.claim(location_id, channel_id, units) if location_id in self._counted else None

    def claim(self, node: UUID, channel_id: UUID | None, units: int) -> tuple[UUID, int] | None:
        """Promise units that `beneath` allows; the pool that they count for, and how many of them."""
        pool = self._pool(node, channel_id)
        own = 0
        for each in self._up_from(node):
            if pool is not None and each == pool.node:
                own = min(units, self._kept[pool.id])
            self._slack[each] = self._slack.get(each, 0) - units + own
        if pool is None:
            return None
        self._kept[pool.id] -= own
        counted = min(units, self._left[pool.id])
        self._left[pool.id] -= counted
        return (pool.id, counted) if counted else None

    def _count(self, node: UUID, channel_id: UUID | None, units: int) -> UUID | None:
        """Units that a channel has already; the pool that they count for."""
        pool = self._pool(node, channel_id)
        if pool is None:
            return None
        self._left[pool.id] = max(self._left[pool.id] - units, 0)
        return pool.id

    def convert(
        self, location_id: UUID, channel_id: UUID | None, units: int, reserved_for: UUID | None
    ) -> tuple[UUID, int] | None:
        """An order takes units that were reserved there; the pool that they count for from now on.

        They counted for it before, unless they were reserved for another channel.
        """
        pool, before = self._pool(location_id, channel_id), self._pool(location_id, reserved_for)
        if pool is not None and pool is not before:
            self._count(location_id, channel_id, units)
        return (pool.id, units) if pool is not None else None

    def put_back(self, location_id: UUID, units: int, reserved_for: UUID | None) -> None:
        """Units are there again that were reserved for somebody."""
        if location_id in self._counted:
            self._add(location_id, units)
        if pool := self._pool(location_id, reserved_for):
            self.give_back(pool.id, units)

    def lift(self, id: ClaimId, node: UUID, channel_id: UUID | None, units: int) -> None:
        """A claim ends: what was kept for it is anybody's."""
        if id not in self._claimed:
            return
        self._add(node, self._claimed.pop(id))
        if pool := self._pool(node, channel_id):
            self.give_back(pool.id, units)

    def contains(self, node: UUID, location_id: UUID) -> bool:
        """Whether the location lies beneath the node."""
        return node in self._up_from(location_id)

    def give_back(self, pool_id: UUID, units: int) -> None:
        """Units of a pool that nobody holds any more: what its channels may have, and keep, rises again."""
        pool = next((each for each in self._limits.pools if each.id == pool_id), None)
        if pool is None:
            return
        self._left[pool_id] += units
        if pool.kind in KEEPS:
            self._kept[pool_id] += self._keep(pool.node, units)

    def unclaimed(self, lying: Mapping[UUID, int]) -> dict[UUID, int]:
        """What claims leave of the units that lie there, whichever channel has a pool of them."""
        claims_alone = Allowance(Limits(claims=self._limits.claims, tree=self._limits.tree), lying)
        return claims_alone.together(lying, None)

    def together(self, lying: Mapping[UUID, int], channel_id: UUID | None) -> dict[UUID, int]:
        """What locations may give at once of the units that lie there, the first ones first."""
        trial = self.copy()
        given = {}
        for location_id, units in lying.items():
            given[location_id] = min(units, trial.at(location_id, channel_id))
            if given[location_id]:
                trial.grant(location_id, channel_id, given[location_id])
        return given

    def allows(self, takes: Iterable[tuple[UUID, int]], channel_id: UUID | None) -> bool:
        """Whether all these takes (location, units) may be had at once."""
        trial = self.copy()
        for location_id, units in takes:
            if trial.at(location_id, channel_id) < units:
                return False
            trial.grant(location_id, channel_id, units)
        return True


_ENDLESS = 2**62


class Uncovered(NamedTuple):
    """What is kept of a product and is not there."""

    claims: list[tuple[ReservationLine, int]]
    """Claims with the units that they cannot have, the youngest first: older ones have what there is."""
    pools: list[tuple[Pool, int]]
    """Pools with the units that they keep in vain; nobody was promised those yet."""


def uncovered(limits: Limits, claims: Sequence[ReservationLine], free: Mapping[UUID, int]) -> Uncovered:
    """What a loss, a count or a move left without units. `free`: by location that fills orders, safety stock included.

    Safety stock is there for such days: claims are shortened by what is really gone alone.
    """
    oldest = sorted((line for line in claims if line.is_claim), key=lambda line: line.id)
    named = [Claim(line.group_id or ROOT, line.quantity, line.channel_id, line.id) for line in oldest]
    allowance = Allowance(Limits(limits.pools, named, limits.reserved, limits.tree), free)
    short = [(line, line.quantity - allowance.kept_for(line.id)) for line in reversed(oldest)]
    in_vain = [(pool, allowance.kept_in_vain(pool)) for pool in limits.pools]
    return Uncovered([each for each in short if each[1]], [each for each in in_vain if each[1]])


def promisable_at_each(
    free: Mapping[UUID, int],
    limits: Limits | None,
    channel_id: UUID | None = None,
    seen: Mapping[UUID, int] | None = None,
) -> dict[UUID, int]:
    """Units of one product by location that may be promised to a channel (None: one without pools), each location looked at alone.

    `free`: units by location that fills orders, without safety stock (inventory/keeping.py); `seen`: those of them that the channel
    may have, without its buffer; None: all.
    """
    seen = free if seen is None else seen
    if limits is None:
        return dict(seen)
    allowance = Allowance(limits, free)
    return {location_id: min(units, allowance.at(location_id, channel_id)) for location_id, units in seen.items()}


def promisable_in_all(
    free: Mapping[UUID, int],
    limits: Limits | None,
    channel_id: UUID | None = None,
    seen: Mapping[UUID, int] | None = None,
) -> int:
    """Units that these locations may promise at once: what a group claims leaves it once, not at each of its locations."""
    seen = free if seen is None else seen
    if limits is None:
        return sum(seen.values())
    return sum(Allowance(limits, free).together(seen, channel_id).values())


class Shortened(NamedTuple):
    """A claim that keeps fewer units from now on."""

    line: ReservationLine


def no_longer_held(counted: Mapping[UUID, int], held: int) -> dict[UUID, int]:
    """Units by pool that a line counts for and does not hold any more: they are given back, the last pool first."""
    too_many, back = sum(counted.values()) - held, {}
    for pool_id, units in reversed(list(counted.items())):
        if too_many > 0:
            back[pool_id] = min(units, too_many)
            too_many -= back[pool_id]
    return back


def count(taken: dict[UUID, int], changes: Iterable[tuple[UUID, int]]) -> None:
    """What a line counts for, after changes by pool."""
    for pool_id, units in changes:
        taken[pool_id] = taken.get(pool_id, 0) + units
