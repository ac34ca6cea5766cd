"""The sentences of waves and layouts."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data
from lading.views.phrases import reason as _reason


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _wave_planned(data: Data, names: Names) -> str:
    orders = _count(len(data["orders"]), "fulfillment order", "fulfillment orders")
    return (
        f"Wave {data['wave']} planned in {names.location(data['location_id'])}: {orders}, picked by {data['method']}."
    )


def _wave_released(data: Data, names: Names) -> str:
    lists = _count(len(data["lists"]), "pick list", "pick lists")
    return f"Wave {data['wave']} released: {lists}, {_count(data['units'], 'unit', 'units')}."


def _wave_closed(data: Data, names: Names) -> str:
    left = data["given_up"]
    told = f"{_count(left, 'unit waits', 'units wait')} for another wave" if left else "everything was picked or short"
    return f"Wave {data['wave']} closed: {told}."


def _wave_cancelled(data: Data, names: Names) -> str:
    return f"Wave {data['wave']} cancelled.{_reason(data)}"


def _pick_list_taken(data: Data, names: Names) -> str:
    return f"List {data['list']} of wave {data['wave']} taken."


def _pick_list_left(data: Data, names: Names) -> str:
    return f"List {data['list']} of wave {data['wave']} given back."


def _layout_saved(data: Data, names: Names) -> str:
    aisles = _count(len(data["aisles"]), "aisle", "aisles")
    blocks = _count(len(data["cross_cm"]) - 1, "block", "blocks")
    return f"Layout of {names.location(data['location_id'])} saved: {aisles} in {blocks}."


WAVES: Mapping[str, Callable[[Data, Names], str]] = {
    "wave_planned": _wave_planned,
    "wave_released": _wave_released,
    "wave_closed": _wave_closed,
    "wave_cancelled": _wave_cancelled,
    "pick_list_taken": _pick_list_taken,
    "pick_list_left": _pick_list_left,
    "layout_saved": _layout_saved,
}
"""By kind of event."""
