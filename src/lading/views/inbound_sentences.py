"""The sentences of events about purchase orders and ASNs."""

from collections.abc import Callable, Iterable, Mapping

from lading.views.names import Names
from lading.views.phrases import Data, day, listed, locations, reason


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
    return (
        f"{data['number']} placed with {data['supplier']}: {_purchased(lines, names)} for {places},"
        f" the first due {day(min(line['due_at'] for line in lines))}."
    )


def _purchase_order_received(data: Data, names: Names) -> str:
    places = locations((line["location_id"] for line in data["lines"]), names)
    damaged = sum(line["damaged"] for line in data["lines"])
    broken = f", {damaged} of them damaged" if damaged else ""
    note = f" ({data['document']})" if data.get("document") else ""
    return f"{data['number']}: {_purchased(data['lines'], names)} received in {places}{broken}{note}."


def _purchase_order_changed(data: Data, names: Names) -> str:
    told = [f"{line['quantity']} × {names.sku(line['sku_id'])} due {day(line['due_at'])}" for line in data["lines"]]
    return f"{data['number']} changed: {listed(told)}."


def _purchase_order_cancelled(data: Data, names: Names) -> str:
    return f"{data['number']}: {_purchased(data['lines'], names)} called off.{reason(data)}"


def _purchase_order_closed(data: Data, names: Names) -> str:
    missing = f"; {_purchased(data['lines'], names)} did not come" if data["lines"] else ""
    return f"{data['number']} closed{missing}.{reason(data)}"


def _asn_announced(data: Data, names: Names) -> str:
    return (
        f"{data['number']}-A{data['asn']} announced ({data['reference']}): {_purchased(data['lines'], names)},"
        f" due {day(data['due_at'])}."
    )


def _asn_cancelled(data: Data, names: Names) -> str:
    back = f": {_purchased(data['lines'], names)} are due as before" if data["lines"] else ""
    return f"{data['number']}-A{data['asn']} does not come as announced{back}.{reason(data)}"


def _stock_put_away(data: Data, names: Names) -> str:
    source = f"from bin {data['from_bin']} " if data.get("from_bin") else ""
    return f"{data['quantity']} × {data['sku']} put {source}into bin {data['bin']} in {names.location(data['location_id'])}."


def _bin_saved(data: Data, names: Names) -> str:
    return f"Bin {data['code']} of {names.location(data['location_id'])} {'created' if data['version'] == 1 else 'changed'}."


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
