"""The sentences of what limits a product: pools of channels, and reservations without a place."""

from collections.abc import Mapping
from typing import Any

from lading.views.names import Names
from lading.views.phrases import noted, say

Data = Mapping[str, Any]

_POOLS = {
    "exclusive": noted("Pool %(pool)s keeps %(quantity)s for %(channels)s, and no more than these."),
    "shared": noted("Pool %(pool)s keeps %(quantity)s for %(channels)s."),
    "capped": noted("Pool %(pool)s allows %(channels)s %(quantity)s at most."),
}


def pool_set(data: Data, names: Names) -> str:
    """A pool and what it is worth."""
    channels = ", ".join(names.channel(id_) for id_ in data["channel_ids"])
    sentence = _POOLS[data["kind"]]
    return say(sentence, pool=data["pool"], quantity=data["quantity"], channels=channels)


def claims_shortened(data: Data, names: Names) -> str:
    """Claims that gave up what is not there any more."""
    return say("Claims shortened by %(units)s: fewer units are there than were claimed.", units=data["units"])


def pool_removed(data: Data, names: Names) -> str:
    """A pool that is no more."""
    return say("Pool %(pool)s removed.", pool=data["pool"])
