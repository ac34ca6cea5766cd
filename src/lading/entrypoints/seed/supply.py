"""What the seeded merchant's people do beside the orders: buy, move, count, make, set aside. Stories like those of the orders.

What stands at the end is what a console is there for: a delivery that is overdue and one on its way, a transfer between two
warehouses, a count that nobody finished, units that orders hold and nobody finds.
"""

from datetime import datetime, timedelta
from typing import Any

from lading.entrypoints.seed.stories import Step, Story
from lading.entrypoints.seed.wishes import DAYS, before_end, hours

FEED = b"sku,quantity,reason\nTEAPOT-CAST,-1,broken\nPENCIL-SET,2,found\nMUG-GREEN,-3,broken\n"
"""What the warehouse in Leeds reports; one product nobody knows."""


def stories(start: datetime, feed: str) -> list[Story]:
    """All of them, each to begin at the start; `feed` is the SHA-256 under which the warehouse's file was kept."""
    end = start + timedelta(days=DAYS)
    return [
        _lamps(end),
        _packs(end),
        _overdue(end),
        _half_received(end),
        _jackets(end),
        _moved_to_leeds(end),
        _on_its_way_to_tokyo(end),
        _planned(end),
        _counted(),
        _being_counted(),
        _camp_boxes(end),
        *_quotes(),
        _fed(feed),
        _breakage("MUG-BLUE", timedelta(days=5)),
        _breakage("PLATE-27", timedelta(days=11)),
        _once(240, "pools.set", {"sku": "BEANIE-MOSS", "pool": "uk-winter", "kind": "shared", "channels": ["marketplace"],
                                 "quantity": 12}),
        _once(200, "stock.move", {"sku": "TEE-L", "location": "HAM", "quantity": 3, "source": "available",
                                  "target": "quality_hold", "reason": "stitching"}),
        _once(500, "lots.hold", {"sku": "TEA-SENCHA", "lot": "SE-109", "reason": "seal_broken"}),
    ]  # fmt: skip


def _step(wait: timedelta, verb: str, fields: dict[str, Any], *, dated: bool = False) -> Step:
    return Step(wait, verb, fields, "warehouse", dated)


def _once(age: float, verb: str, fields: dict[str, Any]) -> Story:
    """One thing that happens so many hours before the end."""
    yield _step(before_end(age), verb, fields)


def _breakage(sku: str, after: timedelta) -> Story:
    """Something falls off the shelf."""
    fields = {"sku": sku, "location": "HAM", "quantity": 1, "kind": "damaged", "reason": "dropped"}
    yield _step(after, "stock.adjust", fields)


def _bought(supplier: str, reference: str, location: str, due_at: datetime, **units: int) -> dict[str, Any]:
    """A purchase order; names of products with _ instead of -."""
    lines = [
        {"sku": sku.replace("_", "-"), "location": location, "quantity": quantity, "due_at": due_at.isoformat()}
        for sku, quantity in units.items()
    ]
    return {"supplier": supplier, "reference": reference, "lines": lines}


def _lamps(end: datetime) -> Story:
    """They sold out, customers wait, and they come, but for one that broke on the way."""
    due = end - timedelta(days=8)
    bought = _bought("Messingwerk Altona", "NB-1187", "HAM", due, LAMP_DESK_BRASS=40)
    placed = yield Step(timedelta(days=2), "purchase-orders.place", bought, "purchasing")
    announced = {
        "purchase_order": placed["purchase_order"], "reference": "MA-5530", "carrier": "DB Schenker",
        "due_at": (end - timedelta(days=7)).isoformat(),
    }  # fmt: skip
    asn = yield Step(timedelta(days=10), "asns.announce", announced, "supplier")
    received = {
        "purchase_order": asn["asn"],
        "document": "DN-20417",
        "lines": [{"line": 2, "quantity": 39, "damaged": 1}],
    }
    yield _step(timedelta(days=5), "purchase-orders.receive", received, dated=True)
    stowed = {"sku": "LAMP-DESK-BRASS", "location": "HAM", "bin": "C-02-1", "quantity": 39}
    yield _step(hours(4), "stock.put-away", stowed)


def _packs(end: datetime) -> Story:
    """Customers wait for them too; the supplier is a week late and says so."""
    late = {"line": 1, "due_at": (end + timedelta(days=6)).isoformat()}
    bought = _bought("Segelmacherei Husum", "NB-1190", "HAM", end - timedelta(days=1), PACK_30_OCHRE=60)
    placed = yield Step(timedelta(days=4), "purchase-orders.place", bought, "purchasing")
    changed = {"purchase_order": placed["purchase_order"], "lines": [late]}
    yield Step(timedelta(days=8), "purchase-orders.change", changed, "purchasing")


def _overdue(end: datetime) -> Story:
    """It should be here, and nobody knows where it is."""
    due = end - timedelta(days=3)
    bought = _bought("Solingen Supply", "NB-1194", "HAM", due, KNIFE_FOLD=40, COMPASS=25)
    yield Step(before_end(390), "purchase-orders.place", bought, "purchasing")


def _half_received(end: datetime) -> Story:
    """The blankets came, most of the scarves come later."""
    due = end - timedelta(days=2)
    bought = _bought("Pennine Wool", "NB-1201", "LEE", due, BLANKET_WOOL=30, SCARF_MERINO=40)
    placed = yield Step(before_end(310), "purchase-orders.place", bought, "purchasing")
    came = {"purchase_order": placed["purchase_order"], "document": "PW-881",
            "lines": [{"line": 1, "quantity": 30}, {"line": 2, "quantity": 15}]}  # fmt: skip
    yield _step(hours(270), "purchase-orders.receive", came, dated=True)
    rest = {
        "purchase_order": placed["purchase_order"],
        "reference": "PW-902",
        "due_at": (end + timedelta(days=2)).isoformat(),
    }
    yield Step(hours(10), "asns.announce", rest, "supplier")


