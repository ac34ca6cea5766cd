"""What the database knows of a file before it is planned: business keys, which are never forgotten."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from lading.adapters.channels.online_retail.rules import fold
from lading.adapters.channels.online_retail.terms import (
    Known,
    KnownCharge,
    KnownCredit,
    KnownLine,
    KnownOrder,
    KnownRefund,
    KnownReturn,
    Wanted,
)
from lading.database import queries
from lading.database.pool import Transaction

sql = queries.load(__file__)

OPENING = "opening:"
ADJUSTMENT = "adjustment:"


@dataclass(slots=True, frozen=True)
class Place:
    """Where the import loads to."""

    channel: str
    channel_id: UUID
    location: str
    location_id: UUID

    @property
    def caller(self) -> str:
        """Who speaks, for command ids and events: import:online-retail."""
        return f"import:{self.channel}"

    def customer(self, key: str | None) -> str | None:
        """The channel's reference of a customer, of the key that the customer is known by."""
        prefix = f"{self.channel}:"
        return key.removeprefix(prefix) if key and key.startswith(prefix) else None


@dataclass(slots=True)
class Loaded:
    """What the plan needs, and the numbers of the orders that are there."""

    known: Known
    numbers: dict[str, str] = field(default_factory=dict)
    """Order number by invoice."""


async def load_known(tx: Transaction, place: Place, wanted: Wanted) -> Loaded:
    """Everything of the database that a plan of the file depends on."""
    codes = {row[0]: row[1] for row in await tx.fetch(sql.codes) if fold(row[1]) in wanted.skus}
    keys = [f"{place.channel}:{customer}" for customer in wanted.customers]
    rows = await tx.fetch(sql.orders, place.channel_id, sorted(wanted.invoices), keys)
    names: dict[UUID, str] = {row[0]: row[1] for row in rows}
    lines, charges = await _contents(tx, names)
    orders = {
        name: KnownOrder(name, place.customer(key), placed_at, tuple(lines.get(id_, ())), tuple(charges.get(id_, ())))
        for id_, name, placed_at, key, _ in rows
    }
    balances = {codes[row[0]]: row[1] for row in await tx.fetch(sql.balances, place.location_id, list(codes))}
    openings, done = await _moved(tx, place, codes)
    done |= {row[0] for row in await tx.fetch(sql.kept_keys, place.channel_id)}
    known = Known(
        balances, openings, frozenset(codes.values()), orders, await _credits(tx, names, wanted.credit_notes), done
    )
    return Loaded(known, {row[1]: str(row[4]) for row in rows})


async def _contents(
    tx: Transaction, names: Mapping[UUID, str]
) -> tuple[dict[UUID, list[KnownLine]], dict[UUID, list[KnownCharge]]]:
    lines: dict[UUID, list[KnownLine]] = {}
    charges: dict[UUID, list[KnownCharge]] = {}
    if names:
        for order_id, number, code, ordered, price, goods_minor, gone in await tx.fetch(sql.lines, list(names)):
            lines.setdefault(order_id, []).append(KnownLine(number, code, ordered, price, goods_minor, gone))
        for order_id, *charge in await tx.fetch(sql.charges, list(names)):
            charges.setdefault(order_id, []).append(KnownCharge(*charge))
    return lines, charges


async def _moved(tx: Transaction, place: Place, codes: Mapping[UUID, str]) -> tuple[dict[str, int], set[str]]:
    """How many openings each product had, and the keys of the adjustments."""
    openings: dict[str, int] = {}
    done: set[str] = set()
    for sku_id, document in await tx.fetch(sql.stock_documents, list(codes), place.caller):
        if document and document.startswith(OPENING):
            openings[codes[sku_id]] = openings.get(codes[sku_id], 0) + 1
        elif document and document.startswith(ADJUSTMENT):
            done.add(document)
    return openings, done


async def _credits(tx: Transaction, names: Mapping[UUID, str], notes: Iterable[str]) -> dict[str, KnownCredit]:
    """What earlier runs made of the credit notes."""
    if not names:
        return {}
    returns: dict[str, list[KnownReturn]] = {}
    refunds: dict[str, list[KnownRefund]] = {}
    wanted = sorted(notes)
    for reference, order_id, *line in await tx.fetch(sql.returned_lines, list(names), wanted):
        returns.setdefault(reference, []).append(KnownReturn(names[order_id], *line))
    for reference, order_id, *charge in await tx.fetch(sql.returned_charges, list(names), wanted):
        refunds.setdefault(reference, []).append(KnownRefund(names[order_id], *charge))
    return {
        reference: KnownCredit(tuple(returns.get(reference, ())), tuple(refunds.get(reference, ())))
        for reference in returns.keys() | refunds.keys()
    }
