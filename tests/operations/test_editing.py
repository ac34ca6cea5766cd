"""Edits after placement: the preview tells the exact difference, the confirmation makes it so, what shipped stays."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.operations.conftest import Shop

EUR = "EUR"


def cash(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": EUR}


async def edit(shop: Shop, number: str, **fields: Any) -> dict[str, Any]:
    """Preview, then confirm with the version of the preview: they tell the same."""
    envelope = shop.envelope("orders.edit", {"order": number, "reason": "customer_request", **fields})
    (preview,) = await shop.preview("orders.edit", [envelope])
    if "refused" in preview:
        return preview
    confirmed = {"order": number, "reason": "customer_request", "expected_version": preview["version"] - 1, **fields}
    done = await shop.do("orders.edit", **confirmed)
    assert done == preview
    await shop.check_books()
    return done


async def owed(shop: Shop, number: str) -> tuple[int, int]:
    """(the original total, what it costs now)"""
    (row,) = await shop.fetch(
        "SELECT charged_minor, charged_minor + adjusted_minor AS now FROM orders WHERE merchant_id = $1 AND number = $2",
        int(number),
    )
    return row["charged_minor"], row["now"]


async def test_more_fewer_and_something_else(shop: Shop) -> None:
    """Three mugs become one, two caps become four, and a scarf comes with them."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9, SCARF_MUC=9)
    number = await shop.place({"MUG": 3, "CAP": 2})
    scarf = {"sku": "SCARF", "quantity": 1, "unit_price": cash("19.90"),
             "charges": [{"kind": "tax", "code": "vat", "amount": cash("3.78"), "rate": "19"}]}  # fmt: skip
    wanted = [{"line": 1, "quantity": 1}, {"line": 2, "quantity": 4}]
    done = await edit(shop, number, quantities=wanted, add=[scarf])
    assert [(each["line"], each["before"], each["after"]) for each in done["lines"]] == [
        (1, 3, 1),
        (3, 0, 2),
        (4, 0, 1),
    ]
    assert (done["before"], done["total"]) == (cash("50.00"), cash("73.68"))
    assert (done["difference"], done["tax_difference"], done["due"]) == (cash("23.68"), cash("3.78"), cash("73.68"))
    assert (done["allocated"], done["sourcing"], done["stage"]) == (3, "two_locations", "to_release")
    assert await owed(shop, number) == (5000, 7368)
    assert await shop.units(number) == {"cancelled": 2, "allocated": 6}


async def test_the_preview_changes_nothing_and_an_old_one_is_not_confirmed(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 3})
    fewer = [{"line": 1, "quantity": 1}]
    envelope = shop.envelope("orders.edit", {"order": number, "reason": "x", "quantities": fewer})
    (preview,) = await shop.preview("orders.edit", [envelope])
    await shop.do("orders.hold", order=number)
    refused = await shop.refusal(
        "orders.edit", order=number, reason="x", quantities=fewer, expected_version=preview["version"] - 1
    )
    assert refused["name"] == "version_conflict"
    assert await shop.units(number) == {"allocated": 3}


async def test_what_shipped_stays(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 3})
    await shop.do("orders.release", order=number)
    one = [{"line": 1, "quantity": 1}]
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1", lines=one)
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL")
    refused = await shop.refusal("orders.edit", order=number, reason="x", quantities=[{"line": 1, "quantity": 0}])
    assert (refused["name"], refused["facts"]["waiting"]) == ("not_cancellable", 2)
    refused = await shop.refusal("orders.edit", order=number, reason="x", prices=[{"line": 1, "unit_price": cash("1")}])
    assert refused["name"] == "line_not_whole"
    done = await edit(shop, number, quantities=[{"line": 1, "quantity": 1}])
    assert (done["total"], await shop.units(number)) == (cash("10.00"), {"cancelled": 2, "in_transit": 1})
    refused = await shop.refusal("orders.edit", order=number, reason="x", ship_to={"country": "DE"})
    assert refused["name"] == "too_late_to_edit"


async def test_a_price_changes_by_an_adjustment_beside_it(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 3})
    done = await edit(shop, number, prices=[{"line": 1, "unit_price": cash("8.335")}])
    assert (done["difference"], await owed(shop, number)) == (cash("-4.99"), (3000, 2501))
    again = await edit(shop, number, prices=[{"line": 1, "unit_price": cash("9.00")}])
    assert (again["difference"], again["total"]) == (cash("1.99"), cash("27.00"))
    await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
    assert await owed(shop, number) == (3000, 1800)
    await shop.check_books()


