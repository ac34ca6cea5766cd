"""Loading and saving returns. The order's lock guards them."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from lading.database import queries
from lading.database.pool import Transaction
from lading.returns.types import Return, ReturnCharge, ReturnLine, UnmatchedReturn

sql = queries.load(__file__)

ReturnsByOrder = dict[UUID, list[Return]]

_LINE = (
    "line_number sku_id location_id requested withdrawn received restocked damaged scrapped refunded refunded_minor lot"
)


async def read_returns(tx: Transaction, order_ids: Iterable[UUID]) -> ReturnsByOrder:
    """All returns of each order, in the order of their numbers."""
    returns: ReturnsByOrder = {id_: [] for id_ in order_ids}
    for row in await tx.fetch(sql.read_returns, list(returns)):
        returns[row[0]].append(Return(*row))
    if any(returns.values()):
        for row in await tx.fetch(sql.read_return_lines, list(returns)):
            returns[row[0]][row[1] - 1].lines[row[2]] = ReturnLine(row[2], row[3], row[5], row[4], *row[6:])
        for row in await tx.fetch(sql.read_return_charges, list(returns)):
            returns[row[0]][row[1] - 1].charges[row[2]] = ReturnCharge(row[2], row[3])
    return returns


async def delivered_at(tx: Transaction, order_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When the last parcel of each order was delivered; orders without a delivered parcel are left out."""
    return {row[0]: row[1] for row in await tx.fetch(sql.delivered_at, list(order_ids))}


async def save_returns(tx: Transaction, returns: Sequence[Return]) -> None:
    """Insert new ones with their lines and charges; save what changed of the others."""
    new = [each for each in returns if not each.stored]
    if new:
        names = "order_id number reference reason requested_at closed_at"
        await tx.execute(sql.insert_returns, *queries.columns(new, names))
    known = [each for each in returns if each.stored]
    if known:
        await tx.execute(sql.update_returns, *queries.columns(known, "order_id number closed_at"))
    await _save_lines(tx, new, sql.insert_return_lines)
    await _save_lines(tx, known, sql.update_return_lines)
    charges = [
        (each.order_id, each.number, charge.charge_number, charge.refunded_minor)
        for each in returns
        for charge in each.charges.values()
        if not charge.stored
    ]
    if charges:
        await tx.execute(sql.insert_return_charges, *map(list, zip(*charges, strict=True)))


async def _save_lines(tx: Transaction, returns: Sequence[Return], statement: str) -> None:
    owners = [each for each in returns for _ in each.lines]
    if owners:
        lines = [line for each in returns for line in each.lines.values()]
        await tx.execute(statement, *queries.columns(owners, "order_id number"), *queries.columns(lines, _LINE))


async def known_unmatched(tx: Transaction, keys: Sequence[tuple[UUID, str]]) -> dict[tuple[UUID, str], UUID]:
    """The ids of the (channel, key) that stand in the queue already."""
    rows = await tx.fetch(sql.known_unmatched, *map(list, zip(*keys, strict=True))) if keys else []
    return {(row[0], row[1]): row[2] for row in rows}


async def insert_unmatched(tx: Transaction, rows: Sequence[UnmatchedReturn]) -> int:
    """Rows written; fewer than given means that somebody else kept the same key first."""
    names = (
        "id channel_id key reference customer_reference sku_code description quantity amount_minor currency reason"
        " occurred_at recorded_at"
    )
    return await tx.execute(sql.insert_unmatched, *queries.columns(rows, names))
