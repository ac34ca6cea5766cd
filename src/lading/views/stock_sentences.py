"""The sentences of events by which stock is set to what somebody saw: counts of one row, and stock feeds."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, listed, why


def _stock_set(data: Data, names: Names) -> str:
    return f"{_instead_of(data, data['sku'], names)} ({why(data)})."


def _instead_of(data: Data, sku: str, names: Names) -> str:
    difference = data["counted"] - data["expected"]
    told = f"{difference} more" if difference > 0 else f"{-difference} fewer"
    return f"{data['counted']} × {sku} in {names.location(data['location_id'])} instead of {data['expected']}: {told}"


def _stock_feed_received(data: Data, names: Names) -> str:
    kind = "Complete snapshot" if data["complete"] else {"snapshot": "Snapshot", "delta": "Changes"}[data["kind"]]
    return f"{kind} of stock {data['reference']} as of {data['as_of']} received; it waits to be loaded."


def _stock_feed_applied(data: Data, names: Names) -> str:
    told = listed([_instead_of(line, names.sku(line["sku_id"]), names) for line in data["lines"]])
    return f"Stock feed {data['reference']}: {told} ({data['reason']})."


def _stock_feed_finished(data: Data, names: Names) -> str:
    if data.get("trouble"):
        return f"Stock feed {data['reference']} could not be loaded: {data['trouble']}"
    wrong = sum(each["rows"] for each in data["not_taken"])
    return (
        f"Stock feed {data['reference']} loaded: {data['rows']} rows, {data['unchanged']} unchanged, {data['applied']} applied,"
        f" {wrong} not taken."
    )


def _variance_taken_back(data: Data, names: Names) -> str:
    units, place = data["quantity"], names.location(data["location_id"])
    told = f"{units} more" if units > 0 else f"{-units} fewer"
    return f"What was told late was counted by {data['document']} in {place} already: {told} than it had found."


SET: Mapping[str, Callable[[Data, Names], str]] = {
    "stock_set": _stock_set,
    "variance_taken_back": _variance_taken_back,
    "stock_feed_received": _stock_feed_received,
    "stock_feed_applied": _stock_feed_applied,
    "stock_feed_finished": _stock_feed_finished,
}
