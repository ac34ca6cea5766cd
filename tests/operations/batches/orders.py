"""Orders are placed, held, sourced, cancelled and released."""

from __future__ import annotations

from typing import Any

from tests.operations.batches.building import builds
from tests.operations.batches.stock import receive
from tests.races.shop import DAY, Payload, Shop, money, order


def customer(number: int) -> Payload:
    return {"name": f"N{number}", "email": f"{number}@example.com"}


async def placed(shop: Shop, count: int, **more: Any) -> list[str]:
    """The numbers of so many orders of three units."""
    done = await shop.do("orders.place", *(order(("A", 3), **more) for _ in range(count)))
    return [each["number"] for each in done]


@builds("orders.place", many=1_000)
async def place(shop: Shop, count: int) -> list[Payload]:
    return [
        order(
            ("A", 1), ("B", 2), ("C", 1), external_reference=f"R{number}", customer=customer(number),
            ship_to={"country": "DE", "line1": f"Street {number}"}, tenders=[{"amount": money("1.00")}],
            charges=[{"kind": "shipping", "code": "std", "amount": money("4.90")}],
        )
        for number in range(count)
    ]  # fmt: skip


@builds("lines.address")
async def address_lines(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count)
    return [
        {"order": each, "lines": [1], "ship_to": {"country": "AT", "city": f"C{index}"}}
        for index, each in enumerate(numbers)
    ]


@builds("orders.record", many=1_000)
async def record(shop: Shop, count: int) -> list[Payload]:
    past = {"location": "HAM", "placed_at": DAY, "delivered_at": DAY}
    return [{**payload, **past} for payload in await place(shop, count)]


@builds("availability.check")
async def check_availability(shop: Shop, count: int) -> list[Payload]:
    await shop.do("policies.set", {"name": "availability_levels", "value": [5]})
    return [{"sku": payload["sku"]} for payload in await receive(shop, count)]


@builds("orders.release", many=1_000)
async def release(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number} for number in await placed(shop, count)]


@builds("orders.hold", many=1_000)
async def hold(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number, "kind": "fraud", "note": "?"} for number in await placed(shop, count)]


@builds("holds.release")
async def lift(shop: Shop, count: int) -> list[Payload]:
    payloads = await hold(shop, count)
    await shop.do("orders.hold", *payloads)
    return [{"order": payload["order"]} for payload in payloads]


@builds("orders.source", many=1_000)
async def source(shop: Shop, count: int) -> list[Payload]:
    """Each order has a unit short at its pick, which other stock can fill."""
    orders = await released(shop, count)
    short = [{"line": 1, "quantity": 1, "reason": "gone"}]
    await shop.do("fulfillment-orders.pick", *({"fulfillment_order": name, "short": short} for name in orders))
    return [{"order": name.partition("-")[0]} for name in orders]


@builds("lines.cancel", many=1_000)
async def cancel(shop: Shop, count: int) -> list[Payload]:
    lines = [{"line": 1, "quantity": 1}]
    return [{"order": number, "reason": "late", "lines": lines} for number in await placed(shop, count)]


@builds("orders.split")
async def split(shop: Shop, count: int) -> list[Payload]:
    paid = {"tenders": [{"amount": money("6.00")}], "tags": ["late"]}
    lines = [{"line": 1, "quantity": 1}]
    return [{"order": number, "reason": "x", "lines": lines} for number in await placed(shop, count, **paid)]


@builds("orders.merge")
async def merge(shop: Shop, count: int) -> list[Payload]:
    pairs = zip(await placed(shop, count), await placed(shop, count, tenders=[{"amount": money("6.00")}]), strict=True)
    return [{"order": number, "others": [other], "reason": "x"} for number, other in pairs]


@builds("notes.add")
async def add_note(shop: Shop, count: int) -> list[Payload]:
    return [{"order": number, "text": "Rings twice"} for number in await placed(shop, count)]


@builds("notes.blank")
async def blank_note(shop: Shop, count: int) -> list[Payload]:
    return [{"note": each["note"]} for each in await shop.do("notes.add", *await add_note(shop, count))]


@builds("orders.tag")
async def tag(shop: Shop, count: int) -> list[Payload]:
    numbers = await placed(shop, count, tags=["late"])
    return [{"order": number, "add": ["vip"], "remove": ["late"]} for number in numbers]


async def released(shop: Shop, count: int) -> list[str]:
    done = await shop.do("orders.release", *await release(shop, count))
    return [each["fulfillment_orders"][0] for each in done]


@builds("promises.renew")
async def renew(shop: Shop, count: int) -> list[Payload]:
    """Each order waits for a product that was bought after it was placed."""
    await shop.do("products.save", {"sku": "LATE", "name": "Late"})
    await shop.do("policies.set", {"name": "may_backorder", "sku": "LATE", "value": True})
    waiting = await shop.do("orders.place", *(order(("LATE", 1)) for _ in range(count)))
    line = {"sku": "LATE", "location": "HAM", "quantity": 5_000, "due_at": "2035-12-03T08:00:00Z"}
    await shop.do("purchase-orders.place", {"supplier": "Nord", "lines": [line]})
    return [{"order": each["number"]} for each in waiting]
