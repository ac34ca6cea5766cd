"""The sentences of events about purchase orders and ASNs."""

from collections.abc import Callable, Iterable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, day, listed, locations, reason, say


def _purchased(lines: Iterable[Data], names: Names) -> str:
    """240 × MUG-BLUE and 60 × TEE-M: the units of each product, over all lines."""
    counted: dict[str, int] = {}
    for line in lines:
        code = names.sku(line["sku_id"])
        counted[code] = counted.get(code, 0) + line["quantity"]
    return listed([f"{quantity} × {code}" for code, quantity in counted.items()])


def _purchase_order_placed(data: Data, names: Names) -> str:
    lines = data["lines"]
    places = locations((line["location_id"] for line in lines), names)
    return say(
        "%(number)s placed with %(supplier)s: %(purchased)s for %(places)s, the first due %(day)s.",
        number=data["number"],
        supplier=data["supplier"],
        purchased=_purchased(lines, names),
        places=places,
        day=day(min(line["due_at"] for line in lines)),
    )


def _purchase_order_received(data: Data, names: Names) -> str:
    places = locations((line["location_id"] for line in data["lines"]), names)
    damaged = sum(line["damaged"] for line in data["lines"])
    broken = say(", %(damaged)s of them damaged", damaged=damaged) if damaged else ""
    note = f" ({data['document']})" if data.get("document") else ""
    return say(
        "%(number)s: %(purchased)s received in %(places)s%(broken)s%(note)s.",
        number=data["number"],
        purchased=_purchased(data["lines"], names),
        places=places,
        broken=broken,
        note=note,
    )


def _purchase_order_changed(data: Data, names: Names) -> str:
    told = [
        say(
            "%(quantity)s × %(sku)s due %(day)s",
            quantity=line["quantity"],
            sku=names.sku(line["sku_id"]),
            day=day(line["due_at"]),
        )
        for line in data["lines"]
    ]
    return say("%(number)s changed: %(list)s.", number=data["number"], list=listed(told))


def _purchase_order_cancelled(data: Data, names: Names) -> str:
    return say(
        "%(number)s: %(purchased)s called off.%(reason)s",
        number=data["number"],
        purchased=_purchased(data["lines"], names),
        reason=reason(data),
    )


def _purchase_order_closed(data: Data, names: Names) -> str:
    missing = say("; %(purchased)s did not come", purchased=_purchased(data["lines"], names)) if data["lines"] else ""
    return say("%(number)s closed%(missing)s.%(reason)s", number=data["number"], missing=missing, reason=reason(data))


def _asn_announced(data: Data, names: Names) -> str:
    return say(
        "%(number)s-A%(asn)s announced (%(reference)s): %(purchased)s, due %(day)s.",
        number=data["number"],
        asn=data["asn"],
        reference=data["reference"],
        purchased=_purchased(data["lines"], names),
        day=day(data["due_at"]),
    )


def _asn_cancelled(data: Data, names: Names) -> str:
    back = say(": %(purchased)s are due as before", purchased=_purchased(data["lines"], names)) if data["lines"] else ""
    return say(
        "%(number)s-A%(asn)s does not come as announced%(back)s.%(reason)s",
        number=data["number"],
        asn=data["asn"],
        back=back,
        reason=reason(data),
    )


def _stock_put_away(data: Data, names: Names) -> str:
    source = say("from bin %(from_bin)s ", from_bin=data["from_bin"]) if data.get("from_bin") else ""
    return say(
        "%(quantity)s × %(sku)s put %(source)sinto bin %(bin)s in %(place)s.",
        quantity=data["quantity"],
        sku=data["sku"],
        source=source,
        bin=data["bin"],
        place=names.location(data["location_id"]),
    )


def _bin_saved(data: Data, names: Names) -> str:
    return say(
        "Bin %(code)s of %(place)s %(part)s.",
        code=data["code"],
        place=names.location(data["location_id"]),
        part=say("created") if data["version"] == 1 else say("changed"),
    )


BOUGHT: Mapping[str, Callable[[Data, Names], str]] = {
    "purchase_order_placed": _purchase_order_placed,
    "purchase_order_received": _purchase_order_received,
    "purchase_order_changed": _purchase_order_changed,
    "purchase_order_cancelled": _purchase_order_cancelled,
    "purchase_order_closed": _purchase_order_closed,
    "asn_announced": _asn_announced,
    "asn_cancelled": _asn_cancelled,
    "stock_put_away": _stock_put_away,
    "bin_saved": _bin_saved,
}
"""By kind of event."""
