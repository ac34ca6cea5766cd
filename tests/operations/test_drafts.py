"""Drafts and quotes: written, sent, answered, and placed as orders at their prices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lading.views import drafts as views
from lading.views.order import order as read_order
from tests.operations.conftest import Shop
from tests.operations.test_pickups import STORE

LATER = "2099-01-01T00:00:00+00:00"


def draft(wanted: dict[str, int], **fields: Any) -> dict[str, Any]:
    return Shop.order(wanted, customer={"name": "Ada Meyer", "email": "ada@example.com"}, **fields)


async def test_a_quote_goes_its_way_and_becomes_an_order_at_its_prices(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10, TEE_MUC=5)
    charges = [{"kind": "shipping", "code": "std", "amount": {"amount": "4.90", "currency": "EUR"}}]
    made = await shop.do(
        "drafts.create", **draft({"MUG": 4, "TEE": 1}, charges=charges, expires_at=LATER, reference="Q-1")
    )
    assert (made["status"], made["version"], made["total"]["amount"]) == ("draft", 1, "54.90")
    free = await shop.fetch("SELECT sum(available) AS units FROM stock WHERE merchant_id = $1")
    assert free == [{"units": 15}], "a draft takes no stock"

    name = made["draft"]
    cheaper = [{"sku": "MUG", "quantity": 6, "unit_price": {"amount": "9.0001", "currency": "EUR"}}]
    revised = await shop.do("drafts.revise", draft=name, lines=cheaper, expected_version=1)
    assert revised["total"]["amount"] == "58.90", "6 x 9.0001 is 54.00, rounded once"
    assert (await shop.refusal("drafts.accept", draft=name))["name"] == "wrong_status"
    await shop.do("drafts.send", draft=name)
    assert (await shop.refusal("drafts.convert", draft=name))["name"] == "wrong_status", "its answer is awaited"
    assert (await shop.do("drafts.accept", draft=name, expected_version=3))["status"] == "accepted"
    would = await shop.preview("drafts.convert", [shop.envelope("drafts.convert", {"draft": name})])
    placed = await shop.do("drafts.convert", draft=name, external_reference="W-1", expected_version=4)
    assert would[0]["total"] == placed["total"] == {"amount": "58.90", "currency": "EUR"}
    assert await shop.units(placed["number"]) == {"allocated": 6}
    async with shop.database.read(shop.merchant_id) as tx:
        told = await views.draft_timeline(tx, views.DraftTimelineQuery(draft=name, limit=3))
        older = await views.draft_timeline(tx, views.DraftTimelineQuery(draft=name, after=told.next))
    kinds = [entry.event.kind.removeprefix("draft_") for entry in (*told.items, *older.items)]
    assert told.items[0].sentence.startswith(f"From draft {name}. Placed on channel web"), "it ends with its order"
    assert kinds == ["order_placed", "accepted", "sent", "revised", "created"]
    (row,) = await shop.fetch("SELECT status, order_id::text AS id, version FROM draft WHERE merchant_id = $1")
    assert row == {"status": "converted", "id": placed["order_id"], "version": 5}
    (order,) = await shop.fetch(
        "SELECT p.name, a.city FROM orders AS o JOIN party_version AS p ON p.id = o.party_version_id"
        " JOIN address_version AS a ON a.id = o.ship_to_id WHERE o.merchant_id = $1"
    )
    assert order == {"name": "Ada Meyer", "city": "Hamburg"}
    assert (await shop.refusal("drafts.convert", draft=name))["name"] == "wrong_status"
    await shop.check_books()


async def test_nobody_is_made_twice_out_of_a_guest(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=10)
    made = await shop.do("drafts.create", **Shop.order({"MUG": 1}, customer={"name": "Nobody Known"}))
    await shop.do("drafts.convert", draft=made["draft"])
    assert await shop.fetch("SELECT count(*) AS n FROM customer WHERE merchant_id = $1") == [{"n": 1}]
    assert await shop.fetch("SELECT count(*) AS n FROM party_version WHERE merchant_id = $1") == [{"n": 1}]


async def test_what_speaks_against_it_is_said_and_the_draft_stays(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=3, TEE_HAM=3)
    made = (await shop.do("drafts.create", **draft({"MUG": 5})))["draft"]
    refusal = await shop.refusal("drafts.convert", draft=made)
    assert (refusal["name"], refusal["facts"]["missing"]) == ("insufficient_stock", 2)
    gone = (await shop.do("drafts.create", **draft({"TEE": 1})))["draft"]
    await shop.do("products.save", sku="TEE", name="TEE", active=False)
    assert (await shop.refusal("drafts.convert", draft=gone))["name"] == "inactive_sku"
    states = await shop.fetch("SELECT status, version FROM draft WHERE merchant_id = $1")
    assert states == [{"status": "draft", "version": 1}] * 2
    assert (await shop.refusal("drafts.convert", draft="D7"))["name"] == "unknown_draft"
    await shop.check_books()


async def test_its_time_is_over(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=3)
    moment = datetime.now(UTC)
    shop.executor._clock = lambda: moment
    made = (await shop.do("drafts.create", **draft({"MUG": 1}, expires_at=(moment + timedelta(hours=1)).isoformat())))[
        "draft"
    ]
    await shop.do("drafts.send", draft=made)
    moment += timedelta(hours=2)
    refusal = await shop.refusal("drafts.accept", draft=made)
    assert (refusal["name"], refusal["facts"]["status"]) == ("wrong_status", "expired")
    again = await shop.do("drafts.revise", draft=made, expires_at=(moment + timedelta(hours=1)).isoformat())
    assert again["status"] == "draft"
    await shop.do("drafts.convert", draft=made)
    await shop.check_books()


async def test_stock_is_kept_for_it_and_the_order_takes_just_that(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    kept, other = [(await shop.do("drafts.create", **draft({"MUG": 4})))["draft"] for _ in range(2)]
    await shop.do("drafts.reserve", draft=kept, seconds=600)
    assert (await shop.refusal("drafts.reserve", draft=kept))["name"] == "kept_already"
    assert (await shop.refusal("drafts.reserve", draft=other))["name"] == "insufficient_stock"
    assert (await shop.refusal("drafts.convert", draft=other))["name"] == "insufficient_stock"
    placed = await shop.do("drafts.convert", draft=kept)
    assert placed["sourcing"] == "reserved"
    await shop.check_books()


async def test_who_says_no_gives_back_what_was_kept(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    one, two = [(await shop.do("drafts.create", **draft({"MUG": 2})))["draft"] for _ in range(2)]
    await shop.batch("drafts.reserve", {"draft": one}, {"draft": two})
    await shop.do("drafts.send", draft=one)
    declined = await shop.do("drafts.decline", draft=one, reason="too_expensive")
    assert declined["status"] == "declined"
    await shop.do("drafts.drop", draft=two)
    assert await shop.fetch("SELECT available, reserved FROM stock WHERE merchant_id = $1") == [
        {"available": 5, "reserved": 0}
    ]
    assert (await shop.do("drafts.revise", draft=one, note="They may come back."))["status"] == "draft"
    await shop.do("drafts.convert", draft=one)
    await shop.check_books()


async def test_a_batch_is_its_commands_one_by_one(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    made = [each["draft"] for each in await shop.batch("drafts.create", *[draft({"MUG": 3})] * 3)]
    outcomes = await shop.batch("drafts.convert", *({"draft": name} for name in (made[0], made[0], made[1], "D99999")))
    assert [each.get("name", each.get("stage")) for each in outcomes] == [
        "to_release", "wrong_status", "insufficient_stock", "unknown_draft",
    ]  # fmt: skip
    kept = await shop.batch("drafts.reserve", {"draft": made[1]}, {"draft": made[2]}, {"draft": made[0]})
    assert [each["name"] for each in kept] == ["insufficient_stock", "insufficient_stock", "wrong_status"]
    two = [{"sku": "MUG", "quantity": 2, "unit_price": {"amount": "1.00", "currency": "EUR"}}]
    revised = await shop.batch("drafts.revise", {"draft": made[1], "lines": two}, {"draft": made[1], "note": "Two."})
    assert [each["total"]["amount"] for each in revised] == ["2.00", "2.00"]
    await shop.check_books()


async def test_no_person_stands_in_the_journal(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=5)
    made = await shop.do("drafts.create", **draft({"MUG": 1}, note="Call Ada Meyer first"))
    await shop.do("drafts.convert", draft=made["draft"])
    told = await shop.fetch("SELECT string_agg(data::text, ' ') AS told FROM event WHERE merchant_id = $1")
    assert "Ada" not in told[0]["told"] and "Hamburg" not in told[0]["told"]


async def test_a_quote_carries_what_its_order_may_and_nobody_reads_it_in_the_journal(shop: Shop) -> None:
    """Attributes (one has to be said), gift, notes, tags, a place of collection, tenders; what is revised takes its place."""
    await shop.do("locations.save", code="STO", name="Store", priority=9, **STORE)
    await shop.stock_up(MUG_STO=9)
    for code, kind in (("cost_centre", "text"), ("fair", "boolean")):
        await shop.do("attributes.define", subject="order", code=code, name=code, type=kind, required=kind == "boolean")
    await shop.do("attributes.define", subject="line", code="engraving", name="Engraving", type="text")
    assert (await shop.refusal("drafts.create", **draft({"MUG": 1})))["name"] == "attribute_missing"
    card = {"kind": "card", "provider": "acme", "method": "pm_secret", "payer": "cus_secret"}
    line = {"sku": "MUG", "quantity": 3, "unit_price": {"amount": "10.00", "currency": "EUR"}, "pickup": "STO", "ship_complete": True,
            "attributes": {"engraving": "For Ina"}}  # fmt: skip
    made = await shop.do(
        "drafts.create", channel="web", currency="EUR", lines=[line], gift=True, tags=["fair"], language="de",
        attributes={"cost_centre": "Ina's desk", "fair": True}, tenders=[{**card, "amount": {"amount": "30.00", "currency": "EUR"}}],
        notes=[{"text": "Dear Ina!", "audience": "recipient"}],
    )  # fmt: skip
    await shop.do("drafts.revise", draft=made["draft"], attributes={"cost_centre": "Ina's chair", "fair": False})
    async with shop.database.read(shop.merchant_id) as tx:
        seen = await views.draft(tx, views.DraftQuery(made["draft"]))
    assert (seen.gift, seen.tags, seen.attributes) == (True, ["fair"], {"cost_centre": "Ina's chair", "fair": False})
    assert ([each.text for each in seen.notes], seen.tenders[0].amount.amount) == (["Dear Ina!"], "30.00")
    assert (seen.lines[0].pickup, seen.lines[0].attributes) == ("STO", {"engraving": "For Ina"})
    placed = await shop.do("drafts.convert", draft=made["draft"])
    async with shop.database.read(shop.merchant_id) as tx:
        order = await read_order(tx, placed["number"])
    assert (order.gift, order.tags, order.notes[0].text) == (True, ["fair"], "Dear Ina!")
    assert order.attributes == {"cost_centre": "Ina's chair", "fair": "false"}
    assert (order.tenders[0].kind, placed["holds"]) == ("card", ["awaiting_payment"])
    told = await shop.fetch("SELECT string_agg(data::text, ' ') AS told FROM event WHERE merchant_id = $1")
    assert "Ina" not in told[0]["told"] and "secret" not in told[0]["told"]
    await shop.check_books()
