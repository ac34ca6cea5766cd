"""Orders are split and merged: units, money, what was paid, charged and promised, exact to the cent."""

from __future__ import annotations

import random
from typing import Any

import pytest

from lading.views.order import order as read_order
from lading.views.timeline import TimelineQuery, timeline
from tests.operations.conftest import Shop
from tests.operations.test_payments import authorised
from tests.operations.test_pickups import STORE
from tests.twins import paid as at_the_twin

EUR = "EUR"


def cash(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": EUR}


CHARGES = [
    {"kind": "shipping", "code": "std", "amount": cash("4.99")},
    {"kind": "discount", "code": "TEN", "amount": cash("-3.33")},
    {"kind": "tax", "code": "vat", "amount": cash("5.77"), "rate": "19"},
    {"kind": "tax", "code": "inside", "amount": cash("1.01"), "rate": "7", "included": True},
]


async def sums(shop: Shop) -> dict[str, int]:
    """What all orders cost, and what was taken for them."""
    (row,) = await shop.fetch(
        "SELECT sum(charged_minor + adjusted_minor)::int AS cost, sum(captured_minor - refunded_minor)::int AS taken,"
        " sum(ordered - cancelled)::int AS units, sum(allocated)::int AS allocated, sum(backordered)::int AS backordered"
        " FROM orders WHERE merchant_id = $1"
    )
    return dict(row)


async def money(shop: Shop, number: str) -> tuple[int, int, int]:
    """(the original total, what it costs now, what was taken and not given back)"""
    (row,) = await shop.fetch(
        "SELECT charged_minor, charged_minor + adjusted_minor AS cost, captured_minor - refunded_minor AS taken FROM orders"
        " WHERE merchant_id = $1 AND number = $2",
        int(number),
    )
    return row["charged_minor"], row["cost"], row["taken"]


def split(number: str, *lines: tuple[int, int]) -> dict[str, Any]:
    return {"order": number, "reason": "later", "lines": [{"line": line, "quantity": units} for line, units in lines]}


async def test_units_become_an_order_of_their_own_at_just_what_they_cost(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_MUC=9)
    paid = [{"amount": cash("57.43"), "reference": "till 7"}]
    number = await shop.place({"MUG": 3, "CAP": 2}, charges=CHARGES, tenders=paid)
    before = await sums(shop)
    done = await shop.do("orders.split", **split(number, (1, 1), (2, 2)))
    assert (done["units"], done["stage"], done["due"]) == (3, "to_release", cash("0.00"))
    assert await shop.units(number) == {"cancelled": 3, "allocated": 2}
    assert await shop.units(done["number"]) == {"allocated": 3}
    assert await sums(shop) == before
    (_, left, taken), (original, cost, gone) = await money(shop, number), await money(shop, done["number"])
    assert (left + cost, taken, gone, original) == (5743, left, cost, cost)
    await shop.check_books()
    for each in (number, done["number"]):
        await shop.do("lines.cancel", order=each, reason="x")
        assert (await money(shop, each))[1] == 0
    await shop.check_books()


async def test_what_waits_waits_on_with_the_date_that_was_told(shop: Shop) -> None:
    await shop.allow_backorders()
    await shop.stock_up(MUG_HAM=1, CAP_HAM=9)
    line = {"sku": "MUG", "location": "HAM", "quantity": 5, "due_at": "2035-12-03T08:00:00Z"}
    await shop.do("purchase-orders.place", supplier="Nord", lines=[line])
    number = await shop.place({"MUG": 3, "CAP": 1})
    done = await shop.do("orders.split", **split(number, (1, 3)))
    assert await shop.units(done["number"]) == {"allocated": 1, "backordered": 2}
    promises = await shop.fetch(
        "SELECT o.number, p.quantity, p.promised_at::text AS at FROM promise AS p JOIN orders AS o ON o.id = p.order_id"
        " WHERE o.merchant_id = $1"
    )
    assert [(row["number"], row["quantity"], row["at"][:10]) for row in promises] == [
        (int(done["number"]), 2, "2035-12-03")
    ]
    await shop.check_books()
    merged = await shop.do("orders.merge", order=number, others=[done["number"]], reason="x")
    assert (merged["units"], await shop.units(number)) == (3, {"cancelled": 3, "allocated": 2, "backordered": 2})
    await shop.check_books()


async def test_all_of_the_others_goes_to_one(shop: Shop) -> None:
    """The others are cancelled to the last unit and cent, and name the order that they went to."""
    await shop.stock_up(MUG_HAM=9, CAP_MUC=9)
    customer = {"name": "Ina Kreft", "email": "ina@example.com"}
    first = await shop.place({"MUG": 1}, customer=customer, charges=CHARGES[:1])
    second = await shop.place(
        {"MUG": 2, "CAP": 1}, customer=customer, charges=CHARGES, tenders=[{"amount": cash("10.00")}]
    )
    third = await shop.place({"CAP": 2}, customer=customer)
    before = await sums(shop)
    done = await shop.do("orders.merge", order=first, others=[second, third], reason="one_parcel")
    assert (done["merged"], done["units"]) == ([second, third], 5)
    async with shop.database.read(shop.merchant_id) as tx:
        story = [each.sentence for each in (await timeline(tx, TimelineQuery(order=first))).items]
    assert f"2 × MUG and 3 × CAP came from order {second} and order {third}" in story[0], "each product once"
    assert await sums(shop) == before
    assert await shop.units(first) == {"allocated": 6}
    assert (await money(shop, second))[1:] == (0, 0)
    rows = await shop.fetch(
        "SELECT o.number, p.number AS other, r.how FROM order_relation AS r JOIN orders AS o ON o.id = r.order_id"
        " JOIN orders AS p ON p.id = r.other_id WHERE o.merchant_id = $1 ORDER BY 1, 2"
    )
    assert [tuple(row.values()) for row in rows] == [
        (int(first), int(second), "merged_from"),
        (int(first), int(third), "merged_from"),
        (int(second), int(first), "merged_into"),
        (int(third), int(first), "merged_into"),
    ]
    mixed = "SELECT 1 FROM charge AS c JOIN orders AS o ON o.id = c.order_id WHERE o.merchant_id = $1 AND o.number = $2"
    mixed += " GROUP BY c.number HAVING count(DISTINCT (c.kind, c.code, c.added)) > 1"
    assert await shop.fetch(mixed, int(first)) == [], "charges that came bear numbers of their own"
    await shop.do("orders.release", order=first)
    await shop.check_books()
    assert (await shop.refusal("orders.merge", order=first, others=[second], reason="x"))["name"] == "nothing_to_merge"


async def test_what_stands_in_the_way(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=20, CAP_HAM=9, SET_HAM=0)
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG"}, {"sku": "CAP"}])
    kit = await shop.place({"SET": 1, "MUG": 1})
    assert (await shop.refusal("orders.split", **split(kit, (3, 1))))["name"] == "goes_with_its_kit"
    assert (await shop.refusal("orders.split", **split(kit, (1, 2))))["name"] == "units_in_the_way"
    one, two = await shop.place({"MUG": 2}), await shop.place({"MUG": 2})
    assert (await shop.refusal("orders.split", **split(one, (1, 2))))["name"] == "nothing_left"
    assert (await shop.refusal("orders.split", **split(one, (1, 3))))["name"] == "units_in_the_way"
    assert (await shop.refusal("orders.split", **split(one, (7, 1))))["name"] == "unknown_line"
    assert (await shop.refusal("orders.merge", order=one, others=[one], reason="x"))["name"] == "named_twice"
    other = await shop.place({"MUG": 1}, ship_to={"country": "AT"})
    refused = await shop.refusal("orders.merge", order=one, others=[other], reason="x")
    assert (refused["name"], refused["facts"]["what"]) == ("not_alike", "address")
    await shop.do("orders.hold", order=two)
    assert (await shop.refusal("orders.merge", order=one, others=[two], reason="x"))["name"] == "on_hold"
    await shop.do("holds.release", order=two)
    await shop.do("orders.release", order=two)
    assert (await shop.refusal("orders.merge", order=one, others=[two], reason="x"))["name"] == "units_under_way"
    assert (await shop.refusal("orders.split", **split(two, (1, 1))))["name"] == "units_in_the_way"
    card = await shop.place({"MUG": 2})
    await authorised(shop, card)
    refused = await shop.refusal("orders.merge", order=one, others=[card], reason="x")
    assert (refused["name"], refused["facts"]["amount"]) == ("money_stays", "20.00"), (
        "nobody could be asked for it again"
    )
    for code in ("NORD", "SUED"):
        await shop.do("companies.save", code=code, name=code)
    nord, sued, named = [
        await shop.place({"MUG": 1}, company=code, purchase_order=number)
        for code, number in (("NORD", None), ("SUED", None), ("NORD", "PO 1"))
    ]
    for first, other, what in ((one, nord, "company"), (nord, sued, "company"), (nord, named, "purchase order")):
        refused = await shop.refusal("orders.merge", order=first, others=[other], reason="x")
        assert (refused["name"], refused["facts"]["what"]) == ("not_alike", what)
    await shop.check_books()


async def test_kits_go_whole_and_what_is_collected_or_goes_elsewhere_keeps_its_place(shop: Shop) -> None:
    """Three kits at 10.00, of which one leaves; a line for a counter; a line for Vienna. Both orders together cost what the one did."""
    await shop.do("locations.save", code="STO", name="Store", priority=9, **STORE)
    await shop.stock_up(MUG_HAM=20, CAP_HAM=9, SET_HAM=0, TEE_STO=2)
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG", "per_kit": 2}, {"sku": "CAP"}])
    wanted = Shop.order({"SET": 3, "TEE": 1, "MUG": 1, "CAP": 1}, charges=CHARGES)
    wanted["lines"][1]["pickup"] = "STO"
    number = str((await shop.do("orders.place", **wanted))["number"])
    await shop.do("lines.address", order=number, lines=[3], ship_to={"city": "Wien", "country": "AT"})
    before = await sums(shop)
    done = await shop.do("orders.split", **split(number, (1, 1), (2, 1), (3, 1)))
    assert (done["units"], await sums(shop)) == (5, before)
    await shop.check_books()
    async with shop.database.read(shop.merchant_id) as tx:
        there = await read_order(tx, done["number"])
    kit, tee, mug, *parts = sorted(there.lines, key=lambda line: line.number)
    assert (kit.kit is not None, [(part.part_of, part.ordered) for part in parts]) == (True, [(1, 2), (1, 1)])
    assert (tee.pickup, mug.ship_to and mug.ship_to.city) == ("STO", "Wien")
    again = await shop.do("orders.merge", order=number, others=[done["number"]], reason="after_all")
    assert (again["units"], await sums(shop)) == (5, before), "and back together it costs the same"
    await shop.check_books()
    async with shop.database.read(shop.merchant_id) as tx:
        whole = await read_order(tx, number)
    left = [("SET", 3, None, False), ("TEE", 1, "STO", False), ("MUG", 1, None, False), ("CAP", 1, None, False)]
    came = [("SET", 1, None, False), ("TEE", 1, "STO", False), ("MUG", 1, None, False), ("MUG", 2, None, True)]
    parts_ = [("MUG", 6, None, True), ("CAP", 3, None, True), ("CAP", 1, None, True)]
    told = [(line.sku, line.ordered, line.pickup, line.part_of is not None) for line in whole.lines]
    assert sorted(map(str, told)) == sorted(map(str, [*left, *came, *parts_]))
    assert [line.ship_to.city for line in whole.lines if line.ship_to] == ["Wien", "Wien"], (
        "the one that left, and as it came back"
    )
    await shop.do("orders.release", order=number)
    await shop.do("lines.cancel", order=number, reason="x")
    assert (await money(shop, number))[1] == 0
    await shop.check_books()


async def test_a_company_has_both_on_its_account(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    limits = [{"currency": EUR, "amount": "50.00"}]
    await shop.do("companies.save", code="NORD", name="Nord GmbH", terms_days=30, credit_limits=limits)
    number = await shop.place({"MUG": 4}, company="NORD", purchase_order="PO 7")
    done = await shop.do("orders.split", **split(number, (1, 1)))
    rows = await shop.fetch(
        "SELECT c.purchase_order, c.owed_minor, c.terms_days, c.due_on IS NOT NULL AS due, c.unique_key IS NULL AS again"
        " FROM company_order AS c WHERE c.merchant_id = $1 ORDER BY c.owed_minor"
    )
    assert [tuple(row.values()) for row in rows] == [("PO 7", 1000, 30, True, True), ("PO 7", 3000, 30, True, False)]
    assert await shop.fetch("SELECT exposure_minor FROM company_credit WHERE merchant_id = $1") == [
        {"exposure_minor": 4000}
    ]
    await shop.do("orders.merge", order=number, others=[done["number"]], reason="x")
    owed = await shop.fetch("SELECT owed_minor FROM company_order WHERE merchant_id = $1 ORDER BY 1")
    assert [row["owed_minor"] for row in owed] == [0, 4000]
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    assert await shop.fetch("SELECT exposure_minor FROM company_credit WHERE merchant_id = $1") == [
        {"exposure_minor": 3000}
    ]
    await shop.check_books()


async def test_what_a_card_or_a_gift_card_paid_is_shared_and_goes_back_through_it(shop: Shop) -> None:
    """Taken from a card: the part stands on both orders, and is refunded through the same payment. Only promised: the same card is asked
    for the part, and the order waits until it promised. Cash at the door: the carrier collects with each its own."""
    await shop.stock_up(MUG_HAM=40)
    await shop.do("credits.issue", code="GIFT-0001", amount=cash("20.00"), reason="sold")
    gift = await shop.place({"MUG": 2})
    await shop.do("credits.spend", order=gift, code="GIFT-0001")
    part = (await shop.do("orders.split", **split(gift, (1, 1))))["number"]
    await shop.do("lines.cancel", order=part, reason="x")
    assert (await shop.do("payments.refund", order=part))["refunded"] == cash("10.00")
    assert await shop.fetch("SELECT balance_minor FROM credit WHERE merchant_id = $1") == [{"balance_minor": 1000}]
    async with at_the_twin(shop) as paid:
        card = {"kind": "card", "provider": "acme", "method": "pm_card_visa", "payer": "cus_1", "amount": cash("40.00")}
        taken, promised = [await shop.place({"MUG": 4}, tenders=[card]) for _ in range(2)]
        await paid.work()
        await shop.do("payments.capture", order=taken)
        await paid.work()
        part = (await shop.do("orders.split", **split(taken, (1, 1))))["number"]
        assert (await money(shop, taken), await money(shop, part)) == ((4000, 3000, 3000), (1000, 1000, 1000))
        await shop.check_books()
        await shop.do("lines.cancel", order=part, reason="x")
        await shop.do("payments.refund", order=part)
        await paid.work()
        assert [each["amount"] for each in paid.account.refunds.values()] == [1000]
        assert (await money(shop, part))[2] == 0
        done = await shop.do("orders.split", **split(promised, (1, 3)))
        assert done["stage"] == "held"
        await paid.work()
        async with shop.database.read(shop.merchant_id) as tx:
            seen = await read_order(tx, done["number"])
        assert (seen.stage, seen.tenders[0].authorised.amount) == ("to_release", "30.00")
    door = await shop.place({"MUG": 4}, tenders=[{"kind": "cash_on_delivery", "amount": cash("40.00")}])
    done = await shop.do("orders.split", **split(door, (1, 1)))
    rows = await shop.fetch(
        "SELECT expected_minor FROM tender WHERE merchant_id = $1 AND expected_minor > 0 ORDER BY 1"
    )
    assert ([row["expected_minor"] for row in rows], done["stage"]) == ([1000, 3000], "to_release")
    await shop.check_books()


async def test_what_cards_gift_cards_and_carriers_pay_goes_along_when_orders_become_one(shop: Shop) -> None:
    """Taken money stands on the one order, refundable where it came from; what was only promised is asked of its card once more and given
    up on the other; the carrier collects all of it with one parcel."""
    await shop.stock_up(MUG_HAM=40)
    await shop.do("credits.issue", code="GIFT-0001", amount=cash("10.00"), reason="sold")
    async with at_the_twin(shop) as paid:
        card = {"kind": "card", "provider": "acme", "method": "pm_card_visa", "payer": "cus_1"}
        one, taken, promised = [
            await shop.place({"MUG": units}, tenders=[card | {"amount": cash(f"{units}0.00")}]) for units in (1, 2, 3)
        ]
        gift = await shop.place({"MUG": 1})
        await shop.do("credits.spend", order=gift, code="GIFT-0001")
        await paid.work()
        await shop.do("payments.capture", order=taken)
        await paid.work()
        merge = {"order": one, "others": [taken, promised, gift], "reason": "x"}
        (would,) = await shop.preview("orders.merge", [shop.envelope("orders.merge", merge)])
        done = await shop.do("orders.merge", **merge)
        assert done == would | {"version": done["version"]}
        assert (done["total"], done["due"], done["stage"]) == (cash("70.00"), cash("40.00"), "held")
        await shop.check_books()
        await shop.do("payments.follow", order=promised)
        await paid.work()
        assert [each["status"] for each in paid.account.intents.values()][2] == "canceled", (
            "given up where it was promised"
        )
        async with shop.database.read(shop.merchant_id) as tx:
            seen = await read_order(tx, one)
        assert (seen.stage, seen.money.due.amount) == ("to_release", "40.00")
        await shop.do("lines.cancel", order=one, reason="x")
        await shop.do("payments.refund", order=one)
        await paid.work()
        assert sum(each["amount"] for each in paid.account.refunds.values()) == 2000
        assert await shop.fetch("SELECT balance_minor FROM credit WHERE merchant_id = $1") == [{"balance_minor": 1000}]
    first, second = [
        await shop.place({"MUG": 2}, tenders=[{"kind": "cash_on_delivery", "amount": cash("20.00")}]) for _ in range(2)
    ]
    await shop.do("orders.merge", order=first, others=[second], reason="x")
    half, whole = [await shop.place({"MUG": units}, tenders=[{"amount": cash("10.00")}]) for units in (2, 1)]
    done = await shop.do("orders.merge", order=half, others=[whole], reason="x")
    assert (done["due"], done["stage"]) == (cash("10.00"), "to_release"), "what came was paid: nothing waits for it"
    rows = await shop.fetch(
        "SELECT expected_minor FROM tender WHERE merchant_id = $1 AND kind = 'cash_on_delivery' ORDER BY 1"
    )
    assert [row["expected_minor"] for row in rows] == [0, 4000]
    await shop.check_books()


async def test_a_hold_goes_along(shop: Shop) -> None:
    """Nobody gets round a hold by splitting: what stops the order, or the line, stops the new order as well."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await shop.place({"MUG": 2, "CAP": 1}, bill_to={"country": "AT"})
    await shop.do("orders.hold", order=number, kind="fraud", note="Three cards")
    await shop.do("orders.hold", order=number, kind="print", lines=[2])
    done = await shop.do("orders.split", **split(number, (1, 1)))
    assert done["stage"] == "held"
    kinds = await shop.fetch("SELECT kind FROM hold WHERE merchant_id = $1 ORDER BY order_id, number")
    assert sorted(row["kind"] for row in kinds) == ["fraud", "fraud", "print"]
    await shop.check_books()


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_sequence_the_cents_are_the_same(shop: Shop, seed: int) -> None:
    """Splits, merges, edits, cancellations, refunds and steps of a warehouse, in any order; units and cents are explained at each step."""
    chance = random.Random(seed)
    await shop.stock_up(MUG_HAM=30, CAP_HAM=20, CAP_MUC=20)
    await shop.do("policies.set", name="may_backorder", value=True)
    paid = [{"amount": cash("20.00"), "reference": "till"}]
    for wanted in ({"MUG": 4, "CAP": 3}, {"MUG": 2}, {"CAP": 41}):
        await shop.place(wanted, charges=CHARGES, tenders=paid)
    taken = 6000
    for _ in range(14):
        numbers = [str(row["number"]) for row in await shop.fetch("SELECT number FROM orders WHERE merchant_id = $1")]
        number, other = chance.choice(numbers), chance.choice(numbers)
        line = chance.randint(1, 3)
        steps: list[tuple[str, dict[str, Any]]] = [
            ("orders.split", split(number, (line, chance.randint(1, 3)))),
            ("orders.split", split(number, (1, 1), (2, 1))),
            ("orders.merge", {"order": number, "others": [other], "reason": "x"}),
            (
                "orders.edit",
                {"order": number, "reason": "x", "quantities": [{"line": line, "quantity": chance.randint(0, 4)}]},
            ),
            ("orders.edit", {"order": number, "reason": "x", "prices": [{"line": line, "unit_price": cash("7.77")}]}),
            ("lines.cancel", {"order": number, "reason": "x", "lines": [{"line": line, "quantity": 1}]}),
            ("orders.release", {"order": number}),
            ("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"}),
            ("parcels.pack", {"fulfillment_order": f"{number}-F1"}),
            ("parcels.ship", {"parcel": f"{number}-P1", "carrier": "DHL"}),
        ]
        verb, fields = chance.choice(steps)
        before = await sums(shop)
        await shop.batch(verb, fields)
        if verb in ("orders.split", "orders.merge"):
            assert await sums(shop) == before
        assert (await sums(shop))["taken"] == taken
        await shop.check_books()


async def test_a_batch_is_the_same_as_one_by_one(shop: Shop, twin: Shop) -> None:
    """Merged, and split again in the next command of the same batch is another verb: here splits of one order, and merges into one."""
    for each in (shop, twin):
        await each.stock_up(MUG_HAM=9, CAP_MUC=9)
        for _ in range(3):
            await each.place({"MUG": 3, "CAP": 2}, charges=CHARGES, tenders=[{"amount": cash("58.44")}])
    splits = [split("1001", (1, 2)), split("1001", (1, 2)), split("1001", (1, 1), (2, 1)), split("1002", (2, 2))]
    merges = [{"order": "1002", "others": ["1003"], "reason": "x"}, {"order": "1001", "others": ["1003"], "reason": "x"},
              {"order": "1001", "others": ["1002"], "reason": "x"}]  # fmt: skip
    for verb, commands in (("orders.split", splits), ("orders.merge", merges)):
        together = await shop.batch(verb, *commands)
        apart = [(await twin.batch(verb, fields))[0] for fields in commands]
        for one, other in zip(together, apart, strict=True):
            for outcome in (one, other):
                outcome.pop("order_id", None)
        assert together == apart
        assert any("refused" in each for each in together) and not all("refused" in each for each in together)
    await shop.check_books()
    await twin.check_books()
