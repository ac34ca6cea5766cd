"""Plans of warehouses as files: CSV, one bin a line, or JSON. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

COLUMNS = ("bin", "aisle", "x_cm", "position_cm")


@dataclass(slots=True, frozen=True)
class Plan:
    """What layouts.save and bins.save take, but for the location."""

    layout: Mapping[str, Any]
    bins: Sequence[Mapping[str, Any]]

    @property
    def aisles(self) -> Sequence[Any]:
        """Of the layout."""
        aisles: Sequence[Any] = self.layout["aisles"]
        return aisles


def read(name: str, text: str, cross: list[int] | None, depot: int | None) -> Plan:
    """The plan in a file of that name; `cross` and `depot` say more than the file. Raises ValueError with a sentence without its stop."""
    plan = _json(text) if name.endswith(".json") else _csv(text)
    layout = dict(plan.layout)
    if cross is not None:
        layout["cross_cm"] = cross
    if depot is not None:
        layout["depot_cm"] = depot
    return Plan(layout, plan.bins)


def numbers(text: str) -> list[int]:
    """0,1500,3000. Raises ValueError."""
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise ValueError(f"{text!r} is no list of whole numbers such as 0,1500,3000")
    return [int(part) for part in parts]


def _json(text: str) -> Plan:
    try:
        raw = msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise ValueError(f"it is not valid JSON: {error}") from None
    bins = raw.pop("bins", [])
    if not isinstance(bins, list) or not isinstance(raw.get("aisles"), list):
        raise ValueError("`aisles` and `bins` are lists")
    return Plan(raw, bins)


def _csv(text: str) -> Plan:
    lines = csv.DictReader(io.StringIO(text))
    missing = [column for column in COLUMNS if column not in (lines.fieldnames or ())]
    if missing:
        raise ValueError(f"the first line must name {', '.join(COLUMNS)}; {', '.join(missing)} is missing")
    aisles: dict[str, int] = {}
    bins: list[dict[str, Any]] = []
    for number, row in enumerate(lines, 2):
        code, aisle = (row["bin"] or "").strip(), (row["aisle"] or "").strip()
        x, position = _whole(row["x_cm"], "x_cm", number), _whole(row["position_cm"], "position_cm", number)
        if not code or not aisle:
            raise ValueError(f"line {number} names no bin or no aisle")
        if aisles.setdefault(aisle, x) != x:
            raise ValueError(f"line {number}: aisle {aisle} begins at {aisles[aisle]} above, and at {x} here")
        sequence = _whole(row["sequence"], "sequence", number) if row.get("sequence") else number - 1
        bins.append({"code": code, "aisle": aisle, "position_cm": position, "sequence": sequence})
    if not bins:
        raise ValueError("there is no bin in it")
    deepest = max(each["position_cm"] for each in bins)
    return Plan(
        {"aisles": [{"code": code, "x_cm": x} for code, x in aisles.items()], "cross_cm": [0, deepest + 100]}, bins
    )


def _whole(text: str | None, column: str, line: int) -> int:
    if text is None or not text.strip().isdecimal():
        raise ValueError(f"line {line}: {column} is {text!r}, not a whole number of centimetres")
    return int(text)
