"""The sentences of what happens to an order beside its way: holds."""

from collections.abc import Callable, Mapping

from lading.views.names import Names
from lading.views.payment_sentences import cash, holds_told
from lading.views.phrases import Data
from lading.views.phrases import listed as _listed
from lading.views.phrases import reason as _reason
from lading.views.phrases import word as _word


def _order_held(data: Data, names: Names) -> str:
    of = f", a part of F{data['of']}" if data.get("of") else ""
    told = f"Put on hold: {_word(data['kind'])}{_on_parts(data, names)}{of}."
    if data["stops"] != ["release", "ship"]:
        told += f" It stops: {_listed(data['stops'])}."
    if data.get("expires_at"):
        told += f" It ends by itself at {data['expires_at'][:16].replace('T', ' ')} UTC."
    return told + _reason(data)


def _on_parts(data: Data, names: Names) -> str:
    parts = [names.line(line) for line in data["lines"]] + [f"F{number}" for number in data["fulfillment_orders"]]
    return f", only {_listed(parts)}" if parts else ""


def _holds_released(data: Data, names: Names) -> str:
    told = _listed([_word(kind) for kind in data["kinds"]])
    return f"Hold over: {told}." if data.get("over") else f"Hold lifted: {told}.{_reason(data)}"


def parted(data: Data, how: str) -> list[str]:
    """The orders that units went to, or came from."""
    return [f"order {each['number']}" for each in data.get("related") or () if each["how"] == how]


def unless_parted(told: Callable[[Data, Names], str]) -> Callable[[Data, Names], str]:
    """As told, but where the units that were taken off went to another order."""

    def sentence(data: Data, names: Names) -> str:
        others = parted(data, "split_into") + parted(data, "merged_into")
        units = [f"{each['quantity']} × {names.line(each['line'])}" for each in data.get("lines") or ()]
        return f"{_listed(units)} went to {_listed(others)}.{_reason(data)}" if others else told(data, names)

    return sentence


def _order_edited(data: Data, names: Names) -> str:
    told = []
    added = [f"{each['quantity']} × {names.sku(each['sku_id'])}" for each in data.get("added") or ()]
    if others := parted(data, "merged_from"):
        return f"Merged: {_listed(added)} came from {_listed(others)}.{_reason(data)}"
    if added:
        told.append(f"Added {_listed(added)}.")
    if less := [f"{each['quantity']} × {names.line(each['line'])}" for each in data.get("lines") or ()]:
        told.append(f"Taken away: {_listed(less)}.")
    changed = {"ship_to_id": "address", "ship_by": "date", "method": "method", "priority": "priority"}
    if others := [word for name, word in changed.items() if name in data]:
        told.append(f"Changed: {_listed(others)}.")
    if data["adjusted_minor"]:
        told.append(f"The order costs {'more' if data['adjusted_minor'] > 0 else 'less'} than before.")
    if asked := sum(each["amount_minor"] for each in data.get("asked") or ()):
        told.append(f"The provider was asked to promise {cash(asked, data, names)} more.")
    for each in data.get("to_come") or ():
        told.append(f"{cash(each['expected_minor'], data, names)} are collected with the parcel.")
    as_prepared = f" as prepared (E{data['edit']})" if "edit" in data else ""
    return f"Edited{as_prepared}. {' '.join(told)}{holds_told(data)}{_reason(data)}"


def _edit_begun(data: Data, _: Names) -> str:
    return f"Edit E{data['edit']} prepared: nothing changes before somebody confirms it.{_reason(data)}"


def _edit_dropped(data: Data, _: Names) -> str:
    return f"Edit E{data['edit']} dropped.{_reason(data)}"


def _note_added(data: Data, _: Names) -> str:
    (note,) = data["notes"]
    return f"Note N{note['note']} written{_READERS.get(note['audience'], '')}."


def _order_tagged(data: Data, _: Names) -> str:
    told = [f"Tagged: {', '.join(data['tags'])}."] if data["tags"] else []
    return " ".join(told + ([f"No longer tagged: {', '.join(data['tags_removed'])}."] if data["tags_removed"] else []))


def _units_put_back(data: Data, names: Names) -> str:
    laid = [f"{each['quantity']} × {names.line(each['line'])}" for each in data["put_back"]]
    return f"Put back on the shelf in {names.location(data['location_id'])}: {_listed(laid)}."


_READERS: Mapping[str, str] = {"customer": " for the customer", "recipient": " for the recipient of the gift"}


def _lines_addressed(data: Data, names: Names) -> str:
    where = "to another address" if data["ship_to_id"] else "where the order goes"
    told = f"{_listed([names.line(line) for line in data['lines']])} sent {where}."
    if more := data.get("adjusted_minor"):
        told += f" Taxed there: {'+' if more > 0 else ''}{cash(more, data, names)}."
    return told + holds_told(data)


def _order_taxed(data: Data, names: Names) -> str:
    more = data["adjusted_minor"]
    told = f"Taxed: {cash(more, data, names)} more." if more else "Taxed: it adds nothing."
    return told + holds_told(data)


CHANGED: Mapping[str, Callable[[Data, Names], str]] = {
    "lines_addressed": _lines_addressed,
    "order_taxed": _order_taxed,
    "order_held": _order_held,
    "holds_released": _holds_released,
    "units_put_back": _units_put_back,
    "order_edited": _order_edited,
    "edit_begun": _edit_begun,
    "edit_dropped": _edit_dropped,
    "note_added": _note_added,
    "note_blanked": lambda data, _: f"Note N{data['note']} blanked.",
    "order_tagged": _order_tagged,
}
