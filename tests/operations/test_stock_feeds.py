"""A file of stock, row by row: what becomes of it, and that nothing of it is lost or counted twice."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lading.database import failpoints
from lading.entrypoints.feeding import queue
from lading.entrypoints.files import Files
from lading.operations import setting_stock
from lading.views.events import EventQuery, event, head_position
from lading.views.stock import LedgerQuery, ledger
from lading.views.stock_feeds import StockFeed, StockFeedQuery, stock_feed
from tests.operations.conftest import Shop


class Feeds:
    """Hands files in and loads them, as the worker does."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self.shop = shop
        self.files = Files(folder, shop.database)
        self.count = 0

    async def hand_in(self, content: str | bytes, **fields: Any) -> str:
        data = content.encode() if isinstance(content, str) else content

        async def pieces() -> AsyncIterator[bytes]:
            yield data

        kept = await self.files.keep(self.shop.merchant_id, pieces(), "text/csv")
        self.count += 1
        received = await self.shop.do(
            "stock-feeds.receive", **{"file": kept.sha256, "reference": f"F{self.count}", **fields}
        )
        return str(received["reference"])

    async def load(self, content: str | bytes, **fields: Any) -> StockFeed:
        reference = await self.hand_in(content, **fields)
        assert await queue.run_one(self.shop.database, self.files, self.shop.merchant_id)
        return await self.look(reference)

    async def look(self, reference: str) -> StockFeed:
        async with self.shop.database.read(self.shop.merchant_id) as tx:
            return await stock_feed(tx, StockFeedQuery(reference))

    async def shelves(self) -> dict[str, int]:
        rows = await self.shop.fetch(
            "SELECT sku.code || '_' || l.code AS shelf, s.available FROM stock AS s"
            " JOIN sku ON sku.merchant_id = $1 AND sku.id = s.sku_id JOIN location AS l ON l.merchant_id = $1 AND l.id = s.location_id"
            " WHERE s.merchant_id = $1 ORDER BY 1"
        )
        return {row["shelf"]: row["available"] for row in rows}


@pytest.fixture
async def feeds(shop: Shop, tmp_path: Path) -> Feeds:
    await shop.stock_up(MUG_HAM=10, MUG_MUC=5, TEE_HAM=7)
    return Feeds(shop, tmp_path)


async def test_a_snapshot_changes_what_differs_and_nothing_else(feeds: Feeds) -> None:
    feed = await feeds.load("sku,location,quantity\nMUG,HAM,12\nMUG,MUC,5\nTEE,HAM,6\nTEE,LEJ,3\n")
    assert (feed.doing, feed.rows, feed.unchanged, feed.applied, feed.not_taken) == ("done", 4, 1, 3, 0)
    assert await feeds.shelves() == {"MUG_HAM": 12, "MUG_MUC": 5, "TEE_HAM": 6, "TEE_LEJ": 3}
    await feeds.shop.check_books()


async def test_one_row_of_a_snapshot_is_taken_back(feeds: Feeds) -> None:
    """Two rows were wrong by two units each, both ways; each is taken back by itself and once."""
    await feeds.load("sku,location,quantity\nMUG,HAM,12\nMUG,MUC,3\nTEE,HAM,7\n")
    (told,) = await feeds.shop.fetch(
        "SELECT position FROM event WHERE merchant_id = $1 AND kind = 'stock_feed_applied'"
    )
    wrong = {"event": told["position"], "reason": "typing_error"}
    for named, refused in (
        ({}, "name_the_row"), ({"sku": "MUG"}, "name_the_row"), ({"sku": "TEE", "location": "HAM"}, "not_of_event"),
        ({"sku": "MUG", "location": "LEJ"}, "not_of_event"), ({"sku": "CUP", "location": "HAM"}, "not_of_event"),
        ({"sku": "MUG", "location": "HAM", "quantity": 3}, "more_than_left"),
    ):  # fmt: skip
        assert (await feeds.shop.refusal("stock.correct", **wrong, **named))["name"] == refused, named
    await feeds.shop.do("stock.correct", **wrong, sku="MUG", location="HAM", quantity=1)
    corrected = await feeds.shop.batch(
        "stock.correct", {**wrong, "sku": "MUG", "location": "HAM"}, {**wrong, "sku": "MUG", "location": "MUC"}
    )
    assert [(each["corrected"], each["moved"]) for each in corrected] == [(2, 2), (2, 2)]
    again = await feeds.shop.refusal("stock.correct", **wrong, sku="MUG", location="MUC")
    assert again["name"] == "already_corrected"
    assert await feeds.shelves() == {"MUG_HAM": 10, "MUG_MUC": 5, "TEE_HAM": 7}
    await feeds.shop.check_books()


