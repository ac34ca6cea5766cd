"""Loading and saving transfers."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.terms.documents import number_or_id
from lading.transfers.types import COUNTERS, Transfer, TransferLine, Transfers

sql = queries.load(__file__)

_DATES = "ready_at shipped_at received_at cancelled_at closed_at"


async def load(tx: Transaction, refs: Iterable[str], *, lock: bool) -> Transfers:
    """The transfers that the references (T1043, or an id) mean, with their lines; unknown ones are left out.

    With `lock` their rows are locked first, in primary-key order; the lines are read in a later statement.
    """
    keys = {number_or_id(ref, "T") for ref in refs}
    ids = {key for key in keys if isinstance(key, UUID)}
    if numbers := sorted(key for key in keys if isinstance(key, int)):
        ids.update(row[0] for row in await tx.fetch(sql.transfer_ids, numbers))
    found = Transfers()
    if not ids:
        return found
    by_id = {
        row["id"]: Transfer(**dict(row))
        for row in await tx.fetch(sql.lock_transfers if lock else sql.read_transfers, sorted(ids))
    }
    for row in await tx.fetch(sql.read_transfer_lines, list(by_id)):
        *known, serials = row[1:]
        line = by_id[row[0]].lines[row[1]] = TransferLine(*known)
        line.serials = msgspec.json.decode(serials) if serials else []
    for transfer in by_id.values():
        found.by_key[transfer.number] = found.by_key[transfer.id] = transfer
    return found


async def taken_references(tx: Transaction, references: Iterable[str]) -> dict[str, int]:
    """The numbers of the transfers that bear these references already."""
    wanted = sorted(set(references))
    return {row[0]: row[1] for row in await tx.fetch(sql.transfer_references, wanted)} if wanted else {}


async def insert_transfers(tx: Transaction, transfers: Sequence[Transfer]) -> int:
    """Rows written with their lines; fewer than given means that a reference was taken meanwhile."""
    names = f"id number reference from_location_id to_location_id due_at created_at {_DATES} version"
    written = await tx.execute(sql.insert_transfers, *queries.columns(transfers, names))
    if written == len(transfers):
        await tx.execute(sql.insert_transfer_lines, *_lines(transfers, "number sku_id lot quantity"))
    return written


async def update_transfers(tx: Transaction, transfers: Sequence[Transfer]) -> None:
    """Save dates and counters."""
    await tx.execute(sql.update_transfers, *queries.columns(transfers, f"id {_DATES} version"))
    await tx.execute(
        sql.update_transfer_lines,
        *_lines(transfers, f"number {' '.join(COUNTERS)} damaged"),
        [
            msgspec.json.encode(line.serials).decode() if line.serials else None
            for transfer in transfers
            for line in transfer.lines.values()
        ],
    )


def _lines(transfers: Sequence[Transfer], names: str) -> list[list[object]]:
    owners = [transfer for transfer in transfers for _ in transfer.lines]
    lines = [line for transfer in transfers for line in transfer.lines.values()]
    return [*queries.columns(owners, "id"), *queries.columns(lines, names)]