def _jackets(end: datetime) -> Story:
    """A carton that orders count on is not where it should be; more are bought."""
    missing = {"sku": "JACKET-RAIN", "location": "HAM", "quantity": 5, "kind": "lost", "reason": "carton_missing",
               "held_too": True}  # fmt: skip
    yield _step(before_end(9), "stock.adjust", missing)
    bought = _bought("Wetterwerk Kiel", "NB-1207", "HAM", end + timedelta(days=9), JACKET_RAIN=25)
    yield Step(hours(3), "purchase-orders.place", bought, "purchasing")


def _transfer(
    from_location: str, to_location: str, due_at: datetime, reference: str, lines: dict[str, int]
) -> dict[str, Any]:
    return {
        "from_location": from_location, "to_location": to_location, "due_at": due_at.isoformat(), "reference": reference,
        "lines": [{"sku": sku, "quantity": quantity} for sku, quantity in lines.items()],
    }  # fmt: skip


def _moved_to_leeds(end: datetime) -> Story:
    """A transfer that arrived."""
    plan = _transfer("HAM", "LEE", end - timedelta(days=13), "TR-031", {"MUG-BLUE": 10, "BOTTLE-500": 8})
    made = yield _step(timedelta(days=8), "transfers.create", plan)
    transfer = {"transfer": made["transfer"]}
    yield _step(hours(6), "transfers.ready", transfer)
    yield _step(hours(12), "transfers.ship", transfer, dated=True)
    yield _step(hours(60), "transfers.receive", transfer, dated=True)


def _on_its_way_to_tokyo(end: datetime) -> Story:
    """A transfer in the air."""
    plan = _transfer("HAM", "TYO", end + timedelta(days=4), "TR-038", {"NOTEBOOK-A5": 15, "TEE-M": 8})
    made = yield _step(before_end(84), "transfers.create", plan)
    transfer = {"transfer": made["transfer"]}
    yield _step(hours(6), "transfers.ready", transfer)
    yield _step(hours(12), "transfers.ship", transfer, dated=True)


def _planned(end: datetime) -> Story:
    """A transfer that somebody thinks about."""
    plan = _transfer("HAM", "LEE", end + timedelta(days=5), "TR-041", {"CANDLE-PINE": 12})
    yield _step(before_end(6), "transfers.create", plan)


def _counted() -> Story:
    """One jacket less than the book says."""
    opened = yield _step(timedelta(days=13), "counts.open", {"location": "LEE", "skus": ["JACKET-RAIN"]})
    found = {"count": opened["count"], "lines": [{"sku": "JACKET-RAIN", "quantity": 2}]}
    yield _step(hours(3), "counts.record", found)
    yield Step(hours(18), "counts.approve", {"count": opened["count"], "reason": "cycle_count"}, "manager")


def _being_counted() -> Story:
    """A blind count of a shelf; the first product of it was counted."""
    shelf = ["CANDLE-PINE", "CANDLE-CEDAR", "LANTERN-S", "NOTEBOOK-A6"]
    opened = yield _step(before_end(4), "counts.open", {"location": "HAM", "skus": shelf, "blind": True})
    found = {"count": opened["count"], "lines": [{"sku": "CANDLE-PINE", "quantity": 51}]}
    yield _step(hours(2), "counts.record", found)


def _camp_boxes(end: datetime) -> Story:
    """Some were made for stock, some are being made."""
    box = {"sku": "BOX-CAMP", "location": "HAM"}
    first = yield _step(timedelta(days=3), "work-orders.open", box | {"quantity": 8, "reference": "WO-07"})
    yield _step(hours(20), "work-orders.complete", {"work_order": first["work_order"], "quantity": 8}, dated=True)
    due = (end + timedelta(days=2)).isoformat()
    more = box | {"quantity": 6, "reference": "WO-09", "due_at": due}
    second = yield _step(timedelta(days=19), "work-orders.open", more)
    yield _step(hours(24), "work-orders.complete", {"work_order": second["work_order"], "quantity": 2}, dated=True)


def _quotes() -> list[Story]:
    """Units kept for a trade fair, at one location; and for a customer who has not decided, wherever they lie."""
    fair = {
        "lines": [{"sku": "BLANKET-WOOL", "quantity": 6}],
        "location": "LEE",
        "seconds": 7 * 86_400,
        "reference": "Q-2041",
    }
    undecided = {"lines": [{"sku": "NOTEBOOK-A6", "quantity": 10}], "group": "EUROPE", "seconds": 3 * 86_400,
                 "reference": "Q-2044"}  # fmt: skip
    return [_once(age, "reservations.reserve", lines) for age, lines in ((20, fair), (7, undecided))]


def _fed(sha256: str) -> Story:
    """What the warehouse reported, row by row, as the worker would take it."""
    reference = "LEE-DAILY-1104"
    yield _step(
        before_end(30), "stock-feeds.receive",
        {"reference": reference, "file": sha256, "kind": "delta", "location": "LEE"},
    )  # fmt: skip
    for sku, quantity, kind, reason in (("TEAPOT-CAST", 1, "lost", "broken"), ("PENCIL-SET", 2, "found", "found")):
        row = {
            "sku": sku,
            "location": "LEE",
            "quantity": quantity,
            "kind": kind,
            "reason": reason,
            "document": reference,
        }
        yield _step(timedelta(), "stock.adjust", row)
    unknown = {"reason": "unknown_sku", "sentence": "no product has this code", "rows": 1, "lines": [4]}
    yield _step(
        timedelta(), "stock-feeds.finish", {"reference": reference, "rows": 3, "applied": 2, "not_taken": [unknown]}
    )
