"""What of an order is taxed, and who bears the taxes that were calculated. Pure; what is taxed where, a calculator knows.

Each line is taxed on what its goods cost after discounts, each charge beside the goods on its own. An order keeps the rules of the day on
which it was placed: an edit is taxed by them too, and what was taxed before changes only where what it is charged on does.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from lading.kernel import money
from lading.orders import kits
from lading.orders.editing import AWAY, AWAY_OR_GONE, goods_now
from lading.orders.types import Charge, Line, Order
from lading.terms.people import AddressInput
from lading.terms.taxes import GOODS, Place, Tax, TaxedItem

CALCULATED = "calculated"
"""Where such a tax comes from."""
TAXED = ("shipping", "fee", "gift_wrap", "duty", "tip", "surcharge")
"""Kinds of charges that may be taxed themselves."""


class Borne(NamedTuple):
    """Something that is taxed, and the lines that bear its tax, each with its weight."""

    item: TaxedItem
    lines: Sequence[Line]
    weights: Sequence[int]
    before: "Mapping[TaxKey, int] | None" = None
    """What these lines were taxed on it before, where only the difference is charged."""


class Ways(NamedTuple):
    """Where lines come from and go to, where that matters for their taxes."""

    sent_from: Mapping[int, Place]
    """By the line as it was sold."""
    sent_to: Mapping[int, Place]
    """Of lines that go somewhere else than their order."""


class TaxKey(NamedTuple):
    """What makes taxes one charge of an order."""

    code: str
    rate: Decimal
    included: bool
    applies_to: str


def place_at(address: AddressInput) -> Place:
    """As much of an address as taxes depend on."""
    return Place(
        address.country, address.region or "", address.postal_code or "", address.city or "", address.line1 or ""
    )


def is_calculated(order: Order) -> bool:
    """Whether its taxes are ours to calculate: none was told by whoever placed it."""
    return not any(_is_told(each) and not each.added for each in order.all_charges)


def _is_told(charge: Charge) -> bool:
    """Whether it is a tax that nobody here calculated."""
    return charge.kind == "tax" and charge.source != CALCULATED


def _bears_told(line: Line) -> bool:
    """Whether only somebody else said what the line is taxed."""
    taxes = [each for each in line.charges if each.kind == "tax"]
    return bool(taxes) and all(_is_told(each) for each in taxes)


def placed(lines: Mapping[int, Line], categories: Mapping[UUID, str], sent_from: Mapping[int, Place]) -> list[Borne]:
    """What is taxed of an order that is placed: its lines as they were sold, and each charge beside the goods."""
    found: list[Borne] = []
    charged: dict[int, list[tuple[Line, Charge]]] = {}
    for number, line in lines.items():
        if line.part_of:
            continue
        bearers = kits.bearers(lines, number)
        sold = categories.get(line.sku_id, ""), sum(map(goods_now, bearers)), sent_from.get(number)
        item = TaxedItem(GOODS, *sold, collected=_collected(bearers))
        found.append(Borne(item, bearers, [max(0, goods_now(bearer)) for bearer in bearers]))
    for line in lines.values():
        for charge in line.charges:
            if charge.kind in TAXED:
                charged.setdefault(charge.number, []).append((line, charge))
    return found + [_of_charge(rows, Ways(sent_from, {})) for rows in charged.values()]


def _of_charge(rows: Sequence[tuple[Line, Charge]], ways: Ways) -> Borne:
    """A charge as a whole; its tax is shared as it was."""
    first, charge = rows[0]
    whole, at = sum(each.amount_minor for _, each in rows), ways.sent_from.get(first.part_of or first.number)
    collected = _collected([line for line, _ in rows])
    item = TaxedItem(charge.kind, "", whole, at, collected, ways.sent_to.get(first.number))
    return Borne(item, [line for line, _ in rows], [max(0, each.amount_minor) for _, each in rows])


def edited(
    order: Order, new: Sequence[Line], charges: Sequence[Charge], categories: Mapping[UUID, str], ways: Ways, *,
    moved: bool,
) -> list[Borne]:  # fmt: skip
    """What an edit taxes: new lines, lines whose goods cost something else now, charges that it brought.

    Where the order goes to another place (`moved`), all that neither left nor was cancelled is taxed there, and the difference is charged.
    A line whose taxes an edit told keeps them; an edit that tells taxes on something has told all that it changes of them.
    """
    if moved:
        return again(order, order.lines.values(), categories, ways)
    touched = {each.line_number for each in charges if each.kind == "discount" or each.kind == "adjustment"}
    told = {(each.line_number, each.base) for each in charges if _is_told(each)}
    lines = [*(order.lines[number] for number in sorted(touched)), *new]
    lines = [line for line in lines if (line.number, GOODS) not in told and not _bears_told(line)]
    found = [_goods(order, line, categories, ways) for line in lines]
    charged: dict[tuple[int, Place | None], list[tuple[Line, Charge]]] = {}
    for each in (*charges, *(charge for line in new for charge in line.charges)):
        line = order.lines[each.line_number]
        if each.kind in TAXED and (line.number, each.kind) not in told and not (line in new and _bears_told(line)):
            charged.setdefault((each.number, ways.sent_to.get(line.number)), []).append((line, each))
    return found + [_of_charge(rows, ways) for rows in charged.values()]


def late(order: Order, categories: Mapping[UUID, str], ways: Ways) -> list[Borne]:
    """All that is taxed of an order whose taxes nobody knew when it was placed, as far as it did not leave and was not cancelled whole."""
    here = [
        line
        for line in order.lines.values()
        if not line.is_kit
        and line.units["cancelled"] < line.ordered
        and not any(line.units[stage] for stage in AWAY)
        and not _bears_told(line)
    ]
    return [each for line in here for each in _of_line(order, line, categories, ways)]


def again(order: Order, lines: Iterable[Line], categories: Mapping[UUID, str], ways: Ways) -> list[Borne]:
    """All that is taxed of these lines, as far as it neither left nor was cancelled, beside what it was taxed before."""
    here = (line for line in lines if _is_here(line) and not _bears_told(line))
    return [each for line in here for each in _of_line(order, line, categories, ways)]


def _collected(lines: Sequence[Line]) -> bool:
    return all(line.pickup_at is not None for line in lines)


def _is_here(line: Line) -> bool:
    return not line.is_kit and not any(line.units[stage] for stage in AWAY_OR_GONE)


def _goods(order: Order, line: Line, categories: Mapping[UUID, str], ways: Ways) -> Borne:
    sold = kits.sold_as(order, line)
    told = categories.get(sold.sku_id, ""), goods_now(line), ways.sent_from.get(sold.number)
    item = TaxedItem(GOODS, *told, _collected([line]), ways.sent_to.get(line.number))
    return Borne(item, [line], [1], _taxed_before(line, GOODS))


def _of_line(order: Order, line: Line, categories: Mapping[UUID, str], ways: Ways) -> list[Borne]:
    """All that is taxed of one line, each kind of charge by itself."""
    found = [_goods(order, line, categories, ways)]
    for kind in TAXED:
        amount = sum(charge.amount_minor for charge in line.charges if charge.kind == kind)
        before = _taxed_before(line, kind)
        if amount or before:
            found.append(
                Borne(found[0].item._replace(kind=kind, category="", amount_minor=amount), [line], [1], before)
            )
    return found


def _taxed_before(line: Line, base: str) -> dict[TaxKey, int]:
    before: dict[TaxKey, int] = {}
    for each in line.charges:
        if each.source == CALCULATED and each.base == base and each.rate is not None:
            key = TaxKey(each.code, each.rate, each.included, base)
            before[key] = before.get(key, 0) + each.amount_minor
    return before


def bear(borne: Sequence[Borne], taxes: Iterable[Tax], first: int) -> list[Charge]:
    """The taxes as charges on their lines, numbered from `first`: one number for each tax and what it is charged on."""
    due: dict[tuple[int, TaxKey], int] = {}
    for tax in taxes:
        key = tax.item, TaxKey(tax.code, tax.rate.normalize(), tax.included, borne[tax.item].item.kind)
        due[key] = due.get(key, 0) + tax.amount_minor
    for index, each in enumerate(borne):
        for tax_key, minor in (each.before or {}).items():
            key = index, tax_key._replace(rate=tax_key.rate.normalize())
            due[key] = due.get(key, 0) - minor
    numbers: dict[TaxKey, int] = {}
    made: dict[tuple[int, int], Charge] = {}
    for (index, tax_key), minor in sorted(due.items()):
        if not minor:
            continue
        number = numbers.setdefault(tax_key, first + len(numbers))
        lines, weights = borne[index].lines, borne[index].weights
        for line, part in zip(lines, money.share(minor, weights), strict=True):
            if not part:
                continue
            charge = made.get((number, line.number))
            if charge is None:
                rate, applies_to = (
                    Decimal(f"{tax_key.rate:f}"),
                    None if tax_key.applies_to == GOODS else tax_key.applies_to,
                )
                charge = Charge(
                    number, line.number, "tax", tax_key.code, 0, rate, tax_key.included, applies_to, CALCULATED
                )
                made[number, line.number] = charge
                line.charges.append(charge)
            charge.amount_minor += part
    return list(made.values())
