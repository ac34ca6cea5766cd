"""The sentences of what becomes of fulfillment orders beside picking."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, listed, locations, reason, units_of


def _moved(data: Data, names: Names, stage: str) -> str:
    return units_of([move for move in data.get("moves") or () if move["to"] == stage], names)


def _numbers(data: Data) -> str:
    return listed([f"F{each['number']}" for each in data.get("made") or ()])


def _split(data: Data, names: Names) -> str:
    return (
        f"{_moved(data, names, 'moved')} of F{data['fulfillment_order']} became {_numbers(data)}, at the same location."
    )


def _merged(data: Data, names: Names) -> str:
    others = listed([f"F{number}" for number in data["others"]])
    return f"{_moved(data, names, 'moved')} of {others} put together with F{data['fulfillment_order']}."


def _elsewhere(data: Data, names: Names) -> str:
    """What was found in its place, what waits, and whether the promise holds."""
    told = []
    if found := data.get("taken"):
        places = locations((each["location_id"] for each in found), names)
        told.append(
            f"{units_of(found, names)} found in {places}" + (f" ({_numbers(data)})." if data.get("made") else ".")
        )
    if waits := data.get("promises"):
        told.append(f"{units_of(waits, names)} wait for stock.")
    elif not found:
        told.append(
            "A hold stops the search for other stock." if "resourced" not in data else "No other location has it."
        )
    if promise := data.get("promise"):
        after = (
            f": it leaves on {promise['after']}, not on {promise['before']}"
            if promise["after"] and promise["before"]
            else ""
        )
        told.append("What was promised holds." if promise["kept"] else f"What was promised cannot be kept{after}.")
    return " ".join(told)


_FOUND = {"missing": " The units are missing there: written off.", "damaged": " The units are damaged there."}


def _rejected(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    who = f"{place} did not answer in time and lost" if data.get("over") else f"{place} rejected"
    what = f"{_moved(data, names, 'open')} of F{data['fulfillment_order']}"
    return f"{who} {what}.{reason(data)}{_FOUND.get(data['found'], '')} {_elsewhere(data, names)}".strip()


def _closed(data: Data, names: Names) -> str:
    told = f"Closed F{data['fulfillment_order']} in {names.location(data['location_id'])}.{reason(data)}"
    targets = {move["to"] for move in data["moves"]}
    if "cancelled" in targets:
        told += f" Cancelled {_moved(data, names, 'cancelled')}."
    if "open" in targets:
        told += f" Looked elsewhere for {_moved(data, names, 'open')}. {_elsewhere(data, names)}"
    return told


def _moved_to(data: Data, names: Names) -> str:
    what = f"{_moved(data, names, 'moved')} of F{data['fulfillment_order']}"
    return f"Moved {what} from {names.location(data['location_id'])}.{reason(data)} {_elsewhere(data, names)}"


def _asked(data: Data) -> Data:
    return next(each for each in data["asked"] if each["number"] == data["fulfillment_order"])


def _submitted(data: Data, names: Names) -> str:
    place, until = names.location(data["location_id"]), _asked(data)["answer_by"]
    return f"Asked {place} to send F{data['fulfillment_order']}; it answers by {_minute(until)}."


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ") + " UTC"


def _accepted(data: Data, names: Names) -> str:
    of = f", a part of F{data['of']}" if data.get("of") else ""
    return f"{names.location(data['location_id'])} accepted F{data['fulfillment_order']}{of}."


def _shipped(data: Data, names: Names) -> str:
    tracking = f", tracking number {data['tracking_number']}" if data.get("tracking_number") else ""
    units = _moved(data, names, "in_transit")
    place = names.location(data["location_id"])
    return f"{place} sent {units} of F{data['fulfillment_order']} as parcel P{data['parcel']} with {data['carrier']}{tracking}."


def _scheduled(data: Data, names: Names) -> str:
    when = _asked(data)["scheduled_for"]
    told = f"scheduled for {_minute(when)}" if when else "opened: work on it may begin"
    return f"F{data['fulfillment_order']} {told}."


def _cancelled(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    units = _moved(data, names, "allocated")
    return f"Took back F{data['fulfillment_order']} from {place}: {units} wait for a release.{reason(data)}"


def _cancellation_requested(data: Data, names: Names) -> str:
    return f"Asked {names.location(data['location_id'])} to stop with F{data['fulfillment_order']}.{reason(data)}"


def _cancellation_answered(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    if not data["accepted"]:
        return f"{place} sends F{data['fulfillment_order']} all the same."
    return f"{place} stopped with F{data['fulfillment_order']}: {_moved(data, names, 'allocated')} wait for a release."


def _pickup_ready(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    return f"Parcel P{data['parcel']} waits in {place} for its customer, until {_minute(data['collect_by'])}."


def _pickup_extended(data: Data, names: Names) -> str:
    return f"Parcel P{data['parcel']} waits for its customer until {_minute(data['collect_by'])}, not {_minute(data['before'])}."


_PROOFS = {"code": "who said the code", "document": "who showed a document"}


def _pickup_handed_over(data: Data, names: Names) -> str:
    units, place = _moved(data, names, "delivered"), names.location(data["location_id"])
    told = f"Parcel P{data['parcel']} handed to its customer in {place}, {_PROOFS[data['proof']]}: {units}."
    return (
        f"{told} Not taken of P{data['instead_of']}: {_moved(data, names, 'picked')}."
        if data.get("instead_of")
        else told
    )


def _pickup_expired(data: Data, names: Names) -> str:
    units = units_of(data["lines"], names)
    place = names.location(data["location_id"])
    return f"Nobody came for parcel P{data['parcel']}: {units} cancelled, to be put back in {place}.{reason(data)}"


def _pickup_received(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    return (
        f"Parcel P{data['arrived']} came to {place} and waits there for its customer as P{data['parcel']},"
        f" until {_minute(data['collect_by'])}."
    )


def _pickup_changed(data: Data, names: Names) -> str:
    lines = listed([names.line(line) for line in data["lines"]])
    place = data["to_location_id"]
    told = f"is collected in {names.location(place)}" if place else "is sent to the customer"
    return f"{lines} {told} from now on.{reason(data)}"


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
