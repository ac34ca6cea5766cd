"""What an edit charges: percentages in money, prices and charges on lines on which they are owed to the cent, and new lines."""

from collections.abc import Mapping, Sequence
from itertools import count
from typing import NamedTuple
from uuid import UUID

from msgspec import structs

from lading.journal.types import Decision, refused
from lading.orders import editing, kits, rules
from lading.orders.commands import ChargeInput
from lading.orders.edit_commands import EditOrder
from lading.orders.types import Charge, Line, Order
from lading.terms.fields import AttributeValue
from lading.terms.money import UnitPrice

NOT_WHOLE = (
    "line_not_whole",
    "Units of line {line} were shipped or cancelled: take away what is left of it, and add it at the new price.",
)
NO_BEARER = (
    "nobody_bears_it",
    "Every line of order {order} was shipped or cancelled in part: charge a line that is added.",
)
NEGATIVE = ("negative_total", "Line {line} would cost less than nothing.")
REFUSALS = (NOT_WHOLE, NEGATIVE, NO_BEARER)


def _kept(line: Line) -> int:
    return line.ordered - line.units["cancelled"]


def left(order: Order, line: Line) -> int:
    """Units that were not cancelled; of a kit, kits."""
    return kits.whole(order, line, _kept) if line.is_kit else _kept(line)


class Added(NamedTuple):
    """A line that the order gets."""

    sku_id: UUID
    units: int
    price: UnitPrice
    charges: Sequence[ChargeInput]
    ship_complete: bool
    attributes: Mapping[str, AttributeValue]


def in_money(command: EditOrder, order: Order) -> EditOrder:
    """Percentages put into money: of what the goods of a line, or of all that bear them, cost by then."""
    every = [*command.charges, *(charge for new in command.add for charge in new.charges)]
    if all(charge.amount is not None for charge in every):
        return command
    added, goods_of = [], {number: editing.goods_now(line) for number, line in order.lines.items()}
    for changed in command.prices:
        goods_of[changed.line] += editing.price_change(order.lines[changed.line], changed.unit_price)
    bearers = [line.number for line in _bearers(order, _fewer(command, order))]
    for number, new in enumerate(command.add, max(order.lines) + 1):
        goods = {1: new.unit_price.line_minor(new.quantity)}
        charges = rules.in_money(goods, [1], new.charges, order.currency)
        added.append(structs.replace(new, charges=list(charges)))
        bearers.append(number)
        goods_of[number] = goods[1]
    charges = rules.in_money(goods_of, bearers, command.charges, order.currency)
    return structs.replace(command, add=added, charges=list(charges))


def refuse(command: EditOrder, order: Order) -> Decision | None:
    """Prices and charges need lines on which they are owed to the cent; no line costs less than nothing."""
    fewer = _fewer(command, order)
    more: dict[int, int] = {}
    for name in ("prices", "charges"):
        for index, each in enumerate(getattr(command, name)):
            if each.line is not None and (each.line in fewer or not editing.is_whole(order.lines[each.line])):
                return refused(NOT_WHOLE, f"/{name}/{index}/line", line=each.line)
    for changed in command.prices:
        line = order.lines[changed.line]
        more[line.number] = editing.price_change(line, changed.unit_price)
    for charge in command.charges:
        if charge.line is not None and not charge.included:
            more[charge.line] = more.get(charge.line, 0) + charge.minor
    for number, minor in more.items():
        line = order.lines[number]
        beside = sum(
            each.minor for each in command.charges if each.line == number and each.kind == "tax" and not each.included
        )
        if line.cost_minor(line.ordered) + minor < 0 or editing.net_minor(line) + minor - beside < 0:
            return refused(NEGATIVE, "/charges", line=number)
    for index, new in enumerate(command.add):
        extra = sum(charge.minor for charge in new.charges if not charge.included)
        if new.unit_price.line_minor(new.quantity) + extra < 0:
            return refused(NEGATIVE, f"/add/{index}/charges", line=max(order.lines) + 1 + index)
    shared = [charge for charge in command.charges if charge.line is None]
    if shared and not command.add and not _bearers(order, fewer):
        return refused(NO_BEARER, "/charges", order=str(order.number))
    if shared and sum(charge.minor for charge in shared) < 0:
        bearers = _bearers(order, fewer)
        if sum(max(0, editing.net_minor(line)) for line in bearers) + sum(charge.minor for charge in shared) < 0:
            return refused(NEGATIVE, "/charges", line=bearers[0].number if bearers else 0)
    return None


def _fewer(command: EditOrder, order: Order) -> set[int]:
    """Lines from which it takes units away."""
    return {each.line for each in command.quantities if each.quantity < left(order, order.lines[each.line])}


def _bearers(order: Order, fewer: set[int]) -> list[Line]:
    return [line for line in order.lines.values() if editing.is_whole(line) and line.number not in fewer]


def charge(command: EditOrder, order: Order, added: Sequence[Added]) -> tuple[list[Line], list[Charge]]:
    """The lines that the order gets, and what its other lines are charged from now on."""
    first = max(order.lines, default=0) + 1
    fewer, numbers = _fewer(command, order), count(editing.next_charge(order))
    lines = [
        editing.new_line(
            order, number, each.sku_id, each.price, each.units, each.charges, numbers, ship_complete=each.ship_complete
        )
        for number, each in enumerate(added, first)
    ]
    charges: list[Charge] = []
    for changed in command.prices:
        if charge := editing.price(order.lines[changed.line], changed.unit_price, numbers):
            charges.append(charge)
    for asked in command.charges:
        bearers = _bearers(order, fewer) if asked.line is None else [order.lines[asked.line]]
        shares = editing.share(asked, bearers, next(numbers))
        charges += [each for each in shares if each.line_number < first]
    return lines, charges
