"""What an order costs, what stops it, and what may be done to it. Pure: no I/O, no clock, no randomness."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from operator import attrgetter
from typing import Any, Protocol
from uuid import UUID

from lading.kernel import money
from lading.orders import kits
from lading.orders.commands import ChargeInput, PlaceOrder
from lading.orders.kits import Part
from lading.orders.types import Charge, Line, Order, no_units
from lading.terms.ledger import MoneyPosting, Posting
from lading.terms.money import Money

RECEIVABLE = "receivable"
SALES = {
    "goods": "sales",
    "discount": "discounts",
    "tax": "tax",
    "shipping": "shipping_income",
    "fee": "fees",
    "gift_wrap": "gift_wrapping",
    "duty": "duties",
    "tip": "tips",
    "surcharge": "surcharges",
    "adjustment": "adjustments",
}
"""The account of each kind of charge: what a customer owes is debited to receivable and credited there."""


class Settings(Protocol):
    """What orders need of policies."""

    def value(
        self, name: str, *, channel: UUID | None = ..., location: UUID | None = ..., sku: UUID | None = ...
    ) -> Any:
        """The value that applies."""


def in_money(
    left: dict[int, int], shared: Sequence[int], charges: Sequence[ChargeInput], currency: str
) -> Sequence[ChargeInput]:
    """The charges, percentages put into money: of what the goods of their line (or of `shared`) cost after earlier discounts, rounded once.

    `left` is what the goods of each line cost, and is used up.
    """
    if all(charge.amount is not None for charge in charges):
        return charges
    done = []
    for charge in charges:
        bearers = [charge.line] if charge.line else shared
        weights = [max(0, left.get(number, 0)) for number in bearers]
        if charge.percent is not None:
            part = money.round_half_away(sum(weights) * Decimal(charge.percent) / 100)
            charge = charge.in_money(Money.of_minor(-part if charge.kind == "discount" else part, currency))
        if charge.kind == "discount" and bearers:
            for number, part in zip(bearers, money.share(charge.minor, weights), strict=True):
                left[number] = left.get(number, 0) + part
        done.append(charge)
    return done


def charges_in_money(command: PlaceOrder) -> Sequence[ChargeInput]:
    """The charges of an order that is placed; see in_money."""
    if all(charge.amount is not None for charge in command.charges):
        return command.charges
    goods = {number: line.price.line_minor(line.quantity) for number, line in enumerate(command.lines, 1)}
    return in_money(goods, list(goods), command.charges, command.currency)


def lines_of(command: PlaceOrder, skus: Sequence[UUID], parts: Sequence[Part] = (), *, shared: bool) -> dict[int, Line]:
    """The lines with what they cost: goods rounded once per line, charges (`shared`) by largest remainder. Kits have their parts."""
    lines = {}
    for number, (wanted, sku_id) in enumerate(zip(command.lines, skus, strict=True), 1):
        units = no_units()
        units["open"] = wanted.quantity
        lines[number] = Line(
            number, sku_id, wanted.external_id, Decimal(wanted.price.amount), wanted.price.line_minor(wanted.quantity),
            wanted.quantity, units, ship_complete=wanted.ship_complete,
        )  # fmt: skip
    if parts:
        kits.take_apart(lines, parts)
    told = enumerate(charges_in_money(command), 1)
    whole = kits.bearers(lines, None) if command.charges else []
    for number, charge in sorted(told, key=_in_turn):
        if shared or charge.line:
            _share(number, charge, kits.bearers(lines, charge.line) if charge.line else whole)
    for line in lines.values():
        line.charges.sort(key=attrgetter("number"))
    return lines


def _in_turn(told: tuple[int, ChargeInput]) -> tuple[bool, bool]:
    """What adds to lines comes first, then what is taken off one of them, then what all bear: so it is known what each can bear."""
    _, charge = told
    return charge.kind == "discount", charge.line is None


def charges_of(command: PlaceOrder) -> list[Charge]:
    """The charges without a line as they were billed, where they are not shared over lines."""
    charges = enumerate(charges_in_money(command), 1)
    return [born(number, 0, charge, charge.minor) for number, charge in charges if not charge.line]


def born(number: int, line_number: int, charge: ChargeInput, amount_minor: int) -> Charge:
    """What a line (0: no line) bears of the charge."""
    return Charge(
        number, line_number, charge.kind, charge.code, amount_minor, charge.told_rate, charge.included, charge.applies_to,
        charge.source,
    )  # fmt: skip


def _share(number: int, charge: ChargeInput, bearers: Sequence[Line]) -> None:
    kind, code, rate, included, applies_to, source = (
        charge.kind, charge.code, charge.told_rate, charge.included, charge.applies_to, charge.source,
    )  # fmt: skip
    parts = (
        _taken_off(charge.minor, bearers)
        if kind == "discount"
        else money.share(charge.minor, [line.goods_minor for line in bearers])
    )
    for line, part in zip(bearers, parts, strict=True):
        line.charges.append(Charge(number, line.number, kind, code, part, rate, included, applies_to, source))


def _taken_off(amount_minor: int, bearers: Sequence[Line]) -> list[int]:
    """A discount by what earlier ones left of the goods; what is more than that, by what else the lines cost.

    So no line costs less than nothing where all of them together do not.
    """
    goods = [_left(line) for line in bearers]
    beyond = min(0, amount_minor + sum(goods))
    parts = money.share(amount_minor - beyond, goods)
    if not beyond:
        return parts
    rest = [max(0, line.cost_minor(line.ordered) + part) for line, part in zip(bearers, parts, strict=True)]
    return [part + more for part, more in zip(parts, money.share(beyond, rest), strict=True)]


def _left(line: Line) -> int:
    """What earlier discounts left of what its goods cost."""
    return max(0, line.goods_minor + sum(charge.amount_minor for charge in line.charges if charge.kind == "discount"))


def costs_less_than_nothing(command: PlaceOrder) -> bool:
    """Whether discounts are larger than what they are given on: a line, or the whole order."""
    lines = [line.price.line_minor(line.quantity) for line in command.lines]
    whole = 0
    for charge in charges_in_money(command):
        if charge.included:
            continue
        if charge.line:
            lines[charge.line - 1] += charge.minor
        else:
            whole += charge.minor
    return min(lines) < 0 or sum(lines) + whole < 0


def charged_by_kind(order: Order) -> dict[str, int]:
    """Minor units charged by kind, goods included."""
    charged = {"goods": sum(line.goods_minor for line in order.lines.values())}
    for charge in order.all_charges:
        if not charge.included:
            charged[charge.kind] = charged.get(charge.kind, 0) + charge.amount_minor
    return charged


def set_taxes_apart(order: Order) -> list[MoneyPosting]:
    """Taxes that prices contain are no sales: they go to the account of taxes."""
    inside: dict[str, int] = {}
    for charge in order.all_charges:
        if charge.included:
            inside[charge.base] = inside.get(charge.base, 0) + charge.amount_minor
    return taxes_inside(order, inside)


def taxes_inside(order: Order, parts: Mapping[str, int]) -> list[MoneyPosting]:
    """Above zero: set apart; below: given back to the sales that contained them."""
    return [
        MoneyPosting(order.id, *accounts, abs(amount), order.currency)
        for base, amount in parts.items()
        if amount
        for accounts in [(SALES[base], SALES["tax"]) if amount > 0 else (SALES["tax"], SALES[base])]
    ]


def owe(order_id: UUID, kind: str, amount_minor: int, currency: str) -> list[MoneyPosting]:
    """The customer owes so much more (or, below zero, less) for charges of the kind."""
    if amount_minor > 0:
        return [MoneyPosting(order_id, RECEIVABLE, SALES[kind], amount_minor, currency)]
    if amount_minor < 0:
        return [MoneyPosting(order_id, SALES[kind], RECEIVABLE, -amount_minor, currency)]
    return []


CANCELLABLE = ("backordered", "open", "allocated", "released", "picked")
"""Stages whose units can be cancelled, the least advanced first; what is packed goes out, unless its parcel is taken apart."""


def cancellable(line: Line) -> int:
    """Units of the line that can be cancelled as they are."""
    return sum(line.units[stage] for stage in CANCELLABLE)


def cancelled_from(line: Line, quantity: int) -> dict[str, int]:
    """How many units each stage gives up, the least advanced first, packed ones last. Raises ValueError where they hold fewer."""
    parts = {}
    for stage in (*CANCELLABLE, "packed"):
        units = min(quantity, line.units[stage])
        if units > 0:
            parts[stage] = units
            quantity -= units
    if quantity:
        raise ValueError(f"{quantity} units more than can be cancelled")
    return parts


def credit_cancelled(order: Order, line: Line, quantity: int) -> list[MoneyPosting]:
    """Take units off what the customer owes, counted from the other end than returned ones.

    Call before the units are moved to cancelled.
    """
    kept = line.ordered - line.units["cancelled"]
    return _credited(order, *_between(line, kept - quantity, kept))[1]


Cost = tuple[dict[str, int], dict[str, int]]
"""By kind, and the taxes inside."""


def cancelled_cost(line: Line) -> Cost:
    """What its cancelled units carry, and was taken off what the customer owes."""
    return _between(line, line.ordered - line.units["cancelled"], line.ordered)


def credit_since(order: Order, line: Line, before: Cost) -> list[MoneyPosting]:
    """Its cancelled units bear their part of what was charged since `before`: nobody owes that."""
    (parts, inside), (told, told_inside) = cancelled_cost(line), before
    more = {kind: amount - told.get(kind, 0) for kind, amount in parts.items()}
    return _credited(order, more, {base: amount - told_inside.get(base, 0) for base, amount in inside.items()})[1]


def apart(line: Line, quantity: int, number: int) -> Line:
    """The last `quantity` of its units that were not cancelled as a line of another order, at the cost of just these units; all open."""
    kept = line.ordered - line.units["cancelled"]
    cost, _ = _between(line, kept - quantity, kept)
    charges = [
        replace(charge, line_number=number, amount_minor=_part(charge, line, kept, quantity)) for charge in line.charges
    ]
    units = no_units()
    units["open"] = quantity
    return Line(
        number, line.sku_id, None, line.unit_price, cost["goods"], quantity, units, charges=charges, ship_complete=line.ship_complete,
        pickup_at=line.pickup_at, ship_to_id=line.ship_to_id,
    )  # fmt: skip


def kit_apart(lines: Mapping[int, Line], number: int, quantity: int, at: int, first: int) -> dict[int, Line]:
    """So many kits as lines of another order: the kit's at `at`, those of its parts from `first` on; by their numbers here."""
    kit = replace(lines[number], number=at, external_id=None, ordered=quantity, units=no_units(), charges=[])
    found = {number: kit}
    for index, part in enumerate(kits.parts(lines, number), first):
        found[part.number] = apart(part, quantity * (part.per_kit or 1), index)
        found[part.number].part_of, found[part.number].per_kit = at, part.per_kit
    return found


