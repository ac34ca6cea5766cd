"""Stripe's report "Balance change from activity, itemized": a CSV with a line for each movement of money."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from lading.kernel import money
from lading.kernel.trouble import Trouble
from lading.payments.settlement import Moved, MoveKind

COLUMNS = ("reporting_category", "currency", "gross", "fee", "created_utc", "payment_intent_id")
_KINDS: dict[str, MoveKind] = {"charge": "capture", "refund": "refund"}
"""Categories that requests of ours stand behind; disputes, fees and payouts are told by other means."""


class NotAReport(Trouble):
    """The file is not the report that is meant; the text says why."""


def read(lines: Iterable[str]) -> list[Moved]:
    """The captures and refunds of a report. Raises NotAReport."""
    rows = csv.DictReader(lines)
    missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise NotAReport(f"The report lacks the columns {', '.join(missing)}.")
    moved = []
    for number, row in enumerate(rows, 2):
        kind = _KINDS.get(row["reporting_category"])
        if kind is None or not row["payment_intent_id"]:
            continue
        try:
            moved.append(_moved(row, kind))
        except (ValueError, ArithmeticError, TypeError) as error:
            raise NotAReport(f"Line {number} of the report cannot be read: {error}.") from error
    return moved


def _moved(row: dict[str, str], kind: MoveKind) -> Moved:
    currency = row["currency"].upper()
    exponent = money.exponent(currency)
    if exponent is None:
        raise ValueError(f"{currency} is no currency")
    at = datetime.fromisoformat(row["created_utc"])
    return Moved(
        row["payment_intent_id"],
        kind,
        abs(_minor(row["gross"], exponent)),
        _minor(row["fee"] or "0", exponent),
        currency,
        at if at.tzinfo else at.replace(tzinfo=UTC),
        row.get("balance_transaction_id") or "",
    )


def _minor(text: str, exponent: int) -> int:
    minor = Decimal(text.strip()).scaleb(exponent)
    if minor != minor.to_integral_value():
        raise ValueError(f"{text} has more decimals than its currency")
    return int(minor)
