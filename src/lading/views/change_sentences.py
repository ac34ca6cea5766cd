"""The sentences of what happens to an order beside its way: holds."""

from collections.abc import Callable, Mapping, Sequence

from lading.views.names import Names
from lading.views.payment_sentences import cash, holds_told
from lading.views.phrases import Data, noted, say
from lading.views.phrases import listed as _listed
from lading.views.phrases import reason as _reason
from lading.views.phrases import word as _word


def _order_held(data: Data, names: Names) -> str:
    of = say(", a part of F%(of)s", of=data["of"]) if data.get("of") else ""
    told = say(
        "Put on hold: %(word)s%(on_parts)s%(of)s.", word=_word(data["kind"]), on_parts=_on_parts(data, names), of=of
    )
    if data["stops"] != ["release", "ship"]:
        told += say(" It stops: %(list)s.", list=_listed(data["stops"]))
    if data.get("expires_at"):
        told += say(" It ends by itself at %(replace)s UTC.", replace=data["expires_at"][:16].replace("T", " "))
    return told + _reason(data)


def _on_parts(data: Data, names: Names) -> str:
    parts = [names.line(line) for line in data["lines"]] + [f"F{number}" for number in data["fulfillment_orders"]]
    return say(", only %(list)s", list=_listed(parts)) if parts else ""


def _holds_released(data: Data, names: Names) -> str:
    told = _listed([_word(kind) for kind in data["kinds"]])
    return (
        say("Hold over: %(told)s.", told=told)
        if data.get("over")
        else say("Hold lifted: %(told)s.%(reason)s", told=told, reason=_reason(data))
    )


def parted(data: Data, how: str) -> list[str]:
    """The orders that units went to, or came from."""
    return [say("order %(number)s", number=each["number"]) for each in data.get("related") or () if each["how"] == how]


def unless_parted(told: Callable[[Data, Names], str]) -> Callable[[Data, Names], str]:
    """As told, but where the units that were taken off went to another order."""

    def sentence(data: Data, names: Names) -> str:
        others = parted(data, "split_into") + parted(data, "merged_into")
        units = [f"{each['quantity']} × {names.line(each['line'])}" for each in data.get("lines") or ()]
        return (
            say(
                "%(list)s went to %(list2)s.%(reason)s",
                list=_listed(units),
                list2=_listed(others),
                reason=_reason(data),
            )
            if others
            else told(data, names)
        )

    return sentence


def _units_of(lines: Sequence[Data], names: Names) -> list[str]:
    """Each product once, with all of its units; of kits what was sold."""
    units: dict[str, int] = {}
    for each in lines:
        if not each.get("part_of"):
            sku = names.sku(each["sku_id"])
            units[sku] = units.get(sku, 0) + each["quantity"]
    return [f"{quantity} × {sku}" for sku, quantity in units.items()]


def _order_edited(data: Data, names: Names) -> str:
    told = []
    added = _units_of(data.get("added") or (), names)
    if others := parted(data, "merged_from"):
        return say(
            "Merged: %(list)s came from %(list2)s.%(reason)s",
            list=_listed(added),
            list2=_listed(others),
            reason=holds_told(data) + _reason(data),
        )
    if added:
        told.append(say("Added %(list)s.", list=_listed(added)))
    if less := [f"{each['quantity']} × {names.line(each['line'])}" for each in data.get("lines") or ()]:
        told.append(say("Taken away: %(list)s.", list=_listed(less)))
    changed = {"ship_to_id": "address", "ship_by": "date", "method": "method", "priority": "priority"}
    if others := [word for name, word in changed.items() if name in data]:
        told.append(say("Changed: %(list)s.", list=_listed(others)))
    if data["adjusted_minor"]:
        told.append(
            say(
                "The order costs %(part)s than before.", part=say("more") if data["adjusted_minor"] > 0 else say("less")
            )
        )
    if asked := sum(each["amount_minor"] for each in data.get("asked") or ()):
        told.append(say("The provider was asked to promise %(cash)s more.", cash=cash(asked, data, names)))
    for each in data.get("to_come") or ():
        told.append(say("%(cash)s are collected with the parcel.", cash=cash(each["expected_minor"], data, names)))
    as_prepared = say(" as prepared (E%(edit)s)", edit=data["edit"]) if "edit" in data else ""
    return say(
        "Edited%(as_prepared)s. %(join)s%(holds_told)s%(reason)s",
        as_prepared=as_prepared,
        join=" ".join(told),
        holds_told=holds_told(data),
        reason=_reason(data),
    )


def _edit_begun(data: Data, _: Names) -> str:
    return say(
        "Edit E%(edit)s prepared: nothing changes before somebody confirms it.%(reason)s",
        edit=data["edit"],
        reason=_reason(data),
    )


def _edit_dropped(data: Data, _: Names) -> str:
    return say("Edit E%(edit)s dropped.%(reason)s", edit=data["edit"], reason=_reason(data))


def _note_added(data: Data, _: Names) -> str:
    (note,) = data["notes"]
    readers = _READERS.get(note["audience"], "")
    return say("Note N%(note)s written%(readers)s.", note=note["note"], readers=say(readers))


def _order_tagged(data: Data, _: Names) -> str:
    told = [say("Tagged: %(join)s.", join=", ".join(data["tags"]))] if data["tags"] else []
    return " ".join(
        told
        + ([say("No longer tagged: %(join)s.", join=", ".join(data["tags_removed"]))] if data["tags_removed"] else [])
    )


def _units_put_back(data: Data, names: Names) -> str:
    laid = [f"{each['quantity']} × {names.line(each['line'])}" for each in data["put_back"]]
    return say(
        "Put back on the shelf in %(place)s: %(list)s.", place=names.location(data["location_id"]), list=_listed(laid)
    )


_READERS: Mapping[str, str] = {
    "customer": noted(" for the customer"),
    "recipient": noted(" for the recipient"),
}


def _lines_addressed(data: Data, names: Names) -> str:
    where = say("to another address") if data["ship_to_id"] else say("where the order goes")
    told = say("%(list)s sent %(where)s.", list=_listed([names.line(line) for line in data["lines"]]), where=where)
    if more := data.get("adjusted_minor"):
        told += say(" Taxed there: %(part)s%(cash)s.", part="+" if more > 0 else "", cash=cash(more, data, names))
    return told + holds_told(data)


def _order_taxed(data: Data, names: Names) -> str:
    more = data["adjusted_minor"]
    told = say("Taxed: %(cash)s more.", cash=cash(more, data, names)) if more else say("Taxed: it adds nothing.")
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
    "note_blanked": lambda data, _: say("Note N%(note)s blanked.", note=data["note"]),
    "order_tagged": _order_tagged,
}
