"""The sentences of what limits a product: pools of channels, and reservations without a place."""

from collections.abc import Mapping
from typing import Any

from lading.views.names import Names

Data = Mapping[str, Any]

_POOLS = {
    "exclusive": "keeps {quantity} for {channels}, and no more than these",
    "shared": "keeps {quantity} for {channels}",
    "capped": "allows {channels} {quantity} at most",
}


def pool_set(data: Data, names: Names) -> str:
    """A pool and what it is worth."""
    channels = ", ".join(names.channel(id_) for id_ in data["channel_ids"])
    return f"Pool {data['pool']} {_POOLS[data['kind']].format(quantity=data['quantity'], channels=channels)}."


def claims_shortened(data: Data, names: Names) -> str:
    """Claims that gave up what is not there any more."""
    return f"Claims shortened by {data['units']}: fewer units are there than were claimed."


def pool_removed(data: Data, names: Names) -> str:
    """A pool that is no more."""
    return f"Pool {data['pool']} removed."
