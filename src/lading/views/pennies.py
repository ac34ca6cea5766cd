"""What an amount on a statement is made of: the lines and charges of the event that moved it. Shown only where they sum to it."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from lading.orders.rules import RECEIVABLE, SALES
from lading.terms.money import Money
from lading.views.names import Names

KINDS = {account: kind for kind, account in SALES.items()}
"""The kind of charge that each account is for."""
SOURCES = {
    "code": "by a code", "campaign": "by a campaign", "person": "granted by a person", "calculated": "calculated by the table of rates",
}  # fmt: skip
"""Where a discount or a tax comes from."""


class Penny(Struct, frozen=True):
    """A part of an amount."""

    what: str
    """Such as "VAT 19 % on shipping, calculated by the table of rates", or "3 × MUG-BLUE at 12.50"."""
    amount: Money


def made_of(
    data: Mapping[str, Any], debit: str, credit: str, amount_minor: int, names: Names, currency: str
) -> list[Penny]:
    """The parts of a posting; none where the event does not tell them, or they are not all of it."""
    if RECEIVABLE in (debit, credit):
        kind = KINDS.get(credit if debit == RECEIVABLE else debit)
        parts = (
            _goods(data, names)
            if kind == "goods"
            else _charges(data, lambda each: each["kind"] == kind and not _inside(each))
        )
    elif SALES["tax"] in (debit, credit):
        base = KINDS.get(credit if debit == SALES["tax"] else debit)
        parts = _charges(data, lambda each: _inside(each) and (each.get("applies_to") or "goods") == base)
    else:
        return []
    whole = sum(minor for _, minor in parts)
    if abs(whole) != amount_minor:
        return []
    return [Penny(what, Money.of_minor(minor, currency)) for what, minor in parts if minor]


def _inside(charge: Mapping[str, Any]) -> bool:
    return bool(charge.get("included"))


def _goods(data: Mapping[str, Any], names: Names) -> list[tuple[str, int]]:
    """Of the order as it was placed, or of the lines that an edit brought."""
    lines = data.get("added") or (data.get("lines", ()) if "charged_minor" in data else ())
    return [
        (f"{line['quantity']} × {names.sku(line['sku_id'])} at {line['unit_price']}", line["goods_minor"])
        for line in lines
        if not line.get("is_kit")
    ]


def _charges(data: Mapping[str, Any], fits: Any) -> list[tuple[str, int]]:
    several = len(data.get("lines", ())) != 1 or "charged_minor" not in data
    return [
        (_said(each, several), sum(each["shares"].values()))
        for each in data.get("charges", ())
        if "shares" in each and fits(each)
    ]


def _said(charge: Mapping[str, Any], several: bool) -> str:
    """VAT 19 % on shipping, contained, calculated by the table of rates"""
    rate = f" {_trimmed(charge['rate'])} %" if charge.get("rate") else ""
    base = f" on {charge['applies_to'].replace('_', ' ')}" if charge.get("applies_to") else ""
    lines = [number for number, minor in charge["shares"].items() if minor]
    where = f", line {lines[0]}" if several and len(lines) == 1 and lines[0] != "0" else ""
    contained = ", contained" if _inside(charge) else ""
    source = f", {SOURCES[charge['source']]}" if charge.get("source") else ""
    return f"{charge['code']}{rate}{base}{where}{contained}{source}"


def _trimmed(rate: str) -> str:
    return rate.rstrip("0").rstrip(".") if "." in rate else rate
