"""Reads lines into documents: an invoice becomes an order, a credit note to be matched, adjustments, or kept lines.

Pure and in the order of the file. What it returns is matched (`matching`), given stock and batches (`stock`) and put
together (`planning`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from msgspec import Struct

from lading.adapters.channels.online_retail.codes import COUNTRY_CODES, adjustment_reason, charge_kind
from lading.adapters.channels.online_retail.terms import (
    CURRENCY,
    MICROS,
    Adjustment,
    Charge,
    ChargeKind,
    Kept,
    KeptReason,
    Line,
    Notes,
    Order,
    OrderLine,
    Product,
    Wanted,
)

CREDIT_PREFIX = "C"
BAD_DEBT_PREFIX = "A"
_MICROS_PER_MINOR = MICROS // 100


class Credit(Struct, frozen=True):
    """A credit note before it is matched: its lines with units above zero to give back, each with its ordinal."""

    invoice: str
    customer: str | None
    occurred_at: datetime
    lines: tuple[tuple[int, Line], ...]


class Documents(Struct):
    """What the lines are, before anything is matched; each list in the order of the file."""

    products: list[Product]
    spelling: dict[str, str]
    """Folded code to the code that stands for it."""
    orders: list[Order]
    credits: list[Credit]
    adjustments: list[Adjustment]
    kept: list[Kept]
    notes: Notes


class Names(Struct):
    """How the codes of one file are spelled and kinds looked up; filled once, read for every line."""

    folded: dict[str, str]
    """Code as written to upper case."""
    kinds: dict[str, ChargeKind | None]
    """Code as written to its kind of charge; None for goods."""
    spelling: dict[str, str]
    """Code as written, or in upper case, to the code that stands for it."""


class Heading(Struct, frozen=True):
    """What the lines of one invoice have in common."""

    invoice: str
    at: datetime
    customer: str | None
    country: str


def minor_of(micros: int) -> int:
    """Pence of millionths of a pound, half away from zero."""
    size = (abs(micros) + _MICROS_PER_MINOR // 2) // _MICROS_PER_MINOR
    return -size if micros < 0 else size


def to_utc(local: datetime, zone: ZoneInfo) -> tuple[datetime, bool, bool]:
    """The instant of a local time; whether the clocks skipped it; whether it happened twice.

    A skipped time keeps the offset before the change, a doubled one is its first (fold 0 in both cases).
    """
    first, second = local.replace(tzinfo=zone, fold=0), local.replace(tzinfo=zone, fold=1)
    at = first.astimezone(UTC)
    if first.utcoffset() == second.utcoffset():
        return at, False, False
    skipped = at.astimezone(zone).replace(tzinfo=None) != local
    return at, skipped, not skipped


def wanted(lines: Iterable[Line]) -> Wanted:
    """What must be loaded from the database before these lines can be planned."""
    invoices: dict[bool, set[str]] = {False: set(), True: set()}
    customers, codes = set(), set()
    for line in lines:
        credited = line.invoice.startswith(CREDIT_PREFIX)
        invoices[credited].add(line.invoice)
        codes.add(line.code)
        if credited and line.customer is not None:
            customers.add(line.customer)
    skus = frozenset(sku for sku in map(fold, codes) if charge_kind(sku) is None)
    return Wanted(frozenset(invoices[False]), frozenset(invoices[True]), frozenset(customers), skus)


def fold(code: str) -> str:
    """Codes that differ only in case are one product."""
    return code.upper()


def read_documents(lines: Sequence[Line], zone: ZoneInfo, products_known: AbstractSet[str] = frozenset()) -> Documents:
    """Every line lands in exactly one of the orders, credits, adjustments or kept items.

    `products_known` are codes as the catalog spells them; its spelling wins over the file's.
    """
    names = read_names(lines, products_known)
    instants = {local: to_utc(local, zone) for local in {line.local_time for line in lines}}
    invoices: dict[str, list[Line]] = {}
    for line in lines:
        invoices.setdefault(line.invoice, []).append(line)
    documents = Documents(read_products(lines, names), names.spelling, [], [], [], [], no_notes())
    for invoice, members in invoices.items():
        _read_invoice(_heading(invoice, members, instants), members, names, documents)
    documents.notes = _notes(lines, invoices, instants, documents.orders)
    return documents


def read_names(lines: Iterable[Line], products_known: AbstractSet[str]) -> Names:
    """The catalog's spelling, else the most frequent one of the file, of equals the first seen."""
    counts = Counter(line.code for line in lines)
    spelling = {fold(code): code for code in sorted(products_known)}
    folded = {code: fold(code) for code in counts}
    for code, _ in counts.most_common():  # stable: equals stay in the order in which they were first seen
        spelling.setdefault(folded[code], code)
    spelling.update({code: spelling[folded[code]] for code in counts})
    return Names(folded, {code: charge_kind(folded[code]) for code in counts}, spelling)


