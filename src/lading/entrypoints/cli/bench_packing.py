"""`lading bench packing`: containers filled as full as can be, beside the best known fillings."""

from __future__ import annotations

import gzip
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cyclopts
from rich.console import Console
from rich.table import Table

from lading.kernel.trouble import Trouble
from lading.packing import blocks
from lading.packing.blocks import Kind
from lading.packing.checking import lie_well
from lading.packing.types import Piece, Placed, Size

TURNS = {
    "ROTATION_XYZ": (0, 1, 2), "ROTATION_YXZ": (1, 0, 2), "ROTATION_ZYX": (2, 1, 0), "ROTATION_YZX": (1, 2, 0),
    "ROTATION_XZY": (0, 2, 1), "ROTATION_ZXY": (2, 0, 1),
}  # fmt: skip
UNLIMITED = 2**60


def add_to(bench: cyclopts.App) -> None:
    """Beside the other benches."""
    bench.command(containers, name="packing")


def containers(folder: Path, *, seconds: float = 10.0, instances: int = 10, only: str = "BR") -> int:
    """Fill the container of each instance; the mean volume used stands beside that of the best known fillings.

    Parameters
    ----------
    folder
        Holds BR*.jsonl.gz: the instances of Bischoff and Ratcliff, and of Davies and Bischoff.
    seconds
        For each instance.
    instances
        So many of each class.
    only
        Classes whose names begin so.
    """
    files = sorted(folder.glob(f"{only}*.jsonl.gz"), key=lambda file: (len(file.name), file.name))
    if not files:
        raise Trouble(f"There are no instances in {folder}.")
    console = Console()
    table = Table("class", "instances", "used", "best known", "of best known", "fillings tried", "checked")
    shares: list[float] = []
    wrong = 0
    for file in files:
        used: list[float] = []
        known: list[float] = []
        tried = 0
        for told in _read(file, instances):
            volume, rounds, fault = _solve(told, seconds)
            wrong += bool(fault)
            used.append(volume)
            if told.get("best_known_value"):
                known.append(told["best_known_value"] / _room(told))
            tried += rounds
        beside = statistics.mean(known) if len(known) == len(used) else None
        shares += [statistics.mean(used) / beside] if beside else []
        table.add_row(
            file.name.partition(".")[0], str(len(used)), f"{statistics.mean(used):.2%}", f"{beside:.2%}" if beside else "",
            f"{statistics.mean(used) / beside:.2%}" if beside else "", f"{tried:,}", "yes" if not wrong else "NO",
        )  # fmt: skip
        console.print(f"{file.name.partition('.')[0]}: {statistics.mean(used):.2%}", highlight=False)
    console.print(table)
    if shares:
        console.print(f"mean over the classes: {statistics.mean(shares):.2%} of the best known", highlight=False)
    return 1 if wrong else 0


def _read(file: Path, most: int) -> Iterator[dict[str, Any]]:
    with gzip.open(file, "rt") as lines:
        for _, line in zip(range(most), lines, strict=False):
            yield json.loads(line)


def _inner(told: dict[str, Any]) -> Size:
    bin_ = told["bins"][0]
    return bin_["X"], bin_["Y"], bin_["Z"]


def _room(told: dict[str, Any]) -> int:
    length, width, height = _inner(told)
    return length * width * height


def _solve(told: dict[str, Any], seconds: float) -> tuple[float, int, str]:
    """(share of the container that is filled, fillings tried, what is wrong with the best one)."""
    inner = _inner(told)
    kinds: list[Kind] = []
    allowed: list[set[Size]] = []
    for item in told["items"]:
        sides = (item["X"], item["Y"], item["Z"])
        turns = {(sides[a], sides[b], sides[c]) for name, (a, b, c) in TURNS.items() if item.get(name)}
        fitting = sorted(turn for turn in turns if all(side <= room for side, room in zip(turn, inner, strict=True)))
        numbers = list(range(len(allowed), len(allowed) + item["COPIES"]))
        kinds.append(Kind(fitting, numbers, sides[0] * sides[1] * sides[2], 0, False))
        allowed += [turns] * item["COPIES"]
    until = time.perf_counter() + seconds
    rounds = 0

    def go_on(done: int) -> bool:
        nonlocal rounds
        rounds = done
        return time.perf_counter() < until

    found = blocks.best(kinds, inner, UNLIMITED, 1, go_on, _room(told))
    return found.volume / _room(told), rounds, _fault(found.placed, allowed, inner)


def _fault(placed: Any, allowed: list[set[Size]], inner: Size) -> str:
    """By the checker of packings, which had no part in the filling; turns by what the instance allows."""
    laid: list[Placed] = list(placed)
    if len({each.piece for each in laid}) != len(laid):
        return "a piece lies in two places"
    if any(each.size not in allowed[each.piece] for each in laid):
        return "a piece is turned as it must not be"
    pieces = [Piece(next(iter(turns))) for turns in allowed]
    return next(iter(lie_well(laid, pieces, inner)), "")
