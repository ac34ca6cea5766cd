"""Parts of the sentences of events."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from lading.views.names import Names

Data = Mapping[str, Any]

_reader: ContextVar[Callable[[str], str]] = ContextVar("reader", default=str)
"""Puts a text into the language of whoever reads; English stays as it is."""


def say(text: str, /, **facts: object) -> str:
    """The text in the reader's language, its %(holes)s filled."""
    return (_reader.get()(text) if text else text) % facts


def counted(number: int, one: str, many: str) -> str:
    """1 unit, 2 units: the number with the word that fits it; both words are noted."""
    return f"{number} {say(one if number == 1 else many)}"


def noted(text: str) -> str:
    """Marks a text for the catalogues; it is said where it is used."""
    return text


def said(table: Mapping[str, str], key: str) -> str:
    """The text of a key in the reader's language; one that the table does not know is said by its name."""
    return say(table[key]) if key in table else word(key)


@contextmanager
def read_by(translate: Callable[[str], str]) -> Iterator[None]:
    """Meanwhile sentences are said in another language."""
    token = _reader.set(translate)
    try:
        yield
    finally:
        _reader.reset(token)


SHOWN_MAX = 5
"""How many products a sentence names before it counts the rest."""


def listed(parts: list[str]) -> str:
    """a, b and c; of many the first few and how many more."""
    if len(parts) > SHOWN_MAX:
        parts = [*parts[:SHOWN_MAX], say("%(part)s more", part=len(parts) - SHOWN_MAX)]
    return (
        parts[0]
        if len(parts) == 1
        else say("%(join)s and %(part)s", join=", ".join(parts[:-1]), part=parts[-1])
        if parts
        else say("nothing")
    )


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
    return say(" Reason: %(word)s.", word=word(data["reason"])) if data.get("reason") else ""


def word(name: str) -> str:
    """high_value: high value"""
    return name.replace("_", " ")


def day(moment: str | None) -> str:
    """The day of a moment of an event."""
    return moment[:10] if moment else say("no known date")


def why(data: Data) -> str:
    """The reason, and the document that says so."""
    return ", ".join(part for part in (word(data["reason"]), data.get("document")) if part)


def short(data: Data) -> str:
    """Units that orders and reservations hold in vain."""
    units = sum(shortage["quantity"] for shortage in data.get("shortages") or ())
    held = counted(units, noted("unit"), noted("units"))
    return say(" Short of what orders or reservations hold: %(units)s.", units=held) if units else ""


def turned_up(data: Data) -> str:
    """Units in somebody's hand that were thought to be missing."""
    units = sum(settled["quantity"] for settled in data.get("settled") or () if settled.get("turned_up"))
    found = counted(units, noted("unit"), noted("units"))
    return say(" Turned up of what was short: %(units)s.", units=found) if units else ""