async def test_a_row_of_a_lot_is_taken_back_by_its_lot(feeds: Feeds) -> None:
    await feeds.shop.do("products.save", sku="MILK", name="Milk", tracking="lot")
    for lot in ("A", "B"):
        await feeds.shop.do("stock.receive", sku="MILK", location="HAM", quantity=4, reason="x", lot=lot)
    await feeds.load("sku,location,lot,quantity\nMILK,HAM,A,6\nMILK,HAM,B,7\n")
    (told,) = await feeds.shop.fetch(
        "SELECT position FROM event WHERE merchant_id = $1 AND kind = 'stock_feed_applied'"
    )
    wrong = {"event": told["position"], "reason": "typing_error", "sku": "MILK", "location": "HAM"}
    assert (await feeds.shop.refusal("stock.correct", **wrong))["name"] == "not_of_event"
    assert (await feeds.shop.do("stock.correct", **wrong, lot="B"))["moved"] == 3
    await feeds.shop.check_books()


async def test_what_is_told_late_of_before_a_snapshot_was_counted_by_it(feeds: Feeds) -> None:
    """12 of 10 lay there, for 2 had come; the receipt comes later, and then it turns out that it never was: 12 lie there all the while."""
    before = datetime.now(UTC).isoformat()
    await feeds.load("sku,location,quantity\nMUG,HAM,12\n", reference="WMS")
    late = {"sku": "MUG", "location": "HAM", "quantity": 2, "reason": "purchase", "occurred_at": before}
    assert (await feeds.shop.do("stock.receive", **late))["available"] == 12
    (told,) = await feeds.shop.fetch(
        "SELECT position, data->>'document' AS document FROM event WHERE merchant_id = $1 AND kind = 'variance_taken_back'"
    )
    assert told["document"] == "WMS"
    for quantity in (1, None):
        wrong = {"event": told["position"] - 1, "reason": "typing_error", "quantity": quantity}
        await feeds.shop.do("stock.correct", **wrong)
        assert (await feeds.shelves())["MUG_HAM"] == 12
        await feeds.shop.check_books()


async def test_movements_after_the_snapshot_are_not_lost(feeds: Feeds) -> None:
    noon = datetime.now(UTC)
    await feeds.shop.place({"MUG": 3})
    await feeds.shop.do("stock.receive", sku="TEE", location="HAM", quantity=4, reason="purchase")
    feed = await feeds.load("quantity,sku\n11,MUG\n7,TEE\n", location="HAM", as_of=noon.isoformat())
    assert (feed.unchanged, feed.applied) == (1, 1)
    assert await feeds.shelves() == {"MUG_HAM": 8, "MUG_MUC": 5, "TEE_HAM": 11}
    await feeds.shop.check_books()


async def test_rows_of_one_reason_are_one_event_and_each_is_taken_or_refused_by_itself(feeds: Feeds) -> None:
    """Orders hold seven of the mugs; of these five are missing. Lamps have serial numbers, which a file does not name."""
    shop = feeds.shop
    await shop.place({"MUG": 7})
    await shop.do("products.save", sku="LAMP", name="Lamp", tracking="serial")
    rows = ["MUG,HAM,2,", "LAMP,HAM,1,", "TEE,HAM,9,", "TEE,LEJ,3,recount"]
    feed = await feeds.load("sku,location,quantity,reason\n" + "\n".join(rows) + "\n")
    assert (feed.applied, feed.not_taken) == (3, 1)
    assert [(each.reason, each.lines) for each in feed.why_not] == [("serials_required", [3])]
    assert await feeds.shelves() == {"MUG_HAM": 0, "MUG_MUC": 5, "TEE_HAM": 9, "TEE_LEJ": 3}
    async with shop.database.read(shop.merchant_id) as tx:
        head = await head_position(tx)
        told = [await event(tx, EventQuery(position)) for position in (head - 2, head - 1)]
        moved = (await ledger(tx, LedgerQuery(sku="TEE"))).items
    sentences = {each.sentence for each in told}
    assert sentences == {
        "Stock feed F1: 2 × MUG in HAM instead of 10: 8 fewer and 9 × TEE in HAM instead of 7: 2 more (snapshot).",
        "Stock feed F1: 3 × TEE in LEJ instead of 0: 3 more (recount).",
    }
    assert {(each.kind, each.reason, each.document) for each in moved[:2]} == {
        ("stock_feed_applied", "recount", "F1"), ("stock_feed_applied", "snapshot", "F1"),
    }  # fmt: skip
    assert [each["quantity"] for each in await shop.fetch("SELECT quantity FROM shortage WHERE merchant_id = $1")] == [
        5
    ]
    await shop.check_books()
    refusal = await shop.refusal(
        "stock-feeds.apply", reference="F1", lines=[{"sku": "TEE", "location": "HAM", "quantity": 1}]
    )
    assert refusal["name"] == "stock_feed_finished"


