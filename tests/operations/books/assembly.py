"""Kits and work orders."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, order


async def sell_kits(shop: Shop) -> None:
    """A kit of two products, of which one order has a whole one cancelled and the other picked."""
    await shop.do("products.save", {"sku": "KIT", "name": "A and two B"})
    await shop.do("kits.save", {"sku": "KIT", "components": [{"sku": "A"}, {"sku": "B", "per_kit": 2}]})
    number = (await shop.do("orders.place", order(("KIT", 2))))[0]["number"]
    await shop.do("lines.cancel", {"order": number, "reason": "late", "lines": [{"line": 1, "quantity": 1}]})
    await shop.do("products.save", {"sku": "BOX", "name": "A and two B, made ahead"})
    await shop.do(
        "kits.save", {"sku": "BOX", "components": [{"sku": "A"}, {"sku": "B", "per_kit": 2}], "stocked": True}
    )
    parts = {"location": "BER", "quantity": 9, "reason": "purchase"}
    await shop.do("stock.receive", *({"sku": sku, **parts} for sku in ("A", "B")))
    made = (await shop.do("work-orders.open", {"sku": "BOX", "location": "BER", "quantity": 3}))[0]["work_order"]
    await shop.do("work-orders.complete", {"work_order": made, "quantity": 1})
    await shop.do("work-orders.cancel", {"work_order": made, "quantity": 1, "reason": "late"})
    made = (await shop.do("orders.release", {"order": number}))[0]["fulfillment_orders"]
    await shop.do("fulfillment-orders.pick", *({"fulfillment_order": name} for name in made))


SPOILS = [
    Spoil(
        "kits",
        "Component 2 of the kit KIT: per_kit is 3, the journal says 2",
        "UPDATE kit_component SET per_kit = per_kit + 1",
    ),
    Spoil("kits", "Component 1 of the kit KIT is missing", "DELETE FROM kit_component WHERE number = 1"),
    Spoil("kits", "The kit KIT is missing", "UPDATE sku SET kit = 'none' WHERE code = 'KIT'"),
    Spoil(
        "kits",
        "The kit KIT: kit is stocked, the journal says on_demand",
        "UPDATE sku SET kit = 'stocked' WHERE code = 'KIT'",
    ),
    Spoil("work_orders", "Work order W", "UPDATE work_order SET completed = completed + 1, cancelled = cancelled - 1"),
    Spoil("work_orders", "Work order W", "DELETE FROM event WHERE kind = 'work_order_completed'"),
    Spoil("work_order_lines", "Line 2 of work order W", "UPDATE work_order_line SET per_kit = 3 WHERE per_kit = 2"),
    Spoil("work_orders_posted", "What work order W", "DELETE FROM posting WHERE to_bucket = 'assembled'"),
    Spoil("kit_lines", "Line 3 of order ", "UPDATE order_line SET per_kit = 3 WHERE per_kit = 2"),
]