async def test_shipping_and_a_discount_that_come_later_are_shared_to_the_cent(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9, BAG_HAM=9)
    number = await shop.place({"MUG": 1, "CAP": 1, "BAG": 1})
    charges = [
        {"kind": "shipping", "code": "express", "amount": cash("10.00")},
        {"kind": "discount", "code": "SORRY", "amount": cash("-5.00")},
    ]
    done = await edit(shop, number, charges=charges, method="express")
    assert (done["difference"], done["total"]) == (cash("5.00"), cash("35.00"))
    await shop.do("lines.cancel", order=number, reason="x")
    assert await owed(shop, number) == (3000, 0)
    await shop.check_books()
    rows = await shop.fetch("SELECT method FROM order_detail WHERE merchant_id = $1")
    assert rows == [{"method": "express"}]


async def test_address_date_and_priority(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 1}, risk=4)
    later = "2035-12-01T08:00:00+00:00"
    await edit(shop, number, ship_to={"country": "AT", "city": "Wien"}, ship_by=later, priority=7, method="bike")
    (order,) = await shop.fetch(
        "SELECT a.country, o.priority, o.ship_by::text AS ship_by FROM orders AS o JOIN address_version AS a ON a.id = o.ship_to_id"
        " WHERE o.merchant_id = $1"
    )
    assert (order["country"], order["priority"], order["ship_by"][:10]) == ("AT", 7, "2035-12-01")


async def test_what_is_added_and_not_there_is_refused_or_waits(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=1)
    number = await shop.place({"MUG": 1})
    caps = [{"sku": "CAP", "quantity": 3, "unit_price": cash("5.00")}]
    refused = await shop.refusal("orders.edit", order=number, reason="x", add=caps)
    assert refused["name"] == "insufficient_stock"
    await shop.allow_backorders()
    line = {"sku": "CAP", "location": "HAM", "quantity": 5, "due_at": "2035-12-03T08:00:00Z"}
    await shop.do("purchase-orders.place", supplier="Nord", lines=[line])
    done = await edit(shop, number, add=caps)
    assert (done["allocated"], done["stage"]) == (1, "backordered")
    assert [(each["line"], each["quantity"], each["promised_at"][:10]) for each in done["promises"]] == [
        (2, 2, "2035-12-03")
    ]
    fewer = await edit(shop, number, quantities=[{"line": 2, "quantity": 1}])
    assert (fewer["stage"], fewer["total"]) == ("to_release", cash("15.00"))


async def test_what_waits_for_one_edit_is_counted_together(shop: Shop) -> None:
    """Two new lines of one product, each within the limit and together above it."""
    await shop.stock_up(CAP_HAM=9, MUG_HAM=1)
    number = await shop.place({"CAP": 1, "MUG": 1})
    await shop.do("policies.set", name="may_backorder", value=True)
    await shop.do("policies.set", name="backorder_limit", value=5, sku="MUG")
    three = {"sku": "MUG", "quantity": 3, "unit_price": cash("10.00")}
    refused = await shop.refusal("orders.edit", order=number, reason="x", add=[three, three])
    assert (refused["name"], refused["facts"]) == ("backorder_limit", {"missing": 6, "waiting": 0, "limit": 5})
    await edit(shop, number, add=[three, {**three, "quantity": 2}])


async def test_units_are_taken_from_parcels_where_they_may_be_opened(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9)
    number = await shop.place({"MUG": 2, "CAP": 1})
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await edit(shop, number, quantities=[{"line": 1, "quantity": 1}], unpack=True)
    assert await shop.units(number) == {"cancelled": 1, "picked": 2}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"quantities": [{"line": 9, "quantity": 1}]}, "unknown_line"),
        ({"add": [{"sku": "NONE", "quantity": 1, "unit_price": cash("1")}]}, "unknown_sku"),
        ({"add": [{"sku": "MUG", "quantity": 1, "unit_price": {"amount": "1", "currency": "USD"}}]}, "other_currency"),
        ({"add": [{"sku": "SET", "quantity": 1, "unit_price": cash("1")}]}, "kit_as_it_is"),
        ({"charges": [{"kind": "discount", "code": "x", "amount": cash("-99")}]}, "negative_total"),
        ({"charges": [{"kind": "discount", "code": "x", "amount": cash("-99"), "line": 1}]}, "negative_total"),
    ],
)
async def test_an_edit_that_cannot_be(shop: Shop, fields: dict[str, Any], name: str) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_HAM=9, SET_HAM=0)
    await shop.do("kits.save", sku="SET", components=[{"sku": "MUG"}, {"sku": "CAP"}])
    number = await shop.place({"MUG": 2})
    assert (await shop.refusal("orders.edit", order=number, reason="x", **fields))["name"] == name
    await shop.do("orders.hold", order=number, stops=["edit"])
    refused = await shop.refusal("orders.edit", order=number, reason="x", ship_to={"country": "DE"})
    assert refused["name"] == "on_hold"


