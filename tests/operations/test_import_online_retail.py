"""`lading import online-retail`: every line accounted for, twice changes nothing, killed and run again completes it."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lading.adapters.channels.online_retail import FileTrouble, Limits
from lading.adapters.channels.online_retail.reader import COLUMNS
from lading.entrypoints.importing import online_retail
from lading.entrypoints.importing.online_retail import Account, ImportTrouble, import_file
from lading.terms.ledger import LINE_STAGES, RETURN_STAGES

LONDON = ZoneInfo("Europe/London")
REAL_FILE = Path(__file__).parents[2] / "../shared/data/online_retail/online_retail_2010-12-01_2011-08-31.csv.gz"
REAL_LINES = 60_000

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from zoneinfo import ZoneInfo
from lading.adapters.channels.online_retail import Limits
from lading.database import failpoints
from lading.database.pool import Database
from lading.entrypoints.importing import online_retail

dsn, merchant_id, path, point, left = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])
online_retail.LIMITS = Limits(documents=4, lines=20)
online_retail.BATCH_COMMANDS = 7

async def reached():
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    failpoints.arm(point, reached)
    database = await Database.connect(dsn, writers=2, readers=2)
    zone = ZoneInfo("Europe/London")
    await online_retail.import_file(database, merchant_id, Path(path), zone, "online-retail", None, lambda *_: None)
    await database.close()

asyncio.run(main())
"""


def invoices(seed: int, start: datetime, count: int, first: int) -> list[list[str]]:
    """A believable file: orders with charges, codes of two cases, write-offs, credit notes that match and do not."""
    dice = random.Random(seed)
    skus = ["85123A", "85123a", "22423", "71053", "DCGS0003", "47566B"]
    sold: list[tuple[str, str, int, str]] = []
    rows: list[list[str]] = []
    for index in range(count):
        at = (start + timedelta(hours=index)).strftime("%Y-%m-%d %H:%M:%S")
        number, customer = str(first + index), dice.choice(["17850.0", "13047.0", "12583.0", ""])
        what = dice.random()
        if what < 0.15:
            quantity = dice.choice((-5, -2, 3))
            rows.append(
                [
                    number,
                    dice.choice(skus),
                    dice.choice(("damaged", "found", "?")),
                    str(quantity),
                    at,
                    "0.0",
                    "",
                    "EIRE",
                ]
            )
        elif what < 0.4 and sold:
            buyer, sku, units, price = dice.choice(sold)
            rows.append([f"C{number}", sku, "goods", str(-dice.randint(1, units + 1)), at, price, buyer, "France"])
            if dice.random() < 0.4:
                rows.append([f"C{number}", "POST", "POSTAGE", "-1", at, "3.95", buyer, "France"])
        else:
            for _ in range(dice.randint(1, 4)):
                sku, units, price = (
                    dice.choice(skus),
                    dice.randint(1, 9),
                    dice.choice(("2.55", "0.001", "1.275", "0.0", "10")),
                )
                rows.append([number, sku, "goods", str(units), at, price, customer, "France"])
                sold.append((customer, sku, units, price))
            if dice.random() < 0.3:
                rows.append([number, "POST", "POSTAGE", "2", at, "3.95", customer, "France"])
    return rows


