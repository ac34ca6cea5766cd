"""The sentences of units that come, go, change their condition, or are kept for somebody."""

from collections.abc import Callable, Iterable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, noted, said, say, short
from lading.views.phrases import listed as _listed
from lading.views.phrases import reason as _reason
from lading.views.phrases import units_of as _units
from lading.views.phrases import why as _why
from lading.views.phrases import word as _word

Sentence = Callable[[Data, Names], str]


def _stock_received(data: Data, names: Names) -> str:
    return say(
        "Received %(quantity)s × %(sku)s in %(place)s (%(why)s).",
        quantity=data["quantity"],
        sku=data["sku"],
        place=names.location(data["location_id"]),
        why=_why(data),
    )


def _availability_crossed(data: Data, names: Names) -> str:
    told = [say("fewer than %(level)s", level=level) for level in data["fell_below"]] + [
        say("%(level)s again", level=level) for level in data["reached"]
    ]
    return say("%(available)s can be promised: %(list)s.", available=data["available"], list=_listed(told))


_ADJUSTED = {
    "found": noted("found"),
    "lost": noted("lost"),
    "scrapped": noted("scrapped"),
    "damaged": noted("set aside as damaged"),
    "repaired": noted("repaired"),
}


def _stock_adjusted(data: Data, names: Names) -> str:
    done = said(_ADJUSTED, data["kind"])
    place = names.location(data["location_id"])
    return say(
        "%(quantity)s × %(sku)s %(done)s in %(place)s (%(why)s).%(short)s",
        quantity=data["quantity"],
        sku=data["sku"],
        done=done,
        place=place,
        why=_why(data),
        short=short(data),
    )


_INSTEAD = {
    "elsewhere": noted("looked for elsewhere"),
    "wait": noted("waiting for stock"),
    "cancel": noted("cancelled"),
}


def _instead(line: Data, names: Names) -> str:
    """What happens to units that are missing."""
    if line["instead"] == "substitute":
        return say("%(sku)s is sent in their place, at the same price", sku=names.sku(line["sku_id"]))
    return said(_INSTEAD, line["instead"])


def _shortage_settled(data: Data, names: Names) -> str:
    told = [
        say(
            "%(units)s held in %(place)s and not there: %(instead)s.",
            units=_units([line], names),
            place=names.location(line["location_id"]),
            instead=_instead(line, names),
        )
        for line in data["lines"]
    ]
    return " ".join(told)


def _shortage_covered(data: Data, names: Names) -> str:
    place = names.location(data["location_id"])
    return say(
        "%(quantity)s × %(sku)s that were free in %(place)s make up for what was short there.",
        quantity=data["quantity"],
        sku=data["sku"],
        place=place,
    )


def _places(lines: Iterable[Data], names: Names) -> str:
    """2 × MUG-BLUE in HAM: the units of each product at each location; without one they may lie anywhere."""
    counted: dict[tuple[str, str], int] = {}
    for line in lines:
        key = (
            names.sku(line["sku_id"]),
            say("in %(place)s", place=names.location(line["location_id"])) if line["location_id"] else say("somewhere"),
        )
        counted[key] = counted.get(key, 0) + line["quantity"]
    return _listed([f"{quantity} × {code} {place}" for (code, place), quantity in counted.items()])


def _stock_reserved(data: Data, names: Names) -> str:
    whose = say(" for %(reference)s", reference=data["reference"]) if data.get("reference") else ""
    return say(
        "Kept %(places)s%(whose)s until %(time)s.",
        places=_places(data["lines"], names),
        whose=whose,
        time=_time(data["expires_at"]),
    )


def _time(moment: str) -> str:
    """2026-11-23 09:15 UTC"""
    return f"{moment[:10]} {moment[11:16]} UTC"


def _reservation_extended(data: Data, names: Names) -> str:
    return say("Kept until %(time)s now.", time=_time(data["expires_at"]))


def _reservation_ended(how: str) -> Sentence:
    def told(data: Data, names: Names) -> str:
        return say("%(how)s: %(places)s can be promised to others.", how=say(how), places=_places(data["lines"], names))

    return told


def _lot_swapped(data: Data, names: Names) -> str:
    units = sum(move["quantity"] for move in data["moves"] if move["to"] == "open")
    return say(
        "%(units)s × %(line)s of lot %(lot)s swapped for lot %(to_lot)s.%(reason)s",
        units=units,
        line=names.line(data["line"]),
        lot=data["lot"],
        to_lot=data["to_lot"],
        reason=_reason(data),
    )


def _stock_corrected(data: Data, names: Names) -> str:
    return say(
        "%(quantity)s × %(sku)s of event %(position)s taken back in %(place)s (%(why)s).",
        quantity=data["quantity"],
        sku=data["sku"],
        position=data["position"],
        place=names.location(data["location_id"]),
        why=_why(data),
    )


def _lot(what: str) -> Sentence:
    def told(data: Data, names: Names) -> str:
        return say(
            "Lot %(lot)s of %(sku)s %(what)s (%(why)s).",
            lot=data["lot"],
            sku=data["sku"],
            what=say(what),
            why=_why(data),
        )

    return told


def _stock_moved(data: Data, names: Names) -> str:
    ends = say("from %(word)s to %(word2)s", word=_word(data["from"]), word2=_word(data["to"]))
    return say(
        "%(quantity)s × %(sku)s moved %(ends)s in %(place)s (%(why)s).",
        quantity=data["quantity"],
        sku=data["sku"],
        ends=ends,
        place=names.location(data["location_id"]),
        why=_why(data),
    )


KEPT: Mapping[str, Sentence] = {
    "stock_received": _stock_received,
    "availability_crossed": _availability_crossed,
    "stock_adjusted": _stock_adjusted,
    "shortage_settled": _shortage_settled,
    "shortage_covered": _shortage_covered,
    "stock_reserved": _stock_reserved,
    "reservation_extended": _reservation_extended,
    "reservation_pinned": lambda data, names: say("Pinned: %(places)s.", places=_places(data["lines"], names)),
    "reservation_released": _reservation_ended(noted("Reservation released")),
    "reservation_expired": _reservation_ended(noted("Reservation expired")),
    "stock_moved": _stock_moved,
    "lot_swapped": _lot_swapped,
    "stock_corrected": _stock_corrected,
    "lot_held": _lot(noted("held")),
    "lot_recalled": _lot(noted("recalled")),
    "lot_released": _lot(noted("released")),
}
"""By kind of event."""
