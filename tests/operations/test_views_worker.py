"""The worker: search words follow the feed, and old commands are forgotten in pieces."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lading.entrypoints.files import Files
from lading.entrypoints.worker import main, search, sweeping
from lading.settings import Settings
from lading.views.words import search_words
from tests.operations.conftest import Shop


async def words(shop: Any, kind: str) -> set[str]:
    """All words of that kind."""
    rows = await shop.fetch("SELECT word FROM search_term WHERE merchant_id = $1 AND subject_kind = $2", kind)
    return {row["word"] for row in rows}


async def until(shop: Any, kind: str, expected: set[str]) -> None:
    """Wait for the worker, which has no other way to say that it is done."""
    while await words(shop, kind) != expected:  # noqa: ASYNC110 (another process would be the writer)
        await asyncio.sleep(0.05)


async def position(shop: Any) -> int:
    rows = await shop.fetch("SELECT position FROM consumer WHERE merchant_id = $1 AND name = 'search'")
    return rows[0]["position"] if rows else -1


async def head(shop: Any) -> int:
    (row,) = await shop.fetch("SELECT position FROM journal_head WHERE merchant_id = $1")
    return int(row["position"])


async def open_reader(shop: Any) -> None:
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute(search.sql.open_consumer, search.CONSUMER)


async def test_words_of_customers_and_products_are_written_piece_by_piece(
    shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "EVENTS_MAX", 2)
    await shop.stock_up(MUG_HAM=5)
    await shop.do("products.save", sku="MUG", name="Blue Café-Mug")
    await shop.place({"MUG": 1}, customer={"name": "Ada Núñez", "email": "ada@example.com"})
    await shop.place({"MUG": 1}, customer={"name": "Ada N.", "email": "ada@example.com"})
    await shop.place({"MUG": 1}, customer={"email": "nameless@example.com"})
    await open_reader(shop)
    pieces = 0
    while True:
        async with shop.database.write(shop.merchant_id) as tx:
            if not await search.read_on(tx):
                break
        pieces += 1
    assert await words(shop, "customer") == {"ada", "nunez", "n"}
    assert await words(shop, "sku") == {"blue", "cafe", "mug"}
    assert await position(shop) == await head(shop) and pieces > 2


async def test_what_a_worker_did_before_it_died_counts_once(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    await open_reader(shop)
    with pytest.raises(ZeroDivisionError):
        async with shop.database.write(shop.merchant_id) as tx:
            assert await search.read_on(tx)
            raise ZeroDivisionError
    assert await position(shop) == 0 and await words(shop, "sku") == set()
    async with shop.database.write(shop.merchant_id) as tx:
        assert await search.read_on(tx)
    assert await words(shop, "sku") == {"mug"}


async def test_two_workers_do_not_read_the_same_piece(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    await open_reader(shop)
    async with shop.database.write(shop.merchant_id) as one, shop.database.write(shop.merchant_id) as other:
        assert await search.read_on(one)
        assert not await search.read_on(other)


async def test_old_commands_are_forgotten_and_young_ones_kept(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "PIECE", 3)
    await shop.stock_up(**{f"P{number}_HAM": 1 for number in range(10)})
    later = datetime.now(UTC) + timedelta(days=20)
    async with shop.database.write(shop.merchant_id) as tx:
        old = await tx.execute(
            "UPDATE command SET recorded_at = recorded_at - interval '20 days'"
            " WHERE merchant_id = $1 AND verb = 'stock.receive'"
        )
    before = len(await shop.fetch("SELECT command_id FROM command WHERE merchant_id = $1"))
    after, gone, rounds = sweeping.FIRST, 0, 0
    while rounds == 0 or after != sweeping.FIRST:
        async with shop.database.write(shop.merchant_id) as tx:
            after, deleted = await sweeping.sweep(tx, after, later)
        gone, rounds = gone + deleted, rounds + 1
    left = await shop.fetch("SELECT verb FROM command WHERE merchant_id = $1")
    assert (gone, len(left)) == (old, before - old) and rounds > 2
    assert "stock.receive" not in {row["verb"] for row in left}


async def test_the_worker_reads_every_merchants_feed_until_it_is_stopped(lone_shop: Any, lading_home: Path) -> None:
    shop, twin = lone_shop, await Shop.open(lone_shop.database, "twin")
    await shop.stock_up(MUG_HAM=5)
    await twin.stock_up(CAP_HAM=5)
    running = asyncio.ensure_future(main.run(Settings(home=lading_home, web_processes=1), shop.database.dsn))
    try:
        async with asyncio.timeout(20):
            await until(twin, "sku", {"cap"})
            await until(shop, "sku", {"mug"})
            await shop.place({"MUG": 1}, customer={"name": "Ada"})
            await until(shop, "customer", {"ada"})
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_a_feed_that_cannot_be_read_keeps_no_other_merchant_waiting(
    lone_shop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, twin = lone_shop, await Shop.open(lone_shop.database, "twin")
    await shop.stock_up(MUG_HAM=5)
    await twin.stock_up(CAP_HAM=5)
    read_on = search.read_on

    async def broken(tx: Any) -> bool:
        if tx.merchant_id == shop.merchant_id:
            raise ValueError("an event that nobody understands")
        return await read_on(tx)

    monkeypatch.setattr(search, "read_on", broken)
    await main.Worker(shop.database, Files(Path("/nowhere"), shop.database)).read_feeds()
    assert await words(twin, "sku") == {"cap"} and await words(shop, "sku") == set()


def test_words_are_folded_as_people_type_them() -> None:
    assert search_words("Dr. Ada  O’Núñez-Straße ADA") == ["dr", "ada", "o", "nunez", "strasse"]
    assert search_words("東京 タワー") == ["東京", "タワー"]
    assert search_words("  ---  ") == []
