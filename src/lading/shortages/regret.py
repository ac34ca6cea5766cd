"""Who gives way when there is less than was promised: the plan of least regret over all orders that are concerned.

Every claim (units of an order line) is served by offers (what remains on the shelf, another location, what is expected, another
product, and at worst nothing). Each pair has a regret in points per unit; the plan with the least sum is a transport problem, solved
exactly by shortest augmenting paths over the offers, of which there are few (Ford and Fulkerson 1956; Bellman's labels).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Regret = int | None
"""Points per unit; None: that offer cannot serve that claim."""


@dataclass(slots=True, frozen=True)
class Served:
    """Units of a claim that an offer serves; both by their place in the lists."""

    claim: int
    offer: int
    units: int
    regret: int
    """Points per unit."""


def least(claims: Sequence[int], offers: Sequence[int], regret: Callable[[int, int], Regret]) -> list[Served]:
    """Serve all claims with the least regret; ties go to the earlier claim. The result is in the order of claims, then offers.

    `claims` are the units wanted, `offers` the units there. Raises ValueError where they cannot all be served: at worst there must be an
    offer of nothing (to wait, to cancel) that is large enough for everybody.
    """
    table = [[regret(claim, offer) for offer in range(len(offers))] for claim in range(len(claims))]
    flow: list[dict[int, int]] = [{} for _ in claims]
    left = list(offers)
    for claim, wanted in enumerate(claims):
        while wanted:
            path = _cheapest_path(claim, table, flow, left)
            if path is None:
                raise ValueError(f"claim {claim} cannot be served: no offer has units for it")
            wanted -= _push(claim, path, wanted, flow, left)
    return [
        Served(claim, offer, units, table[claim][offer] or 0)
        for claim, served in enumerate(flow)
        for offer, units in sorted(served.items())
    ]


Step = tuple[int, int | None]
"""(offer, the claim that gives way on it to the next offer of the path; None where units are left)"""


def _cheapest_path(
    claim: int, table: Sequence[Sequence[Regret]], flow: Sequence[Mapping[int, int]], left: Sequence[int]
) -> list[Step] | None:
    """From the claim to an offer with units left, through claims that are moved from one offer to another."""
    moves = _moves(table, flow)
    cost: dict[int, int] = {offer: points for offer, points in enumerate(table[claim]) if points is not None}
    before: dict[int, tuple[int, int]] = {}
    changed = True
    while changed:
        changed = False
        for (source, target), (extra, mover) in moves.items():
            if source in cost and cost[source] + extra < cost.get(target, _FAR):
                cost[target] = cost[source] + extra
                before[target] = (source, mover)
                changed = True
    reachable = [(points, offer) for offer, points in cost.items() if left[offer]]
    if not reachable:
        return None
    offer = min(reachable)[1]
    path: list[Step] = [(offer, None)]
    while offer in before:
        offer, mover = before[offer]
        path.append((offer, mover))
    return path[::-1]


_FAR = 2**62


def _moves(
    table: Sequence[Sequence[Regret]], flow: Sequence[Mapping[int, int]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Between each two offers: what it adds to move one unit of the claim that minds it least, and which claim that is."""
    best: dict[tuple[int, int], tuple[int, int]] = {}
    for claim, served in enumerate(flow):
        for source in served:
            here = table[claim][source]
            assert here is not None
            for target, there in enumerate(table[claim]):
                if (
                    there is not None
                    and target != source
                    and (there - here, claim) < best.get((source, target), (_FAR, 0))
                ):
                    best[(source, target)] = (there - here, claim)
    return best


def _push(claim: int, path: Sequence[Step], wanted: int, flow: list[dict[int, int]], left: list[int]) -> int:
    """Send as many units along the path as all of it can bear."""
    last = path[-1][0]
    units = min([wanted, left[last], *(flow[mover][offer] for offer, mover in path if mover is not None)])
    taker = claim
    for offer, mover in path:
        flow[taker][offer] = flow[taker].get(offer, 0) + units
        if mover is not None:
            flow[mover][offer] -= units
            if not flow[mover][offer]:
                del flow[mover][offer]
            taker = mover
    left[last] -= units
    return units