@pytest.mark.parametrize("seed", range(6))
async def test_random_edits_and_steps_keep_the_books(shop: Shop, seed: int) -> None:
    """Edits between the steps of a warehouse, and cancellations; in the end all that is left is cancelled, and nothing is owed for it."""
    chance = random.Random(seed)
    await shop.stock_up(MUG_HAM=20, CAP_HAM=20, CAP_MUC=20)
    number = await shop.place({"MUG": 4, "CAP": 3}, charges=[{"kind": "shipping", "code": "s", "amount": cash("4.99")}])
    shipped = 0
    for _ in range(12):
        lines = (await shop.fetch("SELECT max(number) AS n FROM order_line WHERE merchant_id = $1"))[0]["n"]
        line = chance.randint(1, lines)
        edits = [
            {"quantities": [{"line": line, "quantity": chance.randint(0, 5)}], "unpack": chance.random() < 0.5},
            {
                "add": [
                    {
                        "sku": chance.choice(["MUG", "CAP"]),
                        "quantity": chance.randint(1, 2),
                        "unit_price": cash("3.335"),
                    }
                ]
            },
            {"prices": [{"line": line, "unit_price": cash(f"{chance.randint(1, 20)}.01")}]},
            {"charges": [{"kind": "tax", "code": "t", "amount": cash("0.07")}]},
        ]
        steps: list[tuple[str, dict[str, Any]]] = [
            ("orders.release", {"order": number}),
            ("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F1"}),
            ("fulfillment-orders.pick", {"fulfillment_order": f"{number}-F2"}),
            ("parcels.pack", {"fulfillment_order": f"{number}-F1"}),
            ("parcels.ship", {"parcel": f"{number}-P1", "carrier": "DHL"}),
            ("lines.cancel", {"order": number, "reason": "x", "lines": [{"line": line, "quantity": 1}]}),
            ("fulfillment-orders.put-back", {"fulfillment_order": f"{number}-F1"}),
        ]
        await shop.batch("orders.edit", {"order": number, "reason": "x", **chance.choice(edits)})
        await shop.batch(*chance.choice(steps))
        await shop.check_books()
    await shop.batch("lines.cancel", {"order": number, "reason": "x", "unpack": True})
    (order,) = await shop.fetch(
        "SELECT in_transit, charged_minor + adjusted_minor AS owed FROM orders WHERE merchant_id = $1"
    )
    shipped = order["in_transit"]
    assert (order["owed"] == 0) == (shipped == 0)
    await shop.check_books()


async def test_edits_of_one_order_in_a_batch_are_the_same_as_one_by_one(shop: Shop, twin: Shop) -> None:
    """The first takes two away, the second asks for one of them again, the third for one more."""
    edits = [{"order": "1001", "reason": "x", "quantities": [{"line": 1, "quantity": 1}]}]
    edits += [{"order": "1001", "reason": "x", "quantities": [{"line": 1, "quantity": 2}]}]
    edits += [{"order": "1001", "reason": "x", "quantities": [{"line": 2, "quantity": 3}]}]
    for each in (shop, twin):
        await each.stock_up(MUG_HAM=9, CAP_MUC=9)
        await each.place({"MUG": 3, "CAP": 2})
    together = await shop.batch("orders.edit", *edits)
    apart = [(await twin.batch("orders.edit", fields))[0] for fields in edits]
    for one, other in zip(together, apart, strict=True):
        for outcome in (one, other):
            for line in outcome["lines"]:
                del line["sku_id"]
        assert one == other
    assert await shop.units("1001") == {"cancelled": 2, "allocated": 5}
    await shop.check_books()
