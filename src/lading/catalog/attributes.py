"""What a merchant wants to know beside what every order, line or product has: which attributes there are, and what fits them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple
from uuid import UUID

Subject = Literal["order", "line", "product"]
Type = Literal["text", "number", "date", "boolean", "choice"]

_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
EXPECTED: Mapping[str, str] = {
    "text": "a text is expected",
    "number": "a number is expected",
    "date": "a date such as 2026-03-02 is expected",
    "boolean": "true or false is expected",
    "choice": "one of {allowed} is expected",
}
"""What each type of attribute takes."""


@dataclass(slots=True)
class Attribute:
    """One attribute, as its merchant defined it."""

    subject: str
    code: str
    name: str
    type: str
    allowed: list[str]
    """Of a choice."""
    required: bool
    filterable: bool
    active: bool = True
    version: int = 0

    @property
    def is_text(self) -> bool:
        """Free text may name anybody: the journal does not repeat it."""
        return self.type == "text"

    @property
    def expected(self) -> str:
        """What it takes, as a sentence."""
        return EXPECTED[self.type].format(allowed=", ".join(self.allowed))

    def canonical(self, value: str | int | bool) -> str | None:
        """The value as it is kept; None where it does not fit."""
        if self.type == "boolean":
            return {"true": "true", "false": "false"}.get(value if isinstance(value, str) else str(value).lower())
        if isinstance(value, bool):
            return None
        text = str(value).strip()
        if self.type == "number":
            return f"{Decimal(text).normalize():f}" if _NUMBER.fullmatch(text) else None
        if self.type == "date":
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError:
                return None
        if self.type == "choice":
            return text if text in self.allowed else None
        return text or None


Schema = Mapping[tuple[str, str], Attribute]
"""The attributes in use, by subject and code."""


class SkuValue(NamedTuple):
    """What is said of a product; None: it is not said any more."""

    sku_id: UUID
    code: str
    value: str | None
