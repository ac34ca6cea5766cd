"""Fields of forms."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the form, its label, and what may stand in it."""

    name: str
    label: str
    kind: str = "text"
    """text, number, select, check, checks (several of the options), area, names (one in a line), rows (several values each), date, moment,
    sku, file"""
    options: Sequence[tuple[str, str]] = ()
    """(value, label) of a select or of checks."""
    required: bool = False
    hint: str = ""
    value: str = ""
    low: int = 0
    high: int | None = None
    wide: bool = False
    fixed: bool = False
    """Shown, and not to be changed."""
    error: str = ""
    columns: Sequence["Field"] = ()
    """Of rows: what each of them asks for."""
    rows: Sequence[Sequence[str]] = ()
    """Their values, in the order of the columns."""

    def with_value(self, value: str) -> "Field":
        """The same field, filled."""
        return replace(self, value=value)

    def with_rows(self, rows: Sequence[Sequence[str]]) -> "Field":
        """The same field, with these rows."""
        return replace(self, rows=rows)

    @property
    def chosen(self) -> list[str]:
        """The values of a field that has several."""
        return [each for each in self.value.splitlines() if each.strip()]

    def with_error(self, error: str) -> "Field":
        """The same field, and what is wrong with it."""
        return replace(self, error=error)
