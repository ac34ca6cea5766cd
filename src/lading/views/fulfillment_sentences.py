"""The sentences of what becomes of fulfillment orders beside picking."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.payment_sentences import cash, holds_told
from lading.views.phrases import Data, listed, locations, noted, reason, said, say, turned_up, units_of


def _moved(data: Data, names: Names, stage: str) -> str:
    return units_of([move for move in data.get("moves") or () if move["to"] == stage], names)


def _numbers(data: Data) -> str:
    return listed([f"F{each['number']}" for each in data.get("made") or ()])


def _split(data: Data, names: Names) -> str:
    return say(
        "%(moved)s of F%(fulfillment_order)s became %(numbers)s, at the same location.",
        moved=_moved(data, names, "moved"),
        fulfillment_order=data["fulfillment_order"],
        numbers=_numbers(data),
    )


def _merged(data: Data, names: Names) -> str:
    others = listed([f"F{number}" for number in data["others"]])
    return say(
        "%(moved)s of %(others)s put together with F%(fulfillment_order)s.",
        moved=_moved(data, names, "moved"),
        others=others,
        fulfillment_order=data["fulfillment_order"],
    )


def _elsewhere(data: Data, names: Names) -> str:
    """What was found in its place, what waits, and whether the promise holds."""
    told = []
    if found := data.get("taken"):
        places = locations((each["location_id"] for each in found), names)
        told.append(
            say("%(units_of)s found in %(places)s", units_of=units_of(found, names), places=places)
            + (f" ({_numbers(data)})." if data.get("made") else ".")
        )
    if waits := data.get("promises"):
        told.append(say("%(units_of)s wait for stock.", units_of=units_of(waits, names)))
    elif not found:
        told.append(
            say("A hold stops the search for other stock.")
            if "resourced" not in data
            else say("No other location has it.")
        )
    if promise := data.get("promise"):
        after = (
            say(": it leaves on %(after)s, not on %(before)s", after=promise["after"], before=promise["before"])
            if promise["after"] and promise["before"]
            else ""
        )
        told.append(
            say("What was promised holds.")
            if promise["kept"]
            else say("What was promised cannot be kept%(after)s.", after=after)
        )
    return " ".join(told)


_FOUND = {
    "missing": noted(" The units are missing there: written off."),
    "damaged": noted(" The units are damaged there."),
}


def _rejected(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    who = (
        say("%(place)s did not answer in time and lost", place=place)
        if data.get("over")
        else say("%(place)s rejected", place=place)
    )
    what = say(
        "%(moved)s of F%(fulfillment_order)s",
        moved=_moved(data, names, "open"),
        fulfillment_order=data["fulfillment_order"],
    )
    found = _FOUND.get(data["found"], "")
    return f"{who} {what}.{reason(data)}{say(found)} {_elsewhere(data, names)}".strip()


def _closed(data: Data, names: Names) -> str:
    told = say(
        "Closed F%(fulfillment_order)s in %(place)s.%(reason)s",
        fulfillment_order=data["fulfillment_order"],
        place=names.location(data["location_id"]),
        reason=reason(data),
    )
    targets = {move["to"] for move in data["moves"]}
    if "cancelled" in targets:
        told += say(" Cancelled %(moved)s.", moved=_moved(data, names, "cancelled"))
    if "open" in targets:
        told += say(
            " Looked elsewhere for %(moved)s. %(elsewhere)s",
            moved=_moved(data, names, "open"),
            elsewhere=_elsewhere(data, names),
        )
    return told


def _moved_to(data: Data, names: Names) -> str:
    what = say(
        "%(moved)s of F%(fulfillment_order)s",
        moved=_moved(data, names, "moved"),
        fulfillment_order=data["fulfillment_order"],
    )
    return say(
        "Moved %(what)s from %(place)s.%(reason)s %(elsewhere)s",
        what=what,
        place=names.location(data["location_id"]),
        reason=reason(data),
        elsewhere=_elsewhere(data, names),
    )


def _asked(data: Data) -> Data:
    return next(each for each in data["asked"] if each["number"] == data["fulfillment_order"])


def _submitted(data: Data, names: Names) -> str:
    place, until = names.location(data["location_id"]), _asked(data)["answer_by"]
    return say(
        "Asked %(place)s to send F%(fulfillment_order)s; it answers by %(minute)s.",
        place=place,
        fulfillment_order=data["fulfillment_order"],
        minute=_minute(until),
    )


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ") + " UTC"


def _accepted(data: Data, names: Names) -> str:
    of = say(", a part of F%(of)s", of=data["of"]) if data.get("of") else ""
    return say(
        "%(place)s accepted F%(fulfillment_order)s%(of)s.",
        place=names.location(data["location_id"]),
        fulfillment_order=data["fulfillment_order"],
        of=of,
    )


def _shipped(data: Data, names: Names) -> str:
    tracking = (
        say(", tracking number %(tracking_number)s", tracking_number=data["tracking_number"])
        if data.get("tracking_number")
        else ""
    )
    units = _moved(data, names, "in_transit")
    place = names.location(data["location_id"])
    sent = say(
        "%(place)s sent %(units)s of F%(fulfillment_order)s as parcel P%(parcel)s with %(carrier)s%(tracking)s.",
        place=place,
        units=units,
        fulfillment_order=data["fulfillment_order"],
        parcel=data["parcel"],
        carrier=data["carrier"],
        tracking=tracking,
    )
    return sent + turned_up(data)


def _scheduled(data: Data, names: Names) -> str:
    when = _asked(data)["scheduled_for"]
    told = say("scheduled for %(minute)s", minute=_minute(when)) if when else say("opened: work on it may begin")
    return f"F{data['fulfillment_order']} {told}."


def _cancelled(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    units = _moved(data, names, "allocated")
    return say(
        "Took back F%(fulfillment_order)s from %(place)s: %(units)s wait for a release.%(reason)s",
        fulfillment_order=data["fulfillment_order"],
        place=place,
        units=units,
        reason=reason(data),
    )


def _cancellation_requested(data: Data, names: Names) -> str:
    return say(
        "Asked %(place)s to stop with F%(fulfillment_order)s.%(reason)s",
        place=names.location(data["location_id"]),
        fulfillment_order=data["fulfillment_order"],
        reason=reason(data),
    )


def _cancellation_answered(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    if not data["accepted"]:
        return say(
            "%(place)s sends F%(fulfillment_order)s all the same.",
            place=place,
            fulfillment_order=data["fulfillment_order"],
        )
    return say(
        "%(place)s stopped with F%(fulfillment_order)s: %(moved)s wait for a release.",
        place=place,
        fulfillment_order=data["fulfillment_order"],
        moved=_moved(data, names, "allocated"),
    )


def _pickup_ready(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    return say(
        "Parcel P%(parcel)s waits in %(place)s for its customer, until %(minute)s.",
        parcel=data["parcel"],
        place=place,
        minute=_minute(data["collect_by"]),
    )


def _pickup_extended(data: Data, names: Names) -> str:
    return say(
        "Parcel P%(parcel)s waits for its customer until %(minute)s, not %(minute2)s.",
        parcel=data["parcel"],
        minute=_minute(data["collect_by"]),
        minute2=_minute(data["before"]),
    )


_PROOFS = {"code": noted("who said the code"), "document": noted("who showed a document")}


def _pickup_handed_over(data: Data, names: Names) -> str:
    units, place = _moved(data, names, "delivered"), names.location(data["location_id"])
    told = say(
        "Parcel P%(parcel)s handed to its customer in %(place)s, %(proof)s: %(units)s.",
        parcel=data["parcel"],
        place=place,
        proof=said(_PROOFS, data["proof"]),
        units=units,
    )
    return (
        say(
            "%(told)s Not taken of P%(instead_of)s: %(moved)s.",
            told=told,
            instead_of=data["instead_of"],
            moved=_moved(data, names, "picked"),
        )
        if data.get("instead_of")
        else told
    )


def _pickup_expired(data: Data, names: Names) -> str:
    units = units_of(data["lines"], names)
    place = names.location(data["location_id"])
    return say(
        "Nobody came for parcel P%(parcel)s: %(units)s cancelled, to be put back in %(place)s.%(reason)s",
        parcel=data["parcel"],
        units=units,
        place=place,
        reason=reason(data),
    )


def _pickup_received(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    return say(
        "Parcel P%(arrived)s came to %(place)s and waits there for its customer as P%(parcel)s, until %(minute)s.",
        arrived=data["arrived"],
        place=place,
        parcel=data["parcel"],
        minute=_minute(data["collect_by"]),
    )


def _pickup_changed(data: Data, names: Names) -> str:
    lines = listed([names.line(line) for line in data["lines"]])
    place = data["to_location_id"]
    told = say("is collected in %(place)s", place=names.location(place)) if place else say("is sent to the customer")
    more = data.get("adjusted_minor")
    taxed = (
        say(" Taxed there: %(part)s%(cash)s.", part="+" if more > 0 else "", cash=cash(more, data, names))
        if more
        else ""
    )
    rest = taxed + holds_told(data) + reason(data)
    return say("%(lines)s %(told)s from now on.%(reason)s", lines=lines, told=told, reason=rest)


FULFILLED: Mapping[str, Callable[[Data, Names], str]] = {
    "fulfillment_order_split": _split,
    "fulfillment_orders_merged": _merged,
    "fulfillment_order_rejected": _rejected,
    "fulfillment_order_moved": _moved_to,
    "fulfillment_order_closed": _closed,
    "fulfillment_order_submitted": _submitted,
    "fulfillment_order_accepted": _accepted,
    "fulfillment_order_shipped": _shipped,
    "fulfillment_order_scheduled": _scheduled,
    "fulfillment_order_cancelled": _cancelled,
    "fulfillment_order_cancellation_requested": _cancellation_requested,
    "cancellation_answered": _cancellation_answered,
    "pickup_ready": _pickup_ready,
    "pickup_extended": _pickup_extended,
    "pickup_handed_over": _pickup_handed_over,
    "pickup_expired": _pickup_expired,
    "pickup_received": _pickup_received,
    "pickup_changed": _pickup_changed,
}
"""By kind of event."""
