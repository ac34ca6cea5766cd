"""Puts the parts together: lines and what is known become a plan."""

from collections import Counter
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from lading.adapters.channels.online_retail.matching import OpenOrders, index_orders, match, written_orders
from lading.adapters.channels.online_retail.rules import Credit, fold, read_documents
from lading.adapters.channels.online_retail.stock import Limits, batches, openings, timeline
from lading.adapters.channels.online_retail.terms import (
    CreditNote,
    Kept,
    KeptReason,
    Known,
    KnownCredit,
    KnownOrder,
    Line,
    Order,
    Plan,
    empty_batch,
)

NOTHING_KNOWN = Known()
DEFAULT_LIMITS = Limits()


def plan_lines(
    lines: Sequence[Line], zone: ZoneInfo, known: Known = NOTHING_KNOWN, limits: Limits = DEFAULT_LIMITS
) -> Plan:
    """What is to be written for the lines of one file. The same lines and the same `known` give the same plan."""
    documents = read_documents(lines, zone, known.products)
    before = empty_batch()
    orders, before.orders, differing = split_orders(documents.orders, known.orders)
    open_orders = index_orders(documents.credits, orders, known.orders.values(), documents.spelling)
    notes, before.credit_notes, left = match_all(documents.credits, open_orders, known, documents.spelling)
    kept = documents.kept + differing + left
    before.kept = [item for item in kept if item.key in known.done]
    adjustments = [item for item in documents.adjustments if item.key not in known.done]
    written = [item for item in documents.adjustments if item.key in known.done]
    before.gains = [item for item in written if item.gain]
    before.losses = [item for item in written if not item.gain]
    steps = timeline(orders, adjustments, notes, [item for item in kept if item.key not in known.done])
    balances = _folded(known.balances)
    opened = openings(steps, balances, _folded(known.openings))
    catalog = {fold(code) for code in known.products}
    return Plan(
        documents.products,
        [product for product in documents.products if fold(product.sku) not in catalog],
        batches(steps, opened, balances, limits),
        before,
        documents.notes,
    )


def _folded(by_sku: Mapping[str, int]) -> dict[str, int]:
    return {fold(sku): count for sku, count in by_sku.items()}


def split_orders(
    orders: Sequence[Order], known: Mapping[str, KnownOrder]
) -> tuple[list[Order], list[Order], list[Kept]]:
    """New orders; those that are loaded already; and the lines of those whose number is loaded with other lines."""
    new: list[Order] = []
    loaded: list[Order] = []
    differing: list[Kept] = []
    for order in orders:
        earlier = known.get(order.external_reference)
        if earlier is None:
            new.append(order)
        elif _same(order, earlier):
            loaded.append(order)
        else:
            differing += _keep_differing(order)
    return new, loaded, differing


def _same(order: Order, earlier: KnownOrder) -> bool:
    """The same goods at the same prices and the same charges, in any order of lines."""
    goods = Counter((fold(line.sku), line.quantity, line.unit_price) for line in order.lines)
    charges = Counter((charge.code, charge.amount_minor) for charge in order.charges)
    return goods == Counter(
        (fold(line.sku), line.quantity, line.unit_price) for line in earlier.lines
    ) and charges == Counter((fold(charge.code), charge.amount_minor) for charge in earlier.charges)


def _keep_differing(order: Order) -> list[Kept]:
    rows = [(line.source_line, line.sku, line.description, line.quantity, line.unit_price) for line in order.lines]
    rows += [(item.source_line, item.code, item.description, item.quantity, item.unit_price) for item in order.charges]
    return [
        Kept(
            f"differs:{order.external_reference}:{ordinal}",
            order.external_reference,
            code,
            text,
            quantity,
            unit_price,
            order.customer,
            order.placed_at,
            KeptReason.ORDER_DIFFERS,
            source_line,
        )
        for ordinal, (source_line, code, text, quantity, unit_price) in enumerate(sorted(rows), start=1)
    ]


def match_all(
    credits: Sequence[Credit], open_orders: OpenOrders, known: Known, spelling: Mapping[str, str]
) -> tuple[list[CreditNote], list[CreditNote], list[Kept]]:
    """New credit notes, those that an earlier run has written (told again as they are), and what is left of both.

    In the order of time: each sees what the earlier ones left. A note that was kept whole before stays kept, whatever
    orders have come since: running twice changes nothing.
    """
    new: list[CreditNote] = []
    written: list[CreditNote] = []
    left: list[Kept] = []
    for credit in sorted(credits, key=lambda credit: (credit.occurred_at, credit.lines[0][1].number)):
        earlier = known.credits.get(credit.invoice)
        if earlier is None and any(f"kept:{credit.invoice}:{ordinal}" in known.done for ordinal, _ in credit.lines):
            earlier = KnownCredit()
        takeable = open_orders if earlier is None else written_orders(credit, earlier, known.orders, spelling)
        note, kept = match(credit, takeable, open_orders)
        left += kept
        if note is not None:
            (new if earlier is None else written).append(note)
    return new, written, left
