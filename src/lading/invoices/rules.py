"""What is to be billed of an order. Pure: no I/O, no clock, no randomness.

A line of n units is billed cumulatively, as it is refunded: the units from the first on, each with its part of every charge. So what was
billed of a line is always what its first `billed` units cost less what its first `credited` ones do, whatever happened in between, and a
document is the difference to what should be billed by now. Nothing to bill is no document.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from lading.invoices.types import (
    CANCELLED,
    CAPTURE,
    CHANGED,
    CREDIT_NOTE,
    INVOICE,
    RETURNED,
    SHIPMENT,
    Invoice,
    InvoiceCharge,
    InvoiceLine,
    Line,
    Parcel,
)
from lading.kernel import money

ALL = "all"
"""Billed by hand: every unit that was not cancelled."""
AWAY = ("in_transit", "delivered", "sent_back", "lost")
"""Stages whose units have been handed over."""
GOODS = 0
"""The number of what the goods cost, among the numbers of charges."""

Amounts = dict[int, int]
"""Minor units by charge of a line, its goods among them (GOODS)."""


def series_on(pattern: str, day: date) -> str:
    """The series of a day: INV{year} begins again each year."""
    return pattern.replace("{year}", str(day.year))


class Billed(NamedTuple):
    """Units of a line that one invoice holds: from the first (counted from 0) up to, not including, the last."""

    invoice: int
    first: int
    last: int


class Part(NamedTuple):
    """Units of a line for a document: from the first up to, not including, the last."""

    line: int
    first: int
    last: int
    reason: str | None = None
    amounts: Amounts | None = None
    """Where they are not what these units cost: a change of what was billed before."""


class Draft(NamedTuple):
    """A document in the making."""

    kind: str
    parts: list[Part]
    parcel: int | None = None
    credits: int | None = None


def billed_units(line_number: int, documents: Iterable[Invoice]) -> list[Billed]:
    """Which invoice holds which units of a line by now, from the first unit on."""
    held: list[Billed] = []
    for document in documents:
        for line in document.lines:
            if line.line_number != line_number or line.reason == CHANGED:
                continue
            if line.reason is None:
                held.append(Billed(document.number, line.first_unit, line.first_unit + line.quantity))
            elif line.reason == CANCELLED:
                held = [
                    each._replace(last=min(each.last, line.first_unit)) for each in held if each.first < line.first_unit
                ]
    return held


def credited_units(line_number: int, documents: Iterable[Invoice]) -> int:
    """Units of a line whose return was credited."""
    return sum(
        line.quantity
        for document in documents
        for line in document.lines
        if line.line_number == line_number and line.reason == RETURNED
    )


def shipped(line: Line) -> int:
    """Units that were handed over, wherever they are by now."""
    return sum(line.units[stage] for stage in AWAY)


def kept(line: Line) -> int:
    """Units that were not cancelled."""
    return line.ordered - line.units["cancelled"]


def to_bill(lines: Iterable[Line], policy: str, due_minor: int, received_minor: int) -> dict[int, int]:
    """How many units of each line shall have been billed by now.

    At shipment: what was handed over. By hand: what was not cancelled. At capture: what was not cancelled once nothing is due,
    before that what was handed over, once what was received (and kept) covers it.
    """
    own = [line for line in lines if not line.is_kit]
    if policy == ALL or (policy == CAPTURE and due_minor <= 0):
        return {line.number: kept(line) for line in own}
    if policy == SHIPMENT:
        return {line.number: shipped(line) for line in own}
    worth = sum(line.cost_minor(shipped(line)) - line.cost_minor(line.refunded) for line in own)
    covered = policy == CAPTURE and worth <= received_minor
    return {line.number: shipped(line) if covered else 0 for line in own}


def drafts(
    lines: Mapping[int, Line], wanted: Mapping[int, int], documents: Sequence[Invoice], parcels: Sequence[Parcel]
) -> list[Draft]:
    """What is to be issued: an invoice for each of the parcels that was shipped, one for the rest, a credit note for each invoice.

    What was billed stays billed but for units that were cancelled or came back.
    """  # fmt: skip
    held = {number: billed_units(number, documents) for number in wanted}
    before = {number: each[-1].last if each else 0 for number, each in held.items()}
    target = {number: min(kept(lines[number]), max(units, before[number])) for number, units in wanted.items()}
    billed = dict(before)
    known = {document.parcel for document in documents}
    invoices = [
        _invoice(parcel.number, parcel.units(), target, billed)
        for parcel in parcels
        if parcel.number not in known and parcel.shipped_at is not None
    ]
    invoices = _worthwhile([*invoices, _invoice(None, target, target, billed)])
    taken_off: dict[int, list[Part]] = {}
    more: list[Part] = []
    for number, units in target.items():
        fresh = [
            *held[number],
            *(Billed(len(documents) + index, part.first, part.last) for index, draft in enumerate(invoices, 1)
              for part in draft.parts if part.line == number),
        ]  # fmt: skip
        credited = credited_units(number, documents)
        gone = [
            *_taken_off(number, units, before[number], held[number], CANCELLED),
            *_taken_off(number, credited, max(credited, min(lines[number].refunded, units)), fresh, RETURNED),
        ]
        for invoice, part in gone:
            taken_off.setdefault(invoice, []).append(part)
        changes = _changes(lines[number], before[number], credited, documents)
        if changes and sum(changes.values()) > 0:
            more.append(Part(number, 0, 0, CHANGED, changes))
        elif changes:
            taken_off.setdefault(_last_invoice(number, documents), []).append(Part(number, 0, 0, CHANGED, changes))
    notes = [Draft(CREDIT_NOTE, parts, None, invoice) for invoice, parts in sorted(taken_off.items())]
    return _worthwhile([*invoices, Draft(INVOICE, more), *notes])


def _last_invoice(line_number: int, documents: Iterable[Invoice]) -> int:
    return max(
        document.number
        for document in documents
        if document.kind == INVOICE and any(line.line_number == line_number for line in document.lines)
    )


def _worthwhile(found: Iterable[Draft]) -> list[Draft]:
    return [draft for draft in found if draft.parts]


def _invoice(parcel: int | None, units: Mapping[int, int], target: Mapping[int, int], billed: dict[int, int]) -> Draft:
    """The next units of these lines, no more than are wanted; counted as billed."""
    parts = []
    for number, quantity in sorted(units.items()):
        first = billed.get(number, 0)
        last = min(target.get(number, 0), quantity if parcel is None else first + quantity)
        if last > first:
            parts.append(Part(number, first, last))
            billed[number] = last
    return Draft(INVOICE, parts, parcel)


def _taken_off(line: int, first: int, last: int, owners: Sequence[Billed], reason: str) -> list[tuple[int, Part]]:
    """These units, split by the invoices that hold them."""
    cut = ((each.invoice, max(first, each.first), min(last, each.last)) for each in owners)
    return [(invoice, Part(line, start, end, reason)) for invoice, start, end in cut if end > start]


def _changes(line: Line, billed: int, credited: int, documents: Iterable[Invoice]) -> Amounts:
    """How far what was billed of the line is from what the same units cost by now; empty where it is not."""
    said: Amounts = {}
    for document in documents:
        for each in document.lines:
            if each.line_number == line.number:
                said[GOODS] = said.get(GOODS, 0) + each.goods_minor
                for charge in each.charges:
                    said[charge.number] = said.get(charge.number, 0) + charge.amount_minor
    if not said:
        return {}
    now = _between(line, credited, billed)
    changes = {number: now.get(number, 0) - said.get(number, 0) for number in now.keys() | said.keys()}
    return {number: amount for number, amount in changes.items() if amount}


def _between(line: Line, first: int, last: int) -> Amounts:
    """What the units after the `first` up to the `last` carry of each charge; goods take the rest, so that nothing is rounded twice."""
    amounts = {
        each.number: money.cumulative(each.amount_minor, last, line.ordered)
        - money.cumulative(each.amount_minor, first, line.ordered)
        for each in line.charges
    }
    beside = sum(amounts[each.number] for each in line.charges if not each.included)
    return {GOODS: line.cost_minor(last) - line.cost_minor(first) - beside, **amounts}


def line_of(number: int, part: Part, line: Line, sku: str, name: str) -> InvoiceLine:
    """The line of a document, with its amounts: below zero where it takes units off an invoice."""
    amounts = part.amounts
    if amounts is None:
        sign = 1 if part.reason is None else -1
        amounts = {charge: sign * amount for charge, amount in _between(line, part.first, part.last).items()}
    charges = [
        InvoiceCharge(
            each.number, each.kind, each.code, amounts[each.number], each.rate, each.included, each.applies_to
        )
        for each in line.charges
        if each.number in amounts
    ]
    return InvoiceLine(
        number, line.number, line.sku_id, sku, name, part.first, part.last - part.first, line.unit_price, amounts.get(GOODS, 0),
        part.reason, charges,
    )  # fmt: skip
