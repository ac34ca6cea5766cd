"""Counts: the book is compared with the shelf while orders go on, and what orders hold in vain becomes a shortage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.operations.conftest import Shop
from tests.operations.test_transfers import ask


async def book(shop: Shop, sku: str = "MUG") -> dict[str, int]:
    """The buckets of the product at HAM, empty ones left out."""
    (row,) = await shop.fetch(
        "SELECT s.available, s.reserved, s.allocated, s.picked, s.packed, s.damaged, s.short FROM stock AS s"
        "  JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id"
        " WHERE s.merchant_id = $1 AND sku.code = $2 AND l.code = 'HAM'",
        sku,
    )
    return {bucket: units for bucket, units in row.items() if units}


async def opened(shop: Shop, *skus: str, **more: Any) -> str:
    return str((await shop.do("counts.open", location="HAM", skus=list(skus), **more))["count"])


async def record(shop: Shop, count: str, **found: int) -> dict[str, Any]:
    return await shop.do(
        "counts.record", count=count, lines=[{"sku": sku, "quantity": units} for sku, units in found.items()]
    )


async def approve(shop: Shop, count: str, **more: Any) -> dict[str, Any]:
    return await shop.do("counts.approve", count=count, reason="cycle_count", **more)


async def released(shop: Shop, number: str) -> str:
    return str((await shop.do("orders.release", order=number))["fulfillment_orders"][0])


async def test_a_count_corrects_the_book_by_what_differs(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10, TEE_HAM=4, CAP_HAM=1)
    count = await opened(shop, blind=False)
    seen = await record(shop, count, MUG=8, TEE=5, CAP=1)
    assert [(line["sku"], line["expected"], line["variance"]) for line in seen["lines"]] == [
        ("MUG", 10, -2), ("TEE", 4, 1), ("CAP", 1, 0),
    ]  # fmt: skip
    done = await approve(shop, count)
    assert [(each["sku"], each["found"], each["lost"], each["short"]) for each in done["variances"]] == [
        ("MUG", 0, 2, 0), ("TEE", 1, 0, 0),
    ]  # fmt: skip
    assert [await book(shop, sku) for sku in ("MUG", "TEE", "CAP")] == [
        {"available": 8},
        {"available": 5},
        {"available": 1},
    ]
    assert (await shop.refusal("counts.approve", count=count, reason="x"))["name"] == "not_open"
    await shop.check_books()


async def test_a_blind_count_tells_nothing_of_the_book_until_it_is_approved(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    count = await opened(shop, "MUG")
    (line,) = (await record(shop, count, MUG=8))["lines"]
    assert (line["counted"], line["expected"], line["variance"]) == (8, None, None)
    (told,) = await shop.fetch("SELECT data::text FROM event WHERE merchant_id = $1 AND kind = 'count_recorded'")
    assert "expected" not in told["data"]
    seen = (await ask(shop, "/v1/counts/{count}", count=count)).lines[0]
    assert (seen.snapshot, seen.variance, seen.passes[0].expected) == (None, None, None)
    review = (await ask(shop, "/v1/counts/{count}/review", count=count)).lines[0]
    assert (review.snapshot, review.counted, review.variance) == (10, 8, -2)
    await approve(shop, count)
    assert (await ask(shop, "/v1/counts/{count}", count=count)).lines[0].variance == -2


async def test_movements_during_the_count_are_part_of_what_is_expected(shop: Shop) -> None:
    """10 at the snapshot; 3 are picked before somebody counts, 4 arrive and 2 are picked before the approval."""
    await shop.stock_up(MUG_HAM=10)
    first, second = await shop.place({"MUG": 3}), await shop.place({"MUG": 2})
    count = await opened(shop, "MUG")
    await shop.do("fulfillment-orders.pick", fulfillment_order=await released(shop, first))
    await record(shop, count, MUG=6)
    seen = (await ask(shop, "/v1/counts/{count}/review", count=count)).lines[0]
    assert (seen.snapshot, seen.passes[0].movements, seen.passes[0].expected, seen.variance) == (10, -3, 7, -1)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=4, reason="purchase")
    await shop.do("fulfillment-orders.pick", fulfillment_order=await released(shop, second))
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["lost"]) == (-1, 1)
    assert await book(shop) == {"available": 8, "picked": 5}
    await shop.check_books()


async def test_what_was_counted_earlier_is_compared_with_the_book_of_that_moment(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    fulfillment_order = await released(shop, await shop.place({"MUG": 3}))
    count = await opened(shop, "MUG", blind=False)
    before = datetime.now(UTC).isoformat()
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order)
    lines = [{"sku": "MUG", "quantity": 9}]
    (line,) = (await shop.do("counts.record", count=count, lines=lines, counted_at=before))["lines"]
    assert (line["expected"], line["variance"]) == (10, -1)
    await approve(shop, count)
    assert await book(shop) == {"available": 6, "picked": 3}
    late = await opened(shop, "MUG")
    assert (await shop.refusal("counts.record", count=late, lines=lines, counted_at=before))["name"] == "wrong_time"
    await shop.check_books()


async def test_a_unit_that_a_picker_missed_is_not_written_off_twice(shop: Shop) -> None:
    """The count finds 8 of 10; then a picker does not find one of them: of the two that are missing, one is written off already."""
    await shop.stock_up(MUG_HAM=10)
    fulfillment_order = await released(shop, await shop.place({"MUG": 3}))
    count = await opened(shop, "MUG")
    await record(shop, count, MUG=8)
    short = [{"line": 1, "quantity": 1, "reason": "not_found"}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order, short=short)
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["lost"]) == (-1, 1)
    assert await book(shop) == {"available": 6, "picked": 2}
    await shop.check_books()


async def test_two_counts_of_the_same_shelf_correct_it_once(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    counts = [await opened(shop, "MUG") for _ in range(2)]
    for count in counts:
        await record(shop, count, MUG=8)
    done = await shop.batch("counts.approve", *({"count": count, "reason": "cycle"} for count in counts))
    assert [[line["variance"] for line in each["variances"]] for each in done] == [[-2], []]
    assert await book(shop) == {"available": 8}
    await shop.check_books()


async def test_lines_are_counted_again_in_a_pass_of_their_own(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10, TEE_HAM=4)
    count = await opened(shop)
    await record(shop, count, MUG=8, TEE=4)
    assert (await shop.do("counts.recount", count=count))["uncounted"] == 1
    refused = await shop.refusal("counts.approve", count=count, reason="x")
    assert refused["message"] == f"1 line of {count} was not counted: count what is left, or leave it as it is."
    (line,) = (await record(shop, count, MUG=10))["lines"]
    assert line["passed"] == 2
    assert (await shop.refusal("counts.recount", count=count))["name"] == "nothing_differs"
    assert (await approve(shop, count))["variances"] == []
    assert await book(shop) == {"available": 10}
    await shop.check_books()


async def test_what_nobody_counted_stays_as_it_is(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10, TEE_HAM=4)
    count = await opened(shop)
    await record(shop, count, MUG=9)
    assert (await shop.refusal("counts.approve", count=count, reason="x"))["name"] == "not_counted"
    await approve(shop, count, leave_uncounted=True)
    assert (await book(shop), await book(shop, "TEE")) == ({"available": 9}, {"available": 4})
    await shop.check_books()


async def test_what_is_found_unexpectedly_comes_onto_the_count(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.do("products.save", sku="CAP", name="Cap", gtin="4006381333931")
    count = await opened(shop, "MUG")
    lines = [{"sku": "MUG", "quantity": 10}, {"barcode": "4006381333931", "quantity": 3}]
    assert len((await shop.do("counts.record", count=count, lines=lines))["lines"]) == 2
    await approve(shop, count)
    assert await book(shop, "CAP") == {"available": 3}
    await shop.check_books()


async def test_above_the_limit_somebody_else_approves(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.do("policies.set", name="count_approval_limit", value=1)
    count = await opened(shop, "MUG")
    await record(shop, count, MUG=8)
    refused = await shop.refusal("counts.approve", count=count, reason="x")
    assert refused["message"] == "MUG differs by -2 units, above 1: somebody else than who counted approves that."
    boss = replace(shop.envelope("counts.approve", {"count": count, "reason": "cycle"}), actor="user:boss")
    assert (await shop.run("counts.approve", [boss]))[0].accepted
    assert await book(shop) == {"available": 8}


async def test_a_count_below_what_orders_hold_opens_a_shortage(shop: Shop) -> None:
    """10 on the book, 7 of them allocated; 5 are found: 3 free ones are lost, 2 are short, and the order keeps its 7."""
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 7})
    count = await opened(shop, "MUG")
    await record(shop, count, MUG=5)
    done = await approve(shop, count)
    (line,) = done["variances"]
    assert (line["lost"], line["short"], len(done["shortages"])) == (3, 2, 1)
    assert await book(shop) == {"allocated": 7, "short": 2}
    assert await shop.units(number) == {"allocated": 7}
    (shortage,) = (await ask(shop, "/v1/shortages", location="HAM")).items
    assert (shortage.sku, shortage.kind, shortage.document, shortage.remaining) == ("MUG", "count", count, 2)
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"
    await shop.check_books()


async def test_what_makes_up_for_a_shortage_is_promised_to_nobody_else(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 7})
    count = await opened(shop, "MUG")
    await record(shop, count, MUG=5)
    await approve(shop, count)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=3, reason="purchase")
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 2})))["name"] == "insufficient_stock"
    transfer = {"from_location": "HAM", "to_location": "MUC", "due_at": datetime.now(UTC).isoformat()}
    made = await shop.do("transfers.create", **transfer, lines=[{"sku": "MUG", "quantity": 2}])
    refused = await shop.refusal("transfers.ready", transfer=made["transfer"])
    assert refused["message"] == "HAM has 1 MUG available, not 2."
    await shop.place({"MUG": 1})
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    await shop.place({"MUG": 1})
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["name"] == "insufficient_stock"
    assert await book(shop) == {"available": 2, "allocated": 8, "short": 2}
    await shop.check_books()


async def test_a_second_count_knows_of_the_shortage_and_ends_it_when_the_units_turn_up(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.place({"MUG": 10})
    first = await opened(shop, "MUG")
    await record(shop, first, MUG=6)
    await approve(shop, first)
    again = await opened(shop, "MUG", blind=False)
    (line,) = (await record(shop, again, MUG=6))["lines"]
    assert (line["expected"], line["variance"]) == (6, 0)
    (line,) = (await record(shop, again, MUG=11))["lines"]
    done = await approve(shop, again)
    assert [(each["settled"], each["found"]) for each in done["variances"]] == [(4, 1)]
    assert await book(shop) == {"available": 1, "allocated": 10}
    assert (await ask(shop, "/v1/shortages")).items == []
    await shop.check_books()


async def test_more_left_the_shelf_than_was_counted(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    fulfillment_order = await released(shop, await shop.place({"MUG": 5}))
    count = await opened(shop, "MUG")
    await record(shop, count, MUG=3)
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order)
    assert (await shop.refusal("counts.approve", count=count, reason="x"))["name"] == "outdated"
    await shop.do("counts.cancel", count=count, reason="miscounted")
    await shop.check_books()


async def test_refusals(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"location": "X"}, "unknown_location"), ({"location": "HAM", "skus": ["X"]}, "unknown_sku"),
        ({"location": "LEJ"}, "nothing_to_count"),
    ]  # fmt: skip
    for fields, name in cases:
        assert (await shop.refusal("counts.open", **fields))["name"] == name
    first, second = await shop.batch("counts.open", *[{"location": "HAM", "reference": "R"}] * 2)
    count = first["count"]
    assert second["name"] == "reference_taken" and count in second["message"]
    bad: list[tuple[dict[str, Any], str]] = [
        ({"quantity": 1}, "name_one"), ({"sku": "MUG", "barcode": "MUG", "quantity": 1}, "name_one"),
        ({"sku": "X", "quantity": 1}, "unknown_sku"), ({"barcode": "X", "quantity": 1}, "unknown_sku"),
    ]  # fmt: skip
    for line, name in bad:
        assert (await shop.refusal("counts.record", count=count, lines=[line]))["name"] == name
    assert (await shop.refusal("counts.recount", count=count, lines=[9]))["name"] == "unknown_line"
    assert (await shop.refusal("counts.approve", count="C9", reason="x"))["name"] == "unknown_count"
    stale = await shop.refusal("counts.approve", count=count, reason="x", expected_version=9)
    assert stale["name"] == "version_conflict"
    await shop.do("counts.cancel", count=count, reason="x")
    assert [each.status for each in (await ask(shop, "/v1/counts")).items] == ["cancelled"]
    assert (await ask(shop, "/v1/counts", status="open")).items == []
    await shop.check_books()


@pytest.mark.parametrize("dry", [True, False])
async def test_dry_run_and_run_say_the_same(shop: Shop, dry: bool) -> None:
    await shop.stock_up(MUG_HAM=10)
    count = await opened(shop, "MUG", blind=False)
    envelope = shop.envelope("counts.record", {"count": count, "lines": [{"sku": "MUG", "quantity": 7}]})
    if dry:
        (outcome,) = await shop.preview("counts.record", [envelope])
    else:
        outcome = (await shop.batch("counts.record", {"count": count, "lines": [{"sku": "MUG", "quantity": 7}]}))[0]
    assert (outcome["version"], outcome["lines"][0]["variance"]) == (2, -3)


async def test_damaged_units_that_orders_hold_become_a_shortage(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 7})
    broken = {"sku": "MUG", "location": "HAM", "quantity": 5, "kind": "damaged", "reason": "fell_down"}
    assert (await shop.refusal("stock.adjust", **broken))["name"] == "not_there"
    await shop.do("stock.adjust", **broken, held_too=True, document="D-1")
    assert await book(shop) == {"allocated": 7, "damaged": 3, "short": 2}
    assert await shop.units(number) == {"allocated": 7}
    await shop.do("stock.adjust", **{**broken, "quantity": 5, "kind": "lost"}, held_too=True)
    assert (await shop.refusal("stock.adjust", **{**broken, "quantity": 1}, held_too=True))["name"] == "not_there"
    found = (await ask(shop, "/v1/shortages", sku="MUG")).items
    assert [(each.kind, each.document, each.remaining) for each in found] == [("damaged", "D-1", 2), ("lost", None, 5)]
    assert await book(shop) == {"allocated": 7, "damaged": 3, "short": 7}
    await shop.check_books()


DAMAGED = {"location": "HAM", "sku": "MUG", "kind": "damaged", "quantity": 3, "reason": "dropped", "held_too": True}


@pytest.mark.parametrize("then", ["nothing", "settled", "told_late", "settled_before_it_is_told"])
async def test_what_is_damaged_after_it_was_counted_has_left_the_shelf(shop: Shop, then: str) -> None:
    """All 10 are held and all 10 are counted; then 3 of them break. The count finds nothing wrong, whatever becomes of the 3."""
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 10})
    count = await opened(shop, "MUG")
    started = datetime.now(UTC)
    settle = {"order": number, "lines": [{"line": 1, "location": "HAM", "quantity": 3, "instead": "cancel"}]}
    if then != "settled_before_it_is_told":
        await record(shop, count, MUG=10)
    at = {"occurred_at": started.isoformat()} if then == "told_late" else {}
    await shop.do("stock.adjust", **DAMAGED, **at)
    if then.startswith("settled"):
        await shop.do("shortages.settle", **settle)
    if then == "settled_before_it_is_told":
        lines = [{"sku": "MUG", "quantity": 10}]
        (_line,) = (await shop.do("counts.record", count=count, lines=lines, counted_at=started.isoformat()))["lines"]
    found = (await approve(shop, count))["variances"]
    assert [each["variance"] for each in found] == ([3] if then == "told_late" else [])
    await shop.check_books()


async def test_stock_that_was_counted_before_something_was_written_off_is_compared_with_what_was_short_then(
    shop: Shop,
) -> None:
    """10 are held, 3 of them break, the order gives way. Told then: before they broke there were 10, after it 7."""
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 10})
    before = datetime.now(UTC)
    await shop.do("stock.adjust", **DAMAGED)
    between = datetime.now(UTC)
    line = {"line": 1, "location": "HAM", "quantity": 3, "instead": "cancel"}
    await shop.do("shortages.settle", order=number, lines=[line])
    for moment, there in ((before, 10), (between, 7), (datetime.now(UTC), 7)):
        told = await shop.do("stock.set", sku="MUG", location="HAM", quantity=there, as_of=moment.isoformat())
        assert (told["expected"], told["difference"]) == (there, 0)
    await shop.check_books()


async def test_a_picker_who_finds_the_shelf_empty_contradicts_the_book(shop: Shop) -> None:
    """10 on the book: 3 for one order, 4 for another, 3 free. The picker finds 1: 2 are written off, 3 free ones too, 4 are short."""
    await shop.stock_up(MUG_HAM=10, MUG_MUC=2)
    first, second = await shop.place({"MUG": 3}), await shop.place({"MUG": 4})
    fulfillment_order = await released(shop, first)
    short = [{"line": 1, "quantity": 2, "reason": "not_found", "shelf_empty": True}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order, short=short)
    assert await book(shop) == {"allocated": 4, "picked": 1, "short": 4}
    assert (await shop.units(first), await shop.units(second)) == ({"open": 2, "picked": 1}, {"allocated": 4})
    (shortage,) = (await ask(shop, "/v1/shortages")).items
    assert (shortage.kind, shortage.document, shortage.reason, shortage.remaining) == (
        "short_pick", fulfillment_order, "not_found", 4,
    )  # fmt: skip
    await shop.do("orders.source", order=first)
    assert await shop.units(first) == {"allocated": 2, "picked": 1}
    await shop.check_books()


async def test_a_lot_that_nobody_received_is_not_counted(shop: Shop) -> None:
    await shop.do("products.save", sku="MILK", name="Milk", tracking="lot")
    await shop.do(
        "stock.receive", sku="MILK", location="HAM", quantity=5, lot="L1", expires_on="2990-01-01", reason="purchase"
    )
    count = await opened(shop, "MILK")
    for lot, name in (("", "lot_needed"), ("L2", "unknown_lot")):
        lines = [{"sku": "MILK", "lot": lot, "quantity": 5}]
        assert (await shop.refusal("counts.record", count=count, lines=lines))["name"] == name
    await shop.do("counts.record", count=count, lines=[{"sku": "MILK", "lot": "L1", "quantity": 4}])
    await approve(shop, count)
    assert await book(shop, "MILK") == {"available": 4}
    await shop.check_books()


async def test_units_with_names_are_adjusted_by_name_and_then_the_count_agrees(shop: Shop) -> None:
    await shop.do("products.save", sku="CAM", name="Camera", tracking="serial")
    await shop.do("stock.receive", sku="CAM", location="HAM", quantity=2, serials=["S1", "S2"], reason="purchase")
    count = await opened(shop, "CAM")
    await record(shop, count, CAM=1)
    assert (await shop.refusal("counts.approve", count=count, reason="x"))["name"] == "serials_differ"
    await shop.do("stock.adjust", sku="CAM", location="HAM", quantity=1, kind="lost", reason="count", serials=["S2"])
    assert (await approve(shop, count))["variances"] == []
    await shop.check_books()


async def test_a_receipt_that_was_wrong_is_corrected_once(shop: Shop) -> None:
    """5 arrived and 7 were told; the count finds 5, then somebody takes back 2 of the receipt: nothing is left to correct."""
    await shop.do("products.save", sku="MUG", name="Mug")
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=7, reason="purchase")
    (told,) = await shop.fetch(
        "SELECT position, event_id FROM event WHERE merchant_id = $1 AND kind = 'stock_received'"
    )
    count = await opened(shop, "MUG")
    await record(shop, count, MUG=5)
    await shop.do("stock.correct", event=told["position"], quantity=2, reason="typing_error")
    assert (await approve(shop, count))["variances"] == []
    assert await book(shop) == {"available": 5}
    await shop.check_books()


async def counted(shop: Shop, how: str, units: int) -> None:
    """All units of MUG at HAM are counted now, and that is the truth."""
    if how == "by a count":
        count = await opened(shop, "MUG")
        await record(shop, count, MUG=units)
        await approve(shop, count)
    else:
        await shop.do("stock.set", sku="MUG", location="HAM", quantity=units)


@pytest.mark.parametrize("how", ["by a count", "by setting it"])
async def test_what_is_told_late_was_counted_already(shop: Shop, how: str) -> None:
    """5 arrived before 15 were counted, and are told after: 15 there are. 2 went before, 1 later: 14."""
    await shop.stock_up(MUG_HAM=10)
    before = datetime.now(UTC).isoformat()
    await counted(shop, how, 15)
    here = {"sku": "MUG", "location": "HAM", "reason": "late"}
    told = await shop.do("stock.receive", **here, quantity=5, occurred_at=before)
    assert told["available"] == 15
    for kind, at in (("lost", before), ("damaged", before), ("lost", None)):
        told = await shop.do("stock.adjust", **here, kind=kind, quantity=1, occurred_at=at)
    assert told["available"] == 14
    assert await book(shop) == {"available": 14, "damaged": 1}
    taken = await shop.fetch(
        "SELECT data->'quantity' AS units, data->>'document' AS document FROM event"
        " WHERE merchant_id = $1 AND kind = 'variance_taken_back' ORDER BY position"
    )
    assert [each["units"] for each in taken] == ["-5", "1", "1"]
    await shop.check_books()


@pytest.mark.parametrize(("how", "seen"), [("by a count", 5), ("by setting it", 5), ("by setting it", 9)])
async def test_a_parcel_that_left_before_somebody_counted_and_is_told_after(shop: Shop, how: str, seen: int) -> None:
    """3 of 10 had left in a parcel: what is counted on the shelf or set for the building is there, and nothing more is missing."""
    await shop.stock_up(MUG_HAM=10)
    number = await shop.place({"MUG": 3})
    (work,) = (await shop.do("orders.release", order=number))["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", fulfillment_order=work)
    parcel = (await shop.do("parcels.pack", fulfillment_order=work))["parcel"]
    before = datetime.now(UTC).isoformat()
    await counted(shop, how, seen)
    leaving = Shop.envelope("parcels.ship", {"parcel": parcel, "carrier": "DHL", "occurred_at": before})
    assert len(await shop.preview("parcels.ship", [leaving])) == 1
    await shop.batch("parcels.ship", {"parcel": parcel, "carrier": "DHL", "occurred_at": before})
    assert await book(shop) == {"available": seen}
    await shop.check_books()


async def test_what_came_after_somebody_counted_and_before_the_approval_adds_to_it(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    count = await opened(shop, "MUG")
    await record(shop, count, MUG=15)
    between = datetime.now(UTC).isoformat()
    await approve(shop, count)
    late = {"sku": "MUG", "location": "HAM", "quantity": 5, "reason": "late", "occurred_at": between}
    assert (await shop.do("stock.receive", **late))["available"] == 20
    await shop.check_books()


async def test_what_is_short_by_a_count_is_not_lost_again_and_what_came_before_does_not_make_up_for_it(
    shop: Shop,
) -> None:
    """All 4 are sold; 3 are counted; then somebody tells that one was lost before, and that 2 had come: 3 there are."""
    await shop.stock_up(MUG_HAM=4)
    await shop.place({"MUG": 4})
    before = datetime.now(UTC).isoformat()
    await counted(shop, "by a count", 3)
    assert await book(shop) == {"allocated": 4, "short": 1}
    here = {"sku": "MUG", "location": "HAM", "reason": "late", "occurred_at": before}
    assert (await shop.refusal("stock.adjust", **here, kind="lost", quantity=1))["name"] == "not_there"
    await shop.do("stock.receive", **here, quantity=2)
    assert await book(shop) == {"allocated": 4, "short": 1}
    await shop.check_books()


async def test_a_purchase_order_and_a_transfer_told_late_were_counted_already(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=5)
    line = {"sku": "MUG", "quantity": 6, "location": "HAM", "due_at": "2099-01-01T00:00:00Z"}
    bought = (await shop.do("purchase-orders.place", supplier="Potter", lines=[line]))["purchase_order"]
    moved = (
        await shop.do(
            "transfers.create",
            from_location="MUC",
            to_location="HAM",
            lines=[{"sku": "MUG", "quantity": 4}],
            due_at="2099-01-01T00:00:00Z",
        )
    )["transfer"]
    await shop.do("transfers.ready", transfer=moved)
    await shop.do("transfers.ship", transfer=moved)
    before = datetime.now(UTC).isoformat()
    await counted(shop, "by a count", 20)
    await shop.do(
        "purchase-orders.receive", purchase_order=bought, lines=[{"line": 1, "quantity": 5, "damaged": 1}],
        occurred_at=before,
    )  # fmt: skip
    await shop.do("transfers.receive", transfer=moved, occurred_at=before)
    assert await book(shop) == {"available": 20, "damaged": 1}
    await shop.check_books()


async def test_each_scan_is_one_more_unit(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=3)
    count = await opened(shop, "MUG", blind=False)
    for expected in (1, 2):
        (line,) = (await shop.do("counts.record", count=count, lines=[{"barcode": "MUG", "quantity": 1, "add": True}]))[
            "lines"
        ]
        assert line["counted"] == expected
    (line,) = (await shop.do("counts.record", count=count, lines=[{"sku": "MUG", "quantity": 7}]))["lines"]
    assert line["counted"] == 7
    twice = [{"sku": "MUG", "quantity": 1, "add": True}] * 2
    (line,) = (await shop.do("counts.record", count=count, lines=twice))["lines"]
    assert line["counted"] == 9
    far = [{"sku": "MUG", "quantity": 100_000_000, "add": True}]
    assert (await shop.refusal("counts.record", count=count, lines=far))["name"] == "too_many_units"


async def test_a_zone_is_counted_by_the_codes_of_its_bins(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, TEE_HAM=4, CAP_HAM=1)
    await shop.do("bins.save", location="HAM", code="A-01", sequence=1)
    await shop.do("bins.save", location="HAM", code="A-02", sequence=2)
    await shop.do("bins.save", location="HAM", code="B-01", sequence=3)
    for sku, bin_ in (("MUG", "A-01"), ("MUG", "A-02"), ("TEE", "A-02"), ("CAP", "B-01")):
        await shop.do("stock.put-away", sku=sku, location="HAM", bin=bin_, quantity=1)
    count = await opened(shop, zone="A-", reference="zone A")
    rows = await shop.fetch(
        "SELECT s.code, l.snapshot FROM stock_count_line AS l JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id"
        " WHERE l.merchant_id = $1 ORDER BY s.code"
    )
    assert [(row["code"], row["snapshot"]) for row in rows] == [("MUG", 2), ("TEE", 1)]
    assert count
    assert (await shop.refusal("counts.open", location="HAM", zone="C"))["name"] == "nothing_to_count"
    assert (await shop.refusal("counts.open", location="HAM", zone="A", skus=["MUG"]))["name"] == "zone_or_skus"
