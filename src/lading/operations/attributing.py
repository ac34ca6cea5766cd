"""What is said of orders, lines and products: whether it fits the attributes that their merchant defined."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from lading.catalog.attributes import Schema
from lading.journal.types import Decision, refused
from lading.orders.remarks import Said
from lading.terms.fields import AttributeValue

UNKNOWN_ATTRIBUTE = ("unknown_attribute", "There is no attribute {attribute} of {subject}s.")
WRONG_ATTRIBUTE = ("wrong_attribute", "{attribute}: {expected}.")
ATTRIBUTE_MISSING = ("attribute_missing", "{attribute} has to be said of every {subject}.")
REFUSALS = (UNKNOWN_ATTRIBUTE, WRONG_ATTRIBUTE, ATTRIBUTE_MISSING)


def refuse(
    schema: Schema, subject: str, values: Mapping[str, AttributeValue | None], pointer: str, *, whole: bool
) -> Decision | None:
    """Why these values do not fit; `whole` where nothing was said before, so that all that is required must be."""
    for code, value in values.items():
        known = schema.get((subject, code))
        if known is None:
            return refused(UNKNOWN_ATTRIBUTE, f"{pointer}/{code}", attribute=code, subject=subject)
        if value is None and known.required:
            return refused(ATTRIBUTE_MISSING, f"{pointer}/{code}", attribute=code, subject=subject)
        if value is not None and known.canonical(value) is None:
            return refused(WRONG_ATTRIBUTE, f"{pointer}/{code}", attribute=code, expected=known.expected)
    for key, known in schema.items() if whole else ():
        if key[0] == subject and known.required and key[1] not in values:
            return refused(ATTRIBUTE_MISSING, f"{pointer}/{key[1]}", attribute=key[1], subject=subject)
    return None


def said(
    schema: Schema, subject: str, order_id: UUID, line_number: int, values: Mapping[str, AttributeValue | None]
) -> list[Said]:
    """As rows; line 0 is the order itself. Call where nothing was refused."""
    return [
        Said(
            order_id, line_number, code, None if value is None else schema[(subject, code)].canonical(value),
            schema[(subject, code)].is_text,
        )
        for code, value in values.items()
    ]  # fmt: skip


def told(rows: Iterable[Said]) -> list[dict[str, Any]]:
    """As `attributes` of an event: free text is not repeated."""
    return [
        {"line": row.line_number, "code": row.code}
        | ({"gone": True} if row.value is None else {"text": True} if row.is_text else {"value": row.value})
        for row in rows
    ]
