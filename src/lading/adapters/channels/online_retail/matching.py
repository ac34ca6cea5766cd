"""Matches credit notes to the orders that they take back: by customer and SKU, the latest order first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from lading.adapters.channels.online_retail.codes import MERCHANT_COSTS, charge_kind
from lading.adapters.channels.online_retail.rules import Credit, fold, kept_line, minor_of
from lading.adapters.channels.online_retail.terms import (
    ChargeKind,
    CreditNote,
    Kept,
    KeptReason,
    KnownCharge,
    KnownCredit,
    KnownLine,
    KnownOrder,
    Line,
    Order,
    OrderReturn,
    RefundedCharge,
    ReturnedLine,
)
from lading.kernel.money import cumulative


class OpenLine(Struct):
    """An order line that can still give units back; `returned` grows as credit notes are matched."""

    order: str
    rank: int
    """Place of its order among all by time and number: a later order has a higher one."""
    placed_at: datetime
    number: int
    sku: str
    unit_price: Decimal
    quantity: int
    amount_minor: int
    returned: int

    def take(self, units: int, source_line: int) -> ReturnedLine:
        """The refund is the difference of two cumulative shares, so any order of returns ends at the same penny."""
        before = cumulative(self.amount_minor, self.returned, self.quantity)
        self.returned += units
        refund_minor = cumulative(self.amount_minor, self.returned, self.quantity) - before
        return ReturnedLine(self.number, self.sku, units, self.unit_price, refund_minor, source_line)


class OpenCharge(Struct):
    """A charge that can still be refunded."""

    order: str
    placed_at: datetime
    number: int
    code: str
    left_minor: int


class OpenOrders(Struct):
    """What may be taken back, for the customers and codes of the credit notes; the matching uses it up in place."""

    lines: dict[tuple[str, str], list[OpenLine]]
    """By customer and folded SKU; the latest order first."""
    charges: dict[tuple[str, str], list[OpenCharge]]
    """By customer and folded code; the latest order first."""
    first_order_at: dict[str, datetime]
    """The earliest order of each customer."""


def index_orders(
    credits: Iterable[Credit], orders: Iterable[Order], known: Iterable[KnownOrder], spelling: Mapping[str, str]
) -> OpenOrders:
    """What `credits` may match: `orders` are new, `known` are loaded already (with what is returned of them)."""
    asked = {(credit.customer, fold(line.code)) for credit in credits if credit.customer for _, line in credit.lines}
    customers = {customer for customer, _ in asked}
    candidates = [order for order in known if order.customer in customers]
    candidates += [_as_known(order) for order in orders if order.customer in customers]
    candidates.sort(key=lambda order: (order.placed_at, order.external_reference))
    found = OpenOrders({}, {}, {})
    for rank, order in reversed(list(enumerate(candidates))):
        customer = order.customer or ""
        found.first_order_at[customer] = order.placed_at
        for line in order.lines:
            key = (customer, fold(line.sku))
            if key in asked:
                found.lines.setdefault(key, []).append(_open_line(order, rank, line, spelling.get(key[1], line.sku)))
        for charge in order.charges:
            key = (customer, fold(charge.code))
            if key in asked:
                found.charges.setdefault(key, []).append(_open_charge(order, charge))
    return found


def _open_line(order: KnownOrder, rank: int, line: KnownLine, sku: str) -> OpenLine:
    return OpenLine(
        order.external_reference,
        rank,
        order.placed_at,
        line.number,
        sku,
        line.unit_price,
        line.quantity,
        line.amount_minor,
        line.returned,
    )


def _open_charge(order: KnownOrder, charge: KnownCharge) -> OpenCharge:
    left_minor = charge.amount_minor - charge.refunded_minor
    return OpenCharge(order.external_reference, order.placed_at, charge.number, fold(charge.code), left_minor)


def _as_known(order: Order) -> KnownOrder:
    """A new order as it will be known once it is written."""
    return KnownOrder(
        order.external_reference,
        order.customer,
        order.placed_at,
        tuple(
            [
                KnownLine(line.number, line.sku, line.quantity, line.unit_price, line.amount_minor)
                for line in order.lines
            ]
        ),
        tuple([KnownCharge(charge.number, charge.code, charge.amount_minor) for charge in order.charges]),
    )


def written_orders(
    credit: Credit, written: KnownCredit, known: Mapping[str, KnownOrder], spelling: Mapping[str, str]
) -> OpenOrders:
    """What an earlier run took back for this credit note, as if just that could be taken: matched again it is the same.

    Raises KeyError where `known` lacks an order, line or charge that a return names.
    """
    shadows: list[KnownOrder] = []
    for name in dict.fromkeys([part.order for part in written.returns] + [part.order for part in written.refunds]):
        order = known[name]
        lines = {line.number: line for line in order.lines}
        charges = {charge.number: charge for charge in order.charges}
        returned = [
            KnownLine(part.line, lines[part.line].sku, part.quantity, lines[part.line].unit_price, part.refund_minor)
            for part in written.returns
            if part.order == name
        ]
        refunded = [
            KnownCharge(part.charge, charges[part.charge].code, part.amount_minor)
            for part in written.refunds
            if part.order == name
        ]
        shadows.append(KnownOrder(name, credit.customer, order.placed_at, tuple(returned), tuple(refunded)))
    return index_orders([credit], [], shadows, spelling)


def match(credit: Credit, takeable: OpenOrders, open_orders: OpenOrders) -> tuple[CreditNote | None, list[Kept]]:
    """What the credit note takes from `takeable` (used up in place), and what is left of it.

    The reasons come from `open_orders`: usually the same, but not for a credit note that an earlier run has written.
    """
    kept: list[Kept] = []
    lines: list[tuple[str, ReturnedLine]] = []
    charges: list[tuple[str, RefundedCharge]] = []
    for ordinal, line in credit.lines:
        code = fold(line.code)
        if charge_kind(code) is None:
            taken = _match_goods(credit, line, code, takeable)
            lines += taken
            rest = line.quantity + sum([returned.quantity for _, returned in taken])
            if rest:
                kept.append(_keep(credit, ordinal, line, rest, _goods_reason(credit, code, open_orders)))
        elif (refund := _match_charge(credit, line, code, takeable)) is not None:
            charges.append(refund)
        else:
            kept.append(_keep(credit, ordinal, line, line.quantity, _charge_reason(credit, code, open_orders)))
    return (_assemble(credit, lines, charges) if lines or charges else None), kept


def _match_goods(credit: Credit, line: Line, code: str, open_orders: OpenOrders) -> list[tuple[str, ReturnedLine]]:
    """The latest order first; within an order the line at the credited price, then the first line."""
    if credit.customer is None:
        return []
    choices = [
        choice
        for choice in open_orders.lines.get((credit.customer, code), ())
        if choice.placed_at <= credit.occurred_at and choice.returned < choice.quantity
    ]
    choices.sort(key=lambda choice: (-choice.rank, choice.unit_price != line.unit_price, choice.number))
    taken: list[tuple[str, ReturnedLine]] = []
    left = -line.quantity
    for choice in choices:
        if not left:
            break
        units = min(left, choice.quantity - choice.returned)
        taken.append((choice.order, choice.take(units, line.number)))
        left -= units
    return taken


def _match_charge(credit: Credit, line: Line, code: str, open_orders: OpenOrders) -> tuple[str, RefundedCharge] | None:
    """The latest charge of the same code with at least that amount left. A charge has no units: it is not spread."""
    amount_minor = -minor_of(line.micros)
    if credit.customer is None or amount_minor <= 0 or code in MERCHANT_COSTS:
        return None
    for choice in open_orders.charges.get((credit.customer, code), ()):
        if choice.placed_at <= credit.occurred_at and choice.left_minor >= amount_minor:
            choice.left_minor -= amount_minor
            return choice.order, RefundedCharge(choice.number, code, amount_minor, line.number)
    return None


def _goods_reason(credit: Credit, code: str, open_orders: OpenOrders) -> KeptReason:
    """Why goods of a credit note match nothing, or not all of them."""
    if (reason := _stranger(credit, open_orders)) is not None:
        return reason
    choices = open_orders.lines.get((credit.customer or "", code), ())
    if any(choice.placed_at <= credit.occurred_at for choice in choices):
        return KeptReason.NOTHING_LEFT
    return KeptReason.SKU_NOT_BOUGHT


def _charge_reason(credit: Credit, code: str, open_orders: OpenOrders) -> KeptReason:
    """Why a charge of a credit note is not refunded from an order."""
    if code in MERCHANT_COSTS:
        return KeptReason.MERCHANT_COST
    if charge_kind(code) is ChargeKind.DISCOUNT:
        return KeptReason.DISCOUNT_AFTER_SALE
    return _stranger(credit, open_orders) or KeptReason.CHARGE_NOT_FOUND


def _stranger(credit: Credit, open_orders: OpenOrders) -> KeptReason | None:
    if credit.customer is None:
        return KeptReason.NO_CUSTOMER
    first = open_orders.first_order_at.get(credit.customer)
    return KeptReason.NO_EARLIER_ORDER if first is None or first > credit.occurred_at else None


def _keep(credit: Credit, ordinal: int, line: Line, quantity: int, reason: KeptReason) -> Kept:
    return kept_line(credit.invoice, ordinal, line, quantity, credit.customer, credit.occurred_at, reason)


def _assemble(
    credit: Credit, lines: Sequence[tuple[str, ReturnedLine]], charges: Sequence[tuple[str, RefundedCharge]]
) -> CreditNote:
    """One return per order, in the order in which they were matched."""
    orders = dict.fromkeys([order for order, _ in lines] + [order for order, _ in charges])
    returns = tuple(
        OrderReturn(
            f"return:{credit.invoice}:{order}",
            order,
            tuple(line for name, line in lines if name == order),
            tuple(charge for name, charge in charges if name == order),
        )
        for order in orders
    )
    return CreditNote(f"credit:{credit.invoice}", credit.invoice, credit.customer or "", credit.occurred_at, returns)
