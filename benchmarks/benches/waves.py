"""10,000 orders into waves: released by their order, planned, and made into pick lists with their walks."""

import json
import time
from collections.abc import Callable, Sequence

from benchmarks import measure, orders, product, yardstick
from benchmarks.product import JSON
from benchmarks.report import Figure
from benchmarks.run import Run

SIZE = 1_000
ORDERS = 10_000
ORDERS_QUICK = 2_000
WAVE = 200
CART = 12
AISLES, BINS_AN_AISLE = 25, 40


def release_into_waves(run: Run) -> list[Figure]:
    """Orders a second through plan and release of their waves, beside the yardstick; the release of the orders is told apart."""
    installation = run.fresh(codes=("L1",))
    _fill_bins(installation)
    count = ORDERS if run.options.rounds > 1 else ORDERS_QUICK
    rounds = [(run.yardstick(), *_round(run, count)) for _ in range(run.options.rounds)]
    cold = measure.median_of([each[0] for each in rounds])
    waved = measure.median_of([each[2] for each in rounds])
    released = measure.median_of([each[1] for each in rounds])
    return [
        Figure(
            "release_into_waves", waved.per_second, "orders/s", cold.per_second, waved.cpu_us,
            details={"orders_released_per_second": round(released.per_second), "orders": count, "orders_a_wave": WAVE,
                     "orders_a_cart": CART},
        )
    ]  # fmt: skip


def _fill_bins(installation: product.Installation) -> None:
    """A block of 25 aisles; each product lies in one of its bins."""
    aisles = [{"code": f"A{number:02d}", "x_cm": 300 * number} for number in range(AISLES)]
    layout = {"location": "L1", "aisles": aisles, "cross_cm": [0, 100 * BINS_AN_AISLE], "depot_cm": 0}
    installation.send_all("/v1/layouts/save", [[layout]])
    bins = [
        {
            "location": "L1", "code": f"A{aisle:02d}-{at:02d}", "sequence": aisle * BINS_AN_AISLE + at, "aisle": f"A{aisle:02d}",
            "position_cm": 100 * at + 50,
        }
        for aisle in range(AISLES)
        for at in range(BINS_AN_AISLE)
    ]  # fmt: skip
    installation.send_all("/v1/bins/save", orders.in_batches(bins))
    away = [
        {"sku": orders.sku(number), "location": "L1", "bin": bins[number % len(bins)]["code"], "quantity": 1_000_000}
        for number in range(1, orders.SKUS + 1)
    ]
    installation.send_all("/v1/stock/put-away", orders.in_batches(away))


def _round(run: Run, count: int) -> tuple[measure.Sample, measure.Sample]:
    """Place so many orders; then (release of the orders, plan and release of their waves)."""
    installation = run.need_current()
    placed = orders.Orders(run.prefix())
    numbers = [
        each["number"]
        for first in range(0, count, SIZE)
        for each in _done(installation, "/v1/orders", [json.loads(placed.body(n)) for n in range(first, first + SIZE)])
    ]

    def release() -> None:
        for names in orders.in_batches([{"order": number} for number in numbers], SIZE):
            _done(installation, "/v1/orders/release", names)

    def wave() -> None:
        wishes: list[JSON] = [{"location": "L1", "method": "cluster", "orders_max": WAVE}] * (count // WAVE)
        waves = _done(installation, "/v1/waves/plan", wishes)
        _done(installation, "/v1/waves/release", [{"wave": each["wave"], "orders_per_list": CART} for each in waves])

    return _timed(run, count, release), _timed(run, count, wave)


def _done(installation: product.Installation, path: str, commands: Sequence[JSON]) -> list[JSON]:
    """The outcomes of a batch. Raises ProductFailed where one is refused."""
    results = installation.call("POST", path, {"commands": commands})["results"]
    if bad := product.refused(results):
        raise product.ProductFailed(f"{path}: {bad[0]}")
    return [each["outcome"] for each in results]


def _timed(run: Run, count: int, work: Callable[[], None]) -> measure.Sample:
    seconds: list[float] = []
    installation = run.need_current()
    yardstick.checkpoint(installation.server)

    def timed() -> float:
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
        return float(count)

    _, cpu = measure.with_cpu(installation.watched, timed)
    return measure.Sample(count / seconds[0], cpu)
