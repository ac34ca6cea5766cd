"""Rows of stock that a batch moves units in: each command sees what the earlier ones left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from lading.database.pool import Transaction
from lading.inventory import rules
from lading.inventory import store as inventory
from lading.journal.types import Decision, refused
from lading.operations.moving_stock import NOT_THERE, TOO_MANY_UNITS, UNITS_MAX
from lading.terms.ledger import Posting


async def lock_or_create(tx: Transaction, keys: Iterable[inventory.Key], *, lock: bool) -> "Shelves":
    """Those rows, locked; rows that do not exist are made, so that they can be locked: nobody else makes them meanwhile."""
    wanted = set(keys)
    rows = await inventory.stock_rows(tx, wanted, lock=lock)
    if lock and (missing := wanted - rows.keys()):
        await inventory.create_rows(tx, missing)
        rows |= await inventory.stock_rows(tx, missing, lock=True)
    return Shelves(rows)


@dataclass(slots=True)
class Shelves:
    """Buckets by row; a row that does not exist yet is empty."""

    rows: dict[inventory.Key, dict[str, int]]

    def row(self, key: inventory.Key) -> dict[str, int]:
        """Its buckets, and how many of its units are short."""
        return self.rows.setdefault(key, {})

    def units(self, sku_id: UUID, location_id: UUID, lot: str, bucket: str) -> int:
        """How many lie there."""
        return self.rows.get((sku_id, location_id, lot), {}).get(bucket, 0)

    def takeable(self, sku_id: UUID, location_id: UUID, lot: str, bucket: str) -> int:
        """How many of them somebody may take."""
        return rules.takeable(self.rows.get((sku_id, location_id, lot), {}), bucket)

    def refuse_leaving(
        self,
        leaving: Mapping[inventory.Key, int],
        skus: Mapping[UUID, str],
        locations: Mapping[UUID, str],
        pointer: str,
    ) -> Decision | None:
        """Refuse where more units would leave a shelf than lie there, though more may be set aside."""
        for key, quantity in leaving.items():
            if (there := rules.lying(self.row(key))) < quantity:
                facts = {"location": locations[key[1]], "sku": skus[key[0]], "bucket": "on its shelves"}
                return refused(NOT_THERE, pointer, **facts, available=there, quantity=quantity)
        return None

    def move(self, postings: Iterable[Posting]) -> None:
        """Move units in memory as the postings will move them in the tables."""
        for posting in postings:
            for end, change in ((posting.source, -posting.quantity), (posting.target, posting.quantity)):
                if end and end.location_id:
                    row = self.rows.setdefault((posting.sku_id, end.location_id, end.lot), {})
                    row[end.bucket] = row.get(end.bucket, 0) + change

    def refuse(
        self, postings: Iterable[Posting], skus: dict[UUID, str], locations: dict[UUID, str], pointer: str
    ) -> Decision | None:
        """Refuse where a bucket would hold fewer units than none, or more than a row can hold.

        Nobody takes available units that have to make up for a shortage.
        """
        left: dict[tuple[inventory.Key, str], int] = {}
        for posting in postings:
            for end, change in ((posting.source, -posting.quantity), (posting.target, posting.quantity)):
                if end is None or end.location_id is None:
                    continue
                key = (posting.sku_id, end.location_id, end.lot)
                there = left.get((key, end.bucket), self.units(*key, end.bucket))
                left[key, end.bucket] = there + change
                facts = {"location": locations[end.location_id], "sku": skus[posting.sku_id], "bucket": end.bucket}
                free = rules.takeable({**self.row(key), end.bucket: there}, end.bucket)
                if change < 0 and free + change < 0:
                    return refused(NOT_THERE, pointer, **facts, available=free, quantity=-change)
                if there + change > UNITS_MAX:
                    return refused(TOO_MANY_UNITS, pointer, **facts, there=there, quantity=change, most=UNITS_MAX)
        return None
