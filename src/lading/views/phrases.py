"""Parts of the sentences of events."""

from collections.abc import Iterable, Mapping
from typing import Any

from lading.views.names import Names

Data = Mapping[str, Any]

SHOWN_MAX = 5
"""How many products a sentence names before it counts the rest."""


def listed(parts: list[str]) -> str:
    """a, b and c; of many the first few and how many more."""
    if len(parts) > SHOWN_MAX:
        parts = [*parts[:SHOWN_MAX], f"{len(parts) - SHOWN_MAX} more"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else "nothing"


def units_of(rows: Iterable[Data], names: Names) -> str:
    """2 × MUG-BLUE and 1 × TEE-M: the units of each product, over all rows."""
    counted: dict[str, int] = {}
    for row in rows:
        code = names.line(row["line"])
        counted[code] = counted.get(code, 0) + row["quantity"]
    return listed([f"{quantity} × {code}" for code, quantity in counted.items()])


def locations(ids: Iterable[str], names: Names) -> str:
    """The codes of locations, each once."""
    return listed([names.location(id_) for id_ in dict.fromkeys(ids)])


def reason(data: Data) -> str:
    """Reason: late."""
    return f" Reason: {word(data['reason'])}." if data.get("reason") else ""


def word(name: str) -> str:
    """high_value: high value"""
    return name.replace("_", " ")


def day(moment: str | None) -> str:
    """The day of a moment of an event."""
    return moment[:10] if moment else "no known date"


def why(data: Data) -> str:
    """The reason, and the document that says so."""
    return ", ".join(part for part in (word(data["reason"]), data.get("document")) if part)
