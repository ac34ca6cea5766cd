"""Times that cannot be meant, or not even be stored, are refused before anything is asked of the database."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from lading.access.store import Caller
from lading.entrypoints.service import _AHEAD, envelope
from lading.operations.registry import Verb, verbs

CALLER = Caller(1, UUID(int=1), "key:test", "test", frozenset("*"))
ORDER = dict(verbs()["orders.place"].example)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1899-12-31T23:59:59Z"])
@pytest.mark.parametrize("field", ["placed_at", "ship_by"])
def test_a_time_outside_of_1900_to_2999_names_its_field(field: str, moment: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=f"{field} lies outside the years 1900 to 2999"):
        envelope(CALLER, verbs()["orders.place"], {**ORDER, field: moment})


def test_a_time_inside_is_taken() -> None:
    work = envelope(CALLER, verbs()["orders.place"], {**ORDER, "placed_at": "2009-12-01T08:00:00+00:00"})
    assert work.command.placed_at.year == 2009


def test_what_happened_does_not_lie_ahead_but_a_date_to_ship_by_does() -> None:
    ahead = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    envelope(CALLER, verbs()["orders.place"], {**ORDER, "ship_by": ahead})
    with pytest.raises(msgspec.ValidationError, match="placed_at is more than a day ahead"):
        envelope(CALLER, verbs()["orders.place"], {**ORDER, "placed_at": ahead})


PURCHASE = dict(verbs()["purchase-orders.place"].example)


def due_at(moment: str) -> dict[str, object]:
    """A purchase order whose second line is due then."""
    (line,) = PURCHASE["lines"]
    return {**PURCHASE, "lines": [line, {**line, "due_at": moment}]}


def test_what_a_line_is_due_at_lies_ahead_and_is_no_slip_of_the_pen_either() -> None:
    envelope(CALLER, verbs()["purchase-orders.place"], due_at((datetime.now(UTC) + timedelta(days=400)).isoformat()))
    with pytest.raises(msgspec.ValidationError, match=r"due_at lies outside .* at `\$\.lines\[1\]\.due_at`"):
        envelope(CALLER, verbs()["purchase-orders.place"], due_at("9999-12-31T23:59:59-12:00"))


@pytest.mark.parametrize("verb", verbs().values(), ids=lambda verb: verb.name)
def test_no_date_of_an_example_goes_stale(verb: Verb) -> None:
    envelope(CALLER, verb, dict(verb.example))
    dates = re.findall(r'"(\w+)":"(\d{4}-\d\d-\d\d)', msgspec.json.encode(verb.example).decode())
    for name, day in dates:
        ahead = name in (_AHEAD - {"valid_from"}) | {"expires_on", "ship_on"}
        assert day > "2090" if ahead else day < "2026-04", (name, day)