def write_file(path: Path, rows: list[list[str]]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return path


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_file(tmp_path / "small.csv", invoices(1, datetime(2010, 12, 1, 8), 80, 536_365))


async def load(shop: Any, path: Path) -> Account:
    return await import_file(shop.database, shop.merchant_id, path, LONDON, "online-retail", None, lambda *_: None)


STAGES = ", ".join(f'"{stage}"' for stage in (*LINE_STAGES, *RETURN_STAGES))
BOOKS = {
    "orders": f"""
        SELECT external_reference, placed_at, currency, history, charged_minor, adjusted_minor, captured_minor,
               refunded_minor, lifecycle, stage, {STAGES}
          FROM orders WHERE merchant_id = $1 ORDER BY 1""",
    "lines": """
        SELECT o.external_reference, l.number, s.code, l.ordered, l.unit_price, l.goods_minor, l.returned, l.refunded
          FROM order_line AS l JOIN orders AS o ON o.merchant_id = $1 AND o.id = l.order_id
          JOIN sku AS s ON s.merchant_id = $1 AND s.id = l.sku_id
         WHERE l.merchant_id = $1 ORDER BY 1, 2""",
    "stock": """
        SELECT s.code, available, quality_hold FROM stock JOIN sku AS s ON s.merchant_id = $1 AND s.id = stock.sku_id
         WHERE stock.merchant_id = $1 ORDER BY 1""",
    "returns": """
        SELECT o.external_reference, r.reference, r.closed_at IS NULL, l.line_number, l.restocked, l.refunded_minor
          FROM return_order AS r JOIN orders AS o ON o.merchant_id = $1 AND o.id = r.order_id
          LEFT JOIN return_line AS l
            ON l.merchant_id = $1 AND l.order_id = r.order_id AND l.return_number = r.number
         WHERE r.merchant_id = $1 ORDER BY 1, 2, 4, 5""",
    "queue": "SELECT key, quantity, amount_minor, reason FROM unmatched_return WHERE merchant_id = $1 ORDER BY 1",
    "money": """
        SELECT debit, credit, count(*), sum(amount_minor) FROM money_posting
         WHERE merchant_id = $1 GROUP BY 1, 2 ORDER BY 1, 2""",
    "events": "SELECT kind, count(*) FROM event WHERE merchant_id = $1 GROUP BY 1 ORDER BY 1",
    "postings": """
        SELECT from_bucket, to_bucket, line_from, line_to, count(*), sum(quantity) FROM posting
         WHERE merchant_id = $1 GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""",
}


async def books(shop: Any) -> dict[str, list[dict[str, Any]]]:
    """Everything that an import makes, without ids and order numbers."""
    return {name: await shop.fetch(statement) for name, statement in BOOKS.items()}


async def test_every_line_is_accounted_for_and_twice_changes_nothing(shop: Any, small: Path) -> None:
    account = await load(shop, small)
    rows = {row.name: row for row in account.reconciliation.rows}
    assert sum(row.lines for row in rows.values()) == account.reconciliation.lines
    assert sum(row.amount for row in rows.values()) == account.reconciliation.amount
    assert {
        "orders: goods",
        "orders: charges, shipping",
        "returns: matched whole",
        "not taken: nothing left",
    } <= rows.keys()
    assert account.database.returns > 0 and account.database.kept > 0
    assert account.reconciliation.folded == {"85123A": account.reconciliation.folded["85123A"]}
    await shop.check_books()
    before = await books(shop)
    assert all(row["stage"] == "done" for row in before["orders"])

    again = await load(shop, small)
    assert await books(shop) == before
    assert again.database == account.database
    assert sum(again.reconciliation.documents.values()) == 0
    assert [(row.name, row.lines, row.amount) for row in again.reconciliation.rows] == [
        (row.name, row.lines, row.amount) for row in account.reconciliation.rows
    ]


async def test_forgotten_commands_change_nothing_either(shop: Any, small: Path) -> None:
    await load(shop, small)
    before = await books(shop)
    async with shop.database.write(shop.merchant_id) as tx:
        await tx.execute("DELETE FROM command WHERE merchant_id = $1")
    await load(shop, small)
    assert await books(shop) == before


@pytest.mark.parametrize(
    ("point", "after"), [("before_commit", 3), ("after_commit", 9), ("before_commit", 17), ("after_commit", 30)]
)
async def test_killed_and_run_again_it_is_as_if_nothing_had_happened(
    shop: Any, twin: Any, small: Path, point: str, after: int
) -> None:
    await load(shop, small)
    arguments = [sys.executable, "-c", KILLED, twin.database.dsn, str(twin.merchant_id), str(small), point, str(after)]
    killed = subprocess.run(arguments, capture_output=True, check=False)  # noqa: ASYNC221
    assert killed.returncode == -9, killed.stderr.decode()[-2_000:]
    await load(twin, small)
    whole, completed = await books(shop), await books(twin)
    for name in BOOKS:
        assert completed[name] == whole[name], name
    await twin.check_books()


async def test_a_later_file_goes_on_from_the_first_and_posts_only_what_stock_lacks(
    shop: Any, twin: Any, small: Path, tmp_path: Path
) -> None:
    later = write_file(tmp_path / "later.csv", invoices(2, datetime(2010, 12, 20, 8), 60, 540_000))
    await load(shop, small)
    account = await load(shop, later)
    await load(twin, later)  # alone it works as well
    moved = {row.name: row.units for row in account.reconciliation.stock}
    assert moved["opening stock"] == 0 and moved["shortfall of earlier stock"] > 0
    before = await books(shop)
    for path in (small, later):
        again = await load(shop, path)
        assert sum(again.reconciliation.documents.values()) == 0
    assert await books(shop) == before
    await shop.check_books()
    await twin.check_books()


async def test_what_cannot_be_read_is_said_in_a_sentence_and_nothing_is_written(shop: Any, tmp_path: Path) -> None:
    row = ["536365", "22423", "goods", "300000000", "2010-12-01 08:26:00", "1.0", "", "EIRE"]
    with pytest.raises(FileTrouble, match="line 2: a Quantity of 300,000,000 is beyond"):
        await load(shop, write_file(tmp_path / "a.csv", [row]))
    with pytest.raises(FileTrouble, match="cannot read"):
        await load(shop, tmp_path / "absent.csv")
    row[3] = "1"
    path = write_file(tmp_path / "b.csv", [row])
    with pytest.raises(ImportTrouble, match="There is no location NOWHERE"):
        await import_file(shop.database, shop.merchant_id, path, LONDON, "online-retail", "NOWHERE", lambda *_: None)
    assert await shop.fetch("SELECT 1 FROM orders WHERE merchant_id = $1") == []


@pytest.mark.skipif(not REAL_FILE.exists(), reason="the real file is not here")
async def test_the_first_part_of_the_real_file(shop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import gzip

    monkeypatch.setattr(online_retail, "LIMITS", Limits(documents=1_000, lines=5_000))
    with gzip.open(REAL_FILE, "rt", newline="") as file:
        lines = [line for _, line in zip(range(REAL_LINES + 1), file, strict=False)]
    path = tmp_path / "part.csv"
    path.write_text("".join(lines), newline="")
    account = await load(shop, path)
    assert account.reconciliation.lines == REAL_LINES
    assert sum(row.amount for row in account.reconciliation.rows) == account.reconciliation.amount
    await shop.check_books()
    again = await load(shop, path)
    assert again.database == account.database
    assert sum(again.reconciliation.documents.values()) == 0
