"""Edits in two steps: prepared with a preview that is kept, then done exactly as shown, or dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lading.entrypoints.worker import over
from lading.views import edits as views
from tests.operations.conftest import Shop

EUR = "EUR"


def cash(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": EUR}


async def begin(shop: Shop, number: str, **fields: Any) -> dict[str, Any]:
    """What the edit would do, kept under a name."""
    return await shop.do("edits.begin", order=number, reason="customer_request", **fields)


async def version(shop: Shop, number: str) -> int:
    (row,) = await shop.fetch("SELECT version FROM orders WHERE merchant_id = $1 AND number = $2", int(number))
    return int(row["version"])


async def test_what_was_prepared_is_done_as_it_was_shown(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9, CAP_MUC=9)
    number = await shop.place({"MUG": 3})
    caps = [{"sku": "CAP", "quantity": 2, "unit_price": cash("5.00")}]
    place = {"name": "Ina Kreft", "line1": "Am Ring 1", "city": "Wien", "country": "AT"}
    begun = await begin(shop, number, quantities=[{"line": 1, "quantity": 1}], add=caps, ship_to=place, method="bike")
    preview = begun["preview"]
    assert (begun["edit"], preview["difference"], preview["due"]) == (f"{number}-E1", cash("-10.00"), cash("20.00"))
    assert (await version(shop, number), await shop.units(number)) == (1, {"allocated": 3})
    await shop.check_books()
    assert await shop.do("edits.confirm", edit=begun["edit"]) == preview
    assert (await version(shop, number), await shop.units(number)) == (2, {"cancelled": 2, "allocated": 3})
    (row,) = await shop.fetch(
        "SELECT a.line1, a.country FROM orders AS o JOIN address_version AS a ON a.id = o.ship_to_id WHERE o.merchant_id = $1"
    )
    assert row == {"line1": "Am Ring 1", "country": "AT"}
    assert (await shop.refusal("edits.confirm", edit=begun["edit"]))["name"] == "edit_closed"
    assert (await shop.refusal("edits.drop", edit=begun["edit"]))["name"] == "edit_closed"
    await shop.check_books()


async def test_nothing_of_a_person_stands_in_the_journal_or_beside_it(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 1})
    await begin(shop, number, ship_to={"name": "Ina Kreft", "line1": "Am Ring 1", "country": "AT"})
    for what in ("data::text AS t FROM event", "outcome::text AS t FROM command", "fields::text AS t FROM order_edit"):
        rows = await shop.fetch(f"SELECT {what} WHERE merchant_id = $1")
        assert rows and not [row for row in rows if "Kreft" in row["t"] or "Ring" in row["t"]]


async def test_it_is_refused_where_the_order_changed_since(shop: Shop) -> None:
    """The order was edited by somebody else; of two edits that were prepared, only one is done."""
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 3})
    first, second = [(await begin(shop, number, method=method))["edit"] for method in ("bike", "van")]
    await shop.do("edits.confirm", edit=first)
    refused = await shop.refusal("edits.confirm", edit=second)
    assert refused["name"] == "changed_since_preview"
    assert f"order {number} has version 2 by now, the preview was made on 1." in refused["message"]
    await shop.do("edits.drop", edit=second, reason="outdated")
    assert await shop.do("edits.drop", edit=second) == {"edit": second}
    rows = await shop.fetch("SELECT method FROM order_detail WHERE merchant_id = $1")
    assert rows == [{"method": "bike"}]
    await shop.check_books()


async def test_it_is_refused_where_the_stock_changed_since(shop: Shop) -> None:
    """The order is as it was; but what would be added came from Hamburg, and is in Munich only by now, or nowhere."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=2)
    number = await shop.place({"MUG": 1})
    caps = [{"sku": "CAP", "quantity": 2, "unit_price": cash("5.00")}]
    edit = (await begin(shop, number, add=caps))["edit"]
    other = await shop.place({"CAP": 1})
    refused = await shop.refusal("edits.confirm", edit=edit)
    assert (refused["name"], await version(shop, number)) == ("changed_since_preview", 1)
    assert "CAP" in refused["message"]
    await shop.allow_backorders()
    refused = await shop.refusal("edits.confirm", edit=edit)
    assert "allocated, promises, sourcing, stage would differ." in refused["message"]
    assert await shop.units(number) == {"allocated": 1}
    await shop.do("lines.cancel", order=other, reason="x")
    assert (await shop.do("edits.confirm", edit=edit))["allocated"] == 2
    await shop.check_books()


