"""Rules that say which location fills what."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, order


async def source_by_rules(shop: Shop) -> None:
    """Rules of the merchant's own decide where an order comes from; then they are withdrawn. An order with wishes of its own."""
    await shop.do("products.save", {"sku": "R", "name": "Product R", "weight_grams": 400})
    received = {"sku": "R", "quantity": 9, "reason": "opening"}
    await shop.do("stock.receive", *({**received, "location": place} for place in ("HAM", "BER")))
    area = {"postal_code": "20457", "latitude": 53.54, "longitude": 9.99}
    await shop.do("postal-codes.save", {"country": "DE", "areas": [area]})
    costs = {
        "currency": "EUR", "zones": [{"zone": "all"}], "per_split": "1.00",
        "rates": [{"zone": "all", "up_to_grams": 31_500, "amount": "4.90"}],
    }  # fmt: skip
    rules = {
        "rules": [{"name": "Berlin first", "by": "listed", "locations": ["BER"], "when": {"products": ["R"]}}],
        "strategies": [{"name": "cheapest", "take": "cheapest"}], "costs": costs,
    }  # fmt: skip
    await shop.do("sourcing-rules.save", rules)
    to = {"country": "DE", "postal_code": "20457"}
    await shop.do("orders.place", order(("R", 2), ship_to=to))
    dear = {**costs, "zones": [{"zone": "home", "locations": ["HAM"]}, {"zone": "all"}]}
    dear["rates"] = [*costs["rates"], {"zone": "home", "up_to_grams": 31_500, "amount": "1.90"}]
    await shop.do("sourcing-rules.save", {**rules, "costs": dear})
    (made,) = await shop.do("sourcing-previews.make", {})
    await shop.do("orders.resource", *({"order": each["order"], "preview": made["preview"]} for each in made["orders"]))
    await shop.do("sourcing-rules.save", {})
    await shop.do("orders.place", order(("R", 2), may_split=False, whole_lines=[1]))


SPOILS = [
    Spoil(
        "sourcing_rules",
        "Version",
        "UPDATE policy SET value = '{}' WHERE name = 'sourcing_rules' AND value IS NOT NULL",
    ),
    Spoil("sourcing_previews", "Sourcing preview", "UPDATE sourcing_preview SET looked_at = 0"),
    Spoil("postal_areas", "Postal code DE 20457: latitude", "UPDATE postal_area SET latitude = 0"),
]
