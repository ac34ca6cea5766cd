"""Units with names on transfers and work orders, and when they are counted: each is in one place."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from tests.operations.conftest import Shop
from tests.operations.test_counts import approve, book, opened, released
from tests.operations.test_transfers import DUE, ask, stock


async def cameras(shop: Shop, *names: str, location: str = "HAM") -> None:
    await shop.do("products.save", sku="CAM", name="Camera", tracking="serial")
    await shop.do(
        "stock.receive", sku="CAM", location=location, quantity=len(names), serials=list(names), reason="purchase"
    )


async def places(shop: Shop, sku: str = "CAM") -> dict[str, str]:
    """Where each unit is, with its location or the transfer that it is on."""
    found = await ask(shop, "/v1/serials", sku=sku)
    return {each.serial: " ".join(filter(None, (each.place, each.location, each.transfer))) for each in found.items}


async def readied(shop: Shop, quantity: int, **more: Any) -> str:
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": DUE}
    made = await shop.do("transfers.create", **way, lines=[{"sku": "CAM", "quantity": quantity}])
    transfer = str(made["transfer"])
    lines = [{"line": 1, "quantity": quantity, **more}] if more else []
    await shop.do("transfers.ready", transfer=transfer, lines=lines)
    return transfer


async def test_units_with_names_travel_by_name(shop: Shop) -> None:
    await cameras(shop, "S1", "S2", "S3")
    transfer = await readied(shop, 2)
    assert (await shop.refusal("transfers.ship", transfer=transfer))["name"] == "serials_required"
    lines = [{"line": 1, "quantity": 2, "serials": ["S1", "S3"]}]
    await shop.do("transfers.ship", transfer=transfer, lines=lines)
    assert await places(shop) == {"S1": f"in_transit {transfer}", "S2": "on_shelf HAM", "S3": f"in_transit {transfer}"}
    assert (await ask(shop, "/v1/transfers/{transfer}", transfer=transfer)).lines[0].serials == ["S1", "S3"]
    some = {"line": 1, "quantity": 1}
    assert (await shop.refusal("transfers.receive", transfer=transfer, lines=[some]))["name"] == "serials_required"
    strange = await shop.refusal("transfers.receive", transfer=transfer, lines=[{**some, "serials": ["S2"]}])
    assert strange["message"] == f"S2 of CAM is on shelf, not on its way with {transfer}."
    await shop.do("transfers.receive", transfer=transfer, lines=[{**some, "serials": ["S3"], "damaged": 1}])
    await shop.do("transfers.receive", transfer=transfer)
    assert await places(shop) == {"S1": "on_shelf MUC", "S2": "on_shelf HAM", "S3": "damaged MUC"}
    assert await stock(shop, "CAM") == {"HAM": {"available": 1}, "MUC": {"available": 1, "damaged": 1}}
    await shop.check_books()


async def test_units_may_be_named_when_they_are_set_aside(shop: Shop) -> None:
    await cameras(shop, "S1", "S2", "S3")
    transfer = await readied(shop, 2, serials=["S2", "S3"])
    assert (await ask(shop, "/v1/transfers/{transfer}", transfer=transfer)).lines[0].serials == ["S2", "S3"]
    await shop.do("transfers.ship", transfer=transfer)
    assert (await places(shop))["S3"] == f"in_transit {transfer}"
    await shop.do("transfers.receive", transfer=transfer)
    assert await places(shop) == {"S1": "on_shelf HAM", "S2": "on_shelf MUC", "S3": "on_shelf MUC"}
    await shop.check_books()


async def test_a_unit_on_its_way_is_nowhere_else(shop: Shop) -> None:
    """It is not picked for an order, not sent by another transfer, not written off and not received anew."""
    await cameras(shop, "S1", "S2")
    number = await shop.place({"CAM": 1})
    first = await readied(shop, 1)
    await shop.do("transfers.ship", transfer=first, lines=[{"line": 1, "quantity": 1, "serials": ["S1"]}])
    fulfillment_order = (await shop.do("orders.release", order=number))["fulfillment_orders"][0]
    lines = [{"line": 1, "quantity": 1, "serials": ["S1"]}]
    refused = await shop.refusal("fulfillment-orders.pick", fulfillment_order=fulfillment_order, lines=lines)
    assert refused["name"] == "serial_not_here"
    one = {"sku": "CAM", "quantity": 1, "serials": ["S1"], "reason": "x"}
    assert (await shop.refusal("stock.receive", location="MUC", **one))["name"] == "serial_elsewhere"
    await cameras(shop, "S3")
    second = await readied(shop, 1)
    taken = await shop.refusal("transfers.ship", transfer=second, lines=lines)
    assert taken["message"] == "S1 of CAM is in transit, not on shelf."
    await shop.check_books()


async def test_units_that_never_arrive_came_home_or_are_lost_by_name(shop: Shop) -> None:
    await cameras(shop, "S1", "S2", "S3")
    transfer = await readied(shop, 3, serials=["S1", "S2", "S3"])
    await shop.do("transfers.ship", transfer=transfer)
    told: dict[str, Any] = {"line": 1, "came_home": 2, "lost": 1}
    cancel = {"transfer": transfer, "reason": "crash"}
    assert (await shop.refusal("transfers.cancel", **cancel, lines=[told]))["name"] == "serials_required"
    await shop.do("transfers.cancel", **cancel, lines=[{**told, "lost_serials": ["S2"]}])
    assert await places(shop) == {"S1": "on_shelf HAM", "S2": "lost", "S3": "on_shelf HAM"}
    assert await stock(shop, "CAM") == {"HAM": {"available": 2}}
    await shop.check_books()


async def test_the_rest_of_a_transfer_of_names_is_lost_when_it_is_closed(shop: Shop) -> None:
    await cameras(shop, "S1", "S2")
    transfer = await readied(shop, 2, serials=["S1", "S2"])
    await shop.do("transfers.ship", transfer=transfer)
    await shop.do("transfers.receive", transfer=transfer, lines=[{"line": 1, "quantity": 1, "serials": ["S1"]}])
    await shop.do("transfers.close", transfer=transfer, reason="x")
    assert await places(shop) == {"S1": "on_shelf MUC", "S2": "lost"}
    await shop.check_books()


async def test_names_where_a_product_has_none_and_names_said_twice(shop: Shop) -> None:
    await cameras(shop, "S1", "S2")
    transfer = await readied(shop, 2)
    twice = [{"line": 1, "quantity": 1, "serials": ["S1"]}] * 2
    assert (await shop.refusal("transfers.ship", transfer=transfer, lines=twice))["name"] == "serial_twice"
    await shop.stock_up(MUG_HAM=1)
    way = {"from_location": "HAM", "to_location": "MUC", "due_at": DUE}
    made = await shop.do("transfers.create", **way, lines=[{"sku": "MUG", "quantity": 1}])
    lines = [{"line": 1, "quantity": 1, "serials": ["S1"]}]
    refused = await shop.refusal("transfers.ready", transfer=made["transfer"], lines=lines)
    assert refused["name"] == "serials_not_kept"


async def bundle(shop: Shop) -> None:
    """A set (with a name of its own) of a camera with a name, and two films of a lot."""
    await cameras(shop, "S1", "S2", "S3")
    await shop.do("products.save", sku="FILM", name="Film", tracking="lot")
    film = {"sku": "FILM", "location": "HAM", "reason": "purchase"}
    await shop.do("stock.receive", **film, quantity=3, lot="F1", expires_on="2990-01-01")
    await shop.do("stock.receive", **film, quantity=3, lot="F2", expires_on="2991-01-01")
    await shop.do("products.save", sku="SET", name="Set", tracking="serial")
    parts = [{"sku": "CAM", "list_price": "30"}, {"sku": "FILM", "per_kit": 2, "list_price": "5"}]
    await shop.do("kits.save", sku="SET", components=parts, stocked=True)


async def test_a_kit_is_made_of_named_units_and_gets_a_name(shop: Shop) -> None:
    await bundle(shop)
    order = (await shop.do("work-orders.open", sku="SET", location="HAM", quantity=2))["work_order"]
    cam, made = {"sku": "CAM", "serials": ["S1"]}, {"sku": "SET", "serials": ["K1"]}
    one: dict[str, Any] = {"work_order": order, "quantity": 1}
    refusals: list[tuple[list[dict[str, Any]], str]] = [
        ([], "serials_required"), ([cam], "serials_required"), ([cam, made, {"sku": "MUG"}], "not_of_it"),
        ([cam, {"sku": "SET", "serials": ["K1", "K2"]}], "serials_required"),
        ([{"sku": "CAM", "serials": ["S9"]}, made], "serial_elsewhere"),
        ([cam, made, {"sku": "FILM", "serials": ["X"]}], "serials_not_kept"),
    ]  # fmt: skip
    for units, name in refusals:
        assert (await shop.refusal("work-orders.complete", **one, units=units))["name"] == name
    await shop.do("work-orders.complete", **one, units=[cam, made])
    again = await shop.refusal("work-orders.complete", **one, units=[cam, made])
    assert again["message"] == "S1 of CAM is assembled, not on shelf."
    assert await places(shop) == {"S1": "assembled", "S2": "on_shelf HAM", "S3": "on_shelf HAM"}
    assert await places(shop, "SET") == {"K1": "on_shelf HAM"}
    await shop.do("work-orders.cancel", work_order=order, reason="x")
    assert await stock(shop, "CAM") == {"HAM": {"available": 2}}
    await shop.check_books()


async def test_a_kit_with_a_name_is_taken_apart_into_a_lot(shop: Shop) -> None:
    await bundle(shop)
    order = (await shop.do("work-orders.open", sku="SET", location="HAM", quantity=1))["work_order"]
    units: list[dict[str, Any]] = [{"sku": "CAM", "serials": ["S1"]}, {"sku": "SET", "serials": ["K1"]}]
    await shop.do("work-orders.complete", work_order=order, units=units)
    back = await shop.do("work-orders.open", sku="SET", location="HAM", quantity=1, kind="disassemble")
    apart: dict[str, Any] = {"work_order": back["work_order"]}
    assert (await shop.refusal("work-orders.complete", **apart, units=units))["name"] == "lot_required"
    lot = {"sku": "FILM", "lot": "F1", "expires_on": "2990-02-02"}
    assert (await shop.refusal("work-orders.complete", **apart, units=[*units, lot]))["name"] == "other_expiry"
    lot = {"sku": "FILM", "lot": "F9", "expires_on": "2990-02-02"}
    taken = [{"sku": "CAM", "serials": ["S2"]}, {"sku": "SET", "serials": ["K1"]}, lot]
    assert (await shop.refusal("work-orders.complete", **apart, units=taken))["name"] == "serial_elsewhere"
    await shop.do("work-orders.complete", **apart, units=[*units, lot])
    assert (await places(shop))["S1"] == "on_shelf HAM"
    assert await places(shop, "SET") == {"K1": "assembled"}
    rows = await shop.fetch("SELECT lot, available FROM stock WHERE merchant_id = $1 AND lot <> '' ORDER BY lot")
    assert [(row["lot"], row["available"]) for row in rows] == [("F1", 1), ("F2", 3), ("F9", 2)]
    await shop.check_books()


def found(*names: str) -> list[dict[str, Any]]:
    return [{"sku": "CAM", "quantity": len(names), "serials": list(names)}]


async def test_a_count_by_name_loses_what_is_missing_and_finds_what_nobody_knew(shop: Shop) -> None:
    await cameras(shop, "S1", "S2", "S3")
    count = await opened(shop, "CAM")
    await shop.do("counts.record", count=count, lines=found("S1", "S3", "S9"))
    seen = (await ask(shop, "/v1/counts/{count}", count=count)).lines[0].passes[0]
    assert (seen.serials, seen.missing, seen.strange) == (["S1", "S3", "S9"], None, None)
    review = (await ask(shop, "/v1/counts/{count}/review", count=count)).lines[0].passes[0]
    assert (review.missing, review.strange, review.variance) == (["S2"], ["S9"], 0)
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["lost_serials"], line["found_serials"]) == (0, ["S2"], ["S9"])
    assert await places(shop) == {"S1": "on_shelf HAM", "S2": "lost", "S3": "on_shelf HAM", "S9": "on_shelf HAM"}
    assert await book(shop, "CAM") == {"available": 3}
    await shop.check_books()


async def test_missing_names_that_orders_hold_are_short_until_they_turn_up(shop: Shop) -> None:
    await cameras(shop, "S1", "S2", "S3")
    await shop.place({"CAM": 2})
    count = await opened(shop, "CAM")
    await shop.do("counts.record", count=count, lines=found("S1"))
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["lost_serials"], line["short_serials"]) == (-2, ["S2"], ["S3"])
    assert await book(shop, "CAM") == {"allocated": 2, "short": 1}
    assert (await places(shop))["S3"] == "on_shelf HAM"
    again = await opened(shop, "CAM")
    await shop.do("counts.record", count=again, lines=found("S1"))
    (line,) = (await approve(shop, again))["variances"]
    assert (line["variance"], line["short_serials"]) == (0, ["S3"])
    last = await opened(shop, "CAM")
    await shop.do("counts.record", count=last, lines=found("S1", "S2", "S3"))
    (line,) = (await approve(shop, last))["variances"]
    assert (line["found_serials"], line["settled"]) == (["S2"], 1)
    assert await book(shop, "CAM") == {"available": 1, "allocated": 2}
    await shop.check_books()


async def test_a_unit_that_moved_since_it_was_missed_is_not_lost(shop: Shop) -> None:
    """S2 was not seen, but a picker takes it from the shelf afterwards; S9 was seen, and its receipt is told in the evening."""
    await cameras(shop, "S1", "S2")
    fulfillment_order = await released(shop, await shop.place({"CAM": 1}))
    count = await opened(shop, "CAM")
    morning = datetime.now(UTC).isoformat()
    await shop.do("counts.record", count=count, lines=found("S1", "S9"))
    lines = [{"line": 1, "quantity": 1, "serials": ["S2"]}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order, lines=lines)
    late = {"serials": ["S9"], "quantity": 1, "reason": "purchase", "occurred_at": morning}
    await shop.do("stock.receive", sku="CAM", location="HAM", **late)
    assert (await approve(shop, count))["variances"] == []
    assert await book(shop, "CAM") == {"available": 2, "picked": 1}
    await shop.check_books()


async def test_names_of_what_was_counted_earlier(shop: Shop) -> None:
    await cameras(shop, "S1", "S2")
    fulfillment_order = await released(shop, await shop.place({"CAM": 1}))
    count = await opened(shop, "CAM")
    before = datetime.now(UTC).isoformat()
    lines = [{"line": 1, "quantity": 1, "serials": ["S2"]}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order, lines=lines)
    await shop.do("counts.record", count=count, lines=found("S1", "S2"), counted_at=before)
    assert (await approve(shop, count))["variances"] == []
    await shop.check_books()


async def test_a_unit_that_is_found_where_it_cannot_be(shop: Shop) -> None:
    await cameras(shop, "S1")
    await cameras(shop, "S2", location="MUC")
    count = await opened(shop, "CAM")
    await shop.do("counts.record", count=count, lines=found("S1", "S2"))
    assert (await shop.refusal("counts.approve", count=count, reason="x"))["name"] == "serial_elsewhere"
    await shop.check_books()


async def test_names_are_scanned_one_after_the_other(shop: Shop) -> None:
    await cameras(shop, "S1", "S2")
    count = await opened(shop, "CAM")
    for name in ("S1", "S2"):
        await shop.do("counts.record", count=count, lines=[{**found(name)[0], "add": True}])
    twice = [{**found("S2")[0], "add": True}]
    assert (await shop.refusal("counts.record", count=count, lines=twice))["name"] == "serial_twice"
    few = [{"sku": "CAM", "quantity": 2, "serials": ["S1"]}]
    assert (await shop.refusal("counts.record", count=count, lines=few))["name"] == "serials_required"
    assert (await approve(shop, count))["variances"] == []
    await shop.check_books()


async def test_two_counts_by_name_correct_a_shelf_once(shop: Shop) -> None:
    await cameras(shop, "S1", "S2")
    counts = [await opened(shop, "CAM") for _ in range(2)]
    for count in counts:
        await shop.do("counts.record", count=count, lines=found("S1", "S9"))
    done = await shop.batch("counts.approve", *({"count": count, "reason": "cycle"} for count in counts))
    assert [len(each["variances"]) for each in done] == [1, 0]
    assert (await places(shop)) == {"S1": "on_shelf HAM", "S2": "lost", "S9": "on_shelf HAM"}
    await shop.check_books()


async def test_of_many_who_send_the_same_unit_one_does(shop: Shop) -> None:
    """Eight transfers name one unit at once, and a picker takes it for an order."""
    await cameras(shop, *(f"S{number}" for number in range(9)))
    transfers = [await readied(shop, 1) for _ in range(8)]
    fulfillment_order = await released(shop, await shop.place({"CAM": 1}))
    lines = [{"line": 1, "quantity": 1, "serials": ["S0"]}]
    pick = shop.envelope("fulfillment-orders.pick", {"fulfillment_order": fulfillment_order, "lines": lines})
    ships = [shop.envelope("transfers.ship", {"transfer": each, "lines": lines}) for each in transfers]
    done = await asyncio.gather(
        shop.run("fulfillment-orders.pick", [pick]), *(shop.run("transfers.ship", [ship]) for ship in ships)
    )
    assert sum(answer.accepted for answers in done for answer in answers) == 1
    await shop.check_books()
