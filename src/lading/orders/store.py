"""Loading orders whole, and saving them as they stand."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.kernel.ids import first_id_at
from lading.orders.checks import Recent, basket
from lading.orders.types import (
    AddedCharge,
    AddedLine,
    Buyer,
    Charge,
    Detail,
    Due,
    Edit,
    Heading,
    Hold,
    Line,
    LineAddress,
    Method,
    Numbered,
    Order,
    Orders,
    PickupPlace,
    Relation,
    Wholeness,
)

sql = queries.load(__file__)

_FIRST_STAGE = 16  # columns of read_lines before the stages


async def load(tx: Transaction, refs: Iterable[str], *, lock: bool) -> Orders:
    """The orders that the references (id, number, or document name) mean, with lines, charges and holds; unknown ones are left out.

    With `lock` the order rows are locked first, in primary-key order; everything else is read in later statements.
    """
    wanted = set(refs)
    ids = await _ids(tx, wanted)
    orders = Orders()
    if not ids:
        return orders
    rows = await tx.fetch(sql.lock_orders if lock else sql.read_orders, sorted(ids))
    by_id: dict[UUID, Order] = {row["id"]: Order(**dict(row)) for row in rows}
    for order in by_id.values():
        if order.company_id:
            order.counted_minor = order.owed_minor
        orders.by_ref[str(order.number)] = orders.by_ref[str(order.id)] = order
    found = list(by_id)
    for row in await tx.fetch(sql.read_lines, found):
        stages = dict(list(row.items())[_FIRST_STAGE:])
        by_id[row[0]].lines[row[1]] = Line(row[1], row[2], row[3], row[4], row[5], row[6], stages, *row[7:_FIRST_STAGE])
    for row in await tx.fetch(sql.read_charges, found):
        order = by_id[row[0]]
        (order.lines[row[2]].charges if row[2] else order.charges).append(Charge(*row[1:]))
    for row in await tx.fetch(sql.read_holds, found):
        by_id[row[0]].holds.append(Hold(*row))
    return orders


async def _ids(tx: Transaction, refs: set[str]) -> set[UUID]:
    ids, numbers = set(), set()
    for ref in refs:
        number = ref.partition("-")[0]
        if number.isascii() and number.isdecimal() and len(ref) < 32:
            if len(number) <= 18:
                numbers.add(int(number))
        else:
            try:
                ids.add(UUID(ref))
            except ValueError:
                continue
    if numbers:
        ids.update(row[1] for row in await tx.fetch(sql.ids_of_numbers, sorted(numbers)))
    return ids


async def find_by_reference(
    tx: Transaction, wanted: Sequence[tuple[UUID, str]]
) -> dict[tuple[UUID, str], tuple[int, bytes | None, str]]:
    """(number, payload hash, stored outcome) of the orders with those (channel, external reference)."""
    if not wanted:
        return {}
    rows = await tx.fetch(sql.find_by_reference, *map(list, zip(*wanted, strict=True)))
    return {(row[0], row[1]): (row[3], row[4], row[5]) for row in rows}


_ORDER_COLUMNS = (
    "id number channel_id external_reference placed_at ship_by queued_at currency priority version policy_version placed_by"
    " customer_id party_version_id ship_to_id history active_holds"
)
_LINE_COLUMNS = 11


async def insert_orders(tx: Transaction, orders: Sequence[Order]) -> int:
    """Orders with lines and charges; the number of orders written (fewer than given: an external reference was taken)."""
    lines = [
        (order.id, line.number, line.sku_id, line.external_id, str(line.unit_price), line.goods_minor, line.ordered,
         line.units["open"], line.units["backordered"], line.units["allocated"], line.units["delivered"])
        for order in orders for line in order.lines.values() if not (line.is_kit or line.part_of)
    ]  # fmt: skip
    written = await tx.execute(
        sql.insert_orders,
        *queries.narrowed(
            [
                *queries.columns(orders, _ORDER_COLUMNS),
                *queries.transposed([_sums_at_birth(order) for order in orders], 5),
                *queries.columns(orders, "charged_minor authorised_minor captured_minor"),
            ]
        ),
        *queries.narrowed(queries.transposed(lines, _LINE_COLUMNS)),
    )
    in_kits = [
        (order.id, line.number, line.sku_id, line.external_id, line.unit_price, line.goods_minor, line.ordered, line.is_kit,
         line.part_of, line.per_kit, line.units["open"], line.units["backordered"], line.units["allocated"],
         line.units["delivered"])
        for order in orders for line in order.lines.values() if line.is_kit or line.part_of
    ]  # fmt: skip
    if in_kits:
        await tx.execute(sql.insert_lines_of_kits, *queries.transposed(in_kits, 14))
    collected = [
        PickupPlace(order.id, line.number, line.pickup_at)
        for order in orders
        for line in order.lines.values()
        if line.pickup_at
    ]
    if collected:
        await place_pickups(tx, collected)
    await _insert_charges(tx, ((order.id, order.all_charges) for order in orders))
    return written


async def place_pickups(tx: Transaction, rows: Sequence[PickupPlace]) -> None:
    """Where customers collect these lines; the last word counts."""
    places = {(row.order_id, row.line_number): row.location_id for row in rows}
    await tx.execute(sql.place_pickups, *queries.transposed([(*key, place) for key, place in places.items()], 3))


async def address_lines(tx: Transaction, rows: Sequence[LineAddress]) -> None:
    """Where these lines go; the last word counts."""
    places = {(row.order_id, row.line_number): row.ship_to_id for row in rows}
    await tx.execute(sql.address_lines, *queries.transposed([(*key, place) for key, place in places.items()], 3))


async def _insert_charges(tx: Transaction, orders: Iterable[tuple[UUID, Iterable[Charge]]]) -> None:
    """Charges of these orders, each once with the lines that bear it."""
    rows: list[tuple[Any, ...]] = []
    lines: list[int] = []
    amounts: list[int] = []
    for order_id, charges in orders:
        shares: dict[int, list[Charge]] = {}
        for each in charges:
            shares.setdefault(each.number, []).append(each)
        for borne in shares.values():
            first = len(lines) + 1
            lines += [each.line_number for each in borne]
            amounts += [each.amount_minor for each in borne]
            charge = borne[0]
            rows.append(
                (order_id, charge.number, charge.kind, charge.code, charge.rate, charge.included, charge.applies_to, charge.source,
                 first, len(lines))
            )  # fmt: skip
    if rows:
        await tx.execute(sql.insert_charges, *queries.narrowed(queries.transposed(rows, 10)), lines, amounts)


def _sums_at_birth(order: Order) -> tuple[int, int, int, int, int]:
    """Units ordered, open, backordered, allocated and delivered; others cannot be when an order is placed or recorded."""
    ordered = open_ = backordered = allocated = delivered = 0
    for line in order.lines.values():
        if line.is_kit:
            continue
        units = line.units
        ordered += line.ordered
        open_ += units["open"]
        backordered += units["backordered"]
        allocated += units["allocated"]
        delivered += units["delivered"]
    return ordered, open_, backordered, allocated, delivered


async def update_orders(tx: Transaction, orders: Sequence[Order]) -> None:
    """Version, holds and money of orders."""
    names = "id version queued_at active_holds adjusted_minor authorised_minor captured_minor refunded_minor"
    await tx.execute(sql.update_orders, *queries.columns(orders, names))


async def add_lines(tx: Transaction, rows: Sequence[AddedLine]) -> None:
    """Lines of orders that were placed earlier, with their charges; the orders count their units. Their units are moved afterwards."""
    lines = [
        (row.order_id, row.line.number, row.line.sku_id, row.line.unit_price, row.line.goods_minor, row.line.ordered,
         row.line.instead_of, row.line.added, row.line.is_kit, row.line.part_of, row.line.per_kit)
        for row in rows
    ]  # fmt: skip
    await tx.execute(sql.insert_added_lines, *queries.transposed(lines, 11))
    collected = [PickupPlace(row.order_id, row.line.number, row.line.pickup_at) for row in rows if row.line.pickup_at]
    if collected:
        await place_pickups(tx, collected)
    if elsewhere := [
        LineAddress(row.order_id, row.line.number, row.line.ship_to_id) for row in rows if row.line.ship_to_id
    ]:
        await address_lines(tx, elsewhere)
    units: dict[UUID, int] = {}
    for row in rows:
        units[row.order_id] = units.get(row.order_id, 0) + (0 if row.line.is_kit else row.line.ordered)
    await tx.execute(sql.count_added_units, list(units), list(units.values()))
    standing_in = [row for row in rows if not row.line.added]
    await _insert_charges(tx, ((row.order_id, row.line.charges) for row in standing_in))
    await add_charges(
        tx, [AddedCharge(row.order_id, each) for row in rows if row.line.added for each in row.line.charges]
    )


async def add_charges(tx: Transaction, rows: Sequence[AddedCharge]) -> None:
    """What orders were charged after they were placed."""
    charges = [
        (row.order_id, row.charge.number, row.charge.line_number, row.charge.kind, row.charge.code, row.charge.amount_minor,
         row.charge.rate, row.charge.included, row.charge.applies_to, row.charge.source)
        for row in rows
    ]  # fmt: skip
    if charges:
        await tx.execute(sql.insert_added_charges, *queries.transposed(charges, 10))


async def save_headings(tx: Transaction, rows: Sequence[Heading]) -> None:
    """Address, date and priority of orders."""
    orders = list({row.order.id: row.order for row in rows}.values())
    await tx.execute(sql.update_headings, *queries.columns(orders, "id ship_to_id ship_by priority"))


async def save_wholeness(tx: Transaction, rows: Sequence[Wholeness]) -> None:
    """Which orders, and which of their lines, go out whole."""
    orders = list({row.order.id: row.order for row in rows}.values())
    await tx.execute(sql.update_ship_complete, *queries.columns(orders, "id ship_complete"))
    lines = [(order.id, line.number, line.ship_complete) for order in orders for line in order.lines.values()]
    await tx.execute(sql.update_line_ship_complete, *queries.transposed(lines, 3))


async def save_methods(tx: Transaction, rows: Sequence[Method]) -> None:
    """How orders shall be sent; the last word counts."""
    last = {row.order_id: row.method for row in rows}
    await tx.execute(sql.save_methods, list(last), list(last.values()))


async def read_edits(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, list[Edit]]:
    """What was prepared for these orders, by order; their rows guard it."""
    found: dict[UUID, list[Edit]] = {}
    for row in await tx.fetch(sql.read_edits, sorted(set(ids))):
        values = dict(row) | {name: msgspec.json.decode(row[name]) for name in ("fields", "shown")}
        found.setdefault(row["order_id"], []).append(Edit(**values))
    return found


async def read_details(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, tuple[Detail, str | None]]:
    """What these orders carry that few do, and how they shall be sent."""
    return {
        row["order_id"]: (
            Detail(
                row["order_id"], row["bill_to_id"], row["risk_score"], row["gift"], row["may_split"],
                tax_exemption=row["tax_exemption"], shop_currency=row["shop_currency"], shop_rate=row["shop_rate"],
            ),
            row["method"],
        )
        for row in await tx.fetch(sql.read_details, sorted(ids))
    }  # fmt: skip


async def read_buyers(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, Buyer]:
    """What those of these orders carry that companies have on their account."""
    return {row[0]: Buyer(*row) for row in await tx.fetch(sql.read_buyers, sorted(ids))}


async def save_relations(tx: Transaction, rows: Sequence[Relation]) -> None:
    """Which orders units went to, and came from."""
    await tx.execute(sql.insert_relations, *queries.columns(rows, "order_id other_id how related_at"))


async def find_edits(tx: Transaction, names: Iterable[str]) -> dict[str, Edit]:
    """The edits of those names (1042-E1); unknown ones are left out."""
    numbers = {int(number) for name in names if len(number := name.partition("-")[0]) <= 18}
    orders = {row[1]: row[0] for row in await tx.fetch(sql.ids_of_numbers, sorted(numbers))}
    found = await read_edits(tx, orders)
    return {f"{orders[each.order_id]}-E{each.number}": each for edits in found.values() for each in edits}


async def find_numbered(tx: Transaction, refs: Iterable[str], *, lock: bool) -> dict[str, Numbered]:
    """The orders that the references (id or number) mean, by reference; with `lock` locked, in primary-key order."""
    wanted = set(refs)
    statement = sql.numbered_orders if lock else sql.numbered_orders_unlocked
    found = [Numbered(*row) for row in await tx.fetch(statement, sorted(await _ids(tx, wanted)))]
    known = {str(order.id): order for order in found} | {str(order.number): order for order in found}
    return {ref: known[ref.lower()] for ref in wanted if ref.lower() in known}


async def save_edits(tx: Transaction, rows: Sequence[Edit]) -> None:
    """Insert those that were begun, close those that were confirmed or dropped."""
    new = [
        (row.order_id, row.number, row.version, row.begun_at, row.begun_by, _json(row.fields), row.ship_to_id, _json(row.shown),
         row.expires_at)
        for row in rows if not row.stored
    ]  # fmt: skip
    if new:
        await tx.execute(sql.insert_edits, *queries.transposed(new, 9))
    if closed := [row for row in rows if row.closed_at]:
        await tx.execute(sql.close_edits, *queries.columns(closed, "order_id number status closed_at"))


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def save_line_refunds(tx: Transaction, orders: Iterable[Order]) -> None:
    """How many units of each line were refunded; after the postings, for only returned units are refunded."""
    refunded = [
        (order.id, line.number, line.refunded) for order in orders for line in order.lines.values() if line.refunded
    ]
    if refunded:
        await tx.execute(sql.update_line_refunds, *map(list, zip(*refunded, strict=True)))


async def save_holds(tx: Transaction, holds: Sequence[Hold]) -> None:
    """Insert new holds, save lifted ones."""
    new = [hold for hold in holds if not hold.stored]
    if new:
        rows = [
            (hold.order_id, hold.number, hold.kind, hold.note, hold.placed_at, hold.reason, hold.expires_at, hold.placed_by,
             ",".join(hold.stops), ",".join(map(str, hold.lines)), ",".join(map(str, hold.fulfillment_orders)))
            for hold in new
        ]  # fmt: skip
        await tx.execute(sql.insert_holds, *queries.transposed(rows, 11))
    lifted = [hold for hold in holds if hold.released_at is not None]
    if lifted:
        await tx.execute(
            sql.update_holds, *queries.columns(lifted, "order_id number released_at released_by approved_minor")
        )


async def insert_buyers(tx: Transaction, rows: Sequence[Buyer]) -> int:
    """Rows written; fewer than given means that a purchase order number was taken meanwhile."""
    names = "order_id company_id currency purchase_order search_key unique_key terms_days due_on owed_minor"
    return await tx.execute(sql.insert_buyers, *queries.columns(rows, names))


async def save_dues(tx: Transaction, rows: Sequence[Due]) -> None:
    """When orders are to be paid; what was said first stays."""
    await tx.execute(sql.save_dues, *queries.columns(rows, "order_id due_on"))


async def count_owed(tx: Transaction, orders: Sequence[Order]) -> None:
    """What companies owe for these orders."""
    await tx.execute(sql.count_owed, *queries.columns(orders, "id owed_minor"))


async def insert_details(tx: Transaction, details: Sequence[Detail]) -> None:
    """What few orders carry."""
    names = "order_id bill_to_id risk_score gift may_split whole_lines tax_exemption shop_currency shop_rate language"
    await tx.execute(sql.insert_details, *queries.columns(details, names))


async def read_exemptions(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Why those of these orders are not taxed that are not."""
    return {row[0]: row[1] for row in await tx.fetch(sql.read_exemptions, sorted(set(ids)))}


async def lock_customers(tx: Transaction, ids: Iterable[UUID]) -> None:
    """Lock these customers, in the order of their keys."""
    await tx.fetch(sql.lock_customers, sorted(ids))


async def read_recent(tx: Transaction, ids: Iterable[UUID], since: datetime, most: int) -> list[Recent]:
    """What these customers ordered since then, the newest `most` of each."""
    rows = await tx.fetch(sql.recent_orders, sorted(ids), first_id_at(since), most)
    return [
        Recent(row[0], row[1], row[2], row[3], row[4], row[5], basket(zip(row[6], row[7], strict=True))) for row in rows
    ]


async def read_owed(tx: Transaction, ids: Iterable[UUID]) -> dict[tuple[UUID, str], int]:
    """What these customers owe that no tender covers, by currency."""
    return {(row[0], row[1]): row[2] for row in await tx.fetch(sql.owed_by_customers, sorted(ids))}
