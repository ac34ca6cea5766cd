"""What somebody counted at a moment becomes the book, and what moved since is not lost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.operations.conftest import Shop


async def on_shelf(shop: Shop, sku: str = "MUG") -> tuple[int, int]:
    (row,) = await shop.fetch(
        "SELECT s.available, s.allocated FROM stock AS s JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id"
        " WHERE s.merchant_id = $1 AND sku.code = $2",
        sku,
    )
    return row["available"], row["allocated"]


async def test_more_is_found_and_less_is_lost(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    more = await shop.do("stock.set", sku="MUG", location="HAM", quantity=12)
    assert (more["expected"], more["difference"], more["available"]) == (10, 2, 12)
    fewer = await shop.do("stock.set", sku="MUG", location="HAM", quantity=7)
    assert (fewer["expected"], fewer["difference"], fewer["available"]) == (12, -5, 7)
    await shop.check_books()


async def test_what_the_book_knew_makes_no_event(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    (before,) = await shop.fetch("SELECT position FROM journal_head WHERE merchant_id = $1")
    assert (await shop.do("stock.set", sku="MUG", location="HAM", quantity=10))["difference"] == 0
    (after,) = await shop.fetch("SELECT position FROM journal_head WHERE merchant_id = $1")
    assert before == after


async def test_promised_units_are_counted_as_they_are_in_the_building(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    await shop.place({"MUG": 4})
    assert (await shop.do("stock.set", sku="MUG", location="HAM", quantity=9))["difference"] == -1
    assert await on_shelf(shop) == (5, 4)
    await shop.check_books()


async def test_what_moved_after_the_count_is_kept(shop: Shop) -> None:
    """Counted 10 at noon; 3 arrived and 2 were thrown away in the afternoon; the count is told at night."""
    await shop.stock_up(MUG_HAM=8)
    noon = datetime.now(UTC)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=3, reason="purchase")
    await shop.do("stock.adjust", sku="MUG", location="HAM", quantity=2, kind="scrapped", reason="broken")
    told = await shop.do("stock.set", sku="MUG", location="HAM", quantity=10, as_of=noon.isoformat())
    assert (told["expected"], told["difference"], told["available"]) == (8, 2, 11)
    again = await shop.do("stock.set", sku="MUG", location="HAM", quantity=10, as_of=noon.isoformat())
    assert (again["difference"], again["available"]) == (0, 11)
    await shop.check_books()


async def test_what_happened_before_the_count_and_was_told_after_it_was_in_the_count(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=8)
    noon = datetime.now(UTC)
    morning = (noon - timedelta(hours=3)).isoformat()
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=3, reason="purchase", occurred_at=morning)
    told = await shop.do("stock.set", sku="MUG", location="HAM", quantity=11, as_of=noon.isoformat())
    assert (told["expected"], told["difference"]) == (11, 0)


async def test_two_counts_of_one_shelf_in_one_batch(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=8)
    noon = datetime.now(UTC).isoformat()
    one = {"sku": "MUG", "location": "HAM", "quantity": 5, "as_of": noon}
    first, same, later = await shop.batch("stock.set", one, one, {**one, "quantity": 6})
    assert [each["difference"] for each in (first, same, later)] == [-3, 0, 1]
    assert await on_shelf(shop) == (6, 0)
    now, earlier = await shop.batch("stock.set", {**one, "as_of": None, "quantity": 4}, {**one, "quantity": 6})
    assert (now["difference"], earlier["expected"], earlier["difference"]) == (-2, 6, 0), "it tells of what was then"
    assert await on_shelf(shop) == (4, 0)
    await shop.check_books()


async def test_a_shelf_that_never_held_any(shop: Shop) -> None:
    await shop.do("products.save", sku="MUG", name="Mug")
    assert (await shop.do("stock.set", sku="MUG", location="MUC", quantity=3))["available"] == 3
    assert (await shop.refusal("stock.set", sku="CUP", location="MUC", quantity=3))["name"] == "unknown_sku"


async def test_what_orders_hold_and_nobody_finds_is_short(shop: Shop) -> None:
    """10 on the book, 8 of them promised; the warehouse counts 5: 2 free ones are lost, 3 promised ones are short."""
    await shop.stock_up(MUG_HAM=10)
    await shop.place({"MUG": 8})
    told = await shop.do("stock.set", sku="MUG", location="HAM", quantity=5)
    assert (told["expected"], told["difference"], told["short"], told["available"]) == (10, -5, 3, 0)
    again = await shop.do("stock.set", sku="MUG", location="HAM", quantity=5)
    assert (again["expected"], again["difference"]) == (5, 0), "what is short is known by now"
    turned_up = await shop.do("stock.set", sku="MUG", location="HAM", quantity=9)
    assert (turned_up["difference"], turned_up["available"]) == (4, 1), "3 end the shortage, 1 is free"
    await shop.check_books()
