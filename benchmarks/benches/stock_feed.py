"""A snapshot of a million shelves of which one in twenty changed."""

import asyncio
import csv
import random
import time
from pathlib import Path

import asyncpg

from benchmarks import measure, product, yardstick
from benchmarks.orders import SEED, sku
from benchmarks.report import Figure
from benchmarks.run import BUILD, HOME, Run

CODES = ("L1", "L2", "L3", "L4", "L5")
CHANGED = 0.05
OPENING = 1_000
AT_MOST = 3.0
_TABLE = """
DROP TABLE IF EXISTS copied;
CREATE TABLE copied (merchant_id integer NOT NULL, sku_id uuid NOT NULL, location_id uuid NOT NULL, lot text COLLATE "C" NOT NULL,
                     quantity integer NOT NULL, PRIMARY KEY (merchant_id, sku_id, location_id, lot));
"""


def stock_feed(run: Run) -> list[Figure]:
    """Seconds of `lading stock-feeds load` beside those of a bare COPY of the same rows into a table with the same keys."""
    rows = run.options.feed_rows
    installation = run.fresh(skus=rows // len(CODES), codes=CODES, quantity=OPENING)
    chance = random.Random(SEED)
    quantities = [OPENING] * rows
    rounds = 0

    def load() -> measure.Sample:
        nonlocal rounds
        rounds += 1
        for index in chance.sample(range(rows), int(rows * CHANGED)):
            quantities[index] += chance.choice((-1, 1))
        file = BUILD / "bench" / f"stock-{rounds}.csv"
        write(file, quantities)
        yardstick.checkpoint(installation.server)
        spent: list[float] = []

        def work() -> float:
            spent.append(product.timed_cli(HOME, "stock-feeds", "load", str(file), "--merchant", "bench")[1])
            return rows

        _, cpu = measure.with_cpu(installation.watched, work)
        file.unlink()
        return measure.Sample(spent[0], cpu)

    def bare() -> measure.Sample:
        yardstick.checkpoint(installation.server)
        return measure.Sample(asyncio.run(copy(installation.database, quantities)))

    copied, loaded = measure.interleave(run.options.rounds, bare, load)
    return [
        Figure("stock_feed", loaded.per_second, "s", copied.per_second, loaded.cpu_us, at_most=AT_MOST,
               details={"rows": rows, "changed": int(rows * CHANGED)})
    ]  # fmt: skip


def write(file: Path, quantities: list[int]) -> None:
    """The snapshot as a warehouse would send it."""
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("sku", "location", "quantity"))
        for number, quantity in enumerate(quantities):
            writer.writerow((sku(number // len(CODES) + 1), CODES[number % len(CODES)], quantity))


async def copy(server: yardstick.Server, quantities: list[int]) -> float:
    """Seconds of a COPY of the rows, which have their ids already, into an empty table with the primary key of stock."""
    connection = await asyncpg.connect(server.url)
    try:
        await connection.execute(_TABLE)
        skus = {row[0]: row[1] for row in await connection.fetch("SELECT code, id FROM sku")}
        places = {row[0]: row[1] for row in await connection.fetch("SELECT code, id FROM location")}
        text = "".join(
            f"1,{skus[sku(number // len(CODES) + 1)]},{places[CODES[number % len(CODES)]]},,{quantity}\n"
            for number, quantity in enumerate(quantities)
        ).encode()
        pieces = [text[at : at + 1_000_000] for at in range(0, len(text), 1_000_000)]

        async def source():  # type: ignore[no-untyped-def]
            for piece in pieces:
                yield piece

        began = time.perf_counter()
        await connection.copy_to_table("copied", source=source(), format="csv", force_not_null=["lot"])
        return time.perf_counter() - began
    finally:
        await connection.execute("DROP TABLE IF EXISTS copied")
        await connection.close()
