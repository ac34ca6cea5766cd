"""Countries and postal codes as people type them become regions, or a sentence says what is wrong."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lading.entrypoints.console import regions

CONTEXT: Any = SimpleNamespace(_=lambda text, **facts: text % facts, locale="en")


def test_ranges_are_counted_out_and_no_code_means_the_whole_country() -> None:
    typed = regions.typed(CONTEXT, [["DE", "80-82, 08-09"], ["PL", "00-950"], ["AT", ""]])
    assert typed == [
        {"country": "DE", "postal_codes": ["80", "81", "82", "08", "09"]}, {"country": "PL", "postal_codes": ["00-950"]},
        {"country": "AT"},
    ]  # fmt: skip
    shown = regions.field(CONTEXT, "To", [*typed, {"country": "DE"}])
    assert shown.rows == [("DE", ""), ("PL", "00-950"), ("AT", "")], "said whole and in part, it is whole"


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([["", "8"]], "Choose the country of 8"),
        ([["DE", "8"], ["DE", "9"]], "DE stands in two lines"),
        ([["DE", "8 81"]], "81 begins with 8"),
        ([["DE", "100-999"]], "at most 500"),
    ],
)
def test_a_line_that_cannot_be_meant_is_told(rows: list[list[str]], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        regions.typed(CONTEXT, rows)
