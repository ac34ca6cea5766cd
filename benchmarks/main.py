"""The command line of the benches."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from benchmarks import measure, report
from benchmarks.benches import (
    atp,
    atp_by_date,
    grown,
    import_file,
    memory,
    packing,
    place_batch,
    place_charged,
    place_hot,
    place_http,
    reserve_hot,
    sell_out,
    sell_out_crashes,
    source_by_rules,
    stock_feed,
    waves,
    yardsticks,
)
from benchmarks.run import BUILD, QUICK, Options, Run
from benchmarks.yardstick import find_server

WIDTH_MIN = 100
"""Columns, also where the output is no terminal: a table that is cut in the middle of a number tells nothing."""
DATA = Path(__file__).parents[2] / "shared" / "data" / "online_retail"

BENCHES: dict[str, Callable[[Run], list[report.Figure]]] = {
    "place_http_64": partial(place_http.on_fresh, clients=64),
    "place_http_256": partial(place_http.on_fresh, clients=256),
    "place_batch_1000": place_batch.place_batch,
    "place_charged_batch_1000": place_charged.place_charged,
    "many_lines": place_charged.many_lines,
    "place_hot_http_64": place_hot.place_hot,
    "reserve_hot_batch_1000": reserve_hot.reserve_batch,
    "reserve_hot_http_64": reserve_hot.reserve_http,
    "sell_out": sell_out.sell_out,
    "sell_out_crashes": sell_out_crashes.sell_out_crashes,
    "reserve_out_crashes": sell_out_crashes.reserve_out_crashes,
    "import_real_file": import_file.import_real_file,
    "atp_100": atp.atp_100,
    "atp_by_date_1000x20": atp_by_date.atp_by_date,
    "source_by_rules": source_by_rules.source_by_rules,
    "stock_feed": stock_feed.stock_feed,
    "packing_orders": packing.packing_orders,
    "release_into_waves": waves.release_into_waves,
    "order_list": grown.order_list,
    "order_page": grown.order_page,
    "place_http_64_grown": partial(place_http.on_grown, clients=64),
    "place_http_256_grown": partial(place_http.on_grown, clients=256),
    "memory": memory.memory,
}
"""In the order in which they run: the grown installation is shared, memory looks at what is left."""


def main(arguments: list[str] | None = None) -> int:
    """Run the benches; 0 when every figure meets what is asked of it, 1 otherwise, 2 for wrong arguments."""
    options = parse(arguments)
    console = Console()
    console.width = max(console.width, WIDTH_MIN)
    if options.cores:
        pin(options.cores)
    machine = measure.machine()
    sizes = sizes_of(options)
    if options.server is not None:
        figures, failures = yardsticks.yardsticks(find_server(options.server), sizes), dict[str, str]()
    else:
        figures, failures = run_benches(options.names or list(BENCHES), sizes, console)
    report.write(BUILD, figures, machine)
    report.show(console, figures, machine)
    for name, why in failures.items():
        console.print(f"[red]{name} failed:[/red] {escape(why)}", highlight=False)
    return 0 if not failures and all(figure.met for figure in figures) else 1


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """The arguments; ends the program with a usage line where they are wrong."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="bench", help=f"one or more of: {', '.join(BENCHES)}; none: all")
    parser.add_argument("--quick", action="store_true", help="one short round on smaller data: to see that it works")
    parser.add_argument("--cores", type=int, help="pin everything to this many cores (Linux)")
    parser.add_argument("--rounds", type=int, help="rounds of each measurement (default 3)")
    parser.add_argument("--seconds", type=int, help="seconds of each measured run (default 10)")
    parser.add_argument("--orders", type=int, help="orders in the grown database (default 500,000)")
    parser.add_argument("--import-file", type=Path, help="a file of the Online Retail data")
    parser.add_argument("--server", type=Path, metavar="DATA", help="yardstick only, on this data folder")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(BENCHES)}")
    return options


def sizes_of(options: argparse.Namespace) -> Options:
    """The defaults with what the arguments say."""
    base = QUICK if options.quick else Options()
    given = {"rounds": options.rounds, "seconds": options.seconds, "grown_orders": options.orders}
    file = options.import_file or next(iter(sorted(DATA.glob("*.csv.gz"))), None)
    return replace(base, import_file=file, **{name: value for name, value in given.items() if value})


def pin(cores: int) -> None:
    """This process and all that it starts run on the first `cores` cores it may use."""
    if not hasattr(os, "sched_setaffinity"):
        sys.exit("--cores needs Linux")
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))


def run_benches(names: list[str], options: Options, console: Console) -> tuple[list[report.Figure], dict[str, str]]:
    """Run them in their order; one that fails does not stop the others. Figures, and why the others have none."""
    run = Run(options, lambda sentence: console.print(f"[dim]{sentence}"))
    figures: list[report.Figure] = []
    failures: dict[str, str] = {}
    try:
        for run.bench in (name for name in BENCHES if name in names):
            console.print(f"[bold]{run.bench}")
            try:
                figures += BENCHES[run.bench](run)
            except Exception as error:  # a bench is a claim about someone else's program: anything may go wrong in it
                failures[run.bench] = f"{type(error).__name__}: {error}"
    finally:
        run.close()
    if run.audits_failed:
        failures["audit"] = "\n".join(run.audits_failed)
    return figures, failures