def stand_in(order: Order, line: Line, quantity: int, sku_id: UUID) -> tuple[Line, list[MoneyPosting]]:
    """A new line of another product in place of `quantity` units of the line, at the cost of just these units; they are credited.

    Call before the units are moved to cancelled. The order gets the line; what the customer owes is the same afterwards.
    """
    kept = line.ordered - line.units["cancelled"]
    cost, inside = _between(line, kept - quantity, kept)
    number = max(order.lines) + 1
    charges = [
        replace(charge, line_number=number, amount_minor=_part(charge, line, kept, quantity)) for charge in line.charges
    ]
    units = no_units()
    units["open"] = quantity
    new = Line(
        number,
        sku_id,
        None,
        line.unit_price,
        cost["goods"],
        quantity,
        units,
        instead_of=line.number,
        charges=charges,
        pickup_at=line.pickup_at,
        ship_to_id=line.ship_to_id,
    )
    order.lines[number] = new
    posted = credit_cancelled(order, line, quantity)
    order.adjusted_minor += sum(cost.values())
    for kind, amount in cost.items():
        posted += owe(order.id, kind, amount, order.currency)
    return new, posted + taxes_inside(order, inside)


def _part(charge: Charge, line: Line, kept: int, quantity: int) -> int:
    """What the last `quantity` of the first `kept` units bear of a charge of the line."""
    before = money.cumulative(charge.amount_minor, kept - quantity, line.ordered)
    return money.cumulative(charge.amount_minor, kept, line.ordered) - before


