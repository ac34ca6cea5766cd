"""Which fulfillment orders are picked together, and who takes what out of which bin. Pure: no I/O, no clock, no randomness."""

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import UUID

from lading.waves.commands import PlanWave
from lading.waves.densest import Problem, densest
from lading.waves.types import Candidate, PickList, PickTask, Place, ToPick, Wave

FLOOR: Place = (None, -1, None, None)
"""Where units lie that are in no bin."""

Key = tuple[UUID, UUID, str]
"""(SKU, location, lot): a row of stock."""

Contents = Mapping[Key, MutableMapping[Place, int]]
"""Units that no other walk takes, in the order in which bins are emptied; used up."""


class Walk(NamedTuple):
    """The order in which places are passed, and how long that is; None where the layout does not say."""

    order: Sequence[int]
    route_cm: int | None
    s_shape_cm: int | None


Router = Callable[[Sequence[Place]], Walk]
"""Plans the walk past places."""


def fits(wish: PlanWave, candidate: Candidate, zones: Mapping[tuple[UUID, int], Sequence[Sequence[str]]]) -> bool:
    """Whether the wave wants it."""
    if wish.priority is not None and candidate.priority < wish.priority:
        return False
    if wish.ship_on is not None and (candidate.ship_on is None or candidate.ship_on > wish.ship_on):
        return False
    if wish.ship_by is not None and (candidate.ship_by is None or candidate.ship_by > wish.ship_by):
        return False
    if wish.shipping_method is not None and candidate.method != wish.shipping_method:
        return False
    if wish.zone is None:
        return True
    bins, aisles = zones.get((candidate.order_id, candidate.fulfillment_order), ((), ()))
    if not bins:
        return False
    return all(code.startswith(wish.zone) for code in bins) or all(aisle == wish.zone for aisle in aisles)


def gather(
    wish: PlanWave,
    waiting: Iterable[Candidate],
    zones: Mapping[tuple[UUID, int], Sequence[Sequence[str]]],
) -> list[Candidate]:
    """The most urgent ones that fit, up to the wave's size; one that is too big for what is left lets the next one pass."""
    chosen: list[Candidate] = []
    units = 0
    for candidate in waiting:
        if len(chosen) == wish.orders_max:
            break
        if wish.units_max is not None and units + candidate.units > wish.units_max:
            continue
        if fits(wish, candidate, zones):
            chosen.append(candidate)
            units += candidate.units
    return chosen


_LOOKS = 120
"""How often the search for a dense wave asks whether it is over: a fixed number, so that the same question has the same answer."""


def gather_dense(
    wish: PlanWave,
    fitting: Sequence[Candidate],
    needs: Mapping[tuple[UUID, int], Mapping[Key, int]],
    contents: Mapping[Key, Mapping[Place, int]],
) -> list[Candidate]:
    """Of those that fit, the ones that bring the most units for each aisle; none where they are too few units together."""
    assert wish.units_min is not None
    rows = {key: number for number, key in enumerate(dict.fromkeys(key for need in needs.values() for key in need))}
    aisles: dict[str | None, dict[int, int]] = {}
    for key, number in rows.items():
        held = contents.get(key, {})
        for place, units in (*held.items(), (FLOOR, 1_000_000 if not held else 0)):
            if units > 0:
                there = aisles.setdefault(zone_of(place), {})
                there[number] = there.get(number, 0) + units
    orders = [
        [(rows[key], units) for key, units in needs.get((each.order_id, each.fulfillment_order), {}).items()]
        for each in fitting
    ]
    most = wish.units_max or sum(each.units for each in fitting)
    problem = Problem(orders, [list(there.items()) for there in aisles.values()], wish.units_min, most, wish.orders_max)
    left = iter(range(_LOOKS))
    found = densest(problem, lambda: next(left, None) is None)
    return [fitting[number] for number in sorted(found.orders)] if found else []


class _Piece(NamedTuple):
    """Units of an allocation that lie in one place."""

    of: ToPick
    place: Place
    units: int


@dataclass(slots=True)
class _Group:
    """What one walk is for."""

    zone: str | None
    members: list[int]
    pieces: list[_Piece]


