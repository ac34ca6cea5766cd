"""What costs more than policy lets go waits until somebody with the right says yes or no."""

from __future__ import annotations

from lading.views import approvals as views
from tests.operations.conftest import Shop


async def waiting(shop: Shop) -> list[str]:
    async with shop.database.read(shop.merchant_id) as tx:
        return [each.document for each in (await views.approvals(tx, views.ApprovalsQuery())).items]


async def test_an_order_above_the_limit_waits_and_only_who_may_approve_lets_it_go(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    await shop.do("policies.set", name="approve_over", value="25.00")
    placed = await shop.batch("orders.place", Shop.order({"MUG": 2}), Shop.order({"MUG": 3}), Shop.order({"MUG": 4}))
    assert [each["holds"] for each in placed] == [[], ["approval"], ["approval"]]
    number, other = placed[1]["number"], placed[2]["number"]
    assert await waiting(shop) == [number, other]
    assert (await shop.refusal("orders.release", order=number))["name"] == "on_hold"
    for meant in ({"kind": "approval"}, {"number": 1}):
        assert (await shop.refusal("holds.release", order=number, **meant))["name"] == "needs_approval"
    await shop.do("orders.hold", order=number, kind="call")
    lifted = await shop.do("holds.release", order=number)
    assert (lifted["released"], lifted["holds"]) == (["call"], ["approval"]), (
        "lifting all leaves what waits for an approval"
    )
    given = await shop.do("approvals.give", order=number, expected_version=3)
    assert (given["approved"], given["total"]["amount"]) == (True, "30.00")
    await shop.do("orders.release", order=number)
    assert (await shop.refusal("approvals.give", order=number))["name"] == "nothing_to_approve"
    refused = await shop.do("approvals.refuse", order=other, reason="too_much")
    assert not refused["approved"]
    assert await shop.units(other) == {"cancelled": 4}
    assert await waiting(shop) == []
    await shop.check_books()


async def test_a_quote_is_sent_and_placed_only_with_an_approval_and_its_order_needs_no_other(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    await shop.do("policies.set", name="approve_over", value="25.00")
    made = await shop.do("drafts.create", **Shop.order({"MUG": 4}))
    name = made["draft"]
    assert made["approval"] == "needed"
    assert await waiting(shop) == [name]
    assert (await shop.refusal("drafts.send", draft=name))["name"] == "not_approved"
    assert (await shop.refusal("drafts.convert", draft=name))["name"] == "not_approved"
    await shop.do("approvals.refuse", draft=name, reason="too_cheap")
    assert await waiting(shop) == []
    assert (await shop.refusal("drafts.send", draft=name))["name"] == "not_approved"
    lines = [{"sku": "MUG", "quantity": 4, "unit_price": {"amount": "11.00", "currency": "EUR"}}]
    assert (await shop.do("drafts.revise", draft=name, lines=lines))["approval"] == "needed"
    await shop.do("approvals.give", draft=name)
    placed = await shop.do("drafts.convert", draft=name)
    assert placed["holds"] == []
    small = await shop.do("drafts.create", **Shop.order({"MUG": 1}))
    assert small["approval"] is None
    await shop.do("drafts.send", draft=small["draft"])
    both = await shop.batch("approvals.give", {"draft": small["draft"]}, {"order": placed["number"]}, {"order": "7"})
    assert [each["name"] for each in both] == ["nothing_to_approve", "nothing_to_approve", "unknown_order"]
    await shop.check_books()


async def test_an_order_that_an_edit_raises_above_what_was_approved_asks_again(shop: Shop) -> None:
    """Approved at 60.00: back to 50.00 and up to 60.00 again needs nobody; 70.00 does. A quote that was approved is the same."""
    await shop.stock_up(MUG_HAM=50)
    await shop.do("policies.set", name="approve_over", value="40")
    number = await shop.place({"MUG": 5})
    made = await shop.do("drafts.create", **Shop.order({"MUG": 6}))
    await shop.do("approvals.give", draft=made["draft"])
    quoted = (await shop.do("drafts.convert", draft=made["draft"]))["number"]
    small = await shop.place({"MUG": 4})

    async def mugs(number: str, units: int) -> list[str]:
        changed = [{"sku": "MUG", "quantity": units, "unit_price": {"amount": "10.00", "currency": "EUR"}}]
        done = await shop.do("orders.edit", order=number, reason="wish", add=changed)
        return list(done["holds"])

    assert await mugs(number, 1) == [], "it waits already"
    await shop.do("approvals.give", order=number)
    await shop.do("orders.edit", order=number, reason="wish", quantities=[{"line": 2, "quantity": 0}])
    assert await mugs(number, 1) == []
    assert await mugs(number, 1) == ["approval"]
    await shop.do("approvals.give", order=number)
    await shop.do("orders.edit", order=quoted, reason="wish", quantities=[{"line": 1, "quantity": 5}])
    assert await mugs(quoted, 1) == [], "back to what was quoted and approved"
    assert (await mugs(quoted, 1), await mugs(small, 1)) == (["approval"], ["approval"])
    await shop.check_books()
