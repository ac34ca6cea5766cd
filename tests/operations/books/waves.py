"""Waves, and the layouts they are walked in."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, order


async def walk(shop: Shop) -> None:
    """Waves: one partly picked, with units that were short, and closed; one cancelled; one on which somebody walks."""
    names = await lay_out(Shop(shop.database, shop.merchant_id))
    (first,) = await shop.do("waves.plan", {"location": "HAM", "fulfillment_orders": names[:2], "reference": "V-1"})
    wave = {"wave": first["wave"]}
    await shop.do("waves.release", wave)
    await shop.do("waves.take-list", wave)
    await shop.do("waves.pick", wave | {"barcode": "H", "bin": "H-1", "quantity": 3})
    await shop.do("waves.pick", wave | {"task": 2, "quantity": 1, "short": 2, "reason": "gone"})
    await shop.do("waves.close", wave)
    await walk_again(Shop(shop.database, shop.merchant_id), names[2:])


async def lay_out(shop: Shop) -> list[str]:
    """Fulfillment orders that wait for units in a bin and on the floor of a place that is drawn."""
    await shop.do("products.save", {"sku": "H", "name": "Product H"})
    await shop.do("stock.receive", {"sku": "H", "location": "HAM", "quantity": 20, "reason": "opening"})
    aisles = [{"code": "H", "x_cm": 0}, {"code": "I", "x_cm": 300}]
    await shop.do("layouts.save", {"location": "HAM", "aisles": aisles, "cross_cm": [0, 900], "depot_cm": 150})
    await shop.do("bins.save", {"location": "HAM", "code": "H-1", "aisle": "H", "position_cm": 400})
    await shop.do("stock.put-away", {"sku": "H", "location": "HAM", "bin": "H-1", "quantity": 9})
    placed = await shop.do("orders.place", *[order(("H", 4))] * 3)
    await shop.do("orders.release", *({"order": each["number"]} for each in placed))
    return [f"{each['number']}-F1" for each in placed]


async def walk_again(shop: Shop, names: list[str]) -> None:
    """One wave that is cancelled, and one with a list that was given back and taken again."""
    (second,) = await shop.do("waves.plan", {"location": "HAM", "fulfillment_orders": names})
    await shop.do("waves.cancel", {"wave": second["wave"], "reason": "replanned"})
    (third,) = await shop.do("waves.plan", {"location": "HAM", "fulfillment_orders": names, "method": "zone"})
    await shop.do("waves.release", {"wave": third["wave"]})
    (taken,) = await shop.do("waves.take-list", {"wave": third["wave"]})
    await shop.do("waves.leave-list", {"list": taken["list"]})
    await shop.do("waves.take-list", {"wave": third["wave"], "list": 1})


SPOILS = [
    Spoil("waves", "Wave WV1", "UPDATE wave SET method = 'single' WHERE method = 'zone'"),
    Spoil("waves", "Wave WV1", "UPDATE wave SET closed_at = NULL WHERE closed_at IS NOT NULL"),
    Spoil("waves", "Wave WV1", "UPDATE wave SET units = units + 1 WHERE released_at IS NOT NULL"),
    Spoil("wave_orders", "Fulfillment order 1 of wave WV1", "UPDATE wave_order SET open = false WHERE open"),
    Spoil("wave_orders", "Fulfillment order 2 of wave WV1", "DELETE FROM wave_order WHERE number = 2"),
    Spoil("pick_lists", "Pick list 1 of wave WV1", "UPDATE pick_list SET picker = NULL"),
    Spoil("pick_lists", "Pick list 1 of wave WV1", "UPDATE pick_list SET route_cm = 1 WHERE route_cm IS NOT NULL"),
    Spoil("pick_tasks", "Task 2 of wave WV1", "UPDATE pick_task SET short = 1 WHERE short = 2"),
    Spoil("pick_tasks", "Task 1 of wave WV1", "UPDATE pick_task SET given_up = 0 WHERE given_up > 0 AND number = 1"),
    Spoil("pick_tasks", "Task 1 of wave WV1", "UPDATE pick_task SET bin = 'H-9' WHERE bin IS NOT NULL"),
    Spoil("layouts", "The layout of HAM: depot_cm is 1,", "UPDATE layout SET depot_cm = 1"),
    Spoil("places_of_bins", "Bin H-1: position_cm is 1,", "UPDATE bin SET position_cm = 1 WHERE aisle IS NOT NULL"),
]
