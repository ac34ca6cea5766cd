"""Drafts and subscriptions."""

from __future__ import annotations

from tests.operations.books.spoiling import Spoil
from tests.races.shop import CHARGES, Shop, order


async def draft(shop: Shop) -> None:
    """A quote that was revised, kept stock for, accepted and converted; one that was declined."""
    await shop.do("products.save", {"sku": "QUOTED", "name": "Quoted"})
    await shop.do("stock.receive", {"sku": "QUOTED", "location": "HAM", "quantity": 9, "reason": "opening"})
    wanted = {
        **order(("QUOTED", 3), charges=list(CHARGES)),
        "customer": {"name": "Eva Lind", "email": "eva@example.com"},
    }
    made = await shop.do("drafts.create", {**wanted, "reference": "Q-1"}, {**wanted, "note": "Call first."})
    one, two = [{"draft": each["draft"]} for each in made]
    await shop.do("policies.set", {"name": "approve_over", "value": "20.00"})
    big = order(("QUOTED", 1), price="30.00")
    late = [{"draft": each["draft"]} for each in await shop.do("drafts.create", big, big)]
    held = [{"order": each["number"]} for each in await shop.do("orders.place", big, big)]
    await shop.do("approvals.give", late[0], held[0])
    await shop.do("approvals.refuse", *({**each, "reason": "too_much"} for each in (late[1], held[1])))
    await shop.do("policies.set", {"name": "approve_over", "value": None})
    await shop.do("drafts.revise", {**one, "ship_by": "2035-12-03T08:00:00Z", "expires_at": "2990-01-01T00:00:00Z"})
    await shop.do("drafts.reserve", one, two)
    (often,) = await shop.do("drafts.create", order(("QUOTED", 1), price="5.00"))
    rhythm = {"draft": often["draft"], "unit": "month", "first_at": "2026-01-31T08:00:00Z"}
    made = await shop.do("subscriptions.create", rhythm, rhythm, {**rhythm, "prices": "current"})
    each = [{"subscription": row["subscription"]} for row in made]
    await shop.do("subscriptions.place", {**each[0], "cycle": 1}, {**each[2], "cycle": 1})
    await shop.do("subscriptions.skip", each[0])
    await shop.do("subscriptions.pause", each[0])
    await shop.do("subscriptions.resume", each[0])
    await shop.do("subscriptions.cancel", {**each[1], "reason": "moved_away"})
    (apart,) = await shop.do("orders.place", order(("QUOTED", 1), ("A", 1), price="1.00", external_reference="W-2A"))
    here = {"order": apart["number"], "lines": [1]}
    await shop.do("lines.address", {**here, "ship_to": {"country": "AT", "city": "Wien"}})
    await shop.do("orders.release", {"order": apart["number"]})
    await shop.do("drafts.send", one, two)
    await shop.do("drafts.accept", one)
    await shop.do("drafts.decline", {**two, "reason": "too_expensive"})
    await shop.do("drafts.convert", {**one, "external_reference": "W-D"})


SPOILS = [
    Spoil("drafts", "Draft D", "UPDATE draft SET total_minor = 1 WHERE reference = 'Q-1'"),
    Spoil("drafts", "Draft D", "UPDATE draft SET status = 'draft', order_id = NULL WHERE reference = 'Q-1'"),
    Spoil("drafts", "Draft D", "DELETE FROM draft WHERE status = 'declined'"),
    Spoil("drafts", "Draft D", "UPDATE draft SET approval = 'needed' WHERE approval = 'given'"),
    Spoil("subscriptions", "Subscription S", "UPDATE subscription SET cycle = cycle + 1"),
    Spoil("subscriptions", "Subscription S", "DELETE FROM subscription WHERE status = 'cancelled'"),
    Spoil("draft_contents", "What stands in draft D", "UPDATE draft SET charges = '[]' WHERE reference = 'Q-1'"),
    Spoil("draft_contents", "What stands in draft D", "UPDATE draft SET wishes = '{\"gift\": true}'"),
]
