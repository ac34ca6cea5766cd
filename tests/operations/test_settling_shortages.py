"""When less is there than was promised: who gives way, and what happens to the units instead."""

from __future__ import annotations

import pytest

from tests.operations.conftest import Shop
from tests.operations.test_transfers import ask


async def short(shop: Shop) -> list[dict[str, object]]:
    return await shop.fetch(
        "SELECT remaining, kind FROM shortage WHERE merchant_id = $1 AND remaining > 0 ORDER BY opened_at, id"
    )


async def shelf(shop: Shop, location: str = "HAM") -> dict[str, int]:
    rows = await shop.fetch(
        "SELECT s.available, s.allocated, s.damaged, s.short FROM stock AS s"
        " JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id WHERE s.merchant_id = $1 AND l.code = $2",
        location,
    )
    return rows[0] if rows else {}


@pytest.fixture
async def two(shop: Shop) -> tuple[Shop, str, str]:
    """Two orders hold 5 units each in Hamburg; 4 of the 10 are gone. Munich has 3."""
    await shop.stock_up(MUG_HAM=10, MUG_MUC=3)
    first, second = await shop.place({"MUG": 5}), await shop.place({"MUG": 5})
    await shop.do(
        "stock.adjust", sku="MUG", location="HAM", quantity=4, kind="lost", reason="burst_pipe", held_too=True
    )
    assert await short(shop) == [{"remaining": 4, "kind": "lost"}]
    return shop, first, second


async def test_units_are_looked_for_elsewhere(two: tuple[Shop, str, str]) -> None:
    shop, _, second = two
    line = {"line": 1, "quantity": 3, "location": "HAM", "instead": "elsewhere"}
    told = await shop.do("shortages.settle", order=second, lines=[line])
    assert (told["elsewhere"], told["stage"]) == (3, "to_source")
    assert await shop.units(second) == {"open": 3, "allocated": 2}
    assert await short(shop) == [{"remaining": 1, "kind": "lost"}]
    assert await shelf(shop) == {"available": 0, "allocated": 7, "damaged": 0, "short": 1}
    await shop.do("orders.source", order=second)
    assert await shop.units(second) == {"allocated": 5}
    await shop.check_books()


async def test_units_wait_or_are_cancelled_with_their_money(two: tuple[Shop, str, str]) -> None:
    shop, _, second = two
    lines = [
        {"line": 1, "quantity": 1, "location": "HAM", "instead": "wait"},
        {"line": 1, "quantity": 3, "location": "HAM", "instead": "cancel"},
    ]
    told = await shop.do("shortages.settle", order=second, lines=lines)
    assert (told["waiting"], told["cancelled"], told["due"]["amount"]) == (1, 3, "20.00")
    assert await shop.units(second) == {"backordered": 1, "cancelled": 3, "allocated": 1}
    assert await short(shop) == []
    await shop.check_books()


async def test_units_that_a_location_works_on_are_withdrawn_from_it(two: tuple[Shop, str, str]) -> None:
    shop, first, _ = two
    await shop.do("orders.release", order=first)
    line = {"line": 1, "quantity": 2, "location": "HAM", "instead": "elsewhere"}
    await shop.do("shortages.settle", order=first, lines=[line])
    assert await shop.units(first) == {"open": 2, "released": 3}
    (work,) = await shop.fetch("SELECT released, withdrawn FROM fulfillment_order WHERE merchant_id = $1")
    assert work == {"released": 3, "withdrawn": 2}
    await shop.check_books()


async def test_what_is_damaged_stays_in_the_building(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 5})
    await shop.do("stock.adjust", sku="MUG", location="HAM", quantity=2, kind="damaged", reason="wet", held_too=True)
    line = {"line": 1, "quantity": 2, "location": "HAM", "instead": "cancel"}
    await shop.do("shortages.settle", order=number, lines=[line])
    assert await shelf(shop) == {"available": 0, "allocated": 3, "damaged": 2, "short": 0}
    await shop.check_books()


