"""Companies and their prices."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import Shop, money, order


async def sell_to_companies(shop: Shop) -> None:
    """A company with terms and a limit: an order that was paid in part, one over the limit, one that was cancelled; and an invoice."""
    await shop.do("products.save", {"sku": "DESK", "name": "Desk"})
    await shop.do("stock.receive", {"sku": "DESK", "location": "HAM", "quantity": 9, "reason": "opening"})
    nord = {"code": "NORD", "name": "Nord Hotels", "terms_days": 30, "group": "hotels"}
    buyer = {"person": {"name": "Eva Lind", "email": "eva@example.com"}, "role": "buyer"}
    await shop.do("companies.save", nord)
    await shop.do("companies.save", {**nord, "contacts": [buyer], "credit_limits": [money("50.00")]})
    await shop.do(
        "price-lists.save", {"code": "HOTELS", "name": "Hotels", "currency": "EUR", "company_group": "hotels"}
    )
    steps = [{"unit_price": money("22.00")}, {"from_quantity": 2, "unit_price": money("20.00")}]
    await shop.do("prices.set", {"price_list": "HOTELS", "items": [{"sku": "DESK"}]})
    await shop.do("prices.set", {"price_list": "HOTELS", "items": [{"sku": "DESK", "prices": steps}]})
    bought = order(("DESK", 2), company="NORD", lines=[{"sku": "DESK", "quantity": 2}])
    made = await shop.do("orders.place", *({**bought, "purchase_order": f"PO {number}"} for number in range(3)))
    paid, _, gone = [each["number"] for each in made]
    assert made[1]["holds"] == ["credit_limit"]
    await shop.do("payments.record", {"order": paid, "amount": money("15.00"), "kind": "bank_transfer"})
    await shop.do("lines.cancel", {"order": gone, "reason": "late"})
    await shop.do("policies.set", {"name": "terms_from", "value": "invoice"})
    (billed,) = await shop.do("orders.place", bought)
    await shop.do("invoices.issue", {"order": billed["number"], "bill": "all"})
    await shop.do("policies.set", {"name": "terms_from", "value": None})


SPOILS = [
    Spoil("companies", "Company NORD: terms_days is 7", "UPDATE company SET terms_days = 7"),
    Spoil("companies", "Company NORD: limits is", "UPDATE company_credit SET limit_minor = 1"),
    Spoil(
        "company_credit",
        "What company NORD owes in EUR",
        "UPDATE company_credit SET exposure_minor = exposure_minor + 1",
    ),
    Spoil(
        "company_credit",
        "What company NORD owes in EUR",
        "UPDATE orders SET authorised_minor = 0, captured_minor = 0 WHERE captured_minor = 1500",
    ),
    Spoil("company_orders", "What company bought order", "UPDATE company_order SET due_on = due_on + 1"),
    Spoil(
        "company_orders",
        "What company bought order",
        "UPDATE company_order SET owed_minor = 1 WHERE purchase_order = 'PO 0'",
    ),
    Spoil("price_lists", "Price list HOTELS: priority is 3", "UPDATE price_list SET priority = 3"),
    Spoil("price_lists", "Price list HOTELS: version is 9", "UPDATE price_list SET version = 9"),
    Spoil("price_list_items", "What HOTELS says of DESK", "UPDATE price_list_item SET unit_prices = '{1,2}'"),
    Spoil("price_list_items", "What HOTELS says of DESK is missing", "DELETE FROM price_list_item"),
]
