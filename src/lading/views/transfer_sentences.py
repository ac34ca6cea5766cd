"""The sentences of transfers."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, say
from lading.views.phrases import listed as _listed
from lading.views.phrases import reason as _reason

Sentence = Callable[[Data, Names], str]


def _moved(data: Data, target: str, *, damaged: bool | None = None) -> str:
    """The steps of a transfer's units to one counter: 2 × MUG-BLUE and 1 × TEE-M; empty where there are none."""
    counted: dict[str, int] = {}
    for step in data.get("steps") or ():
        if step["to"] == target and damaged in (None, step["damaged"]):
            counted[step["sku"]] = counted.get(step["sku"], 0) + step["quantity"]
    return _listed([f"{quantity} × {code}" for code, quantity in counted.items()]) if counted else ""


def _way(data: Data, names: Names) -> str:
    return say(
        "from %(place)s to %(place2)s",
        place=names.location(data["from_location_id"]),
        place2=names.location(data["to_location_id"]),
    )


def _transfer_created(data: Data, names: Names) -> str:
    units = _listed([f"{line['quantity']} × {line['sku']}" for line in data["lines"]])
    return say(
        "Transfer %(transfer)s drafted %(way)s: %(units)s.",
        transfer=data["transfer"],
        way=_way(data, names),
        units=units,
    )


def _transfer_readied(data: Data, names: Names) -> str:
    place = names.location(data["from_location_id"])
    return say(
        "%(moved)s set aside in %(place)s for transfer %(transfer)s.",
        moved=_moved(data, "ready"),
        place=place,
        transfer=data["transfer"],
    )


def _transfer_shipped(data: Data, names: Names) -> str:
    left = _moved(data, "cancelled")
    behind = say(" %(left)s stayed behind.", left=left) if left else ""
    return say(
        "Transfer %(transfer)s left %(way)s: %(moved)s.%(behind)s",
        transfer=data["transfer"],
        way=_way(data, names),
        moved=_moved(data, "in_transit") or say("nothing"),
        behind=behind,
    )


def _transfer_received(data: Data, names: Names) -> str:
    place = names.location(data["to_location_id"])
    broken = _moved(data, "received", damaged=True)
    damaged = say("; %(broken)s damaged", broken=broken) if broken else ""
    rest = "" if data.get("closed") else say(" The rest is still on its way.")
    whole = _moved(data, "received", damaged=False) or say("nothing sound")
    return say(
        "Transfer %(transfer)s: %(whole)s received in %(place)s%(damaged)s.%(rest)s",
        transfer=data["transfer"],
        whole=whole,
        place=place,
        damaged=damaged,
        rest=rest,
    )


def _settled(data: Data, names: Names) -> str:
    """What became of units that do not arrive."""
    told = [
        ("came_home", say("came home to %(place)s", place=names.location(data["from_location_id"]))),
        ("lost", "written off as lost"),
    ]
    return "".join(f" {units} {said}." for counter, said in told if (units := _moved(data, counter)))


def _transfer_cancelled(data: Data, names: Names) -> str:
    return say(
        "Transfer %(transfer)s cancelled.%(settled)s%(reason)s",
        transfer=data["transfer"],
        settled=_settled(data, names),
        reason=_reason(data),
    )


def _transfer_closed(data: Data, names: Names) -> str:
    return say(
        "Transfer %(transfer)s closed: nothing more will arrive.%(settled)s%(reason)s",
        transfer=data["transfer"],
        settled=_settled(data, names),
        reason=_reason(data),
    )


TRANSFERRED: Mapping[str, Sentence] = {
    "transfer_created": _transfer_created,
    "transfer_readied": _transfer_readied,
    "transfer_shipped": _transfer_shipped,
    "transfer_received": _transfer_received,
    "transfer_cancelled": _transfer_cancelled,
    "transfer_closed": _transfer_closed,
}
"""By kind of event."""
