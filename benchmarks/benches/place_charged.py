"""What charges cost: orders of three lines with two taxes, a discount and shipping, beside the same orders without."""

import itertools
import statistics
import time

import msgspec

from benchmarks import load, measure, product, yardstick
from benchmarks.orders import Orders, PostedBatch, sku
from benchmarks.product import JSON
from benchmarks.report import Figure
from benchmarks.run import Run

SIZE = 1_000
AT_MOST = 1.5
LINES_FEW, LINES_MANY = 100, 1_000
AT_MOST_LINES = 10.0


def place_charged(run: Run) -> list[Figure]:
    """Bodies of 1,000 orders, one client; the time of an order, with charges over without, in turns."""
    run.fresh()
    for charged in (False, True):
        _place(run, run.options.warm_seconds, charged=charged)
    rounds = [
        tuple(_place(run, run.options.seconds, charged=charged) for charged in (False, True))
        for _ in range(run.options.rounds)
    ]
    plain, charged_ = (measure.median_of(list(samples)) for samples in zip(*rounds, strict=True))
    return [
        Figure(
            "place_charged_batch_1000",
            1e6 / charged_.per_second,
            "us/order",
            1e6 / plain.per_second,
            charged_.cpu_us,
            at_most=AT_MOST,
            details={"without_cpu_us": round(sum(plain.cpu_us.values()))},
        )
    ]


def many_lines(run: Run) -> list[Figure]:
    """An order of 1,000 lines with its charges beside one of 100: placed, shown, and edited on three tenths of its lines."""
    installation = run.fresh()
    spent: dict[str, dict[int, list[float]]] = {
        name: {LINES_FEW: [], LINES_MANY: []} for name in ("place_1000_lines", "show_1000_lines", "edit_1000_lines")
    }
    for turn in range(2 * run.options.rounds + 1):
        for lines in (LINES_FEW, LINES_MANY):
            body = msgspec.json.decode(Orders(run.prefix(), lines=lines, charged=True, sets=1).body(0))
            moments = [time.perf_counter()]
            number = installation.call("POST", "/v1/orders", body)["number"]
            moments.append(time.perf_counter())
            installation.call("GET", f"/v1/orders/{number}")
            moments.append(time.perf_counter())
            installation.call("POST", "/v1/orders/edit", _edit(number, lines))
            moments.append(time.perf_counter())
            if turn:  # the first of each warms up
                for times, begun, ended in zip(spent.values(), moments, moments[1:], strict=False):
                    times[lines].append((ended - begun) * 1_000)
    return [
        Figure(
            name, statistics.median(times[LINES_MANY]), "ms", statistics.median(times[LINES_FEW]), at_most=AT_MOST_LINES
        )
        for name, times in spent.items()
    ]


def _edit(number: str, lines: int) -> JSON:
    """A tenth of the lines is taken away, a tenth gets another price, a tenth comes anew, and shipping is charged on all."""
    tenth, price = lines // 10, {"amount": "12.00", "currency": "USD"}
    return {
        "order": number,
        "reason": "bench",
        "quantities": [{"line": line, "quantity": 0} for line in range(1, tenth + 1)],
        "prices": [{"line": line, "unit_price": price} for line in range(tenth + 1, 2 * tenth + 1)],
        "add": [{"sku": sku(at), "quantity": 1, "unit_price": price} for at in range(1, tenth + 1)],
        "charges": [{"kind": "shipping", "code": "express", "amount": price}],
    }


def _place(run: Run, seconds: float, *, charged: bool) -> measure.Sample:
    """Orders, not batches, a second."""
    installation = run.need_current()
    yardstick.checkpoint(installation.server)
    source = PostedBatch(Orders(run.prefix(), charged=charged), installation.api_key, SIZE)
    results: list[load.Result] = []

    def work() -> float:
        offer = load.Offer(installation.port, 1, itertools.count(), seconds)
        results.append(product.run_all_accepted(offer, source, "/v1/orders"))
        return results[0].answers * SIZE

    orders, cpu = measure.with_cpu(installation.watched, work)
    return measure.Sample(orders / results[0].seconds, cpu, results[0].p50_ms, results[0].p99_ms)
