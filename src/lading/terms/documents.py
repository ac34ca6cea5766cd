"""Documents of their own, numbered from the merchant's one series: T1043 is a transfer, C1044 a count."""

from uuid import UUID

_DIGITS_MAX = 18

ID = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
"""An id as a regular expression."""


def number_or_id(ref: str, letters: str) -> int | UUID | None:
    """The number in T1043, or the id; None for what is neither."""
    digits = ref.removeprefix(letters)
    if digits != ref and digits.isascii() and digits.isdecimal():
        return int(digits) if len(digits) <= _DIGITS_MAX else None
    try:
        return UUID(ref)
    except ValueError:
        return None
