"""Single orders over HTTP, each client waiting for its answer before it sends the next."""

from benchmarks import measure
from benchmarks.benches.grown import grow
from benchmarks.report import Figure, rate_figure
from benchmarks.run import Run

AT_LEAST = {64: 0.8, 256: 1.1}


def on_fresh(run: Run, clients: int) -> list[Figure]:
    """On a database that has never seen an order."""
    run.fresh()
    return [_place(run, f"place_http_{clients}", clients)]


def on_grown(run: Run, clients: int) -> list[Figure]:
    """On a database that holds many."""
    grow(run)
    return [_place(run, f"place_http_{clients}_grown", clients)]


def _place(run: Run, name: str, clients: int) -> Figure:
    run.warm_up(clients=clients)
    yardstick, product = measure.interleave(run.options.rounds, run.yardstick, lambda: run.place(clients=clients))
    return rate_figure(name, product, yardstick, AT_LEAST[clients])
