"""What 1,000 SKUs at 20 locations can promise by a date, in one request."""

import asyncio
import random
import statistics
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from benchmarks import measure, yardstick
from benchmarks.orders import SEED, in_batches, products, sku
from benchmarks.product import JSON, Installation, encode, request
from benchmarks.report import Figure, rounded
from benchmarks.run import Run, http_sample

QUERY = (Path(__file__).parent / "atp_by_date.sql").read_text()
CODES = tuple(f"L{number}" for number in range(1, 21))
SKUS_PER_REQUEST = 1_000
SETS = 31
WAITING = 500
"""SKUs that nobody has, that were bought, and that orders wait for."""
AT_MOST = 3.0
START = datetime(2026, 11, 23, tzinfo=UTC)
BY = START + timedelta(days=3_650)
"""Between the two deliveries of each SKU, whenever the bench runs."""


def atp_by_date(run: Run) -> list[Figure]:
    """Median of one client beside the median of the bare grouped SQL; then the same with locations, and with safety stock."""
    skus = run.options.atp_by_date_skus
    installation = run.fresh(skus=skus, codes=CODES, quantity=50)
    expect(installation, skus)
    sets = random_sets(skus + WAITING)

    def http(**more: object) -> measure.Sample:
        asked: JSON = {"by": BY.isoformat(), **more}
        posts = [request("POST", "/v1/availability", installation.api_key, encode({"skus": s, **asked})) for s in sets]
        return http_sample(
            installation, lambda n: posts[n % SETS], clients=1, seconds=run.options.seconds, expected=200
        )

    def bare() -> measure.Sample:
        return asyncio.run(_bare(installation.database, sets, run.options.seconds))

    http()
    of_sql, of_http = measure.interleave(run.options.rounds, bare, http)
    with_locations = http(per=["location"])
    installation.call("POST", "/v1/policies/set", {"name": "safety_stock", "value": "10%"})
    with_safety = http()
    return [
        Figure(
            "atp_by_date_1000x20",
            of_http.p50_ms or 0.0,
            "ms median",
            of_sql.p50_ms,
            of_http.cpu_us,
            at_most=AT_MOST,
            details={
                "p99_ms": rounded(of_http.p99_ms or 0.0),
                "with_locations_ms": rounded(with_locations.p50_ms or 0.0),
                "with_safety_stock_ms": rounded(with_safety.p50_ms or 0.0),
                "skus": skus + WAITING,
                "locations": len(CODES),
            },
        )
    ]


def expect(installation: Installation, skus: int) -> None:
    """Two deliveries of each SKU are awaited, one before the date and one after; and orders wait for some of them."""
    new = [each for each in products(skus + WAITING) if each["sku"] > sku(skus)]
    installation.send_all("/v1/products/save", [new])
    lines: list[JSON] = [
        {
            "sku": sku(n),
            "location": CODES[n % len(CODES)],
            "quantity": 100,
            "due_at": (BY + timedelta(days=days)).isoformat(),
        }
        for n in range(1, skus + WAITING + 1)
        for days in (-30, 30)
    ]
    bought = [{"supplier": "Potter", "lines": part} for part in in_batches(lines)]
    installation.send_all("/v1/purchase-orders/place", [[each] for each in bought])
    installation.call("POST", "/v1/policies/set", {"name": "may_backorder", "value": True})
    price = {"amount": "10.00", "currency": "EUR"}
    orders: list[JSON] = [
        {"channel": "web", "currency": "EUR", "lines": [{"sku": sku(n), "quantity": 3, "unit_price": price}]}
        for n in range(skus + 1, skus + WAITING + 1)
    ]
    installation.call("POST", "/v1/orders", {"commands": orders})


def random_sets(skus: int) -> list[list[str]]:
    """The SKUs of each request, different ones within a request."""
    chance = random.Random(SEED)
    return [[sku(number) for number in chance.sample(range(1, skus + 1), SKUS_PER_REQUEST)] for _ in range(SETS)]


async def _bare(server: yardstick.Server, sets: list[list[str]], seconds: float) -> measure.Sample:
    """The same question through asyncpg, on one connection with a prepared statement, one at a time."""
    connection = await asyncpg.connect(server.url)
    latencies: list[float] = []
    try:
        merchant = await connection.fetchval("SELECT id FROM merchant WHERE slug = 'bench'")
        prepared = await connection.prepare(QUERY)
        ends = time.perf_counter() + seconds
        while (began := time.perf_counter()) < ends:
            await prepared.fetch(merchant, sets[len(latencies) % SETS], BY)
            latencies.append((time.perf_counter() - began) * 1000)
    finally:
        await connection.close()
    return measure.Sample(len(latencies) / seconds, p50_ms=statistics.median(latencies))
