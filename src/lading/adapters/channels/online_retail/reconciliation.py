"""Accounts for every line of the file and for its exact sum of quantity x price, from the plan and nothing else.

Amounts are those that are posted, in whole pence; what rounding moved is a row of its own, and so is the difference
between a credit note's price and the order's. The rows sum to the file exactly, or `reconcile` raises.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from lading.adapters.channels.online_retail.terms import (
    MICROS,
    Batch,
    ChargeKind,
    KeptReason,
    Line,
    Order,
    Plan,
    ReturnedLine,
)

_MICROS_PER_MINOR = MICROS // 100

KEPT_SENTENCES = {
    KeptReason.NO_CUSTOMER: "in the queue: the credit note names no customer",
    KeptReason.NO_EARLIER_ORDER: "in the queue: the customer has no order before it",
    KeptReason.SKU_NOT_BOUGHT: "in the queue: no earlier order of the customer has this SKU",
    KeptReason.NOTHING_LEFT: "in the queue: more units than the customer's earlier orders have left to return",
    KeptReason.CHARGE_NOT_FOUND: "in the queue: no earlier order of the customer has that much left of such a charge",
    KeptReason.DISCOUNT_AFTER_SALE: "in the queue: an allowance that no order carries",
    KeptReason.MERCHANT_COST: "in the queue: the merchant's own cost, of no order",
    KeptReason.BAD_DEBT: "in the queue: an accountant's entry, of no order",
    KeptReason.FREE_CHARGE: "in the queue: a charge of nothing without an order",
    KeptReason.NEGATIVE_PRICE: "in the queue: merchandise at a negative price",
    KeptReason.NEGATIVE_QUANTITY: "in the queue: priced units below zero outside a credit note",
    KeptReason.ZERO_QUANTITY: "in the queue: no units",
    KeptReason.POSITIVE_ON_CREDIT: "in the queue: a credit note that sells",
    KeptReason.ORDER_DIFFERS: "in the queue: this order is loaded already with other lines",
}


class ReconciliationError(AssertionError):
    """The plan does not account for the file: a bug, never the file's fault. The text names the difference."""


class Row(Struct, frozen=True):
    """One class of lines: what became of them and what they are worth."""

    name: str
    lines: int
    """Lines of the file in this class; 0 where the row holds only parts of lines counted elsewhere."""
    loaded_before: int
    """Those of them that an earlier run or file had loaded."""
    amount: Decimal
    """In pounds, exact."""
    reason: str


class StockRow(Struct, frozen=True):
    """Units that the plan moves, for people: not part of the sums."""

    name: str
    skus: int
    units: int


class Reconciliation(Struct, frozen=True):
    """The whole account of one file; the rows sum to `lines` and `amount`."""

    rows: tuple[Row, ...]
    lines: int
    amount: Decimal
    documents: dict[str, int]
    """What the run makes: orders, returns, adjustments, ..."""
    stock: tuple[StockRow, ...]
    folded: dict[str, dict[str, int]]
    """SKU codes that differ only in case, by the one that stands: each spelling with its lines."""
    notes: dict[str, str]


class _Tally:
    """Adds up rows; each line is counted in one row only."""

    def __init__(self) -> None:
        self.micros: dict[str, int] = {}
        self.lines: dict[int, tuple[str, bool]] = {}

    def count(self, row: str, source_line: int, before: bool) -> None:
        if source_line in self.lines:
            raise ReconciliationError(f"line {source_line:,} is in '{self.lines[source_line][0]}' and in '{row}'")
        self.lines[source_line] = (row, before)
        self.micros.setdefault(row, 0)

    def add(self, row: str, micros: int) -> None:
        self.micros[row] = self.micros.get(row, 0) + micros

    def post(self, row: str, minor: int, exact_micros: int) -> None:
        """What is posted in pence; what rounding took or gave goes into its own row."""
        self.add(row, minor * _MICROS_PER_MINOR)
        self.add(ROUNDING, exact_micros - minor * _MICROS_PER_MINOR)


GOODS = "orders: goods"
FREE_GOODS = "orders: goods at price 0"
CHARGES = "orders: charges, {}"
GAINS = "stock adjustments: added"
LOSSES = "stock adjustments: written off"
RETURNED = "returns: matched whole"
RETURNED_PARTLY = "returns: matched in part"
RETURNED_CHARGES = "returns: charges refunded"
PRICE_DIFFERENCE = "returns: credited at another price than sold"
KEPT = "not taken: {}"
"""Of a reason; see `_kept_row`."""
ROUNDING = "rounding to whole pence"


def _kept_row(reason: KeptReason) -> str:
    return KEPT.format(reason.replace("_", " "))


