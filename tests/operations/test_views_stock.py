"""Stock by product and location, its ledger, what can be promised, and all of it as of the past."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from lading.views import products, stock
from lading.views.events import head_position
from lading.views.pages import NotFound


async def ask(shop: Any, view: Any, query: Any) -> Any:
    async with shop.database.read(shop.merchant_id) as tx:
        return await view(tx, query)


async def seen(shop: Any, **fields: Any) -> stock.StockPage:
    """A page of stock."""
    page: stock.StockPage = await ask(shop, stock.stock, msgspec.convert(fields, stock.StockQuery))
    return page


def on_hand(page: stock.StockPage) -> dict[str, dict[str, int]]:
    """Buckets above zero by product and location."""
    return {
        item.sku: {
            f"{place.location}.{bucket}": units
            for place in item.locations
            for bucket in item.buckets
            if (units := getattr(place, bucket))
        }
        for item in page.items
    }


async def test_stock_is_shown_by_product_and_location_with_every_bucket(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5, MUG_MUC=3, CAP_MUC=4)
    number = await shop.place({"MUG": 2})
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1", lines=[{"line": 1, "quantity": 1}])
    await shop.do("stock.adjust", sku="CAP", location="MUC", quantity=1, kind="damaged", reason="wet")
    page = await seen(shop)
    assert on_hand(page) == {
        "CAP": {"MUC.available": 3, "MUC.damaged": 1},
        "MUG": {"HAM.available": 3, "HAM.allocated": 1, "HAM.picked": 1, "MUC.available": 3},
    }
    assert [(item.sku, item.on_hand) for item in page.items] == [("CAP", 4), ("MUG", 8)]
    assert on_hand(await seen(shop, location="HAM")) == {
        "MUG": {"HAM.available": 3, "HAM.allocated": 1, "HAM.picked": 1}
    }
    assert [item.sku for item in (await seen(shop, q="mu")).items] == ["MUG"]
    with pytest.raises(NotFound):
        await seen(shop, sku="NONE")


async def test_pages_of_stock_join_without_gap_or_overlap(shop: Any) -> None:
    await shop.stock_up(**{f"P{number}_{('HAM', 'MUC')[number % 2]}": 1 for number in range(9)})
    for filters, expected in (({}, range(9)), ({"location": "HAM"}, range(0, 9, 2))):
        codes: list[str] = []
        after: str | None = None
        while True:
            page = await seen(shop, limit=2, **filters, **({"after": after} if after else {}))
            codes += [item.sku for item in page.items]
            after = page.next
            if after is None:
                break
        assert codes == [f"P{number}" for number in expected]


async def test_as_of_a_position_the_answer_never_changes(shop: Any) -> None:
    chance = random.Random(7)
    await shop.stock_up(MUG_HAM=20, MUG_MUC=20, CAP_HAM=20)
    known: dict[int, dict[str, dict[str, int]]] = {}
    orders: list[str] = []
    for _ in range(25):
        await step(shop, chance, orders)
        page = await seen(shop)
        known[page.position] = on_hand(page)
    for position, was in known.items():
        assert on_hand(await seen(shop, position=position)) == was, position
    assert on_hand(await seen(shop, position=0)) == {"CAP": {}, "MUG": {}}
    assert (await seen(shop, position=10**9)).position == max(known)


async def step(shop: Any, chance: random.Random, orders: list[str]) -> None:
    """Something that moves stock."""
    what = chance.choice(("place", "cancel", "release", "receive", "lose"))
    if what == "place":
        orders.append(await shop.place({"MUG": chance.randint(1, 2), "CAP": 1}))
    elif what == "cancel" and orders:
        await shop.batch("lines.cancel", {"order": orders.pop(), "reason": "test"})
    elif what == "release" and orders:
        number = orders.pop(0)
        await shop.do("orders.release", order=number)
        await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    elif what == "lose":
        await shop.do("stock.adjust", sku="MUG", location="MUC", quantity=1, kind="lost", reason="count")
    else:
        await shop.do("stock.receive", sku="CAP", location="LEJ", quantity=2, reason="purchase")


async def test_as_of_a_time_is_as_of_the_last_position_by_then(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    async with shop.database.read(shop.merchant_id) as tx:
        position = await head_position(tx)
        at = await tx.fetchval("SELECT recorded_at FROM event WHERE merchant_id = $1 AND position = $2", position)
    await shop.do("stock.receive", sku="MUG", location="HAM", quantity=2, reason="purchase")
    page = await seen(shop, sku="MUG", at=at)
    assert (page.position, page.items[0].on_hand) == (position, 5)
    assert (await seen(shop, sku="MUG")).items[0].on_hand == 7
    with pytest.raises(msgspec.ValidationError, match="a position or a time"):
        await seen(shop, position=1, at=at)


async def ledger(shop: Any, **fields: Any) -> stock.LedgerPage:
    page: stock.LedgerPage = await ask(shop, stock.ledger, msgspec.convert(fields, stock.LedgerQuery))
    return page


def line(row: stock.LedgerRow) -> str:
    """A posting in a line."""
    ends = [f"{end.location or ''}:{end.bucket}" if end else "-" for end in (row.source, row.target)]
    return f"{row.kind} {row.quantity} {' > '.join(ends)} {row.order or row.reason}"


async def test_the_ledger_tells_every_move_and_why(shop: Any) -> None:
    await shop.stock_up(MUG_HAM=5)
    number = await shop.place({"MUG": 2})
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL")
    await shop.do("parcels.track", parcel=f"{number}-P1", status="delivered", occurred_at="2026-01-05T10:00:00Z")
    await shop.do("stock.adjust", sku="MUG", location="HAM", quantity=1, kind="scrapped", reason="broken")
    page = await ledger(shop, sku="MUG")
    assert [line(row) for row in page.items] == [
        "stock_adjusted 1 HAM:available > :scrapped broken",
        f"parcel_shipped 2 HAM:packed > - {number}",
        f"parcel_packed 2 HAM:picked > HAM:packed {number}",
        f"units_picked 2 HAM:allocated > HAM:picked {number}",
        f"order_placed 2 HAM:available > HAM:allocated {number}",
        "stock_received 5 :supplier > HAM:available opening",
    ]
    assert [row.kind for row in (await ledger(shop, sku="MUG", everything=True)).items][1] == "parcel_tracked"
    assert (await ledger(shop, sku="MUG", location="MUC")).items == []
    for count, row in enumerate(page.items):
        then = await ledger(shop, sku="MUG", position=row.position)
        assert then.items == page.items[count:]
    assert (await ledger(shop, sku="MUG", position=0)).items == []
    first = await ledger(shop, sku="MUG", limit=4)
    second = await ledger(shop, sku="MUG", limit=4, after=first.next)
    assert [*first.items, *second.items] == page.items and second.next is None


async def test_products_are_found_by_code_gtin_and_words_of_their_name(shop: Any) -> None:
    await shop.batch(
        "products.save",
        {"sku": "MUG-1", "name": "Blue mug", "gtin": "4006381333931"},
        {"sku": "MUG-2", "name": "Red mug"},
        {"sku": "CAP/1", "name": "Café cap"},
    )
    async with shop.database.write(shop.merchant_id) as tx:
        from lading.entrypoints.worker import search

        await tx.execute(search.sql.open_consumer, search.CONSUMER)
        await search.read_on(tx)

    async def codes(q: str) -> list[str]:
        page = await ask(shop, products.products, products.ProductsQuery(q=q))
        return [product.sku for product in page.items]

    assert await codes("mug-") == ["MUG-1", "MUG-2"]
    assert await codes("4006381333931") == ["MUG-1"]
    assert await codes("red MU") == ["MUG-2"]
    assert await codes("cafe") == ["CAP/1"]
    assert await codes("nothing") == []
    product = await ask(shop, products.product, products.ProductQuery(sku="MUG-1"))
    assert (product.name, product.gtin, product.version) == ("Blue mug", "4006381333931", 1)
    assert (await ask(shop, products.product, products.ProductQuery(sku=str(product.id)))).sku == "MUG-1"
    await shop.do("products.save", sku="MUG-2", name="Green cup", rename_to="CUP-2")
    async with shop.database.write(shop.merchant_id) as tx:
        await search.read_on(tx)
    assert await codes("red") == [] and await codes("green") == ["CUP-2"]


async def test_locations_and_channels_are_listed(shop: Any) -> None:
    found = await ask(shop, products.locations, products.LocationsQuery())
    assert [location.code for location in found.items] == ["HAM", "MUC", "LEJ"]
    assert [channel.code for channel in (await ask(shop, products.channels, products.ChannelsQuery())).items] == ["web"]
