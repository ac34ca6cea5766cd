"""Taxes that a service knows: asked before an order is written, charged later where it was away, and what it records of invoices."""

from __future__ import annotations

from decimal import Decimal

from tests.operations.conftest import Shop
from tests.operations.test_calculated_taxes import IN_NEW_YORK, balances, charge, edit, eur, shown, told
from tests.twins import taxed

FROM_HAM = {"postal_code": "20457", "city": "Hamburg", "line1": "Kai 1"}
STATE, CITY = ("NY STATE TAX", "1.20", "4"), ("NY CITY TAX", "1.35", "4.5")


async def holds(shop: Shop, number: str) -> list[tuple[str, str | None]]:
    rows = await shop.fetch(
        "SELECT h.kind, h.reason FROM hold AS h JOIN orders AS o ON o.merchant_id = $1 AND o.id = h.order_id"
        " WHERE h.merchant_id = $1 AND o.number = $2 AND h.released_at IS NULL",
        int(number),
    )
    return [(row["kind"], row["reason"]) for row in rows]


async def requests(shop: Shop) -> list[tuple[str, int, str, str | None]]:
    rows = await shop.fetch("SELECT * FROM tax_request WHERE merchant_id = $1 ORDER BY asked_at, task, document")
    return [(row["task"], row["document"], row["status"], row["code"]) for row in rows]


