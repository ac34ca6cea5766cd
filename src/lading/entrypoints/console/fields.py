"""Fields of forms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the form, its label, and what may stand in it."""

    name: str
    label: str
    kind: str = "text"
    """text, number, select, check, area, moment, sku"""
    options: Sequence[tuple[str, str]] = ()
    """(value, label) of a select."""
    required: bool = False
    hint: str = ""
    value: str = ""
    low: int = 0
    high: int | None = None
    wide: bool = False
    fixed: bool = False
    """Shown, and not to be changed."""
    error: str = ""

    def with_value(self, value: str) -> "Field":
        """The same field, filled."""
        return replace(self, value=value)

    def with_error(self, error: str) -> "Field":
        """The same field, and what is wrong with it."""
        return replace(self, error=error)
