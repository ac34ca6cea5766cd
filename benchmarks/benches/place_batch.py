"""Bodies of 1,000 orders over HTTP."""

import itertools

from benchmarks import load, measure, product, yardstick
from benchmarks.orders import Orders, PostedBatch
from benchmarks.report import Figure, rate_figure
from benchmarks.run import Run

SIZE = 1_000
AT_LEAST = 2.0


def place_batch(run: Run) -> list[Figure]:
    """With one client and with two; the better one counts."""
    installation = run.fresh()
    _place(run, 1, run.options.warm_seconds)
    rows = _rows_written(installation.database)
    orders = rows.get("orders", 0)
    seconds = run.options.seconds
    rounds = [
        (run.yardstick(), _checkpointed(run, 1, seconds), _checkpointed(run, 2, seconds))
        for _ in range(run.options.rounds)
    ]
    cold, one, two = (measure.median_of(list(samples)) for samples in zip(*rounds, strict=True))
    after = _rows_written(installation.database)
    placed = after.get("orders", 0) - orders
    per_order = {table: round((count - rows.get(table, 0)) / placed, 3) for table, count in after.items() if placed}
    better = max(one, two, key=lambda sample: sample.per_second)
    return [
        rate_figure(
            "place_batch_1000",
            better,
            cold,
            AT_LEAST,
            details={
                "clients_1": round(one.per_second),
                "clients_2": round(two.per_second),
                "rows_an_order": {table: count for table, count in per_order.items() if count},
            },
        )
    ]


def _checkpointed(run: Run, clients: int, seconds: float) -> measure.Sample:
    yardstick.checkpoint(run.need_current().server)
    return _place(run, clients, seconds)


def _place(run: Run, clients: int, seconds: float) -> measure.Sample:
    """Orders, not batches, a second."""
    installation = run.need_current()
    source = PostedBatch(Orders(run.prefix()), installation.api_key, SIZE)
    results: list[load.Result] = []

    def work() -> float:
        offer = load.Offer(installation.port, clients, itertools.count(), seconds)
        results.append(product.run_all_accepted(offer, source, "/v1/orders"))
        return results[0].answers * SIZE

    orders, cpu = measure.with_cpu(installation.watched, work)
    return measure.Sample(orders / results[0].seconds, cpu, results[0].p50_ms, results[0].p99_ms)


def _rows_written(database: yardstick.Server) -> dict[str, int]:
    """Rows inserted, updated and deleted so far, by table and kind; inserts by the bare name of the table."""
    lines = yardstick.sql(
        database,
        """
        SELECT t.name, t.count
          FROM pg_stat_user_tables s,
               LATERAL (VALUES (relname::text, n_tup_ins), (relname || ' updated', n_tup_upd),
                                (relname || ' deleted', n_tup_del)) AS t (name, count)
         WHERE t.count > 0 ORDER BY 1""",
    ).splitlines()
    counts: dict[str, int] = {}
    for line in lines:
        name, count = line.split("|")
        counts[name] = counts.get(name, 0) + int(count)
    return counts
