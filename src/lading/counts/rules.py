"""What a count proves. Pure: no I/O, no clock, no randomness.

The book says of a shelf: available, reserved and allocated units, less those that are known to be short. Somebody counts at
a moment, and movements go on before and after it. Goods that really move (a pick, a receipt, a transfer) change shelf and
book alike; a correction (units lost or found, a shortage opened or settled) changes the book alone. So the difference found
at that moment still holds later, less what other corrections have made of it meanwhile.

A count of a zone compares a part of the shelf, the bins whose codes begin so, with what the book says lies in them. Units
that are missing there are taken off the shelf as well: nobody knows of another place where they lie. Units too many may have
lain on the floor, which is where the book puts what nobody put away: only those beyond it were found. In which bin a unit
with a name lies the book does not know: those that were seen lie in the zone now, wherever the book had them; which of the
others are gone is certain where no more were unseen than are missing, and is told by somebody where more were.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lading.counts.types import SHELF, CountLine, Entry


def book(row: Mapping[str, int]) -> int:
    """What the book says lies on the shelf."""
    return sum(row.get(bucket, 0) for bucket in SHELF) - row.get("short", 0)


class Since(NamedTuple):
    """What the journal said of a shelf (or of a zone of it) since a pass was recorded, in units."""

    corrected: int = 0
    """Found (or, below zero, lost or short) on paper."""
    late: int = 0
    """Came (or, below zero, left) before somebody counted, and was told afterwards: it was counted with the others."""


def variance(entry: Entry, since: Since) -> int:
    """What is to be corrected now, in units: below zero where units are missing."""
    return entry.counted - entry.expected - since.late - since.corrected


class Outcome(NamedTuple):
    """What an approved variance does, in units; each is zero or more."""

    found: int = 0
    lost: int = 0
    opened: int = 0
    """Units that orders and reservations hold and that are not there: a shortage."""
    settled: int = 0
    """Units of shortages that turned up."""


def settle(units: int, row: Mapping[str, int]) -> Outcome:
    """Missing units are taken from what is free, then they are short; units that turn up end shortages first."""
    if units >= 0:
        settled = min(units, row.get("short", 0))
        return Outcome(found=units - settled, settled=settled)
    lost = min(-units, row.get("available", 0))
    return Outcome(lost=lost, opened=-units - lost)


def settle_zone(units: int, row: Mapping[str, int], on_floor: int) -> Outcome:
    """As `settle`, where so many units lie in no bin: units too many come from there first."""
    return settle(units if units <= 0 else max(units - on_floor, 0), row)


class Names(NamedTuple):
    """Which units a count of a product with serial numbers corrects."""

    lost: Sequence[str] = ()
    found: Sequence[str] = ()
    short: Sequence[str] = ()
    """Missing ones that orders and reservations hold: they stay on the book until the shortage is settled."""


def settle_names(missing: Sequence[str], strange: Sequence[str], row: Mapping[str, int]) -> tuple[Names, Outcome]:
    """As `settle`, where each unit is known by its name."""
    free = row.get("available", 0) + len(strange)
    names = Names(missing[:free], strange, missing[free:])
    change = len(names.short) - row.get("short", 0)
    return names, Outcome(len(names.found), len(names.lost), max(change, 0), max(-change, 0))


def gone_from_zone(units: int, strange: int) -> int:
    """How many named units are missing in a zone that differs by so many units, where so many were seen that the book did not have."""
    return max(strange - units, 0)


def settle_zone_names(
    units: int, gone: Sequence[str], strange: Sequence[str], row: Mapping[str, int], elsewhere: int
) -> tuple[Names, Outcome]:
    """As `settle_names`, of a zone that differs by so many units: what came into it lay elsewhere (so many did), or had been short."""
    free = row.get("available", 0) + len(strange)
    names = Names(gone[:free], strange, gone[free:])
    came = max(units - len(strange), 0)
    turned_up = min(max(came - elsewhere, 0), row.get("short", 0))
    return names, Outcome(len(strange), len(names.lost), len(names.short), turned_up)


def differs(line: CountLine) -> bool:
    """Whether the last pass that counted the line found another number than the book."""
    last = line.entries.get(max(line.entries)) if line.entries else None
    return last is not None and (last.counted != last.expected or bool(last.missing or last.strange))