async def test_what_is_only_prepared_takes_nothing(shop: Shop) -> None:
    """Two orders may prepare the same last unit, also in one batch: the first to confirm gets it."""
    await shop.stock_up(MUG_HAM=9, CAP_HAM=1)
    cap = [{"sku": "CAP", "quantity": 1, "unit_price": cash("5.00")}]
    numbers = [await shop.place({"MUG": 1}) for _ in range(2)]
    begun = await shop.batch("edits.begin", *({"order": number, "reason": "x", "add": cap} for number in numbers))
    assert [each["preview"]["allocated"] for each in begun] == [1, 1]
    first, second = await shop.batch("edits.confirm", *({"edit": each["edit"]} for each in reversed(begun)))
    assert first["order"] == numbers[1]
    assert second["name"] == "changed_since_preview"
    await shop.check_books()


async def test_an_edit_that_cannot_be_is_not_prepared(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 1})
    refused = await shop.refusal("edits.begin", order=number, reason="x", quantities=[{"line": 9, "quantity": 1}])
    assert refused["name"] == "unknown_line"
    assert (await shop.refusal("edits.confirm", edit=f"{number}-E1"))["name"] == "unknown_edit"
    assert (await shop.refusal("edits.drop", edit="99999-E1"))["name"] == "unknown_edit"
    edit = (await begin(shop, number, method="bike"))["edit"]
    await shop.do("orders.hold", order=number, stops=["edit"])
    assert (await shop.refusal("edits.confirm", edit=edit))["name"] == "changed_since_preview"


async def test_what_nobody_confirms_is_over_some_day(shop: Shop) -> None:
    """By policy after a week, or when it was said; from then on it is refused, and the worker drops it."""
    await shop.stock_up(MUG_HAM=9)
    number = await shop.place({"MUG": 1})
    first = (await begin(shop, number, method="bike"))["edit"]
    soon = datetime.now(UTC) + timedelta(hours=1)
    second = (await begin(shop, number, method="van", expires_at=soon.isoformat()))["edit"]
    await shop.do("policies.set", name="edit_days", value=30)
    third = (await begin(shop, number, method="cart"))["edit"]
    past = await shop.refusal("edits.begin", order=number, reason="x", method="x", expires_at="2020-01-01T00:00:00Z")
    assert past["name"] == "in_past"
    async with shop.database.read(shop.merchant_id) as tx:
        waiting = (await views.edits(tx, views.EditsQuery())).items
    days = [each.expires_at and round((each.expires_at - each.begun_at) / timedelta(days=1), 2) for each in waiting]
    assert days == [7.0, 0.04, 30.0]
    shop.executor._clock = lambda: soon
    assert (await shop.refusal("edits.confirm", edit=second))["name"] == "edit_over"
    assert await over.EDITS.end(shop.database, shop.executor, shop.merchant_id, soon) == 1
    assert await over.EDITS.end(shop.database, shop.executor, shop.merchant_id, soon) == 0
    rows = await shop.fetch("SELECT number, status FROM order_edit WHERE merchant_id = $1 ORDER BY number")
    assert [row["status"] for row in rows] == ["begun", "dropped", "begun"]
    assert (await shop.do("edits.confirm", edit=third))["version"] == 2
    assert first == f"{number}-E1"
    await shop.check_books()
