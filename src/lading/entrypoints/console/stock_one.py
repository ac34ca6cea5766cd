"""One product's stock: where it lies, what can be promised and when, who holds it, and how it came to that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.responses import Response

from lading.database.pool import Transaction
from lading.entrypoints.console import chart
from lading.entrypoints.console.context import Context, NotThere
from lading.terms.ledger import STOCK_BUCKETS
from lading.views import (
    NotFound,
    availability,
    inbound,
    kits,
    lots,
    policies,
    pools,
    products,
    replenishment,
    reservations,
)
from lading.views import stock as views
from lading.views.names import read_names

LEDGER_ROWS = 25
SIDE_ROWS = 8


@dataclass(frozen=True, slots=True)
class Shelf:
    """A row of the table of places: a location, or one lot at it."""

    location: str
    lot: str
    units: Mapping[str, int]
    """By bucket."""
    promised: int | None
    """What can be promised there now; None for a lot, of which that is not known."""
    of_lot: lots.LotView | None = None

    @property
    def on_hand(self) -> int:
        """The sum of all buckets."""
        return sum(self.units.values())

    @property
    def kept(self) -> int:
        """Available units that are not promised to just anybody."""
        return max(0, self.units["available"] - self.promised) if self.promised is not None else 0


async def show(context: Context) -> Response:
    """Everything about it on one page."""
    sku = context.request.path_params["sku"]
    location, after = context.query("location") or None, context.query("after") or None
    ledger_query = {"sku": sku, "location": location, "after": after, "limit": LEDGER_ROWS}
    async with context.database.read(context.merchant.id) as tx:
        try:
            stock = (await views.stock(tx, views.StockQuery(sku=sku))).items[0]
            ledger = await views.ledger(tx, msgspec.convert(ledger_query, views.LedgerQuery))
            product = await products.product(tx, products.ProductQuery(stock.sku))
            told = await _told(context, tx, product)
        except (NotFound, ValueError) as error:
            raise NotThere from error
        names = await read_names(tx)
    return context.render(
        "stock_one.html",
        stock=stock,
        product=product,
        shelves=shelves(stock, told["promise"].locations, told["lots"]),
        drawn=chart.parts([(step.at, step.available) for step in told["curve"].steps]),
        ledger=ledger,
        buckets=STOCK_BUCKETS,
        location=location or "",
        sku=stock.sku,
        locations=sorted(names.locations.values()),
        is_later=after is not None,
        **told,
    )


async def _told(context: Context, tx: Transaction, product: products.Product) -> dict[str, Any]:
    """What the page tells beside the balances and the ledger, as far as the person may see it."""
    sku, may = product.sku, context.caller.may
    query = availability.AvailabilityQuery(skus=[sku], per=["location"])
    told: dict[str, Any] = {
        "promise": (await availability.availability(tx, query)).items[0],
        "curve": await availability.promise_curve(tx, availability.CurveQuery(sku=sku)),
        "hints": (await replenishment.replenishment(tx, replenishment.ReplenishmentQuery(sku=sku))).items,
        "pools": (await pools.pools(tx, pools.PoolsQuery(sku=sku))).items,
        "safety": await policies.resolve(tx, policies.ResolveQuery(name="safety_stock", sku=sku)),
        "lots": [], "serials": None, "reserved": None, "held": None, "waiting": None, "kit": None, "kits": [],
    }  # fmt: skip
    if product.tracking == "lot":
        told["lots"] = (await lots.lots(tx, lots.LotsQuery(sku=sku, limit=200))).items
    if product.tracking == "serial":
        told["serials"] = await lots.serials(tx, lots.SerialsQuery(sku=sku, place="on_shelf", limit=SIDE_ROWS))
    if may("reservations:read"):
        told["reserved"] = await reservations.reservations(tx, reservations.ReservationsQuery(sku=sku, limit=SIDE_ROWS))
    if may("orders:read"):
        told["held"] = await views.held(tx, views.HeldQuery(sku=sku, limit=SIDE_ROWS))
        told["waiting"] = await inbound.backorders(tx, inbound.BackordersQuery(sku=sku, limit=SIDE_ROWS))
    if may("products:read"):
        told["kits"] = (await kits.kits(tx, kits.KitsQuery(component=sku, limit=SIDE_ROWS))).items
        try:
            told["kit"] = await kits.kit(tx, kits.KitQuery(sku))
        except NotFound:
            told["kit"] = None
    return told


def shelves(
    stock: views.StockOfSku, promised: Mapping[str, int] | None, lots_known: Sequence[lots.LotView]
) -> list[Shelf]:
    """A row for each location, and under it one for each of its lots."""
    by_lot = {each.lot: each for each in lots_known}
    at: dict[str, list[views.StockAt]] = {}
    for row in stock.locations:
        at.setdefault(row.location, []).append(row)
    found: list[Shelf] = []
    for location, rows in at.items():
        sums = {bucket: sum(getattr(row, bucket) for row in rows) for bucket in STOCK_BUCKETS}
        found.append(Shelf(location, "", sums, (promised or {}).get(location, 0)))
        found += [
            Shelf(
                location, row.lot, {bucket: getattr(row, bucket) for bucket in STOCK_BUCKETS}, None, by_lot.get(row.lot)
            )
            for row in rows
            if row.lot and row.on_hand
        ]
    return found
