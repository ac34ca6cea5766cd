"""Loading and saving parcels. The order's lock guards them."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from lading.database import queries
from lading.database.pool import Transaction
from lading.shipping.types import Parcel, ParcelLine

sql = queries.load(__file__)

ParcelsByOrder = dict[UUID, list[Parcel]]


async def read_parcels(tx: Transaction, order_ids: Iterable[UUID]) -> ParcelsByOrder:
    """The parcels of each order with what lies in them, in the order of their numbers."""
    parcels: ParcelsByOrder = {id_: [] for id_ in order_ids}
    for row in await tx.fetch(sql.read_parcels, list(parcels)):
        parcels[row[0]].append(Parcel(*row))
    for row in await tx.fetch(sql.read_parcel_lines, list(parcels)):
        named = tuple(msgspec.json.decode(row[5])) if row[5] else ()
        parcels[row[0]][row[1] - 1].lines.append(ParcelLine(row[2], row[3], row[4], named))
    return parcels


async def save_parcels(tx: Transaction, parcels: Sequence[Parcel]) -> None:
    """Insert new ones with their lines, save what changed of the others."""
    new = [parcel for parcel in parcels if not parcel.stored]
    if new:
        names = (
            "order_id number fulfillment_order location_id status status_at weight_grams packed_at carton length_mm width_mm height_mm"
            " sscc"
        )
        await tx.execute(sql.insert_parcels, *queries.columns(new, names))
        lines = [
            (
                parcel.order_id,
                parcel.number,
                *line[:3],
                msgspec.json.encode(line.serials).decode() if line.serials else None,
            )
            for parcel in new
            for line in parcel.lines
        ]
        await tx.execute(sql.insert_parcel_lines, *map(list, zip(*lines, strict=True)))
    known = [parcel for parcel in parcels if parcel.stored or parcel.carrier]
    if known:
        names = "order_id number status status_at carrier tracking_number shipped_at delivered_at"
        await tx.execute(sql.update_parcels, *queries.columns(known, names))


async def find_by_tracking(tx: Transaction, numbers: Iterable[str]) -> dict[str, list[str]]:
    """The names (1042-P1) of the parcels that bear each tracking number; numbers that none bears are left out."""
    wanted = sorted(set(numbers))
    found: dict[str, list[str]] = {}
    for number, name in await tx.fetch(sql.parcels_by_tracking, wanted) if wanted else ():
        found.setdefault(number, []).append(name)
    return found