def credit_returned(order: Order, line: Line, quantity: int) -> tuple[int, list[MoneyPosting]]:
    """Reverse what the next `quantity` returned units cost, goods and their share of every charge, kind by kind.

    The minor units to give back, and the postings. The line counts them as refunded.
    """
    before, line.refunded = line.refunded, line.refunded + quantity
    return _credited(order, *_between(line, before, line.refunded))


def _between(line: Line, first: int, last: int) -> tuple[dict[str, int], dict[str, int]]:
    """What the units after the `first` up to the `last` carry by kind, and the taxes inside."""
    return _less(line.cost_by_kind(last), line.cost_by_kind(first)), _less(
        line.tax_inside(last), line.tax_inside(first)
    )


def _less(more: Mapping[str, int], less: Mapping[str, int]) -> dict[str, int]:
    return {kind: amount - less[kind] for kind, amount in more.items()}


def credit_charge(order: Order, charge: Charge, amount_minor: int) -> tuple[int, list[MoneyPosting]]:
    """Reverse a part of a charge of the order's own."""
    return _credited(order, {charge.kind: amount_minor}, {})


def _credited(order: Order, parts: Mapping[str, int], inside: Mapping[str, int]) -> tuple[int, list[MoneyPosting]]:
    credit = sum(parts.values())
    order.adjusted_minor -= credit
    postings = [posting for kind, amount in parts.items() for posting in owe(order.id, kind, -amount, order.currency)]
    return credit, postings + taxes_inside(order, {base: -amount for base, amount in inside.items()})


def waiting_for_the_rest(order: Order) -> set[int]:
    """The lines that go out whole and of which units still look for stock; of kits their parts."""
    waits = {
        kits.sold_as(order, line).number
        for line in order.lines.values()
        if line.units["open"] + line.units["backordered"]
    }
    return {
        line.number
        for line in order.lines.values()
        if (sold := kits.sold_as(order, line)).ship_complete and sold.number in waits
    }


def to_stage(line: Line, quantity: int, source: str, target: str) -> Posting:
    """Move units of a line between stages where no stock moves."""
    line.move(source, target, quantity)
    return Posting(line.sku_id, quantity, None, None, line.number, source, target)
