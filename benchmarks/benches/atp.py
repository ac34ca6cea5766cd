"""The availability of 100 SKUs in one request."""

import asyncio
import random
import statistics
import time
from pathlib import Path

import asyncpg

from benchmarks import measure, yardstick
from benchmarks.orders import SEED, sku
from benchmarks.product import encode, request
from benchmarks.report import Figure, rounded
from benchmarks.run import Run, http_sample

QUERY = (Path(__file__).parent / "atp.sql").read_text()
CODES = ("L1", "L2", "L3", "L4", "L5")
SKUS_PER_REQUEST = 100
SETS = 211
PER_SECOND = 50.0
CLIENTS_OPEN = 16
AT_MOST = 4.0


def atp_100(run: Run) -> list[Figure]:
    """Median of one client beside the median of the bare SQL; and the p99 when 50 requests a second are offered."""
    skus = run.options.atp_skus
    installation = run.fresh(skus=skus, codes=CODES)
    sets = random_sets(skus)
    posts = [
        request("POST", "/v1/availability", installation.api_key, encode({"skus": chosen, "per": ["location"]}))
        for chosen in sets
    ]

    def source(number: int) -> bytes:
        return posts[number % SETS]

    def http() -> measure.Sample:
        return http_sample(installation, source, clients=1, seconds=run.options.seconds, expected=200)

    def bare() -> measure.Sample:
        return asyncio.run(_bare(installation.database, sets, run.options.seconds))

    http_sample(installation, source, clients=CLIENTS_OPEN, seconds=run.options.warm_seconds, expected=200)
    of_sql, of_http = measure.interleave(run.options.rounds, bare, http)
    offered = http_sample(
        installation, source, clients=CLIENTS_OPEN, seconds=run.options.seconds, expected=200, per_second=PER_SECOND
    )
    return [
        Figure(
            "atp_100",
            of_http.p50_ms or 0.0,
            "ms median",
            of_sql.p50_ms,
            of_http.cpu_us,
            at_most=AT_MOST,
            details={
                "p99_ms_at_50_a_second": rounded(offered.p99_ms or 0.0),
                "p99_ms_one_client": rounded(of_http.p99_ms or 0.0),
                "skus": skus,
                "locations": len(CODES),
            },
        )
    ]


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
            await prepared.fetch(merchant, sets[len(latencies) % SETS])
            latencies.append((time.perf_counter() - began) * 1000)
    finally:
        await connection.close()
    return measure.Sample(len(latencies) / seconds, p50_ms=statistics.median(latencies))
