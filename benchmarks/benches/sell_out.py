"""More demand than stock: exactly the stock is sold."""

import json
from collections import Counter
from http import HTTPStatus

from benchmarks import load, measure
from benchmarks.orders import Orders, Posted, sku
from benchmarks.report import Figure
from benchmarks.run import Run

CLIENTS = 64
STOCK = 10_000
DEMAND = 30_000
LOCATION = "L1"


def sell_out(run: Run) -> list[Figure]:
    """One SKU, 10,000 units in one place, 30,000 orders for one unit each. Speed is told, nothing is asked of it."""
    installation = run.fresh(skus=1, codes=(LOCATION,), quantity=STOCK)
    source = Posted(Orders(run.prefix(), hot=1), installation.api_key)
    results: list[load.Result] = []
    refusals: Counter[str] = Counter()

    def listen(_: int, status: int, body: bytes) -> None:
        if status != HTTPStatus.CREATED:
            refusals[str(json.loads(body).get("type", status)).rsplit("/", 1)[-1]] += 1

    def work() -> float:
        results.append(load.run(load.Offer(installation.port, CLIENTS, range(DEMAND)), source, listen))
        return results[0].answers

    _, cpu = measure.with_cpu(installation.watched, work)
    result = results[0]
    sold, refused = result.statuses[HTTPStatus.CREATED], refusals["insufficient_stock"]
    left = json.dumps(installation.call("POST", "/v1/availability", {"skus": [sku(1)]}))
    return [
        Figure(
            "sell_out",
            result.per_second,
            "orders/s",
            cpu_us=cpu,
            passed=sold == STOCK and refused == DEMAND - STOCK,
            details={"sold": sold, "refused": dict(refusals), "left": left, "p99_ms": round(result.p99_ms, 1)},
        )
    ]
