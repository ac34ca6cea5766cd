"""The sentences of events by which stock is set to what somebody saw: counts of one row, and stock feeds."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, counted, listed, noted, said, say, why


def _stock_set(data: Data, names: Names) -> str:
    return f"{_instead_of(data, data['sku'], names)} ({why(data)})."


def _instead_of(data: Data, sku: str, names: Names) -> str:
    difference = data["counted"] - data["expected"]
    told = (
        say("%(difference)s more", difference=difference)
        if difference > 0
        else say("%(difference)s fewer", difference=-difference)
    )
    return say(
        "%(counted)s × %(sku)s in %(place)s instead of %(expected)s: %(told)s",
        counted=data["counted"],
        sku=sku,
        place=names.location(data["location_id"]),
        expected=data["expected"],
        told=told,
    )


_KINDS = {"snapshot": noted("Snapshot"), "delta": noted("Changes")}


def _stock_feed_received(data: Data, names: Names) -> str:
    kind = say("Complete snapshot") if data["complete"] else said(_KINDS, data["kind"])
    return say(
        "%(kind)s of stock %(reference)s as of %(as_of)s received; it waits to be loaded.",
        kind=kind,
        reference=data["reference"],
        as_of=data["as_of"],
    )


def _stock_feed_applied(data: Data, names: Names) -> str:
    told = listed([_instead_of(line, names.sku(line["sku_id"]), names) for line in data["lines"]])
    return say(
        "Stock feed %(reference)s: %(told)s (%(reason)s).",
        reference=data["reference"],
        told=told,
        reason=data["reason"],
    )


def _stock_feed_finished(data: Data, names: Names) -> str:
    if data.get("trouble"):
        return say(
            "Stock feed %(reference)s could not be loaded: %(trouble)s",
            reference=data["reference"],
            trouble=data["trouble"],
        )
    wrong = sum(each["rows"] for each in data["not_taken"])
    return say(
        "Stock feed %(reference)s loaded: %(rows)s, %(unchanged)s unchanged, %(applied)s applied, %(wrong)s not taken.",
        reference=data["reference"],
        rows=counted(data["rows"], noted("row"), noted("rows")),
        unchanged=data["unchanged"],
        applied=data["applied"],
        wrong=wrong,
    )


def _variance_taken_back(data: Data, names: Names) -> str:
    units, place = data["quantity"], names.location(data["location_id"])
    told = say("%(units)s more", units=units) if units > 0 else say("%(units)s fewer", units=-units)
    return say(
        "What was told late was counted by %(document)s in %(place)s already: %(told)s than it had found.",
        document=data["document"],
        place=place,
        told=told,
    )


SET: Mapping[str, Callable[[Data, Names], str]] = {
    "stock_set": _stock_set,
    "variance_taken_back": _variance_taken_back,
    "stock_feed_received": _stock_feed_received,
    "stock_feed_applied": _stock_feed_applied,
    "stock_feed_finished": _stock_feed_finished,
}