def make_lists(wave: Wave, waiting: Sequence[ToPick], contents: Contents, per_list: int, route: Router) -> None:
    """Give the wave its lists and tasks; contents are used up."""
    pieces = [piece for units in waiting for piece in _pieces(units, contents)]
    wave.lists, wave.tasks, wave.units, wave.is_born = {}, [], sum(piece.units for piece in pieces), True
    for number, group in enumerate(_groups(wave.method, pieces, per_list), 1):
        places = sorted({piece.place for piece in group.pieces}, key=_by_sequence)
        walk = route(places)
        turn = {places[index]: rank for rank, index in enumerate(walk.order)}
        slots = {member: slot for slot, member in enumerate(group.members, 1)}
        group.pieces.sort(
            key=lambda piece: (
                turn[piece.place],
                piece.of.sku_id,
                piece.of.lot,
                slots[piece.of.member],
                piece.of.allocation,
            )
        )
        units = sum(piece.units for piece in group.pieces)
        wave.lists[number] = PickList(number, group.zone, units, walk.route_cm, walk.s_shape_cm, wave_id=wave.id)
        wave.tasks += [
            _task(wave, len(wave.tasks) + index, number, slots[piece.of.member], piece)
            for index, piece in enumerate(group.pieces, 1)
        ]


def _task(wave: Wave, number: int, in_list: int, slot: int, piece: _Piece) -> PickTask:
    of = piece.of
    return PickTask(
        number, in_list, slot, of.order_id, of.fulfillment_order, of.allocation, of.line_number, of.sku_id, of.location_id,
        of.lot, piece.place[0], piece.units, wave_id=wave.id,
    )  # fmt: skip


def _pieces(of: ToPick, contents: Contents) -> list[_Piece]:
    """Where its units are taken: bin after bin, what is in none on the floor."""
    pieces, left = [], of.units
    held = contents.get((of.sku_id, of.location_id, of.lot), {})
    for place, units in held.items():
        taken = min(left, units)
        if taken > 0:
            pieces.append(_Piece(of, place, taken))
            held[place] -= taken
            left -= taken
    return [*pieces, _Piece(of, FLOOR, left)] if left else pieces


def _by_sequence(place: Place) -> tuple[int, str]:
    return place[1], place[0] or ""


def zone_of(place: Place) -> str | None:
    """The aisle of a place; where nobody said it, how its code begins. None for the floor."""
    code, _, aisle, _ = place
    return aisle or (code.partition("-")[0] if code else None)


def _groups(method: str, pieces: Sequence[_Piece], per_list: int) -> list[_Group]:
    if method == "zone":
        zones = sorted({zone_of(piece.place) for piece in pieces}, key=lambda zone: zone or "")
        return [_group([piece for piece in pieces if zone_of(piece.place) == zone], zone) for zone in zones]
    together = _batches(pieces, 1 if method == "single" else per_list)
    chosen = {member: index for index, batch in enumerate(together) for member in batch}
    parted: list[list[_Piece]] = [[] for _ in together]
    for piece in pieces:
        parted[chosen[piece.of.member]].append(piece)
    return [_Group(None, batch, found) for batch, found in zip(together, parted, strict=True)]


def _group(pieces: list[_Piece], zone: str | None) -> _Group:
    return _Group(zone, list(dict.fromkeys(piece.of.member for piece in pieces)), pieces)


def _batches(pieces: Iterable[_Piece], per_list: int) -> list[list[int]]:
    """Fulfillment orders by walk: the most urgent one that is left, and those that need the fewest further aisles.

    Members are numbered by urgency. Aisles are bits of a number, so that comparing them is quick.
    """
    bits: dict[str | None, int] = {}
    aisles: dict[int, int] = {}
    for piece in pieces:
        bit = bits.setdefault(zone_of(piece.place), 1 << len(bits))
        aisles[piece.of.member] = aisles.get(piece.of.member, 0) | bit
    left = sorted(aisles)
    if per_list == 1:
        return [[member] for member in left]
    batches: list[list[int]] = []
    while left:
        batch, walked = [left[0]], aisles[left[0]]
        left = left[1:]
        while left and len(batch) < per_list:
            best = min(
                left,
                key=lambda member: ((aisles[member] & ~walked).bit_count(), -(aisles[member] & walked).bit_count()),
            )
            batch.append(best)
            walked |= aisles[best]
            left.remove(best)
        batches.append(sorted(batch))
    return batches


class Allocated(Protocol):
    """An allocation as its task sees it."""

    @property
    def number(self) -> int: ...

    @property
    def fulfillment_order(self) -> int | None: ...

    @property
    def location_id(self) -> UUID: ...

    @property
    def lot(self) -> str: ...

    @property
    def released(self) -> int: ...


def waits(task: PickTask, allocations: Iterable[Allocated]) -> int:
    """Units of the task that can be picked: no more than its allocation has on that shelf for that fulfillment order."""
    for each in allocations:
        here = (each.number, each.fulfillment_order, each.location_id, each.lot)
        if here == (task.allocation, task.fulfillment_order, task.location_id, task.lot):
            return max(min(task.left, each.released), 0)
    return 0


def give_up(tasks: Iterable[PickTask]) -> list[PickTask]:
    """Nobody picks what is left of them; those that changed."""
    changed = [task for task in tasks if task.left]
    for task in changed:
        task.given_up += task.left
    return changed