def read_products(lines: Iterable[Line], names: Names) -> list[Product]:
    """One product per folded code of goods, by first appearance, named by its sales."""
    spellings: dict[str, Counter[str]] = {}
    sold_as: dict[str, Counter[str]] = {}
    sales = Counter((line.code, line.description if line.price_micros else "") for line in lines)
    for (code, description), count in sales.items():  # in the order in which they were first seen
        if names.kinds[code] is None:
            sku = names.spelling[code]
            spellings.setdefault(sku, Counter())[code] += count
            if description:
                sold_as.setdefault(sku, Counter())[description] += count
    return [
        Product(f"product:{fold(sku)}", sku, _most_frequent(sold_as.get(sku)) or sku, tuple(written.most_common()))
        for sku, written in spellings.items()
    ]


def _most_frequent(texts: Counter[str] | None) -> str | None:
    return texts.most_common(1)[0][0] if texts else None


def _heading(invoice: str, lines: Sequence[Line], instants: Mapping[datetime, tuple[datetime, bool, bool]]) -> Heading:
    """An order stands at its first time, a credit note at its last: it must not come before what it takes back."""
    times = {line.local_time for line in lines}
    choose = max if invoice.startswith(CREDIT_PREFIX) else min
    at = choose(instants[time][0] for time in times)
    customer = next((line.customer for line in lines if line.customer is not None), None)
    return Heading(invoice, at, customer, lines[0].country)


def _read_invoice(heading: Heading, lines: Sequence[Line], names: Names, documents: Documents) -> None:
    """Adds what one invoice is to the documents. The first letter of its number says most of it."""
    keep = partial(_keep, heading)
    numbered = list(enumerate(lines, start=1))
    if heading.invoice.startswith(BAD_DEBT_PREFIX):
        documents.kept += [keep(ordinal, line, KeptReason.BAD_DEBT) for ordinal, line in numbered]
    elif heading.invoice.startswith(CREDIT_PREFIX):
        faults = {ordinal: reason for ordinal, line in numbered if (reason := _fault_on_credit(line)) is not None}
        documents.kept += [keep(ordinal, line, faults[ordinal]) for ordinal, line in numbered if ordinal in faults]
        sound = tuple((ordinal, line) for ordinal, line in numbered if ordinal not in faults)
        if sound:
            documents.credits.append(Credit(heading.invoice, heading.customer, heading.at, sound))
    else:
        _read_sale(heading, numbered, names, documents)


def _fault_on_credit(line: Line) -> KeptReason | None:
    if line.quantity == 0:
        return KeptReason.ZERO_QUANTITY
    if line.quantity > 0:
        return KeptReason.POSITIVE_ON_CREDIT
    return KeptReason.NEGATIVE_PRICE if line.price_micros < 0 else None


def _read_sale(heading: Heading, numbered: Sequence[tuple[int, Line]], names: Names, documents: Documents) -> None:
    """An invoice with a customer or a price is an order, free lines included; one with neither only moves stock."""
    is_order = heading.customer is not None or any(line.price_micros for _, line in numbered)
    goods: list[Line] = []
    charges: list[Line] = []
    for ordinal, line in numbered:
        is_goods = names.kinds[line.code] is None
        reason = _fault_on_sale(line, is_goods, is_order)
        if reason is not None:
            documents.kept.append(_keep(heading, ordinal, line, reason))
        elif is_goods and line.price_micros == 0 and (not is_order or line.quantity < 0):
            documents.adjustments.append(_adjustment(heading, ordinal, line, names))
        else:
            (goods if is_goods else charges).append(line)
    if goods or charges:
        documents.orders.append(_order(heading, goods, charges, names))


