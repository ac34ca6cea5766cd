"""What a bench found, as a table for people and as JSON for machines."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from benchmarks import measure

WHOLE_FROM = 1_000
"""Numbers from here on are told without decimals."""


@dataclass(frozen=True)
class Figure:
    """One measured claim."""

    name: str
    value: float
    unit: str
    yardstick: float | None = None
    """The same thing in the same unit, by what it is compared with; None where there is no comparison."""
    cpu_us: dict[str, float] = field(default_factory=dict)
    """Processor microseconds per unit of work, by role; the load generator is not in it."""
    at_least: float | None = None
    """The ratio that is asked for."""
    at_most: float | None = None
    """The ratio that must not be passed."""
    details: dict[str, object] = field(default_factory=dict)
    passed: bool = True
    """False where the bench found something wrong that is no matter of speed."""

    @property
    def ratio(self) -> float | None:
        """The value in yardsticks; None where there is none."""
        return self.value / self.yardstick if self.yardstick else None

    @property
    def met(self) -> bool:
        """Whether the claim holds."""
        fast = self.ratio is None or ((self.at_least or 0.0) <= self.ratio <= (self.at_most or float("inf")))
        return fast and self.passed

    @property
    def asked(self) -> str:
        """The claim, as a person writes it."""
        if self.at_least is not None:
            return f">= {self.at_least:g} x"
        return f"<= {self.at_most:g} x" if self.at_most is not None else ""


def rate_figure(
    name: str,
    product: measure.Sample,
    yardstick: measure.Sample,
    at_least: float,
    unit: str = "orders/s",
    details: dict[str, object] | None = None,
) -> Figure:
    """The figure of a bench that alternated with the yardstick."""
    latencies: dict[str, object] = {}
    if product.p99_ms is not None:
        latencies = {"p50_ms": rounded(product.p50_ms or 0.0), "p99_ms": rounded(product.p99_ms)}
    yardstick_cpu = {"yardstick_cpu_us": rounded(sum(yardstick.cpu_us.values()))}
    return Figure(
        name,
        product.per_second,
        unit,
        yardstick.per_second,
        product.cpu_us,
        at_least=at_least,
        details=latencies | yardstick_cpu | (details or {}),
    )


def rounded(value: float) -> float:
    """Three figures are more than a benchmark can tell; small numbers keep theirs."""
    return round(value, 0 if abs(value) >= WHOLE_FROM else 1 if abs(value) >= 100 else 3)


def as_json(figures: Iterable[Figure]) -> dict[str, dict[str, float | str | None]]:
    """The five fields of each figure; cpu_us is the sum over web, worker, supervisor and database."""
    return {
        figure.name: {
            "value": rounded(figure.value),
            "unit": figure.unit,
            "yardstick": rounded(figure.yardstick) if figure.yardstick is not None else None,
            "ratio": round(figure.ratio, 3) if figure.ratio is not None else None,
            "cpu_us": rounded(sum(figure.cpu_us.values())) if figure.cpu_us else None,
        }
        for figure in figures
    }


def readable(value: float) -> str:
    """The same for people."""
    return f"{rounded(value):,g}" if value < WHOLE_FROM else f"{value:,.0f}"


def write(folder: Path, figures: list[Figure], machine: dict[str, str | int | float]) -> None:
    """bench.json with five fields a figure; bench_details.json with everything that is known."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(as_json(figures), indent=2) + "\n")
    known = [asdict(figure) | {"ratio": figure.ratio, "met": figure.met} for figure in figures]
    details = {"machine": machine, "figures": known}
    (folder / "bench_details.json").write_text(json.dumps(details, indent=2, default=str) + "\n")


def show(console: Console, figures: list[Figure], machine: dict[str, str | int | float]) -> None:
    """Print the table, and under it what else is known of each figure, by name."""
    table = Table("bench", box=SIMPLE_HEAD, title=", ".join(f"{name} {value}" for name, value in machine.items()))
    for heading in ("value", "unit", "yardstick", "ratio", "asked", "", "CPU us"):
        table.add_column(heading, justify="left" if heading in {"unit", "asked", ""} else "right", no_wrap=True)
    for figure in figures:
        table.add_row(
            figure.name,
            readable(figure.value),
            figure.unit,
            "" if figure.yardstick is None else readable(figure.yardstick),
            "" if figure.ratio is None else f"{figure.ratio:.2f}",
            figure.asked,
            "[green]met" if figure.met else "[red]missed",
            readable(sum(figure.cpu_us.values())) if figure.cpu_us else "",
        )
    console.print(table)
    for figure in figures:
        spent = {f"cpu_us_{role}": rounded(us) for role, us in figure.cpu_us.items() if us}
        known = ", ".join(f"{name} {value}" for name, value in (figure.details | spent).items())
        console.print(f"{figure.name}: {known}", highlight=False, markup=False)