_SENTENCES = {
    GOODS: "lines of orders",
    FREE_GOODS: "free lines of orders",
    **{CHARGES.format(kind): "lines that are no merchandise, on orders" for kind in ChargeKind},
    GAINS: "free lines without customer, positive",
    LOSSES: "free lines without customer, negative",
    RETURNED: "credit note lines, refunded at the order's price",
    RETURNED_PARTLY: "the matched part; the rest is in its row below, under its reason",
    RETURNED_CHARGES: "credited postage and the like, refunded from the order's charge",
    PRICE_DIFFERENCE: "what was refunded at the order's price beyond the credit note's",
    **{_kept_row(reason): sentence for reason, sentence in KEPT_SENTENCES.items()},
    ROUNDING: "prices of three decimals, and shares of a line's pence",
}
"""All rows in the order in which they are shown."""


def reconcile(lines: Sequence[Line], plan: Plan) -> Reconciliation:
    """The account of the file. Raises ReconciliationError where a line or a millionth of a pound is missing."""
    tally = _Tally()
    by_number = {line.number: line for line in lines}
    for batch in plan.batches:
        _tally_batch(batch, by_number, tally, before=False)
    _tally_batch(plan.before, by_number, tally, before=True)
    matched = _tally_returns(plan, by_number, tally)
    _tally_kept(plan, matched, by_number, tally)
    total_micros = sum([line.quantity * line.price_micros for line in lines])
    _prove(by_number, total_micros, tally)
    counts: dict[str, list[int]] = {row: [0, 0] for row in tally.micros}
    for row, before in tally.lines.values():
        counts[row][0] += 1
        counts[row][1] += before
    rows = tuple(
        Row(row, counts[row][0], counts[row][1], _pounds(tally.micros[row]), sentence)
        for row, sentence in _SENTENCES.items()
        if row in counts and (counts[row][0] or tally.micros[row])
    )
    return Reconciliation(
        rows,
        len(lines),
        _pounds(total_micros),
        _documents(plan),
        _stock(plan),
        {product.sku: dict(product.spellings) for product in plan.folded},
        _notes(plan),
    )


def _prove(lines: dict[int, Line], total_micros: int, tally: _Tally) -> None:
    missing = lines.keys() - tally.lines.keys()
    if missing:
        raise ReconciliationError(f"{len(missing):,} lines are not accounted for, the first is line {min(missing):,}")
    strange = tally.lines.keys() - lines.keys()
    if strange:
        raise ReconciliationError(f"the plan names line {min(strange):,}, which is not in the file")
    difference = total_micros - sum(tally.micros.values())
    if difference:
        raise ReconciliationError(f"the rows differ from the file by {_pounds(difference)}")
    unnamed = tally.micros.keys() - _SENTENCES.keys()
    if unnamed:
        raise ReconciliationError(f"rows without a sentence: {sorted(unnamed)}")


def _tally_batch(batch: Batch, lines: dict[int, Line], tally: _Tally, before: bool) -> None:
    for order in batch.orders:
        _tally_order(order, lines, tally, before)
    for adjustment in batch.gains + batch.losses:
        tally.count(GAINS if adjustment.gain else LOSSES, adjustment.source_line, before)


def _tally_order(order: Order, lines: dict[int, Line], tally: _Tally, before: bool) -> None:
    for goods in order.lines:
        row = GOODS if goods.unit_price else FREE_GOODS
        tally.count(row, goods.source_line, before)
        tally.post(row, goods.amount_minor, lines[goods.source_line].micros)
    for charge in order.charges:
        row = CHARGES.format(charge.kind)
        tally.count(row, charge.source_line, before)
        tally.post(row, charge.amount_minor, lines[charge.source_line].micros)


def _tally_returns(plan: Plan, lines: dict[int, Line], tally: _Tally) -> dict[int, int]:
    """Posts what comes back; the units matched of each line. A line may be spread over several orders."""
    parts: dict[int, list[ReturnedLine]] = {}
    earlier: set[int] = set()
    for batch, before in _all_batches(plan):
        for returned in [returned for note in batch.credit_notes for returned in note.returns]:
            for charge in returned.charges:
                tally.count(RETURNED_CHARGES, charge.source_line, before)
                tally.post(RETURNED_CHARGES, -charge.amount_minor, lines[charge.source_line].micros)
            for part in returned.lines:
                parts.setdefault(part.source_line, []).append(part)
                if before:
                    earlier.add(part.source_line)
    matched: dict[int, int] = {}
    for number, shares in parts.items():
        line = lines[number]
        matched[number] = sum(part.quantity for part in shares)
        row = RETURNED if matched[number] == -line.quantity else RETURNED_PARTLY
        tally.count(row, number, number in earlier)
        for part in shares:
            price_micros = int(part.unit_price * MICROS)
            tally.post(row, -part.refund_minor, -part.quantity * price_micros)
            tally.add(PRICE_DIFFERENCE, -part.quantity * (line.price_micros - price_micros))
    return matched


def _tally_kept(plan: Plan, matched: Mapping[int, int], lines: dict[int, Line], tally: _Tally) -> None:
    """What stands in the queue; the rest of a line that matched in part is no line of its own."""
    for batch, before in _all_batches(plan):
        for item in batch.kept:
            row = _kept_row(item.reason)
            if item.source_line not in matched:
                tally.count(row, item.source_line, before)
            tally.add(row, item.quantity * lines[item.source_line].price_micros)


