"""Whole tables for other programs: the same rows as CSV and as Parquet, of one snapshot."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pyarrow.parquet
import pytest

from lading.entrypoints.exporting import Format, stream
from lading.views.exports import EXPORTS, find_export
from lading.views.pages import NotFound
from tests.operations.conftest import Shop


async def written(shop: Shop, name: str, format_: Format) -> bytes:
    return b"".join([piece async for piece in stream(shop.database, shop.merchant_id, find_export(name), format_)])


async def rows(shop: Shop, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((await written(shop, name, "csv")).decode())))


@pytest.fixture
async def busy(shop: Shop) -> Shop:
    await shop.stock_up(MUG_HAM=10, TEE_MUC=5)
    await shop.place({"MUG": 3})
    return shop


async def test_stock_by_bucket(busy: Shop) -> None:
    mug, tee = sorted(await rows(busy, "stock"), key=lambda row: row["sku"])
    assert (mug["location"], mug["on_hand"], mug["available"], mug["allocated"]) == ("HAM", "10", "7", "3")
    assert (tee["location"], tee["on_hand"]) == ("MUC", "5")


async def test_the_ledger_with_its_events(busy: Shop) -> None:
    told = await rows(busy, "ledger")
    (sold,) = [row for row in told if row["kind"] == "order_placed"]
    assert (sold["order"], sold["line"], sold["from_bucket"], sold["to_bucket"]) == (
        "1001",
        "1",
        "available",
        "allocated",
    )
    assert datetime.fromisoformat(sold["recorded_at"]).tzinfo
    assert {row["from_bucket"] for row in told if row["kind"] == "stock_received"} == {"supplier"}


@pytest.mark.parametrize("name", EXPORTS)
async def test_parquet_holds_what_csv_holds(busy: Shop, name: str) -> None:
    table = pyarrow.parquet.read_table(io.BytesIO(await written(busy, name, "parquet")))
    assert table.column_names == list(EXPORTS[name].columns)

    def as_text(value: object) -> str:
        if value is None:
            return ""
        return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)

    assert [{key: as_text(value) for key, value in row.items()} for row in table.to_pylist()] == await rows(busy, name)


async def test_pieces_join_without_a_seam(busy: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = await written(busy, "ledger", "csv")
    monkeypatch.setattr("lading.views.exports.PIECE_ROWS", 1)
    assert await written(busy, "ledger", "csv") == whole
    table = pyarrow.parquet.read_table(io.BytesIO(await written(busy, "ledger", "parquet")))
    assert table.num_rows == len(await rows(busy, "ledger")) > 1


async def test_another_merchants_rows_are_not_there(busy: Shop, twin: Shop) -> None:
    assert await rows(twin, "stock") == []
    with pytest.raises(NotFound):
        find_export("passwords")
