"""Units at other places that an order which gives way cannot have, and why: what sourcing would say of them if it looked now."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from lading.catalog.policies import Policies
from lading.catalog.types import Network
from lading.database.pool import Transaction
from lading.shortages.planning import Kept
from lading.sourcing import store as sourcing
from lading.sourcing.plans import NOBODY, Asked, Plan
from lading.sourcing.policies import hazardous
from lading.sourcing.ranking import kept_by
from lading.views.promisable import Setup, read_filters

Lying = Mapping[str, int]
"""Units by location."""


@dataclass(slots=True)
class Elsewhere:
    """What keeps the claims of a plan from places."""

    network: Network
    policies: Policies
    filters: Plan | None = None
    asked: Mapping[UUID, Asked] = field(default_factory=dict)
    """What the filters may know of each order."""
    _known: dict[tuple[Asked, UUID, str, int], Kept | None] = field(default_factory=dict)

    def concerns(self, rows: Iterable[asyncpg.Record]) -> bool:
        """Whether it matters to any of them where units lie."""
        return self.filters is not None or any(row["collected_at"] or row["rejected_by"] for row in rows)

    def kept(
        self, row: asyncpg.Record, products: Iterable[tuple[str | None, UUID, Lying]]
    ) -> dict[tuple[str | None, str], Kept]:
        """What the claim of a row cannot have of these products, as `Claim` has it; the product itself goes by None."""
        if not self.concerns([row]):
            return {}
        asked = self.asked.get(row["order_id"], NOBODY).of_line(row["line_number"])
        found = {}
        for sku, sku_id, lying in products:
            for code, units in lying.items():
                if why := self._why(row, asked, sku_id, code, units):
                    found[(sku, code)] = why
        return found

    def _why(self, row: asyncpg.Record, asked: Asked, sku_id: UUID, code: str, units: int) -> Kept | None:
        place = self.network.location_by_code(code)
        if place is None or place.id == row["collected_at"]:
            return None
        at = row["collected_at"]
        if at and not self.policies.value("ship_to_store", location=at):
            return Kept(code, units, "collected")
        if place.id in row["rejected_by"]:
            return Kept(code, units, "gave_back")
        key = (asked, sku_id, code, units)
        if self.filters and key not in self._known:
            name = kept_by(self.filters, asked, sku_id, place.id, units)
            self._known[key] = Kept(code, units, "filter", name) if name else None
        return self._known.get(key)


async def read_elsewhere(
    tx: Transaction,
    setup: Setup,
    network: Network,
    policies: Policies,
    rows: Collection[asyncpg.Record],
) -> Elsewhere:
    """For the claims of these rows: filters, and what they look at, where there are any."""
    elsewhere = Elsewhere(network, policies)
    if setup.filters is not None:
        elsewhere.asked = await sourcing.read_asked(tx, {row["order_id"] for row in rows})
        everywhere = [
            known for each in elsewhere.asked.values() for known in (each, *(other for _, other in each.apart))
        ]
        elsewhere.filters = await read_filters(tx, setup, everywhere, hazardous(policies.values))
    return elsewhere