def _all_batches(plan: Plan) -> list[tuple[Batch, bool]]:
    return [(batch, False) for batch in plan.batches] + [(plan.before, True)]


def _pounds(micros: int) -> Decimal:
    return Decimal(micros).scaleb(-6)


def _documents(plan: Plan) -> dict[str, int]:
    """What this run makes, by kind."""
    notes = [note for batch in plan.batches for note in batch.credit_notes]
    return {
        "products": len(plan.new_products),
        "orders": sum(len(batch.orders) for batch in plan.batches),
        "credit notes with returns": len(notes),
        "returns": sum(len(note.returns) for note in notes),
        "stock adjustments": sum(len(batch.gains) + len(batch.losses) for batch in plan.batches),
        "items in the queue": sum(len(batch.kept) for batch in plan.batches),
    }


def _stock(plan: Plan) -> tuple[StockRow, ...]:
    moves: dict[str, list[tuple[str, int]]] = {
        name: [] for name in ("opening stock", "shortfall of earlier stock", "sold", "returned", "added", "written off")
    }
    for batch in plan.batches:
        for opening in batch.openings:
            name = "shortfall of earlier stock" if opening.shortfall else "opening stock"
            moves[name].append((opening.sku, opening.quantity))
        moves["sold"] += [(line.sku, line.quantity) for order in batch.orders for line in order.lines]
        returns = [returned for note in batch.credit_notes for returned in note.returns]
        moves["returned"] += [(line.sku, line.quantity) for returned in returns for line in returned.lines]
        moves["added"] += [(gain.sku, gain.quantity) for gain in batch.gains]
        moves["written off"] += [(loss.sku, loss.quantity) for loss in batch.losses]
    return tuple(
        StockRow(name, len({sku for sku, _ in parts}), sum(units for _, units in parts))
        for name, parts in moves.items()
    )


def _notes(plan: Plan) -> dict[str, str]:
    """Oddities that were seen, in words; none that did not occur."""
    notes = plan.notes
    several = "(orders at the first, credit notes at the last)"
    counted = {
        "lines at a time that the clocks skipped, read with the earlier offset": notes.times_in_gap,
        "lines at a time that happened twice, read as the first": notes.times_twice,
        f"invoices with several times {several}": notes.invoices_with_several_times,
        "invoices with several customers (the first counts)": notes.invoices_with_several_customers,
        "invoices with several countries (the first counts)": notes.invoices_with_several_countries,
        "orders of charges only": notes.orders_of_charges_only,
    }
    told = {sentence: f"{count:,}" for sentence, count in counted.items() if count}
    if notes.unknown_countries:
        told["countries without an ISO code"] = ", ".join(notes.unknown_countries)
    return told


def render(account: Reconciliation) -> str:
    """The account as a table for people, in plain text of at most some 150 columns."""
    table = [("", "lines", "before", "amount (GBP)", "")]
    table += [
        (row.name, f"{row.lines:,}", _count(row.loaded_before), _money(row.amount), row.reason) for row in account.rows
    ]
    before = sum(row.loaded_before for row in account.rows)
    total = ("the file", f"{account.lines:,}", _count(before), _money(account.amount), "every line once, the sum exact")
    widths = [max(len(cells[column]) for cells in [*table, total]) for column in range(4)]
    rule = "-" * (sum(widths) + 6)
    parts = [_aligned(cells, widths) for cells in table] + [rule, _aligned(total, widths), "", "made by this run"]
    parts += [f"  {count:>9,}  {name}" for name, count in account.documents.items()]
    parts += ["", "units of stock moved by this run"]
    parts += [f"  {row.units:>9,}  {row.name} ({row.skus:,} SKUs)" for row in account.stock]
    if account.notes:
        parts += ["", "seen in the file"]
        parts += [f"  {name}: {value}" for name, value in account.notes.items()]
    if account.folded:
        parts += ["", f"{len(account.folded):,} SKU codes that differ only in case are one product each"]
        parts += [
            f"  {sku}: " + ", ".join(f"{spelling} ({count:,} lines)" for spelling, count in spellings.items())
            for sku, spellings in account.folded.items()
        ]
    return "\n".join(parts) + "\n"


def _aligned(cells: tuple[str, str, str, str, str], widths: Sequence[int]) -> str:
    name, lines, before, amount, reason = cells
    figures = f"{name:<{widths[0]}}  {lines:>{widths[1]}}  {before:>{widths[2]}}  {amount:>{widths[3]}}"
    return f"{figures}  {reason}".rstrip()


def _count(number: int) -> str:
    return f"{number:,}" if number else ""


def _money(amount: Decimal) -> str:
    """At least two decimals, and as many more as the amount has."""
    exact = f"{amount:,.6f}"
    whole, decimals = exact.split(".")
    return f"{whole}.{decimals[:2]}{decimals[2:].rstrip('0')}"
