"""What an edit does to the money of an order. Pure: the original total never changes, changes stand beside it."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from uuid import UUID

from lading.kernel import money
from lading.orders import rules
from lading.orders.commands import ChargeInput
from lading.orders.types import Charge, Line, Order, no_units
from lading.terms.ledger import MoneyPosting
from lading.terms.money import UnitPrice

AWAY = ("in_transit", "delivered", "sent_back", "lost")
AWAY_OR_GONE = ("cancelled", *AWAY)

PRICE = "price"
"""The code of the adjustment that a changed price is."""


def is_whole(line: Line) -> bool:
    """Whether nothing of it was shipped or cancelled: what is charged on it then is owed to the cent."""
    return not line.is_kit and not line.part_of and not any(line.units[stage] for stage in AWAY_OR_GONE)


def next_charge(order: Order) -> int:
    """The number of the next charge of the order."""
    return max((charge.number for charge in order.all_charges), default=0) + 1


def new_line(
    order: Order,
    number: int,
    sku_id: UUID,
    price: UnitPrice,
    quantity: int,
    charges: Sequence[ChargeInput],
    numbers: Iterator[int],
    *,
    ship_complete: bool = False,
) -> Line:
    """A line that the order gets now, with its charges, which take their numbers there; its units are open."""
    units = no_units()
    units["open"] = quantity
    line = Line(
        number, sku_id, None, Decimal(price.amount), price.line_minor(quantity), quantity, units, added=True,
        ship_complete=ship_complete,
    )  # fmt: skip
    order.lines[number] = line
    for charge in charges:
        line.charges.append(_added(rules.born(next(numbers), number, charge, charge.minor)))
    return line


def price(line: Line, unit_price: UnitPrice, numbers: Iterator[int]) -> Charge | None:
    """The adjustment that makes its units cost so much from now on; None where they do already."""
    more = price_change(line, unit_price)
    if not more:
        return None
    new = Charge(next(numbers), line.number, "adjustment", PRICE, more)
    line.charges.append(new)
    return new


def goods_now(line: Line) -> int:
    """What its goods cost by now, after discounts and changes of their price."""
    return line.goods_minor + sum(
        each.amount_minor for each in line.charges if each.kind == "discount" or _is_price(each)
    )


def net_minor(line: Line) -> int:
    """What it costs without the taxes beside it: these may fall with what they are charged on."""
    taxes = (each.amount_minor for each in line.charges if each.kind == "tax" and not each.included)
    return line.cost_minor(line.ordered) - sum(taxes)


def price_change(line: Line, unit_price: UnitPrice) -> int:
    """So much more its goods cost at that price than they do now."""
    goods = line.goods_minor + sum(each.amount_minor for each in line.charges if _is_price(each))
    return unit_price.line_minor(line.ordered) - goods


def _is_price(charge: Charge) -> bool:
    return (charge.kind, charge.code) == ("adjustment", PRICE)


def share(charge: ChargeInput, bearers: Sequence[Line], number: int) -> list[Charge]:
    """The charge, shared over these lines by what they cost now, but for the taxes beside it."""
    parts = money.share(charge.minor, [max(0, net_minor(line)) for line in bearers])
    made = [_added(rules.born(number, line.number, charge, part)) for line, part in zip(bearers, parts, strict=True)]
    for line, each in zip(bearers, made, strict=True):
        line.charges.append(each)
    return made


def _added(charge: Charge) -> Charge:
    charge.added = True
    return charge


def owe(order: Order, lines: Sequence[Line], charges: Sequence[Charge]) -> list[MoneyPosting]:
    """What the customer owes more (or less) for new lines with their charges, and for these charges on other lines."""
    kinds: dict[str, int] = {"goods": sum(line.goods_minor for line in lines)}
    inside: dict[str, int] = {}
    for each in (*charges, *(charge for line in lines for charge in line.charges)):
        if each.included:
            inside[each.base] = inside.get(each.base, 0) + each.amount_minor
        else:
            kinds[each.kind] = kinds.get(each.kind, 0) + each.amount_minor
    order.adjusted_minor += sum(kinds.values())
    posted = [posting for kind, minor in kinds.items() for posting in rules.owe(order.id, kind, minor, order.currency)]
    return posted + rules.taxes_inside(order, inside)


def tax_minor(order: Order) -> int:
    """Taxes in what is owed for the units that were not cancelled, those that prices contain among them."""
    total = 0
    for line in order.lines.values():
        kept = line.ordered - line.units["cancelled"]
        total += line.cost_by_kind(kept).get("tax", 0) + sum(line.tax_inside(kept).values())
    return total