async def test_no_more_gives_way_than_is_short_or_held(two: tuple[Shop, str, str]) -> None:
    shop, first, _ = two

    async def refused(**line: object) -> str:
        whole = {"line": 1, "quantity": 1, "location": "HAM", "instead": "wait", **line}
        return str((await shop.refusal("shortages.settle", order=first, lines=[whole]))["name"])

    assert await refused(quantity=5) == "not_short"
    assert await refused(quantity=6) == "not_held_there"
    assert await refused(location="MUC") == "not_held_there"
    assert await refused(location="ROM") == "unknown_location"
    assert await refused(line=2) == "unknown_line"
    stale = {"line": 1, "quantity": 1, "location": "HAM", "instead": "wait"}
    conflict = await shop.refusal("shortages.settle", order=first, lines=[stale], expected_version=9)
    assert conflict["name"] == "version_conflict"
    assert await short(shop) == [{"remaining": 4, "kind": "lost"}]


async def test_two_orders_of_a_batch_share_what_is_short(two: tuple[Shop, str, str]) -> None:
    shop, first, second = two
    line = {"line": 1, "quantity": 3, "location": "HAM", "instead": "wait"}
    one, other = await shop.batch(
        "shortages.settle", {"order": first, "lines": [line]}, {"order": second, "lines": [line]}
    )
    assert one["waiting"] == 3 and other["name"] == "not_short"
    await shop.check_books()


async def test_what_arrives_makes_up_for_it_and_nobody_gives_way(two: tuple[Shop, str, str]) -> None:
    shop, _, _ = two
    assert (await shop.refusal("shortages.cover", sku="MUG", location="HAM"))["name"] == "cannot_cover"
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=6, reason="purchase")
    told = await shop.do("shortages.cover", sku="MUG", location="HAM")
    assert (told["covered"], told["short"]) == (4, 0)
    assert await shelf(shop) == {"available": 2, "allocated": 10, "damaged": 0, "short": 0}
    await shop.check_books()


@pytest.mark.parametrize(("verb", "more"), [("pick", {}), ("ship", {"carrier": "DHL"})])
async def test_what_was_short_and_leaves_the_shelf_all_the_same_had_been_there(
    two: tuple[Shop, str, str], verb: str, more: dict[str, str]
) -> None:
    shop, first, second = two
    for order in (first, second):
        await shop.do("orders.release", order=order)
    await shop.do(f"fulfillment-orders.{verb}", fulfillment_order=f"{first}-F1", **more)
    assert await short(shop) == [{"remaining": 4, "kind": "lost"}]
    line = {"line": 1, "quantity": 3}
    await shop.do(f"fulfillment-orders.{verb}", fulfillment_order=f"{second}-F1", lines=[line], **more)
    assert await short(shop) == [{"remaining": 2, "kind": "lost"}]
    assert await shelf(shop) == {"available": 0, "allocated": 2, "damaged": 0, "short": 2}
    await shop.check_books()


@pytest.mark.parametrize(("found", "left"), [("missing", 0), ("damaged", 2), ("there", 4)])
async def test_what_a_location_rejects_as_gone_was_known_to_be_short(
    two: tuple[Shop, str, str], found: str, left: int
) -> None:
    shop, first, second = two
    for order, picked in ((first, 3), (second, 1)):
        await shop.do("orders.release", order=order)
        line = {"line": 1, "quantity": picked}
        await shop.do("fulfillment-orders.pick", fulfillment_order=f"{order}-F1", lines=[line])
    # 2 of 6 units that are held still lie there: if 4 are damaged, 2 of those had not been missing.
    rejected = {"fulfillment_order": f"{second}-F1", "lines": [{"line": 1, "quantity": 4}]}
    await shop.do("fulfillment-orders.reject", **rejected, reason="gone", found=found)
    assert sum(int(str(each["remaining"])) for each in await short(shop)) == left
    await shop.check_books()


