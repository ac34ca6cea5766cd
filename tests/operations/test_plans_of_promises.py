"""What can be promised is found by indexes, on tables whose statistics are fresh and on tables that nobody has looked at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from lading.operations.registry import Batch, verbs
from lading.views.availability import AvailabilityQuery, CurveQuery, availability, promise_curve
from tests.operations.test_views_plans import analyse, plans, recorded, scanned

BIG = {
    "sku",
    "stock",
    "purchase_order",
    "purchase_order_line",
    "transfer",
    "transfer_line",
    "promise",
    "demand_rate",
    "policy",
    "posting",
}

FILL = """
INSERT INTO sku (merchant_id, id, code, name, active, version)
SELECT $1, gen_random_uuid(), 'P' || n, 'P', true, 1 FROM generate_series(1, 4000) AS n;
INSERT INTO location (merchant_id, id, code, name, kind, time_zone, country, priority, active, version)
SELECT $1, gen_random_uuid(), 'L' || n, 'L', 'store', 'UTC', 'DE', 9, true, 1 FROM generate_series(1, 20) AS n;
INSERT INTO stock (merchant_id, sku_id, location_id, lot, available)
SELECT $1, sku.id, location.id, '', 9 FROM sku CROSS JOIN location WHERE sku.merchant_id = $1 AND location.merchant_id = $1;
INSERT INTO demand_rate (merchant_id, sku_id, location_id, units, days, counted_at)
SELECT $1, sku.id, location.id, 9, 28, now() FROM sku CROSS JOIN location WHERE sku.merchant_id = $1 AND location.merchant_id = $1;
INSERT INTO policy (merchant_id, name, scope_kind, scope_id, version, value, set_at, set_by)
SELECT $1, 'safety_stock', 'sku', id, row_number() OVER () + 9, '"2d"', now(), 'test' FROM sku WHERE merchant_id = $1;
INSERT INTO purchase_order (merchant_id, id, number, supplier, ordered_at, version)
SELECT $1, gen_random_uuid(), n, 'Potter', now(), 1 FROM generate_series(1, 16000) AS n;
INSERT INTO purchase_order_line (merchant_id, purchase_order_id, number, of_line, sku_id, location_id, due_at, ordered)
SELECT $1, p.id, 1, 1, sku.id, (SELECT id FROM location WHERE merchant_id = $1 AND code = 'L' || p.number % 20 + 1),
       now() + p.number * interval '1 minute', 5
  FROM purchase_order AS p JOIN sku ON sku.merchant_id = $1 AND sku.code = 'P' || p.number % 4000 + 1 WHERE p.merchant_id = $1;
INSERT INTO transfer (merchant_id, id, number, from_location_id, to_location_id, due_at, created_at, version)
SELECT $1, id, number, gen_random_uuid(), (SELECT id FROM location WHERE merchant_id = $1 AND code = 'L1'), now(), now(), 1
  FROM purchase_order WHERE merchant_id = $1;
INSERT INTO transfer_line (merchant_id, transfer_id, number, sku_id, lot, to_location_id, due_at, quantity, in_transit)
SELECT $1, purchase_order_id, 1, sku_id, '', location_id, due_at, 5, 5 FROM purchase_order_line WHERE merchant_id = $1;
INSERT INTO promise (merchant_id, order_id, line_number, sku_id, quantity, promised_at)
SELECT $1, purchase_order_id, 1, sku_id, 3, due_at FROM purchase_order_line WHERE merchant_id = $1;
"""


@pytest.fixture
async def shop(lone_shop: Any) -> Any:
    """Alone: its tables are filled, and analysed."""
    return lone_shop


@pytest.mark.parametrize("analysed", [False, True], ids=["fresh", "grown"])
async def test_no_promise_reads_a_table_from_end_to_end(shop: Any, analysed: bool) -> None:
    async with shop.database.write(shop.merchant_id) as tx:
        for statement in FILL.split(";\n")[:-1]:
            await tx.execute(statement)
    if analysed:
        await analyse(shop)
    wrong = []
    for count in (1, 1_000):
        skus = [f"P{number}" for number in range(1, count + 1)]
        for asked in ({}, {"by": "2030-01-01T00:00:00Z", "per": ["location", "region"], "channel": "web"}):
            query = msgspec.convert({"skus": skus, **asked}, AvailabilityQuery)
            wrong += await scans(shop, lambda tx, query=query: availability(tx, query))
    wrong += await scans(shop, lambda tx: promise_curve(tx, CurveQuery(sku="P7")))
    assert not wrong, wrong


async def test_days_of_cover_are_read_by_key_when_an_order_is_placed(shop: Any) -> None:
    async with shop.database.write(shop.merchant_id) as tx:
        for statement in FILL.split(";\n")[:-1]:
            await tx.execute(statement)
    verb, order = verbs()["orders.place"], shop.envelope("orders.place", shop.order({"P7": 1, "P9": 2}))

    async def place(tx: Any) -> None:
        await verb.prefetch(tx, Batch([order], False, 1, [0], datetime.now(UTC)))

    assert not await scans(shop, place)


async def scans(shop: Any, ask: Any) -> list[tuple[str, list[str]]]:
    """Statements that read one of the big tables from end to end, planned for these arguments and for any."""
    async with shop.database.read(shop.merchant_id) as tx:
        with recorded(tx) as seen:
            await ask(tx)
    wrong = []
    async with shop.database.read(shop.merchant_id) as tx:
        for statement, arguments in {sql: (sql, arguments) for sql, arguments in seen}.values():
            for plan in await plans(tx, statement, arguments):
                if bad := scanned(plan) & BIG:
                    wrong.append((statement.partition("\n")[0], sorted(bad)))
    return wrong
