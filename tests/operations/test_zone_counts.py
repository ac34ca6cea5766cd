"""Counts of a zone: what lies in some bins is compared with what the book says lies there; and receipts that are told late."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.operations.conftest import Shop
from tests.operations.test_counts import approve, book, opened, record, released
from tests.operations.test_transfers import ask


async def shelved(shop: Shop, floor: int = 0, sku: str = "MUG", **bins: int) -> None:
    """Units of a product in bins of HAM (A_1 is A-1), in the order in which they are named, and on its floor."""
    await shop.stock_up(**{f"{sku}_HAM": floor + sum(bins.values())})
    for number, (name, units) in enumerate(bins.items(), 1):
        code = name.replace("_", "-")
        await shop.do("bins.save", location="HAM", code=code, sequence=number)
        await shop.do("stock.put-away", sku=sku, location="HAM", bin=code, quantity=units)


async def in_bins(shop: Shop, sku: str = "MUG") -> dict[str, int]:
    rows = await shop.fetch(
        "SELECT b.bin, b.quantity FROM bin_stock AS b JOIN sku AS s ON s.merchant_id = $1 AND s.id = b.sku_id"
        " WHERE b.merchant_id = $1 AND s.code = $2 AND b.quantity > 0 ORDER BY b.bin",
        sku,
    )
    return {row["bin"]: row["quantity"] for row in rows}


async def test_a_count_of_a_zone_looks_at_its_bins_alone(shop: Shop) -> None:
    await shelved(shop, A_1=6, A_2=4, B_1=5, floor=2)
    await shelved(shop, sku="TEE", B_2=3)
    count = await opened(shop, zone="A-", blind=False)
    (seen,) = (await record(shop, count, MUG=10))["lines"]
    assert (seen["expected"], seen["variance"]) == (10, 0)
    assert (await approve(shop, count))["variances"] == []
    review = await ask(shop, "/v1/counts/{count}/review", count=count)
    assert (review.head.zone, [line.sku for line in review.lines]) == ("A-", ["MUG"])
    assert await book(shop) == {"available": 17}
    await shop.check_books()


async def test_units_missing_in_a_zone_leave_shelf_and_bins(shop: Shop) -> None:
    await shelved(shop, A_1=6, A_2=4, B_1=5, floor=2)
    count = await opened(shop, zone="A-")
    await record(shop, count, MUG=3)
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["lost"]) == (-7, 7)
    assert await in_bins(shop) == {"A-2": 3, "B-1": 5}
    assert await book(shop) == {"available": 10}
    await shop.check_books()


async def test_units_too_many_in_a_zone_come_from_the_floor_first(shop: Shop) -> None:
    """Somebody carried two units from the floor into the bin and told nobody; a third one was never booked at all."""
    await shelved(shop, A_1=6, floor=2)
    count = await opened(shop, zone="A")
    await record(shop, count, MUG=9)
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["found"]) == (3, 1)
    assert (await in_bins(shop), await book(shop)) == ({"A-1": 9}, {"available": 9})
    await shop.check_books()


async def test_movements_of_bins_during_the_count_of_a_zone(shop: Shop) -> None:
    """10 in the zone; 2 are put away before somebody counts, and a pick of 4 (3 from the floor, 1 from the zone) comes after it."""
    await shelved(shop, A_1=10, floor=5)
    fulfillment_order = await released(shop, await shop.place({"MUG": 4}))
    count = await opened(shop, zone="A", blind=False)
    await shop.do("stock.put-away", sku="MUG", location="HAM", bin="A-1", quantity=2)
    (seen,) = (await record(shop, count, MUG=11))["lines"]
    assert (seen["expected"], seen["variance"]) == (12, -1)
    await shop.do("fulfillment-orders.pick", fulfillment_order=fulfillment_order)
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["lost"]) == (-1, 1)
    assert await in_bins(shop) == {"A-1": 10}
    assert await book(shop) == {"available": 10, "picked": 4}
    await shop.check_books()


async def test_what_was_counted_in_a_zone_earlier_is_compared_with_that_moment(shop: Shop) -> None:
    await shelved(shop, A_1=10, floor=5)
    count = await opened(shop, zone="A", blind=False)
    before = datetime.now(UTC).isoformat()
    await shop.do("stock.put-away", sku="MUG", location="HAM", bin="A-1", quantity=5)
    lines = [{"sku": "MUG", "quantity": 9}]
    (seen,) = (await shop.do("counts.record", count=count, lines=lines, counted_at=before))["lines"]
    assert (seen["expected"], seen["variance"]) == (10, -1)
    await approve(shop, count)
    assert (await in_bins(shop), await book(shop)) == ({"A-1": 14}, {"available": 14})
    await shop.check_books()


async def test_a_put_away_that_is_told_late_is_not_counted_twice(shop: Shop) -> None:
    await shelved(shop, A_1=10, floor=5)
    count = await opened(shop, zone="A")
    before = datetime.now(UTC).isoformat()
    await record(shop, count, MUG=13)
    await shop.do("stock.put-away", sku="MUG", location="HAM", bin="A-1", quantity=3, occurred_at=before)
    assert (await approve(shop, count))["variances"] == []
    assert (await in_bins(shop), await book(shop)) == ({"A-1": 13}, {"available": 15})
    await shop.check_books()


async def test_missing_units_that_orders_hold_become_a_shortage_and_leave_the_bin(shop: Shop) -> None:
    await shelved(shop, A_1=10)
    await shop.place({"MUG": 8})
    count = await opened(shop, zone="A")
    await record(shop, count, MUG=5)
    (line,) = (await approve(shop, count))["variances"]
    assert (line["lost"], line["short"]) == (2, 3)
    assert (await in_bins(shop), await book(shop)) == ({"A-1": 5}, {"allocated": 8, "short": 3})
    put = {"sku": "MUG", "location": "HAM", "bin": "A-1", "quantity": 1}
    assert (await shop.refusal("stock.put-away", **put))["name"] == "not_in_bin"
    again = await opened(shop, zone="A")
    await record(shop, again, MUG=9)
    (line,) = (await approve(shop, again))["variances"]
    assert (line["settled"], line["found"]) == (3, 1)
    assert (await in_bins(shop), await book(shop)) == ({"A-1": 9}, {"available": 1, "allocated": 8})
    await shop.check_books()


async def test_a_whole_count_and_one_of_a_zone_correct_the_same_bins_once(shop: Shop) -> None:
    await shelved(shop, A_1=10)
    counts = [await opened(shop, "MUG"), await opened(shop, zone="A"), await opened(shop, zone="A-1")]
    for count in counts:
        await record(shop, count, MUG=8)
    done = await shop.batch("counts.approve", *({"count": count, "reason": "cycle"} for count in counts))
    assert [[line["variance"] for line in each["variances"]] for each in done] == [[-2], [], []]
    assert (await in_bins(shop), await book(shop)) == ({"A-1": 8}, {"available": 8})
    await shop.check_books()


async def test_units_written_off_meanwhile_are_not_missed_again(shop: Shop) -> None:
    await shelved(shop, A_1=10)
    count = await opened(shop, zone="A")
    await record(shop, count, MUG=7)
    await shop.do("stock.adjust", sku="MUG", location="HAM", quantity=2, kind="lost", reason="gone")
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], await in_bins(shop)) == (-1, {"A-1": 7})
    await shop.check_books()


async def test_a_product_that_the_book_has_elsewhere_is_found_in_the_zone(shop: Shop) -> None:
    await shelved(shop, A_1=1, floor=3, sku="TEE")
    await shelved(shop, B_1=4)
    count = await opened(shop, zone="A")
    await record(shop, count, TEE=1, MUG=2)
    (line,) = (await approve(shop, count))["variances"]
    assert (line["sku"], line["found"]) == ("MUG", 2)
    assert await in_bins(shop) == {"A-1": 2, "B-1": 4}
    await shop.check_books()


async def test_damaged_units_lie_in_bins_too(shop: Shop) -> None:
    await shelved(shop, A_1=5)
    await shop.do("stock.adjust", sku="MUG", location="HAM", quantity=2, kind="damaged", reason="wet")
    count = await opened(shop, zone="A", blind=False)
    (seen,) = (await record(shop, count, MUG=5))["lines"]
    assert seen["variance"] == 0
    await record(shop, count, MUG=1)
    assert (await shop.refusal("counts.approve", count=count, reason="x"))["name"] == "outdated"
    await shop.check_books()


async def test_a_receipt_told_after_the_count_that_came_before_it_is_counted_once(shop: Shop) -> None:
    """10 on the book; 5 arrived this morning, are counted at noon and told in the evening."""
    await shop.stock_up(MUG_HAM=10)
    morning = datetime.now(UTC).isoformat()
    count = await opened(shop, "MUG", blind=False)
    (seen,) = (await record(shop, count, MUG=15))["lines"]
    assert seen["variance"] == 5
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=5, reason="purchase", occurred_at=morning)
    assert (await approve(shop, count))["variances"] == []
    assert await book(shop) == {"available": 15}
    await shop.check_books()


async def test_a_receipt_told_after_the_count_that_came_after_it_is_no_variance(shop: Shop) -> None:
    """The same receipt, but it occurred after somebody counted: the five units that were found are others."""
    await shop.stock_up(MUG_HAM=10)
    count = await opened(shop, "MUG")
    counted_at = datetime.now(UTC).isoformat()
    lines = [{"sku": "MUG", "quantity": 15}]
    await shop.do("counts.record", count=count, lines=lines, counted_at=counted_at)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=5, reason="purchase")
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], await book(shop)) == (5, {"available": 20})
    await shop.check_books()


async def cameras(shop: Shop, *, zone: str, elsewhere: str = "") -> str:
    """An open count of zone A, where the book has these cameras in A-1; the others lie on the floor."""
    await shop.do("products.save", sku="CAM", name="Camera", tracking="serial")
    names = (zone + elsewhere).split()
    await shop.do("stock.receive", sku="CAM", location="HAM", quantity=len(names), serials=names, reason="purchase")
    await shop.do("bins.save", location="HAM", code="A-1", sequence=1)
    await shop.do("bins.save", location="HAM", code="B-1", sequence=2)
    await shop.do("stock.put-away", sku="CAM", location="HAM", bin="A-1", quantity=len(zone.split()))
    return await opened(shop, zone="A")


async def see(shop: Shop, count: str, *names: str) -> None:
    line = {"sku": "CAM", "quantity": len(names), "serials": list(names)}
    await shop.do("counts.record", count=count, lines=[line])


async def on_shelf(shop: Shop) -> str:
    rows = await shop.fetch("SELECT serial FROM serial WHERE merchant_id = $1 AND place = 'on_shelf' ORDER BY serial")
    return " ".join(row["serial"] for row in rows)


async def test_who_is_not_seen_in_the_only_place_of_a_product_is_gone(shop: Shop) -> None:
    """S1 to S3 lie in the zone and nowhere else. S2 and S3 are seen, and S9, whom the book does not know."""
    count = await cameras(shop, zone="S1 S2 S3")
    await see(shop, count, "S2", "S3", "S9")
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["lost_serials"], line["found_serials"]) == (0, ["S1"], ["S9"])
    assert (await on_shelf(shop), await in_bins(shop, "CAM")) == ("S2 S3 S9", {"A-1": 3})
    await shop.check_books()


async def test_which_of_the_unseen_is_gone_is_told_by_somebody(shop: Shop) -> None:
    """Three in the zone, two on the floor: of the three that were not seen there one is gone, and the book cannot know which."""
    count = await cameras(shop, zone="S1 S2 S3", elsewhere=" S4 S5")
    await see(shop, count, "S1", "S2")
    refusal = await shop.refusal("counts.approve", count=count, reason="x")
    assert (refusal["name"], refusal["facts"]["names"]) == ("which_are_gone", "S3, S4, S5")
    for serials, name in ((["S1"], "not_among_them"), (["S3", "S4"], "which_are_gone")):
        told = [{"line": 1, "serials": serials}]
        assert (await shop.refusal("counts.approve", count=count, reason="x", gone=told))["name"] == name
    (line,) = (await approve(shop, count, gone=[{"line": 1, "serials": ["S4"]}]))["variances"]
    assert (line["variance"], line["lost"], line["lost_serials"]) == (-1, 1, ["S4"])
    assert (await on_shelf(shop), await in_bins(shop, "CAM")) == ("S1 S2 S3 S5", {"A-1": 2})
    await shop.check_books()


async def test_a_unit_that_is_seen_by_name_lies_in_no_other_bin(shop: Shop) -> None:
    """S3 lies in B-1 on the book, nothing on the floor, and is seen in the zone: it moved, and nothing is found."""
    count = await cameras(shop, zone="S1 S2", elsewhere=" S3")
    await shop.do("stock.put-away", sku="CAM", location="HAM", bin="B-1", quantity=1)
    await see(shop, count, "S1", "S2", "S3")
    assert (await shop.refusal("counts.approve", count=count, reason="x", gone=[{"line": 1, "serials": ["S1"]}]))[
        "name"
    ] == "none_are_gone"
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["found"], line["lost"]) == (1, 0, 0)
    assert (await on_shelf(shop), await in_bins(shop, "CAM")) == ("S1 S2 S3", {"A-1": 3})
    await shop.check_books()


async def test_a_unit_that_is_gone_and_held_is_short_until_it_is_seen(shop: Shop) -> None:
    count = await cameras(shop, zone="S1 S2")
    await shop.place({"CAM": 2})
    await see(shop, count, "S2")
    (line,) = (await approve(shop, count))["variances"]
    assert (line["variance"], line["short"], line["short_serials"]) == (-1, 1, ["S1"])
    assert await in_bins(shop, "CAM") == {"A-1": 1}
    again = await opened(shop, zone="A")
    await see(shop, again, "S1", "S2")
    (line,) = (await approve(shop, again))["variances"]
    assert (line["variance"], line["settled"], line["found"]) == (1, 1, 0)
    assert (await book(shop, "CAM"), await in_bins(shop, "CAM")) == ({"allocated": 2}, {"A-1": 2})
    await shop.check_books()
