"""Good parcels for many pieces, in bounded time. Pure.

All in one carton where they go in; otherwise one carton after the other, each the one that carries most for its price of what is left.
"""

from collections.abc import Iterable, Sequence
from math import ceil

from lading.packing import blocks, spaces
from lading.packing.blocks import Filling, Kind
from lading.packing.types import Carton, Parcel, Piece, Placed, Size, Tariff

EFFORT = 6
"""Fillings that are tried of each carton."""


def cost_of(carton: Carton, weight_grams: int, tariff: Tariff) -> int | None:
    """Carton and carrier for contents of that weight; None where the carrier does not take it."""
    price = tariff.price(tariff.billed_grams(carton.outer, weight_grams + carton.tare_grams))
    return None if price is None else price + carton.cost_minor


def parcel_of(carton: Carton, placed: Sequence[Placed], pieces: Sequence[Piece], tariff: Tariff) -> Parcel:
    """The carton with what lies in it, and what it costs. The tariff takes it."""
    weight = sum(pieces[each.piece].weight_grams for each in placed)
    cost = cost_of(carton, weight, tariff)
    assert cost is not None
    weight += carton.tare_grams
    return Parcel(carton, list(placed), weight, tariff.billed_grams(carton.outer, weight), cost)


def choose(
    numbers: Iterable[int], pieces: Sequence[Piece], cartons: Sequence[Carton], tariff: Tariff, effort: int
) -> tuple[list[Parcel], int]:
    """(the parcels, what they cost at least). Each piece fits into some carton by itself."""
    left = set(numbers)
    bound = _bound(left, pieces, cartons, tariff)
    parcels: list[Parcel] = []
    while left:
        parcel = _one(left, pieces, cartons, tariff, effort) or _most_for_its_price(
            left, pieces, cartons, tariff, effort
        )
        parcels.append(parcel)
        left -= {each.piece for each in parcel.placed}
    return parcels, min(bound, sum(parcel.cost_minor for parcel in parcels))


def kinds_of(numbers: Iterable[int], pieces: Sequence[Piece], inner: Size) -> list[Kind]:
    """Alike ones together; those that do not fit in are left out."""
    alike: dict[Piece, list[int]] = {}
    for number in sorted(numbers):
        alike.setdefault(pieces[number], []).append(number)
    found = []
    for piece, members in alike.items():
        if turns := spaces.turns_of(piece, inner):
            room = piece.size[0] * piece.size[1] * piece.size[2]
            found.append(Kind(turns, members, room, piece.weight_grams, piece.fragile))
    return found


def _bound(numbers: set[int], pieces: Sequence[Piece], cartons: Sequence[Carton], tariff: Tariff) -> int:
    """No packing costs less: all its room, and all its weight, at the best price there is for either."""
    room = sum(_room(pieces[number].size) for number in numbers)
    weight = sum(pieces[number].weight_grams for number in numbers)
    least = 0
    by_room: list[float] = []
    by_weight: list[float] = []
    for carton in cartons:
        empty = cost_of(carton, 0, tariff)
        if empty is not None:
            by_room.append(empty / _room(carton.inner))
        for step in tariff.up_to_grams:
            inside = min(step - carton.tare_grams, carton.max_grams)
            if inside > 0 and (cost := cost_of(carton, inside, tariff)) is not None:
                by_weight.append(cost / inside)
    if by_room:
        least = ceil(room * min(by_room) - 1e-6)
    if by_weight:
        least = max(least, ceil(weight * min(by_weight) - 1e-6))
    return least


def _room(size: Size) -> int:
    return size[0] * size[1] * size[2]


def _one(
    numbers: set[int], pieces: Sequence[Piece], cartons: Sequence[Carton], tariff: Tariff, effort: int
) -> Parcel | None:
    """All in one, the cheapest that is found; None where they do not go in."""
    if len({pieces[number].keep_apart for number in numbers} - {""}) > 1:
        return None
    weight = sum(pieces[number].weight_grams for number in numbers)
    room = sum(_room(pieces[number].size) for number in numbers)
    priced = [
        (cost, index)
        for index, carton in enumerate(cartons)
        if room <= _room(carton.inner)
        and weight <= carton.max_grams
        and (cost := cost_of(carton, weight, tariff)) is not None
    ]
    for _, index in sorted(priced):
        filling = _fill(numbers, pieces, cartons[index], effort, room)
        if filling.volume == room and len(filling.placed) == len(numbers):
            return parcel_of(cartons[index], spaces.settle(filling.placed, pieces), pieces, tariff)
    return None


def _fill(numbers: Iterable[int], pieces: Sequence[Piece], carton: Carton, effort: int, enough: int) -> Filling:
    kinds = kinds_of(numbers, pieces, carton.inner)
    return blocks.best(kinds, carton.inner, carton.max_grams, 1, lambda rounds: rounds < effort, enough)


def _most_for_its_price(
    numbers: set[int], pieces: Sequence[Piece], cartons: Sequence[Carton], tariff: Tariff, effort: int
) -> Parcel:
    """The carton that carries most volume of what is left for its price."""
    best: tuple[float, int, Parcel] | None = None
    classes = sorted({pieces[number].keep_apart for number in numbers} - {""}) or [""]
    for own in classes:
        group = [number for number in numbers if pieces[number].keep_apart in ("", own)]
        room = sum(_room(pieces[number].size) for number in group)
        for carton in cartons:
            filling = _taken(_fill(group, pieces, carton, max(1, effort // 3), room), pieces, carton, tariff)
            if not filling:
                continue
            parcel = parcel_of(carton, filling, pieces, tariff)
            score = (parcel.cost_minor / sum(_room(each.size) for each in filling), -len(filling), parcel)
            if best is None or score[:2] < best[:2]:
                best = score
    assert best is not None
    parcel = best[2]
    return parcel._replace(placed=spaces.settle(parcel.placed, pieces))


def _taken(filling: Filling, pieces: Sequence[Piece], carton: Carton, tariff: Tariff) -> list[Placed]:
    """As much of it as the carrier takes: what was laid last, and bears nothing, is left out first."""
    placed = sorted(filling.placed, key=lambda each: each.at[2])
    while placed and cost_of(carton, sum(pieces[each.piece].weight_grams for each in placed), tariff) is None:
        placed.pop()
    return placed
