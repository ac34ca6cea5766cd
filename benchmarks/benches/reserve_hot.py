"""Reservations that all want the same SKU, beside the conventional way: one transaction each, an update and an insert."""

import hashlib
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import msgspec
import uvloop

from benchmarks import measure, yardstick
from benchmarks.load import Source
from benchmarks.orders import ENDLESS, sku
from benchmarks.product import Installation, ProductFailed, encode, request
from benchmarks.report import Figure, rate_figure
from benchmarks.run import Run, http_sample, script_sample
from lading.database.pool import Database
from lading.journal.types import Envelope
from lading.kernel import collector
from lading.kernel.ids import new_id
from lading.operations.execute import Executor
from lading.operations.registry import verbs

SIZE = 1_000
PROCESSES = 2
"""As many as take requests in an installation: the rules of one batch run while the other is written."""
CLIENTS = 64
BATCH_AT_LEAST = 10.0
HTTP_AT_LEAST = 2.0
RESERVE = verbs()["reservations.reserve"]
BODY = encode({"lines": [{"sku": sku(1), "quantity": 1}], "seconds": 900, "channel": "web", "reference": "cart"})
_DIGEST = hashlib.sha256(BODY).digest()


def reserve_batch(run: Run) -> list[Figure]:
    """The operation itself in batches of 1,000, one after the other in two processes that are tuned as those of Lading are.

    Each reservation has its command, posting and event, and is durable.
    """

    def product(installation: Installation, seconds: float) -> measure.Sample:
        counted: list[tuple[int, float, float]] = []

        def work() -> float:
            with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as processes:
                running = [processes.submit(reserve, installation.database.url, seconds) for _ in range(PROCESSES)]
                counted.extend(each.result() for each in running)
            return sum(done for done, _, _ in counted)

        reservations, cpu = measure.with_cpu(installation.watched, work)
        operation = sum(used for _, _, used in counted) / reservations * 1e6
        return measure.Sample(sum(done / took for done, took, _ in counted), cpu | {"operation": operation})

    return _beside("reserve_hot_batch_1000", run, BATCH_AT_LEAST, product)


def reserve(dsn: str, seconds: float) -> tuple[int, float, float]:
    """(reservations, wall seconds, processor seconds of this process)"""
    collector.tune()
    return uvloop.run(_reserve(dsn, seconds))


async def _reserve(dsn: str, seconds: float) -> tuple[int, float, float]:
    database = await Database.connect(dsn)
    try:
        async with database.outside() as connection:
            merchant_id = await connection.fetchval("SELECT id FROM merchant WHERE slug = 'bench'")
        began, used = time.perf_counter(), time.process_time()
        done = await _one_after_the_other(database, merchant_id, began + seconds)
        return done, time.perf_counter() - began, time.process_time() - used
    finally:
        await database.close()


async def _one_after_the_other(database: Database, merchant_id: int, until: float) -> int:
    """Batches until that time; how many reservations they were."""
    executor, decode = Executor(database), msgspec.json.Decoder(RESERVE.command).decode
    done = 0
    while time.perf_counter() < until:
        batch = [Envelope(new_id(), _DIGEST, "key:bench", decode(BODY), new_id(), new_id()) for _ in range(SIZE)]
        answers = await executor.run(merchant_id, RESERVE, batch)
        if not all(answer.accepted for answer in answers):
            raise ProductFailed(f"a reservation was refused: {answers[0].body[:200]!r}")
        done += SIZE
    return done


def reserve_http(run: Run) -> list[Figure]:
    """Single requests of 64 clients."""

    def product(installation: Installation, seconds: float) -> measure.Sample:
        asked = request("POST", RESERVE.route, installation.api_key, BODY)
        source: Source = lambda _: asked  # noqa: E731 (every request is the same; without a key each is a command of its own)
        return http_sample(installation, source, clients=CLIENTS, seconds=seconds, expected=201)

    return _beside("reserve_hot_http_64", run, HTTP_AT_LEAST, product)


def _beside(
    name: str, run: Run, at_least: float, product: Callable[[Installation, float], measure.Sample]
) -> list[Figure]:
    """In turns with the yardstick at 8 and at 32 clients, the better of which counts: it suffers from its own locks."""
    installation = run.fresh(skus=1, quantity=ENDLESS)
    product(installation, run.options.warm_seconds)
    rounds = []
    for _ in range(run.options.rounds):
        conventional = [_conventional(installation, run.options.seconds, clients) for clients in yardstick.HOT_CLIENTS]
        yardstick.checkpoint(installation.server)
        rounds.append((*conventional, product(installation, run.options.seconds)))
    of_few, of_many, ours = (measure.median_of(list(samples)) for samples in zip(*rounds, strict=True))
    better = max(of_few, of_many, key=lambda sample: sample.per_second)
    few, many = yardstick.HOT_CLIENTS
    details: dict[str, object] = {
        f"conventional_{few}": round(of_few.per_second), f"conventional_{many}": round(of_many.per_second)
    }  # fmt: skip
    return [rate_figure(name, ours, better, at_least, "reservations/s", details)]


def _conventional(installation: Installation, seconds: int, clients: int) -> measure.Sample:
    yardstick.checkpoint(installation.server)
    return script_sample(installation.server, "one_hot_reservation.pgbench", seconds, clients)
