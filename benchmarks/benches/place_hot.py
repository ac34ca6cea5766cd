"""Every order wants the same three SKUs."""

from benchmarks import measure, yardstick
from benchmarks.report import Figure, rate_figure
from benchmarks.run import Run

CLIENTS = 64
HOT_SKUS = 3
AT_LEAST = 1.4


def place_hot(run: Run) -> list[Figure]:
    """Beside the better of the hot yardstick with few and with many clients: it suffers from its own locks."""
    run.fresh()
    run.warm_up(clients=CLIENTS, hot=HOT_SKUS)
    few, many = yardstick.HOT_CLIENTS
    rounds = [
        (
            run.yardstick(hot=True, clients=few),
            run.yardstick(hot=True, clients=many),
            run.place(clients=CLIENTS, hot=HOT_SKUS),
        )
        for _ in range(run.options.rounds)
    ]
    of_few, of_many, product = (measure.median_of(list(samples)) for samples in zip(*rounds, strict=True))
    better = max(of_few, of_many, key=lambda sample: sample.per_second)
    return [
        rate_figure(
            "place_hot_http_64",
            product,
            better,
            AT_LEAST,
            details={f"yardstick_{few}": round(of_few.per_second), f"yardstick_{many}": round(of_many.per_second)},
        )
    ]
