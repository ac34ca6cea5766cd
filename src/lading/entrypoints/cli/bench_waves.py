"""`lading bench waves`: waves as dense as can be, beside known best answers; `lading bench routes`: walks, and what they save."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from uuid import UUID

import cyclopts
from rich.console import Console
from rich.table import Table

from lading.kernel.trouble import Trouble
from lading.layouts import routes
from lading.layouts.search import distance
from lading.layouts.types import Layout, Spot
from lading.waves.densest import Dense, Problem, densest

WIDTH_OF_FILES = 120


def add_to(bench: cyclopts.App) -> None:
    """Beside the other benches."""
    bench.command(waves, name="waves")
    bench.command(walks, name="routes")


def waves(folder: Path, *, seconds: float = 55.0, only: str = "") -> int:
    """Choose orders and aisles of each instance so that the units for each aisle are the most; the best known values stand beside.

    Parameters
    ----------
    folder
        Holds datasets/a/*.txt and best_objectives_a.csv.
    seconds
        For each instance; what was begun is finished, which takes a second or two more.
    only
        Instances whose names contain this.
    """
    files = [file for file in sorted(folder.glob("datasets/a/*.txt")) if only in file.stem]
    if not files:
        raise Trouble(f"There are no instances in {folder}/datasets/a.")
    best = dict(_best_known(folder / "best_objectives_a.csv"))
    table = Table(
        "instance",
        "orders",
        "aisles",
        "units",
        "of aisles",
        "value",
        "best known",
        "value / best",
        "seconds",
        "checked",
    )
    console, shares, wrong = _console(), [], 0
    for file in files:
        problem = read(file.read_text())
        begun = time.perf_counter()
        found = densest(problem, lambda since=begun: time.perf_counter() - since > seconds)  # type: ignore[misc]
        spent = time.perf_counter() - begun
        refused = check(problem, found) if found else "no wave is big enough"
        known, value = best.get(file.stem), found.density if found and not refused else 0.0
        wrong += bool(refused)
        if known:
            shares.append(value / known)
        console.print(f"{file.stem}: {value:.4f}" + (f" of {known:.4f}" if known else ""), highlight=False)
        table.add_row(
            file.stem, f"{len(problem.orders):,}", str(len(problem.aisles)), str(found.units if found else 0),
            str(len(found.aisles) if found else 0), f"{value:.4f}", f"{known:.4f}" if known else "",
            f"{value / known:.4f}" if known else "", f"{spent:.1f}", refused or "yes",
        )  # fmt: skip
    console.print(table)
    if shares:
        console.print(
            f"mean of value / best known: {statistics.mean(shares):.4f} over {len(shares)} instances", highlight=False
        )
    return 1 if wrong else 0


def read(text: str) -> Problem:
    """An instance: counts, a line for each order and aisle (pairs of product and units), and the bounds of the wave."""
    lines = text.splitlines()
    orders, _, aisles = map(int, lines[0].split())
    rows = [_pairs(line) for line in lines[1 : 1 + orders + aisles]]
    least, most = map(int, lines[1 + orders + aisles].split())
    return Problem(rows[:orders], rows[orders:], least, most)


def _pairs(line: str) -> list[tuple[int, int]]:
    numbers = list(map(int, line.split()))
    return list(zip(numbers[1 : 2 * numbers[0] : 2], numbers[2 : 2 * numbers[0] + 1 : 2], strict=True))


def _best_known(file: Path) -> Iterator[tuple[str, float]]:
    if file.exists():
        for line in file.read_text().splitlines()[1:]:
            _, instance, value = line.split(",")
            yield instance.removesuffix(".txt"), float(value)


def check(problem: Problem, wave: Dense) -> str:
    """Why the wave is none, by the rules alone; empty where it is one."""
    if len(set(wave.orders)) < len(wave.orders) or len(set(wave.aisles)) < len(wave.aisles) or not wave.aisles:
        return "an order or an aisle is named twice, or none is"
    left: dict[int, int] = {}
    for aisle in wave.aisles:
        for product, units in problem.aisles[aisle]:
            left[product] = left.get(product, 0) + units
    total = 0
    for order in wave.orders:
        for product, units in problem.orders[order]:
            left[product] = left.get(product, 0) - units
            total += units
    if min(left.values(), default=0) < 0:
        return "the aisles hold too little"
    return "" if total == wave.units and problem.units_min <= total <= problem.units_max else "its size does not fit"


def walks(*, warehouses: int = 1_000, seed: int = 1) -> int:
    """Shortest walks through generated warehouses: equal to an exact search over all orders of stops, how fast, and what they save.

    Parameters
    ----------
    warehouses
        How many small ones are compared with the exact search, and how many of each size are timed.
    """
    console, chance = _console(), random.Random(seed)
    worse = {1: 0, 2: 0, 3: 0}
    for _ in range(warehouses):
        for blocks in worse:
            layout, stops = generate(chance, chance.randint(1, 6), chance.randint(1, 7), blocks)
            worse[blocks] += routes.shortest(layout, stops).length != exact(layout, stops)
    told = ", ".join(f"{blocks} block{'s' * (blocks > 1)}: {count}" for blocks, count in worse.items())
    console.print(f"longer than the exact search, of {warehouses:,} each: {told}", highlight=False)
    table = Table("aisles", "stops", "blocks", "median CPU ms", "worst", "way", "S-shape", "saved")
    for blocks, aisles, count in ((1, 5, 10), (1, 10, 20), (1, 25, 30), (1, 25, 100), (2, 10, 20), (2, 25, 30)):
        table.add_row(
            str(aisles),
            str(count),
            str(blocks),
            *_timed(chance, aisles, count, blocks, warehouses if blocks == 1 else min(warehouses, 100)),
        )
    console.print(table)
    return 1 if worse[1] else 0


def _timed(chance: random.Random, aisles: int, count: int, blocks: int, times: int) -> list[str]:
    spent, ways, others = [], [], []
    for _ in range(times):
        layout, stops = generate(chance, aisles, count, blocks)
        begun = time.process_time()
        ways.append(routes.shortest(layout, stops).length)
        spent.append((time.process_time() - begun) * 1_000)
        others.append(routes.s_shape(layout, stops).length)
    spent.sort()
    saved = 1 - sum(ways) / sum(others)
    return [
        f"{spent[times // 2]:.2f}", f"{spent[-1]:.2f}", f"{statistics.mean(ways) / 100:.0f} m",
        f"{statistics.mean(others) / 100:.0f} m", f"{saved:.1%}",
    ]  # fmt: skip


def generate(chance: random.Random, aisles: int, stops: int, blocks: int) -> tuple[Layout, list[Spot]]:
    """A warehouse with aisles 3 m apart and up to 30 m long, the depot anywhere on the front, and stops in its aisles."""
    depth = chance.randrange(500, 3_001, 100)
    crosses = [0, *sorted(chance.sample(range(100, depth, 100), blocks - 1)), depth]
    layout = Layout(
        UUID(int=0), chance.randrange(0, 300 * aisles, 50), crosses, {f"A{n}": 300 * n for n in range(aisles)}
    )
    return layout, [Spot(300 * chance.randrange(aisles), chance.randrange(0, depth + 1, 50)) for _ in range(stops)]


def exact(layout: Layout, stops: Sequence[Spot]) -> int:
    """The shortest walk by trying every set of stops and every last one of it (Held and Karp); few stops only."""
    spots = list(dict.fromkeys(stops))
    home = [distance(layout, layout.start, spot) for spot in spots]
    between = [[distance(layout, one, other) for other in spots] for one in spots]
    reached = {(1 << last, last): home[last] for last in range(len(spots))}
    for size in range(2, len(spots) + 1):
        longer: dict[tuple[int, int], int] = {}
        for (seen, last), length in reached.items():
            for following in range(len(spots)):
                if not seen >> following & 1:
                    key = (seen | 1 << following, following)
                    longer[key] = min(longer.get(key, 2**62), length + between[last][following])
        reached = longer
        assert size
    return min(length + home[last] for (_, last), length in reached.items())


def _console() -> Console:
    console = Console()
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    return console