def _fault_on_sale(line: Line, is_goods: bool, is_order: bool) -> KeptReason | None:
    if line.quantity == 0:
        return KeptReason.ZERO_QUANTITY
    if is_goods and line.price_micros < 0:
        return KeptReason.NEGATIVE_PRICE
    if is_goods and line.price_micros and line.quantity < 0:
        return KeptReason.NEGATIVE_QUANTITY
    if not is_goods and not is_order:
        return KeptReason.FREE_CHARGE
    return None


def _keep(heading: Heading, ordinal: int, line: Line, reason: KeptReason) -> Kept:
    return kept_line(heading.invoice, ordinal, line, line.quantity, heading.customer, heading.at, reason)


def kept_line(
    invoice: str, ordinal: int, line: Line, quantity: int, customer: str | None, at: datetime, reason: KeptReason
) -> Kept:
    """The `quantity` of a line that was not taken (signed as in the file)."""
    key = f"kept:{invoice}:{ordinal}"
    return Kept(key, invoice, line.code, line.description, quantity, line.unit_price, customer, at, reason, line.number)


def _adjustment(heading: Heading, ordinal: int, line: Line, names: Names) -> Adjustment:
    gain = line.quantity > 0
    return Adjustment(
        f"adjustment:{heading.invoice}:{ordinal}",
        names.spelling[line.code],
        heading.at,
        gain,
        abs(line.quantity),
        adjustment_reason(line.description, gain),
        line.description,
        line.number,
    )


def _order(heading: Heading, goods: Sequence[Line], charges: Sequence[Line], names: Names) -> Order:
    spelling, kinds = names.spelling, names.kinds
    order_lines = tuple(
        [
            OrderLine(
                number,
                spelling[line.code],
                line.description,
                line.quantity,
                line.unit_price,
                minor_of(line.quantity * line.price_micros),
                line.number,
            )
            for number, line in enumerate(goods, start=1)
        ]
    )
    order_charges = tuple([_charge(number, line, kinds[line.code]) for number, line in enumerate(charges, start=1)])
    return Order(
        f"order:{heading.invoice}",
        heading.invoice,
        heading.at,
        heading.customer,
        heading.country,
        COUNTRY_CODES.get(heading.country),
        CURRENCY,
        order_lines,
        order_charges,
        sum([line.amount_minor for line in order_lines]) + sum([charge.amount_minor for charge in order_charges]),
    )


def _charge(number: int, line: Line, kind: ChargeKind | None) -> Charge:
    """A discount that adds to the price is none: it takes an earlier one back."""
    amount_minor = minor_of(line.micros)
    turned = kind is None or (kind is ChargeKind.DISCOUNT and amount_minor > 0)
    return Charge(
        number,
        fold(line.code),
        ChargeKind.ADJUSTMENT if turned or kind is None else kind,
        line.description,
        line.quantity,
        line.unit_price,
        amount_minor,
        line.number,
    )


def no_notes() -> Notes:
    """Nothing odd seen yet."""
    return Notes(0, 0, 0, 0, 0, 0, ())


def _notes(
    lines: Iterable[Line],
    invoices: Mapping[str, Sequence[Line]],
    instants: Mapping[datetime, tuple[datetime, bool, bool]],
    orders: Iterable[Order],
) -> Notes:
    odd = {local: (skipped, twice) for local, (_, skipped, twice) in instants.items() if skipped or twice}
    odd_times = [odd[line.local_time] for line in lines if line.local_time in odd] if odd else []
    countries = {line.country for members in invoices.values() for line in members[:1]}
    several = _count_several
    return Notes(
        times_in_gap=sum(skipped for skipped, _ in odd_times),
        times_twice=sum(twice for _, twice in odd_times),
        invoices_with_several_times=several([{line.local_time for line in members} for members in invoices.values()]),
        invoices_with_several_customers=several([{line.customer for line in members} for members in invoices.values()]),
        invoices_with_several_countries=several([{line.country for line in members} for members in invoices.values()]),
        orders_of_charges_only=sum(not order.lines for order in orders),
        unknown_countries=tuple(sorted(countries - COUNTRY_CODES.keys())),
    )


def _count_several(sets: Iterable[AbstractSet[object]]) -> int:
    return sum(len(values) > 1 for values in sets)