async def test_a_snapshot_that_agrees_with_the_book_is_taken_though_nobody_holds_what_is_short(
    two: tuple[Shop, str, str],
) -> None:
    shop, first, second = two
    for order in (first, second):
        await shop.do("lines.cancel", order=order, reason="late", lines=[])
    assert await shelf(shop) == {"available": 10, "allocated": 0, "damaged": 0, "short": 4}
    scrapped = {"sku": "MUG", "location": "HAM", "quantity": 7, "kind": "scrapped", "reason": "x", "held_too": True}
    assert (await shop.refusal("stock.adjust", **scrapped))["facts"]["available"] == 6
    told = await shop.do("stock.set", sku="MUG", location="HAM", quantity=6)
    assert (told["expected"], told["difference"]) == (6, 0)
    told = await shop.do("stock.set", sku="MUG", location="HAM", quantity=8)
    assert await shelf(shop) == {"available": 10, "allocated": 0, "damaged": 0, "short": 2}
    await shop.check_books()


async def test_what_makes_up_for_a_shortage_is_not_shown_as_available(two: tuple[Shop, str, str]) -> None:
    """With no policy that keeps units back, too: what is shown is what an order gets. A reservation that is over makes no difference."""
    shop, _, _ = two

    async def shown() -> int:
        told = await ask(shop, "/v1/availability", skus=["MUG"])
        return int(told.items[0].available)

    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=3, reason="purchase")
    assert (await shelf(shop))["short"] == 4
    assert await shown() == 3, "Munich's"
    assert (await shop.refusal("orders.place", **shop.order({"MUG": 4})))["name"] == "insufficient_stock"
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=3, reason="purchase")
    assert await shown() == 5
    await shop.do("reservations.reserve", lines=[{"sku": "MUG", "quantity": 2}], location="HAM", seconds=1)
    assert await shown() == 3
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute(
            "UPDATE reservation_line SET expires_at = expires_at - interval '1 minute' WHERE merchant_id = $1"
        )
    assert await shown() == 5
    await shop.place({"MUG": 3})
    await shop.place({"MUG": 2})
    assert await shown() == 0


async def test_a_kit_is_not_cancelled_in_parts(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5, TEA_HAM=5)
    await shop.do("products.save", sku="SET", name="Set")
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG", "per_kit": 1}, {"sku": "TEA", "per_kit": 1}])
    number = await shop.place({"SET": 5})
    await shop.do("stock.adjust", sku="MUG", location="HAM", quantity=2, kind="lost", reason="gone", held_too=True)
    (line,) = await shop.fetch(
        "SELECT number FROM order_line AS l JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id"
        " WHERE l.merchant_id = $1 AND s.code = 'MUG'"
    )
    units = {"line": line["number"], "quantity": 2, "location": "HAM"}
    refusal = await shop.refusal("shortages.settle", order=number, lines=[{**units, "instead": "cancel"}])
    assert refusal["name"] == "part_of_kit"
    await shop.do("shortages.settle", order=number, lines=[{**units, "instead": "wait"}])
    await shop.check_books()


@pytest.mark.parametrize(("missed", "left", "empty"), [(3, 0, False), (1, 1, False), (3, 4, True)])
async def test_what_a_picker_misses_was_known_to_be_short(shop: Shop, missed: int, left: int, empty: bool) -> None:
    """All 8 are allocated, 6 were seen: of those that a picker misses 2 are the known ones. Behind an empty shelf all others are short."""
    await shop.stock_up(MUG_HAM=8)
    (work,) = (await shop.do("orders.release", order=await shop.place({"MUG": 8})))["fulfillment_orders"]
    await shop.do("stock.set", sku="MUG", location="HAM", quantity=6)
    gone = [{"line": 1, "quantity": missed, "reason": "gone", "shelf_empty": empty}]
    one = [{"line": 1, "quantity": 1}]
    picked = {"fulfillment_order": work, "lines": one, "short": gone}
    assert len(await shop.preview("fulfillment-orders.pick", [shop.envelope("fulfillment-orders.pick", picked)])) == 1
    await shop.do("fulfillment-orders.pick", **picked)
    assert sum(int(str(each["remaining"])) for each in await short(shop)) == left
    await shop.check_books()
