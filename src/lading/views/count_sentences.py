"""The sentences of counts."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import SHOWN_MAX, Data, say, short
from lading.views.phrases import listed as _listed
from lading.views.phrases import reason as _reason

Sentence = Callable[[Data, Names], str]


def _count_opened(data: Data, names: Names) -> str:
    products = len(data["lines"])
    blind = say(", blind") if data.get("blind") else ""
    what = (
        _listed([line["sku"] for line in data["lines"]])
        if products <= SHOWN_MAX
        else say("%(products)s products and lots", products=products)
    )
    return say(
        "Count %(count)s opened in %(place)s%(blind)s: %(what)s.",
        count=data["count"],
        place=names.location(data["location_id"]),
        blind=blind,
        what=what,
    )


def _count_recorded(data: Data, names: Names) -> str:
    units = _listed([f"{line['counted']} × {line['sku']}" for line in data["lines"]])
    return say(
        "Count %(count)s in %(place)s: %(units)s counted.",
        count=data["count"],
        place=names.location(data["location_id"]),
        units=units,
    )


def _recount_asked(data: Data, names: Names) -> str:
    return say(
        "Count %(count)s: %(list)s to be counted once more.",
        count=data["count"],
        list=_listed([line["sku"] for line in data["lines"]]),
    )


def _count_approved(data: Data, names: Names) -> str:
    differing = [f"{line['variance']:+} × {line['sku']}" for line in data["lines"] if line["variance"]]
    found = (
        say("%(list)s in %(place)s", list=_listed(differing), place=names.location(data["location_id"]))
        if differing
        else say("the book was right")
    )
    return say(
        "Count %(count)s approved: %(found)s.%(short)s%(reason)s",
        count=data["count"],
        found=found,
        short=short(data),
        reason=_reason(data),
    )


def _count_cancelled(data: Data, names: Names) -> str:
    return say("Count %(count)s cancelled.%(reason)s", count=data["count"], reason=_reason(data))


COUNTED: Mapping[str, Sentence] = {
    "count_opened": _count_opened,
    "count_recorded": _count_recorded,
    "recount_asked": _recount_asked,
    "count_approved": _count_approved,
    "count_cancelled": _count_cancelled,
}
"""By kind of event."""