async def test_an_order_is_taxed_by_the_service_before_it_is_written_and_its_edits_too(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    await shop.do(
        "locations.save",
        code="HAM",
        name="HAM",
        kind="warehouse",
        country="DE",
        time_zone="Europe/Berlin",
        address=FROM_HAM,
    )
    async with taxed(shop) as there:
        asked = shop.order({"MUG": 3}, ship_to=IN_NEW_YORK, charges=[charge("shipping", "10.00")])
        (preview,) = await shop.preview("orders.place", [shop.envelope("orders.place", asked)])
        first, second = await shop.batch("orders.place", asked, asked)
        assert preview["total"] == first["total"] == second["total"] == eur("43.55") and first["holds"] == []
        assert len(there.company.calls) == 2, "the same question is asked once a batch: in the dry run, and placing two"
        (_, path, body) = there.company.calls[-1]
        assert (path, body["type"], body["lines"][0]["addresses"]["shipFrom"]["city"]) == (
            "/api/v2/transactions/create", "SalesOrder", "Hamburg",
        )  # fmt: skip
        assert [each[:3] for each in told(await shown(shop, first["number"]))][:3] == [
            CITY, ("NY SPECIAL TAX", "0.11", "0.375"), STATE,
        ]  # fmt: skip
        assert (await balances(shop, first["number"]))["tax"] == "-3.55" and there.company.documents == {}
        done = await edit(shop, first["number"], ship_to={"country": "US", "region": "WA", "postal_code": "98101"})
        assert (done["total"], done["tax_difference"]) == (eur("44.15"), eur("0.60"))  # 10.35 % of 40.00 less 3.55
        there.company.dials.is_down = True
        refusal = await shop.refusal("orders.edit", order=first["number"], reason="x", ship_to=IN_NEW_YORK)
        assert refusal["name"] == "taxes_unknown", "an edit is never charged by halves"
        refusal = await shop.refusal("lines.address", order=first["number"], lines=[1], ship_to=IN_NEW_YORK)
        assert refusal["name"] == "taxes_unknown"
        await shop.check_books()


async def test_an_order_waits_on_hold_for_a_service_that_is_away_and_is_taxed_to_the_cent_later(shop: Shop) -> None:
    """Three orders of three units, of which none, one and all are cancelled before the service answers."""
    await shop.stock_up(MUG_HAM=50)
    async with taxed(shop) as there:
        there.company.dials.is_down = True
        door = [{"kind": "cash_on_delivery", "amount": eur("30.00")}]
        order = shop.order({"MUG": 3}, ship_to=IN_NEW_YORK, tenders=door)
        placed = await shop.batch("orders.place", order, order, order)
        whole, part, none = numbers = [each["number"] for each in placed]
        assert [(each["total"], each["holds"]) for each in placed] == [(eur("30.00"), ["awaiting_taxes"])] * 3
        assert await holds(shop, whole) == [("awaiting_taxes", "service_away")]
        assert (await shop.refusal("orders.release", order=whole))["name"] == "on_hold"
        await shop.do("lines.cancel", order=part, reason="x", lines=[{"line": 1, "quantity": 1}])
        await shop.do("lines.cancel", order=none, reason="x")
        assert await there.work_later() == 3
        assert sorted(each[2] for each in await requests(shop)) == ["pending", "pending", "succeeded"], (
            "nothing to ask of one"
        )
        there.company.dials.is_down = False
        assert await there.work_later() == 2 and await there.work_later() == 0
        assert await requests(shop) == [("calculate", 0, "succeeded", None)] * 3
        assert [(await shown(shop, each)).money.total.amount for each in numbers] == ["32.66", "21.77", "0.00"]
        assert [await holds(shop, each) for each in numbers] == [[], [], []]
        await shop.check_books()
        await shop.batch("lines.cancel", {"order": whole, "reason": "x"}, {"order": part, "reason": "x"})
        assert [await balances(shop, each) for each in numbers] == [{}, {}, {}]
        assert (await shop.refusal("orders.tax", order=whole))["name"] == "taxes_not_awaited"
        await shop.check_books()


async def test_by_policy_an_order_is_refused_where_nobody_tells_its_taxes_and_the_others_of_its_batch_are_placed(
    shop: Shop,
) -> None:
    await shop.stock_up(MUG_HAM=4)
    await shop.do("channels.save", code="shop", name="Shop")
    async with taxed(shop) as there:
        await shop.do("policies.set", name="tax_service_away", value="refuse", channel="web")
        refused, placed = await shop.batch(
            "orders.place",
            shop.order({"MUG": 3}, ship_to={"country": "US"}),
            shop.order({"MUG": 3}, channel="shop"),
        )
        assert (refused["name"], placed["total"]) == ("taxes_unknown", eur("30.00")), "and left its stock to them"
        assert "AddressIncomplete" in refused["message"]
        await shop.do("policies.set", name="tax_service", value="nobody", channel="web")
        assert "no_service" in (await shop.refusal("orders.place", **shop.order({"MUG": 1})))["message"]
        assert there.company.documents == {}
        await shop.check_books()


async def test_what_was_invoiced_is_recorded_once_and_a_return_names_its_invoice(shop: Shop) -> None:
    await shop.stock_up(MUG_HAM=50)
    async with taxed(shop) as there:
        number = await shop.place({"MUG": 3}, ship_to=IN_NEW_YORK, charges=[charge("shipping", "10.00")])
        await shop.do("invoices.issue", order=number, bill="all")
        there.company.dials.answers = ["lost", "down"]
        for _ in range(3):
            await there.work_later()
        assert await requests(shop) == [("record", 1, "succeeded", None)]
        kept = there.company.documents["INV-000001", "SalesInvoice"]
        assert (kept["totalTax"], kept["totalAmount"], kept["status"]) == (
            Decimal("3.55"),
            Decimal("40.00"),
            "Committed",
        )
        await shop.do("lines.cancel", order=number, reason="x", lines=[{"line": 1, "quantity": 1}])
        await shop.do("invoices.issue", order=number, bill="all")
        there.company.code = "OTHER"
        await there.work_later()
        assert await requests(shop) == [
            ("record", 1, "succeeded", None),
            ("record", 2, "failed", "CompanyNotFoundError"),
        ]
        there.company.code = "DEFAULT"
        assert (await shop.refusal("tax-records.repeat", order=number, document=1))["name"] == "tax_record_not_failed"
        assert (await shop.do("tax-records.repeat", order=number, document=2))["status"] == "pending"
        await there.work_later()
        credit = there.company.documents["CN-000001", "ReturnInvoice"]
        assert credit["referenceCode"] == "INV-000001"
        left = await shown(shop, number)
        taxes = sum(each["totalTax"] for each in there.company.documents.values())
        whole = sum(each["totalAmount"] for each in there.company.documents.values()) + taxes
        assert (str(whole), str(taxes)) == (
            left.money.total.amount,
            str(-Decimal((await balances(shop, number))["tax"])),
        )
        await shop.check_books()
