"""A warehouse drawn from above: aisles, bins, the depot, and the walk past the stops of a pick list. The front is below."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from lading.layouts import search
from lading.layouts.types import Layout, Spot
from lading.views.waves import LayoutView, StopView

_MARGIN = 0.06
"""Of the longer side."""


class Mark(NamedTuple):
    """A place in the drawing."""

    x: float
    y: float
    text: str
    kind: str = ""
    """done, now, or nothing."""


@dataclass(slots=True)
class Drawing:
    """Numbers of an SVG: lengths in centimetres, downwards from the back."""

    box: str
    unit: float
    """What text and marks are measured in."""
    left: int
    width: int
    depth: int
    crosses: list[int]
    depot: Mark
    aisles: list[Mark] = field(default_factory=list)
    bins: list[Mark] = field(default_factory=list)
    stops: list[Mark] = field(default_factory=list)
    path: str = ""
    """Points of the walk; empty where there is none."""


def draw(plan: LayoutView | None, stops: Sequence[StopView], now: str | None = None) -> Drawing | None:
    """The plan with the walk past the stops that it knows; None where there is no plan."""
    if plan is None or not plan.aisles:
        return None
    layout = Layout(UUID(int=0), plan.depot_cm, plan.cross_cm, {each.code: each.x_cm for each in plan.aisles})
    xs = [*layout.aisles.values(), layout.depot]
    left, right, front, back = min(xs), max(xs), layout.front, layout.back
    longer = max(right - left, back - front, 100)
    unit, margin = longer / 60, longer * _MARGIN
    box = f"{left - margin:g} {-margin:g} {right - left + 2 * margin:g} {back - front + 2.4 * margin:g}"
    drawing = Drawing(
        box,
        unit,
        left,
        right - left,
        back - front,
        [back - cross for cross in layout.crosses],
        Mark(layout.depot, back - front, ""),
    )
    drawing.aisles = [Mark(x, -unit, code) for code, x in layout.aisles.items()]
    drawing.bins = [
        Mark(each.x_cm, back - each.y_cm, each.bin)
        for each in plan.bins
        if each.x_cm is not None and each.y_cm is not None
    ]
    known = [(stop, Spot(stop.x_cm, stop.y_cm)) for stop in stops if stop.x_cm is not None and stop.y_cm is not None]
    if known:
        walked = [layout.start, *(spot for _, spot in known), layout.start]
        points = [layout.start]
        for one, other in pairwise(walked):
            points += search.way(layout, one, other)
        drawing.path = " ".join(f"{point.x},{back - point.y}" for point in points)
    drawing.stops = [
        Mark(spot.x, back - spot.y, str(turn), _kind(stop, now)) for turn, (stop, spot) in enumerate(known, 1)
    ]
    return drawing


def _kind(stop: StopView, now: str | None) -> str:
    if now is not None and stop.bin == now:
        return "now"
    return "" if any(task.waiting for task in stop.tasks) else "done"
