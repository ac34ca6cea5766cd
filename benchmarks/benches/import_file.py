"""The import of a real file: every line of a year of a shop."""

import csv
import gzip
import io
from pathlib import Path

from benchmarks import measure, product, yardstick
from benchmarks.report import Figure, rate_figure
from benchmarks.run import HOME, Run, yardstick_sample

AT_LEAST = 2.0


def import_real_file(run: Run) -> list[Figure]:
    """Lines a second of `lading import online-retail` beside the yardstick's lines a second.

    An import can be measured once per installation, so each round has a new one. Raises ProductFailed without a file.
    """
    file = run.options.import_file
    if file is None or not file.exists():
        raise product.ProductFailed("no file of the Online Retail data: name one with --import-file")
    lines = count_lines(file)
    yardsticks, imports = [], []
    for _ in range(run.options.rounds):
        run.fresh(skus=1)
        yardsticks.append(
            _in_lines(
                yardstick_sample(
                    run.need_current().server, run.options.seconds, hot=False, clients=yardstick.COLD_CLIENTS
                )
            )
        )
        imports.append(_import(run, file, lines))
    return [
        rate_figure(
            "import_real_file",
            measure.median_of(imports),
            measure.median_of(yardsticks),
            AT_LEAST,
            "lines/s",
            {"lines": lines},
        )
    ]


def _import(run: Run, file: Path, lines: int) -> measure.Sample:
    installation = run.need_current()
    yardstick.checkpoint(installation.server)
    spent: list[tuple[float, float]] = []

    def work() -> float:
        _, seconds, own = product.timed_cli(HOME, "import", "online-retail", str(file), "--merchant", "bench")
        spent.append((seconds, own))
        return lines

    _, cpu = measure.with_cpu(installation.watched, work)
    seconds, own = spent[0]
    return measure.Sample(lines / seconds, cpu | {"import": own * 1e6 / lines})


def _in_lines(orders: measure.Sample) -> measure.Sample:
    """A yardstick's sample counted in lines."""
    each = yardstick.LINES_PER_ORDER
    return measure.Sample(orders.per_second * each, {role: spent / each for role, spent in orders.cpu_us.items()})


def count_lines(file: Path) -> int:
    """Records of a CSV without its head; gzip by its name."""
    with gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb") as raw:
        return sum(1 for _ in csv.reader(io.TextIOWrapper(raw, encoding="utf-8", newline=""))) - 1