async def test_a_fault_of_ours_in_one_row_leaves_that_row_alone(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    settle = setting_stock.settle

    def broken(seen: Any, *rest: Any) -> Any:
        if seen.sku == "TEE":
            raise ZeroDivisionError
        return settle(seen, *rest)

    monkeypatch.setattr(setting_stock, "settle", broken)
    feed = await feeds.load("sku,location,quantity\nMUG,HAM,12\nTEE,HAM,6\nMUG,MUC,4\n")
    assert (feed.applied, [(each.reason, each.lines) for each in feed.why_not]) == (2, [("failed", [3])])
    assert await feeds.shelves() == {"MUG_HAM": 12, "MUG_MUC": 4, "TEE_HAM": 7}


async def test_a_complete_snapshot_empties_what_it_does_not_name(feeds: Feeds) -> None:
    feed = await feeds.load("sku,location,quantity\nMUG,HAM,10\n", complete=True)
    assert (feed.rows, feed.unchanged, feed.applied, feed.zeroed) == (1, 1, 0, 1)
    assert await feeds.shelves() == {"MUG_HAM": 10, "MUG_MUC": 5, "TEE_HAM": 0}, "Munich is not in the file"
    await feeds.shop.check_books()


async def test_every_row_that_is_not_taken_is_named_with_its_line(feeds: Feeds) -> None:
    rows = [
        "CUP,HAM,1",
        "MUG,ROM,1",
        "MUG,HAM,1.5",
        "MUG,HAM,-1",
        "TEE,HAM,9",
        "TEE,HAM,8",
        "MUG,HAM,999999999",
        "MUG,,1",
    ]
    feed = await feeds.load("sku,location,quantity\n" + "\n".join(rows) + "\n")
    assert (feed.rows, feed.applied, feed.not_taken) == (8, 1, 7)
    assert {each.reason: each.lines for each in feed.why_not} == {
        "unknown_sku": [2], "unknown_location": [3, 9], "no_whole_number": [4], "below_zero": [5], "named_twice": [7],
        "too_large": [8],
    }  # fmt: skip
    assert (await feeds.shelves())["TEE_HAM"] == 9
    await feeds.shop.check_books()


async def test_changes_add_up_and_name_their_reason(feeds: Feeds) -> None:
    text = "sku,location,quantity,reason\nMUG,HAM,+4,delivery\nMUG,HAM,-2,broken\nTEE,HAM,-9,theft\nTEE,HAM,0,\n"
    feed = await feeds.load(gzip.compress(text.encode()), kind="delta")
    assert (feed.rows, feed.applied, feed.unchanged, feed.not_taken) == (4, 2, 1, 1)
    (refused,) = feed.why_not
    assert (refused.reason, refused.lines) == ("not_there", [4])
    assert (await feeds.shelves())["MUG_HAM"] == 12
    await feeds.shop.check_books()


async def test_the_same_reference_is_one_feed(feeds: Feeds) -> None:
    await feeds.load("sku,location,quantity\nMUG,HAM,+4\n", kind="delta", reference="W-1")
    sha = (await feeds.shop.fetch("SELECT encode(sha256, 'hex') AS sha FROM file WHERE merchant_id = $1"))[0]["sha"]
    refusal = await feeds.shop.refusal("stock-feeds.receive", file=sha, reference="W-1", kind="delta")
    assert refusal["name"] == "reference_taken"
    assert not await queue.run_one(feeds.shop.database, feeds.files, feeds.shop.merchant_id)


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
async def test_a_load_that_was_cut_off_goes_on_where_it_was(
    feeds: Feeds, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies between two batches, after what it said last was committed; another one takes over."""
    monkeypatch.setattr("lading.entrypoints.feeding.feed.BATCH_ROWS", 1)
    reference = await feeds.hand_in("sku,location,quantity\nMUG,HAM,3\nMUG,MUC,2\nTEE,HAM,1\n", kind=kind)
    batches = 0

    async def die() -> None:
        nonlocal batches
        batches += 1
        if batches == 2:
            raise ConnectionAbortedError("killed")

    monkeypatch.setattr("lading.operations.execute.CONNECTION_PATIENCE_SECONDS", 0)
    failpoints.arm("after_commit", die)
    with pytest.raises(ConnectionAbortedError):
        await queue.run_one(feeds.shop.database, feeds.files, feeds.shop.merchant_id)
    failpoints.disarm("after_commit")
    half = await feeds.look(reference)
    assert half.finished_at is None
    assert not await queue.run_one(feeds.shop.database, feeds.files, feeds.shop.merchant_id), "the lease still runs"
    monkeypatch.setattr(queue, "LEASE", -timedelta(seconds=1))
    async with feeds.shop.database.write(feeds.shop.merchant_id) as tx:
        await tx.execute("UPDATE stock_feed_work SET due_at = now() - interval '1 second' WHERE merchant_id = $1")
    assert await queue.run_one(feeds.shop.database, feeds.files, feeds.shop.merchant_id)
    feed = await feeds.look(reference)
    assert feed.doing == "done" and feed.rows == feed.unchanged + feed.applied == 3
    expected = {"MUG_HAM": 3, "MUG_MUC": 2, "TEE_HAM": 1}
    opening = {"MUG_HAM": 10, "MUG_MUC": 5, "TEE_HAM": 7}
    if kind == "delta":
        expected = {shelf: opening[shelf] + units for shelf, units in expected.items()}
    assert await feeds.shelves() == expected
    await feeds.shop.check_books()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("article,quantity\nMUG,1\n", "has no column sku"),
        ("sku,quantity,color\nMUG,1,red\n", "has columns sku, quantity, color"),
        ("sku,quantity\nMUG,1,2\n", "line 1"),
        (b"sku,quantity\nM\xffG,1\n", "UTF-8"),
        ("sku,quantity\nM\0G,1\n", "UTF-8"),
        (gzip.compress(b"sku,quantity\n" + b"MUG,1\n" * 90_000, mtime=0)[:150], "cannot be read to its end"),
        ("", "has no column"),
    ],
)
async def test_a_file_that_cannot_be_read_is_not_taken_at_all(feeds: Feeds, content: str | bytes, said: str) -> None:
    feed = await feeds.load(content, location="HAM")
    assert feed.doing == "failed" and feed.trouble and said in feed.trouble
    assert await feeds.shelves() == {"MUG_HAM": 10, "MUG_MUC": 5, "TEE_HAM": 7}
    await feeds.shop.check_books()


async def test_a_fault_of_ours_is_given_up_in_the_end(feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await feeds.hand_in("sku,location,quantity\nMUG,HAM,3\n")
    monkeypatch.setattr(queue, "LEASE", -timedelta(seconds=1))

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(queue, "apply", broken)
    for _ in range(queue.ATTEMPTS_MAX):
        with pytest.raises(ZeroDivisionError):
            await queue.run_one(feeds.shop.database, feeds.files, feeds.shop.merchant_id)
    assert await queue.run_one(feeds.shop.database, feeds.files, feeds.shop.merchant_id)
    assert (await feeds.look(reference)).trouble == queue.GIVEN_UP


async def test_a_file_of_another_merchant_is_unknown(feeds: Feeds, twin: Shop) -> None:
    await feeds.hand_in("sku,location,quantity\nMUG,HAM,3\n")
    sha = (await feeds.shop.fetch("SELECT encode(sha256, 'hex') AS sha FROM file WHERE merchant_id = $1"))[0]["sha"]
    assert (await twin.refusal("stock-feeds.receive", file=sha, reference="X"))["name"] == "unknown_file"
