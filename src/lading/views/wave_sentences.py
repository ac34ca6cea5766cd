"""The sentences of waves and layouts."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, counted, noted, say
from lading.views.phrases import reason as _reason


def _wave_planned(data: Data, names: Names) -> str:
    orders = counted(len(data["orders"]), noted("fulfillment order"), noted("fulfillment orders"))
    return say(
        "Wave %(wave)s planned in %(place)s: %(orders)s, picked by %(method)s.",
        wave=data["wave"],
        place=names.location(data["location_id"]),
        orders=orders,
        method=data["method"],
    )


def _wave_released(data: Data, names: Names) -> str:
    lists = counted(len(data["lists"]), noted("pick list"), noted("pick lists"))
    return say(
        "Wave %(wave)s released: %(lists)s, %(count)s.",
        wave=data["wave"],
        lists=lists,
        count=counted(data["units"], noted("unit"), noted("units")),
    )


def _wave_closed(data: Data, names: Names) -> str:
    left = data["given_up"]
    told = (
        say("%(count)s for another wave", count=counted(left, noted("unit waits"), noted("units wait")))
        if left
        else say("everything was picked or short")
    )
    return say("Wave %(wave)s closed: %(told)s.", wave=data["wave"], told=told)


def _wave_cancelled(data: Data, names: Names) -> str:
    return say("Wave %(wave)s cancelled.%(reason)s", wave=data["wave"], reason=_reason(data))


def _pick_list_taken(data: Data, names: Names) -> str:
    return say("List %(list)s of wave %(wave)s taken.", list=data["list"], wave=data["wave"])


def _pick_list_left(data: Data, names: Names) -> str:
    return say("List %(list)s of wave %(wave)s given back.", list=data["list"], wave=data["wave"])


def _layout_saved(data: Data, names: Names) -> str:
    aisles = counted(len(data["aisles"]), noted("aisle"), noted("aisles"))
    blocks = counted(len(data["cross_cm"]) - 1, noted("block"), noted("blocks"))
    return say(
        "Layout of %(place)s saved: %(aisles)s in %(blocks)s.",
        place=names.location(data["location_id"]),
        aisles=aisles,
        blocks=blocks,
    )


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
