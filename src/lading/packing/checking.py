"""Is a packing one that can be packed? An independent witness: it shares nothing with those who look for packings.

Pure: no I/O, no clock, no randomness. Slow and plain on purpose.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from lading.packing.types import Packing, Parcel, Piece, Placed, Size, Tariff


def faults(packing: Packing, pieces: Sequence[Piece], tariff: Tariff) -> list[str]:
    """Every rule that the packing breaks, in sentences; nothing where it can be packed and costs what it says."""
    found = list(_counted(packing, pieces))
    for number, parcel in enumerate(packing.parcels, 1):
        found += [f"parcel {number}: {fault}" for fault in _of_parcel(parcel, pieces, tariff)]
    if packing.cost_minor != sum(parcel.cost_minor for parcel in packing.parcels):
        found.append("the cost is not the sum of its parcels")
    if packing.bound_minor > packing.cost_minor:
        found.append("the bound lies above the cost")
    return found


def _counted(packing: Packing, pieces: Sequence[Piece]) -> Iterator[str]:
    seen = Counter(placed.piece for parcel in packing.parcels for placed in parcel.placed)
    seen.update(packing.left)
    for number in range(len(pieces)):
        if seen[number] != 1:
            yield f"piece {number} lies in {seen[number]} places"
    if set(seen) - set(range(len(pieces))):
        yield "there are pieces that nobody gave"


def lie_well(placed: Sequence[Placed], pieces: Sequence[Piece], inner: Size) -> list[str]:
    """What is wrong with how pieces lie in so much room."""
    return [*_inside(placed, inner), *_lie_well(placed, pieces)]


def _of_parcel(parcel: Parcel, pieces: Sequence[Piece], tariff: Tariff) -> Iterator[str]:
    inside = [pieces[placed.piece] for placed in parcel.placed]
    weight = sum(piece.weight_grams for piece in inside)
    carton = parcel.carton
    if carton is None:
        if len(inside) != 1:
            yield "several pieces and no carton"
        outer, tare, cost = inside[0].size, 0, 0
    else:
        outer, tare, cost = carton.outer, carton.tare_grams, carton.cost_minor
        if weight > carton.max_grams:
            yield f"{weight} g are more than {carton.max_grams} g"
        yield from _inside(parcel.placed, carton.inner)
    if parcel.weight_grams != weight + tare:
        yield f"weighs {weight + tare} g, not {parcel.weight_grams} g"
    if parcel.billed_grams != tariff.billed_grams(outer, weight + tare):
        yield "is billed by another weight"
    price = tariff.price(parcel.billed_grams)
    if price is None or parcel.cost_minor != price + cost:
        yield "costs something else"
    yield from _lie_well(parcel.placed, pieces)


def _inside(placed: Sequence[Placed], inner: Sequence[int]) -> Iterator[str]:
    for each in placed:
        for axis in range(3):
            if each.at[axis] < 0 or each.at[axis] + each.size[axis] > inner[axis]:
                yield f"piece {each.piece} sticks out"


def _lie_well(placed: Sequence[Placed], pieces: Sequence[Piece]) -> Iterator[str]:
    for each in placed:
        piece = pieces[each.piece]
        if sorted(each.size) != sorted(piece.size):
            yield f"piece {each.piece} has another size"
        if piece.upright and each.size[2] != piece.size[2]:
            yield f"piece {each.piece} does not stand upright"
    classes = {pieces[each.piece].keep_apart for each in placed} - {""}
    if len(classes) > 1:
        yield f"{' and '.join(sorted(classes))} lie together"
    for index, one in enumerate(placed):
        for other in placed[index + 1 :]:
            if all(_overlap(one, other, axis) for axis in range(3)):
                yield f"pieces {one.piece} and {other.piece} lie in each other"
            for below, above in ((one, other), (other, one)):
                crushed = pieces[below.piece].fragile and not pieces[above.piece].fragile
                over = above.at[2] >= below.at[2] + below.size[2]
                if crushed and over and _overlap(below, above, 0) and _overlap(below, above, 1):
                    yield f"piece {above.piece} lies above the fragile piece {below.piece}"


def _overlap(one: Placed, other: Placed, axis: int) -> bool:
    return one.at[axis] < other.at[axis] + other.size[axis] and other.at[axis] < one.at[axis] + one.size[axis]
