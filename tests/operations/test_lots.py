"""Products in lots and by serial number: first to expire first, one name for each unit, and nothing in two places."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lading.views import lots as views
from lading.views.availability import AvailabilityQuery, availability
from lading.views.pages import NotFound
from tests.operations.conftest import Shop

TODAY = datetime.now(UTC).date()


def in_days(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


async def tracked(shop: Shop, sku: str, tracking: str) -> None:
    await shop.do("products.save", sku=sku, name=sku, tracking=tracking)


async def receive_lot(shop: Shop, lot: str, quantity: int, expires_on: str | None = None, **more: Any) -> None:
    fields = {"sku": "MILK", "location": "HAM", "quantity": quantity, "reason": "purchase", "lot": lot, **more}
    await shop.do("stock.receive", **fields, **({"expires_on": expires_on} if expires_on else {}))


async def receive_serials(shop: Shop, *serials: str, sku: str = "PHONE", location: str = "HAM") -> None:
    await shop.do(
        "stock.receive", sku=sku, location=location, quantity=len(serials), reason="purchase", serials=serials
    )


async def lots_of(shop: Shop, order: str) -> list[tuple[str, int]]:
    rows = await shop.fetch(
        "SELECT lot, allocated + released + picked + packed AS units FROM allocation WHERE merchant_id = $1 AND order_id ="
        " (SELECT id FROM orders WHERE merchant_id = $1 AND number = $2) ORDER BY number",
        int(order),
    )
    return [(row["lot"], row["units"]) for row in rows]


async def place_of(shop: Shop, serial: str) -> str:
    (row,) = await shop.fetch("SELECT place FROM serial WHERE merchant_id = $1 AND serial = $2", serial)
    return str(row["place"])


async def deliver(shop: Shop, order: str, lines: list[dict[str, Any]] | None = None) -> str:
    """Release, pick, pack, ship, deliver; the parcel."""
    (made,) = (await shop.do("orders.release", order=order))["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=made, lines=lines or [])
    parcel = (await shop.do("parcels.pack", fulfillment_order=made))["parcel"]
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
    now = datetime.now(UTC).isoformat()
    await shop.do("parcels.track", parcel=parcel, status="delivered", occurred_at=now)
    return str(parcel)


async def test_the_first_to_expire_is_sold_first_and_what_expired_not_at_all(shop: Shop) -> None:
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "LATE", 5, in_days(30))
    await receive_lot(shop, "SOON", 2, in_days(3))
    await receive_lot(shop, "OVER", 9, in_days(-1))
    number = await shop.place({"MILK": 3})
    assert await lots_of(shop, number) == [("SOON", 2), ("LATE", 1)]
    assert (await shop.refusal("orders.place", **shop.order({"MILK": 5})))["name"] == "insufficient_stock"
    await deliver(shop, number)
    assert await shop.units(number) == {"delivered": 3}
    await shop.check_books()


async def test_a_product_in_lots_says_in_which_and_a_lot_has_one_date(shop: Shop) -> None:
    await tracked(shop, "MILK", "lot")
    bare = {"sku": "MILK", "location": "HAM", "quantity": 1, "reason": "purchase"}
    assert (await shop.refusal("stock.receive", **bare))["name"] == "lot_required"
    await receive_lot(shop, "A", 1, in_days(9))
    other = await shop.refusal("stock.receive", **bare, lot="A", expires_on=in_days(8))
    assert other["message"] == f"Lot A of MILK expires on {in_days(9)}, not on {in_days(8)}."
    await receive_lot(shop, "A", 1)
    fixed = await shop.refusal("products.save", sku="MILK", name="Milk", tracking="serial")
    assert fixed["name"] == "tracking_fixed"
    await shop.do("products.save", sku="MILK", name="Whole milk")
    (row,) = await shop.fetch("SELECT tracking, name FROM sku WHERE merchant_id = $1")
    assert row == {"tracking": "lot", "name": "Whole milk"}
    await shop.check_books()


async def test_a_channel_may_ask_for_more_days_than_are_left(shop: Shop) -> None:
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "SOON", 5, in_days(3))
    await receive_lot(shop, "LATE", 5, in_days(30))
    await shop.do("policies.set", name="lot_min_days_left", value=10, channel="web")
    assert await lots_of(shop, await shop.place({"MILK": 5})) == [("LATE", 5)]
    assert (await shop.refusal("orders.place", **shop.order({"MILK": 1})))["name"] == "insufficient_stock"
    await shop.check_books()


async def test_a_serial_is_received_picked_by_its_name_and_delivered(shop: Shop) -> None:
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1", "S2", "S3")
    number = await shop.place({"PHONE": 2})
    (made,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    unnamed = await shop.refusal("fulfillment-orders.pick", fulfillment_order=made)
    assert unnamed["message"] == "Line 1 is kept by serial number: name 2 of its units, not 0."
    for wrong, name in ((["S1", "S9"], "serial_not_here"), (["S1", "S1"], "serial_twice")):
        lines = [{"line": 1, "quantity": 2, "serials": wrong}]
        refusal = await shop.refusal("fulfillment-orders.pick", fulfillment_order=made, lines=lines)
        assert refusal["name"] == name
    await shop.do(
        "fulfillment-orders.pick", fulfillment_order=made, lines=[{"line": 1, "quantity": 2, "serials": ["S3", "S1"]}]
    )
    assert [await place_of(shop, serial) for serial in ("S1", "S2", "S3")] == ["picked", "on_shelf", "picked"]
    half = [{"line": 1, "quantity": 1}]
    assert (await shop.refusal("parcels.pack", fulfillment_order=made, lines=half))["name"] == "units_not_named"
    half[0]["serials"] = ["S3"]
    parcel = (await shop.do("parcels.pack", fulfillment_order=made, lines=half))["parcel"]
    await shop.do("parcels.pack", fulfillment_order=made)
    assert [await place_of(shop, serial) for serial in ("S1", "S3")] == ["packed", "packed"]
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
    now = datetime.now(UTC).isoformat()
    await shop.do("parcels.track", parcel=parcel, status="delivered", occurred_at=now)
    assert [await place_of(shop, serial) for serial in ("S1", "S2", "S3")] == ["packed", "on_shelf", "delivered"]
    await shop.check_books()


async def test_a_serial_comes_in_once(shop: Shop) -> None:
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1")
    again = {"sku": "PHONE", "location": "MUC", "quantity": 1, "reason": "purchase", "serials": ["S1"]}
    assert (await shop.refusal("stock.receive", **again))["name"] == "serial_elsewhere"
    first, second = await shop.batch("stock.receive", {**again, "serials": ["S2"]}, {**again, "serials": ["S2"]})
    assert "refused" not in first and second["name"] == "serial_elsewhere"
    lost = {"sku": "PHONE", "location": "HAM", "quantity": 1, "kind": "lost", "reason": "theft", "serials": ["S1"]}
    elsewhere = await shop.refusal("stock.adjust", **{**lost, "location": "MUC"})
    assert elsewhere["message"] == "S1 of PHONE is on shelf, not on shelf." or elsewhere["name"] == "serial_elsewhere"
    found = {**lost, "kind": "found", "location": "MUC"}
    lost_and_found = await shop.batch("stock.adjust", lost, found)
    assert not any("refused" in outcome for outcome in lost_and_found)
    assert await place_of(shop, "S1") == "on_shelf"
    await shop.check_books()


async def test_units_move_between_buckets_and_are_not_promised_in_quality_hold(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    move = {"sku": "MUG", "location": "HAM", "source": "available", "target": "quality_hold", "reason": "wet"}
    assert (await shop.do("stock.move", **move, quantity=4))["available"] == 1
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 2})))["name"] == "insufficient_stock"
    assert (await shop.refusal("stock.move", **move, quantity=2))["name"] == "not_there"
    back = {**move, "source": "quality_hold", "target": "damaged"}
    await shop.do("stock.move", **back, quantity=1)
    await shop.check_books()


async def position_of(shop: Shop, kind: str) -> int:
    """Of the last event of the kind."""
    rows = await shop.fetch("SELECT max(position) AS position FROM event WHERE merchant_id = $1 AND kind = $2", kind)
    return int(rows[0]["position"])


async def test_a_correction_is_a_counter_posting_and_only_of_what_is_still_there(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=120)
    received = await position_of(shop, "stock_received")
    await shop.place({"MUG": 10})
    gone = await shop.refusal("stock.correct", event=received, reason="typing_error")
    assert gone["message"] == "HAM has 110 MUG available, not 120: the units have moved on since."
    corrected = await shop.do("stock.correct", event=received, reason="typing_error", quantity=108, document="PO-77")
    assert corrected == {"event": received, "sku": "MUG", "quantity": 108, "corrected": 108, "moved": 120}
    more = await shop.refusal("stock.correct", event=received, reason="again", quantity=13)
    assert more["name"] == "more_than_left"
    rows = await shop.fetch("SELECT available, allocated FROM stock WHERE merchant_id = $1")
    assert rows == [{"available": 2, "allocated": 10}]
    accounts = await shop.fetch(
        "SELECT sum(CASE WHEN from_bucket = 'supplier' THEN quantity ELSE -quantity END)::int AS units FROM posting"
        " WHERE merchant_id = $1 AND 'supplier' IN (from_bucket, to_bucket)"
    )
    assert accounts == [{"units": 12}]
    other = await shop.refusal("stock.correct", event=await position_of(shop, "order_placed"), reason="x")
    assert other["name"] == "not_correctable"
    assert (await shop.refusal("stock.correct", event=99_999, reason="x"))["name"] == "unknown_event"
    await shop.check_books()


async def test_an_event_that_moved_nothing_is_not_corrected(shop: Shop) -> None:
    """All that was lost is what an order holds: a shortage, and no unit of the book was moved."""
    await shop.stock_up(MUG_HAM=3)
    await shop.place({"MUG": 3})
    lost = {"sku": "MUG", "location": "HAM", "quantity": 2, "kind": "lost", "reason": "flood", "held_too": True}
    await shop.do("stock.adjust", **lost)
    event = await position_of(shop, "stock_adjusted")
    assert (await shop.refusal("stock.correct", event=event, reason="typing_error"))["name"] == "nothing_moved"
    await shop.check_books()


async def test_a_correction_of_named_units_takes_those_back_that_are_still_there(shop: Shop) -> None:
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1", "S2")
    received = await position_of(shop, "stock_received")
    lost = {"sku": "PHONE", "location": "HAM", "quantity": 1, "kind": "lost", "reason": "theft", "serials": ["S1"]}
    await shop.do("stock.adjust", **lost)
    one = {"event": received, "quantity": 1, "reason": "wrong_label"}
    assert (await shop.refusal("stock.correct", **one))["name"] == "serials_required"
    assert (await shop.refusal("stock.correct", **one, serials=["S1"]))["name"] == "serial_elsewhere"
    await shop.do("stock.correct", **one, serials=["S2"])
    assert await place_of(shop, "S2") == "supplier"
    await receive_serials(shop, "S2")
    await shop.do("stock.correct", event=await position_of(shop, "stock_adjusted"), reason="found_again")
    assert await place_of(shop, "S1") == "on_shelf"
    await shop.check_books()


async def test_a_lot_that_is_held_is_neither_promised_nor_picked(shop: Shop) -> None:
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "A", 5, in_days(9))
    number = await shop.place({"MILK": 2})
    (made,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    stop = {"sku": "MILK", "lot": "A", "reason": "complaint"}
    assert (await shop.do("lots.hold", **stop))["status"] == "held"
    assert (await shop.do("lots.hold", **stop))["changed"] is False
    assert (await shop.refusal("orders.place", **shop.order({"MILK": 1})))["name"] == "insufficient_stock"
    refusal = await shop.refusal("fulfillment-orders.pick", fulfillment_order=made)
    assert refusal["message"] == "Lot A of line 1 is held: swap the lot, or release it."
    await shop.do("lots.release", **stop)
    await shop.do("fulfillment-orders.pick", fulfillment_order=made)
    assert (await shop.refusal("lots.hold", **{**stop, "lot": "B"}))["name"] == "unknown_lot"
    await shop.check_books()


async def test_what_a_stopped_or_old_lot_holds_is_not_available(shop: Shop) -> None:
    await tracked(shop, "MILK", "lot")
    for lot, days in (("OLD", -1), ("SOON", 2), ("LATE", 30), ("BAD", 30)):
        await receive_lot(shop, lot, 5, in_days(days))
    await shop.do("lots.recall", sku="MILK", lot="BAD", reason="glass")

    async def available() -> int:
        async with shop.database.read(shop.merchant_id) as tx:
            return (await availability(tx, AvailabilityQuery(skus=["MILK"]))).items[0].available

    assert await available() == 10
    await shop.do("policies.set", name="lot_min_days_left", value=10, sku="MILK")
    assert await available() == 5
    assert await lots_of(shop, await shop.place({"MILK": 5})) == [("LATE", 5)]
    assert (await shop.refusal("orders.place", **shop.order({"MILK": 1})))["name"] == "insufficient_stock"
    await shop.check_books()


async def test_returned_units_come_back_into_their_lot(shop: Shop) -> None:
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "A", 2, in_days(9))
    await receive_lot(shop, "B", 5, in_days(19))
    number = await shop.place({"MILK": 4})
    await deliver(shop, number)
    asked = {"order": number, "reason": "sour", "lines": [{"line": 1, "quantity": 2}]}
    document = (await shop.do("returns.request", **asked))["document"]
    arrived = {"document": document, "location": "MUC"}

    def line(**more: Any) -> list[dict[str, Any]]:
        return [{"line": 1, "quantity": 1, **more}]

    refusal = await shop.refusal("returns.receive", **arrived, lines=line())
    assert refusal["message"] == "MILK is kept in lots: say in which of A, B the units of line 1 came back."
    assert (await shop.refusal("returns.receive", **arrived, lines=line(lot="C")))["name"] == "lot_not_sent"
    await shop.do("returns.receive", **arrived, lines=line(lot="B"))
    other = await shop.refusal("returns.receive", **arrived, lines=line(lot="A"))
    assert other["name"] == "received_in_other_lot"
    await shop.do("returns.dispose", document=document, lines=line(disposition="restock"))
    rows = await shop.fetch(
        "SELECT lot, available FROM stock WHERE merchant_id = $1 AND available > 0 ORDER BY lot, available DESC"
    )
    assert rows == [{"lot": "B", "available": 3}, {"lot": "B", "available": 1}]
    await shop.check_books()


async def test_a_serial_comes_back_from_the_order_that_it_left_with(shop: Shop) -> None:
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1", "S2", "S3")
    first, second = await shop.place({"PHONE": 2}), await shop.place({"PHONE": 1})
    await deliver(shop, first, [{"line": 1, "quantity": 2, "serials": ["S1", "S2"]}])
    await deliver(shop, second, [{"line": 1, "quantity": 1, "serials": ["S3"]}])
    asked = {"order": first, "reason": "broken", "lines": [{"line": 1, "quantity": 2}]}
    document = (await shop.do("returns.request", **asked))["document"]

    def received(*serials: str) -> dict[str, Any]:
        lines = [{"line": 1, "quantity": 1, "serials": serials}]
        return {"document": document, "location": "HAM", "lines": lines}

    assert (await shop.refusal("returns.receive", **received()))["name"] == "units_not_named"
    assert (await shop.refusal("returns.receive", **received("S3")))["name"] == "serial_not_here"
    await shop.do("returns.receive", **received("S2"))
    assert (await shop.refusal("returns.receive", **received("S2")))["name"] == "serial_not_here"

    def disposed(serial: str) -> dict[str, Any]:
        line = {"line": 1, "quantity": 1, "disposition": "restock", "serials": [serial]}
        return {"document": document, "lines": [line]}

    assert (await shop.refusal("returns.dispose", **disposed("S1")))["name"] == "serial_not_here"
    await shop.do("returns.dispose", **disposed("S2"))
    assert [await place_of(shop, serial) for serial in ("S1", "S2", "S3")] == ["delivered", "on_shelf", "delivered"]
    third = await shop.place({"PHONE": 1})
    await deliver(shop, third, [{"line": 1, "quantity": 1, "serials": ["S2"]}])
    await shop.check_books()


async def test_a_parcel_that_returns_to_its_sender_brings_its_serials_back(shop: Shop) -> None:
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1", "S2")
    number = await shop.place({"PHONE": 1})
    (made,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    lines = [{"line": 1, "quantity": 1, "serials": ["S2"]}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=made, lines=lines)
    parcel = (await shop.do("parcels.pack", fulfillment_order=made))["parcel"]
    await shop.do("parcels.ship", parcel=parcel, carrier="DHL")
    now = datetime.now(UTC).isoformat()
    await shop.do("parcels.track", parcel=parcel, status="returned_to_sender", occurred_at=now)
    assert await place_of(shop, "S2") == "sent_back"
    await shop.do("returns.receive", document=number, location="HAM", lines=lines)
    assert await place_of(shop, "S2") == "quality_hold"
    await shop.check_books()


async def test_picked_units_that_are_cancelled_go_back_by_name_and_short_ones_are_named(shop: Shop) -> None:
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1", "S2", "S3")
    number = await shop.place({"PHONE": 3})
    (made,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    picked = [{"line": 1, "quantity": 2, "serials": ["S1", "S2"]}]
    short = [{"line": 1, "quantity": 1, "reason": "gone"}]
    unnamed = await shop.refusal("fulfillment-orders.pick", fulfillment_order=made, lines=picked, short=short)
    assert unnamed["name"] == "units_not_named"
    short[0]["serials"] = ["S3"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=made, lines=picked, short=short)
    assert await place_of(shop, "S3") == "lost"
    two = {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 2}]}
    assert (await shop.refusal("lines.cancel", **two))["name"] == "units_not_named"
    two["lines"] = [{"line": 1, "quantity": 2, "serials": ["S1"]}]
    await shop.do("lines.cancel", **two)
    assert [await place_of(shop, serial) for serial in ("S1", "S2")] == ["on_shelf", "picked"]
    await shop.check_books()


async def test_a_lot_is_swapped_before_the_pick_also_after_the_release(shop: Shop) -> None:
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "A", 5, in_days(9))
    await receive_lot(shop, "B", 3, in_days(19))
    await receive_lot(shop, "OLD", 3, in_days(-1))
    number = await shop.place({"MILK": 4})
    swap = {"order": number, "line": 1, "lot": "A", "reason": "complaint"}
    await shop.do("allocations.swap-lot", **swap, to_lot="B", quantity=1)
    (made,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    assert (await shop.refusal("allocations.swap-lot", **swap, to_lot="OLD"))["message"] == (
        "Lot OLD is expired: nothing is promised of it."
    )
    assert (await shop.refusal("allocations.swap-lot", **swap, to_lot="C"))["name"] == "lot_not_good"
    assert (await shop.refusal("allocations.swap-lot", **swap, to_lot="B"))["name"] == "lot_short"
    await shop.do("allocations.swap-lot", **swap, to_lot="B", quantity=2)
    assert sorted(await lots_of(shop, number)) == [("A", 1), ("B", 3)]
    await shop.do("lots.recall", sku="MILK", lot="A", reason="glass")
    await shop.do("fulfillment-orders.pick", fulfillment_order=made, lines=[{"line": 1, "quantity": 3}])
    refusal = await shop.refusal("fulfillment-orders.pick", fulfillment_order=made)
    assert refusal["name"] == "lot_stopped"
    assert (await shop.refusal("allocations.swap-lot", **{**swap, "lot": "B"}, to_lot="A"))["name"] == "not_in_lot"
    await shop.check_books()


async def test_a_recall_says_who_has_units_and_what_is_left(shop: Shop) -> None:
    await tracked(shop, "MILK", "lot")
    await receive_lot(shop, "A", 9, in_days(9))
    ada = {"name": "Ada Meyer", "email": "ada@example.com"}
    sent, waiting = await shop.place({"MILK": 2}, customer=ada), await shop.place({"MILK": 3})
    await deliver(shop, sent)
    async with shop.database.read(shop.merchant_id) as tx:
        told = await views.holders(tx, views.HoldersQuery(sku="MILK", lot="A"))
        first = await views.holders(tx, views.HoldersQuery(sku="MILK", lot="A", limit=1))
        rest = await views.holders(tx, views.HoldersQuery(sku="MILK", lot="A", limit=1, after=first.next))
        with pytest.raises(NotFound):
            await views.holders(tx, views.HoldersQuery(sku="MILK", lot="B"))
        listed = await views.lots(tx, views.LotsQuery(expires_by=TODAY + timedelta(days=9)))
        none = await views.lots(tx, views.LotsQuery(expires_by=TODAY))
    assert [(each.order, each.email, each.promised, each.delivered) for each in told.items] == [
        (sent, "ada@example.com", 0, 2),
        (waiting, None, 3, 0),
    ]
    assert [*first.items, *rest.items] == told.items and rest.next is None
    assert (told.lot.on_hand, told.lot.available, told.lot.locations) == (7, 4, {"HAM": 7})
    assert [each.lot for each in listed.items] == ["A"] and none.items == []


async def test_a_serial_tells_its_way(shop: Shop) -> None:
    await tracked(shop, "PHONE", "serial")
    await receive_serials(shop, "S1", "S2")
    number = await shop.place({"PHONE": 1})
    await deliver(shop, number, [{"line": 1, "quantity": 1, "serials": ["S2"]}])
    async with shop.database.read(shop.merchant_id) as tx:
        told = await views.serial_history(tx, views.SerialHistoryQuery(sku="PHONE", serial="S2"))
        shelf = await views.serials(tx, views.SerialsQuery(sku="PHONE", location="HAM", place="on_shelf"))
        pages = [await views.serials(tx, views.SerialsQuery(sku="PHONE", limit=1))]
        pages.append(await views.serials(tx, views.SerialsQuery(sku="PHONE", limit=1, after=pages[0].next)))
    assert (told.unit.place, told.unit.order, told.unit.location) == ("delivered", number, None)
    assert [each.kind for each in told.items] == [
        "parcel_tracked", "parcel_shipped", "parcel_packed", "units_picked", "stock_received",
    ]  # fmt: skip
    assert [each.serial for each in shelf.items] == ["S1"]
    assert [page.items[0].serial for page in pages] == ["S1", "S2"]
