"""Random lives of money: promised, captured, cancelled, edited, refunded, disputed in any order, in three currencies.

Each step is one batch at one merchant and the same commands one by one at its twin; what they answer and what stands in the tables is the
same. In the end everything is given back, and every order has got and given the same cents.
"""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from lading.kernel import money

CURRENCIES = ("EUR", "JPY", "KWD")
PRICES = {"EUR": "9.99", "JPY": "1001", "KWD": "3.335"}
ADA = {"name": "Ada Meyer", "email": "ada@example.com"}
LEFT_OUT = ("order_id", "credit", "sku_id")
SUMS = """
SELECT o.number, o.version, o.currency, o.charged_minor, o.adjusted_minor, o.authorised_minor, o.captured_minor, o.refunded_minor,
       o.active_holds, o.stage,
       (SELECT array_agg((t.number, t.kind, t.authorised_minor, t.captured_minor, t.refunded_minor, t.authorising_minor, t.capturing_minor,
                          t.voiding_minor, t.refunding_minor, t.voided_minor, t.refused, t.requests, t.disputed_minor,
                          t.expected_minor, t.grows, t.beside)::text
                         ORDER BY t.number) FROM tender AS t WHERE t.merchant_id = $1 AND t.order_id = o.id) AS tenders
  FROM orders AS o WHERE o.merchant_id = $1 ORDER BY o.number
"""


class Life:
    """Two merchants who are told the same."""

    def __init__(self, shop: Any, twin: Any, seed: int) -> None:
        self.shop, self.twin, self.rng = shop, twin, Random(seed)
        self.currencies: dict[str, str] = {}

    async def begin(self) -> None:
        for each in (self.shop, self.twin):
            await each.do("policies.set", name="store_credit_days", value=365)
            await each.stock_up(MUG_HAM=99, CUP_HAM=99)
        for currency in CURRENCIES:
            tenders = [
                {
                    "kind": "card",
                    "provider": "acme",
                    "method": "pm_1",
                    "payer": "cus_1",
                    "amount": self.cash(currency, 4),
                },
                {"amount": self.cash(currency, 1)},
                {"kind": "bank_transfer", "amount": self.cash(currency, 1)},
            ]
            lines = [
                {"sku": sku, "quantity": units, "unit_price": {"amount": PRICES[currency], "currency": currency}}
                for sku, units in (("MUG", 3), ("CUP", 4))
            ]
            charges = [
                {"kind": kind, "code": kind, "amount": {"amount": f"{sign}{PRICES[currency]}", "currency": currency}}
                for kind, sign in (("discount", "-"), ("shipping", ""), ("tax", ""))
            ]
            fields = {"currency": currency, "lines": lines, "charges": charges, "tenders": tenders, "customer": ADA}
            (placed, _) = await self.both("orders.place", [self.shop.order({}, **fields)])
            self.currencies[str(placed[0]["number"])] = currency

    def cash(self, currency: str, times: int) -> dict[str, str]:
        minor = round(float(PRICES[currency]) * 10 ** (money.exponent(currency) or 0)) * times
        return {"amount": str(money.from_minor(minor, money.exponent(currency) or 0)), "currency": currency}

    def order(self) -> str:
        return self.rng.choice([*self.currencies])

    async def both(self, verb: str, commands: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], ...]:
        """As one batch, and one by one; the answers are the same."""
        batch = await self.shop.batch(verb, *commands)
        single = [(await self.twin.batch(verb, command))[0] for command in commands]
        assert [_plain(each) for each in batch] == [_plain(each) for each in single], verb
        return batch, single

    async def step(self) -> None:
        rng = self.rng
        verb = rng.choice(
            ["payments.authorise", "payments.capture", "payments.void", "payments.refund", "lines.cancel", "orders.edit", "payments.record",
             "payments.follow", "payments.dispute", *["payments.answer"] * 6]
        )  # fmt: skip
        if verb == "payments.answer":
            await self.both(verb, await self.answers())
            return
        await self.both(verb, [self.command(verb, self.order()) for _ in range(rng.randint(1, 4))])

    def command(self, verb: str, order: str) -> dict[str, Any]:
        rng, currency = self.rng, self.currencies[order]
        some = {"amount": self.cash(currency, rng.randint(1, 3))}
        match verb:
            case "payments.authorise":
                return {"order": order, "provider": "acme", "method": "pm_1", **rng.choice([{}, some])}
            case "payments.capture":
                return {"order": order, **rng.choice([{}, some])}
            case "payments.refund":
                to = rng.choice([{}, {"to": "store_credit"}, {"tender": rng.randint(1, 3)}])
                return {"order": order, **rng.choice([{}, some]), **to}
            case "payments.record":
                return {"order": order, "kind": "bank_transfer", **some}
            case "payments.dispute":
                taken = {"order": order, "tender": rng.randint(1, 3), "reason": "fraudulent", **some}
                return taken | {"reference": f"dp_{order}_{rng.randint(1, 3)}", "status": rng.choice(["open", "won"])}
            case "lines.cancel":
                return {"order": order, "reason": "other", "lines": [{"line": rng.randint(1, 2), "quantity": 1}]}
            case "orders.edit":
                changed = {"line": rng.randint(1, 2), "quantity": rng.randint(0, 5)}
                return {"order": order, "reason": "wish", "quantities": [changed]}
            case _:
                return {"order": order}

    async def answers(self) -> list[dict[str, Any]]:
        """What the provider says of some requests: of those that wait, and again of others."""
        rows = await self.shop.fetch(
            "SELECT o.number, r.tender_number, r.number AS request FROM payment_request AS r JOIN orders AS o"
            " ON o.merchant_id = $1 AND o.id = r.order_id WHERE r.merchant_id = $1 ORDER BY 1, 2, 3"
        )
        return [
            {"order": str(row["number"]), "tender": row["tender_number"], "request": row["request"], "reference": "x",
             "outcome": self.rng.choice(["succeeded", "succeeded", "succeeded", "failed", "waiting"]), "grows": self.rng.random() < 0.5}
            for row in self.rng.choices(rows, k=5)
        ]  # fmt: skip

    async def end(self) -> None:
        """Cancel all, close every dispute, let the provider do all that it is asked, and give back what is owed."""
        closing = []
        for row in await self.shop.fetch(
            "SELECT o.number, d.tender_number, d.reference, d.amount_minor, o.currency FROM dispute AS d JOIN orders AS o"
            " ON o.merchant_id = $1 AND o.id = d.order_id WHERE d.merchant_id = $1 AND d.status = 'open' ORDER BY 1, 2, 3"
        ):
            amount = money.from_minor(row["amount_minor"], money.exponent(row["currency"]) or 0)
            closing.append(
                {"order": str(row["number"]), "tender": row["tender_number"], "reference": row["reference"], "reason": "fraudulent",
                 "amount": {"amount": str(amount), "currency": row["currency"]}, "status": "won"}
            )  # fmt: skip
        if closing:
            await self.both("payments.dispute", closing)
        await self.both("lines.cancel", [{"order": each, "reason": "other"} for each in self.currencies])
        for _ in range(3):
            rows = await self.shop.fetch(
                "SELECT o.number, r.tender_number, r.number AS request FROM payment_request AS r JOIN orders AS o"
                " ON o.merchant_id = $1 AND o.id = r.order_id WHERE r.merchant_id = $1 AND r.status = 'pending' ORDER BY 1, 2, 3"
            )
            done = [
                {"order": str(row["number"]), "tender": row["tender_number"], "request": row["request"],
                 "outcome": "succeeded", "reference": "x"}
                for row in rows
            ]  # fmt: skip
            if done:
                await self.both("payments.answer", done)
            await self.both("payments.refund", [{"order": each} for each in self.currencies])

    async def compare(self) -> None:
        """The same sums at both; never more given back than taken."""
        ours, theirs = await self.shop.fetch(SUMS), await self.twin.fetch(SUMS)
        assert ours == theirs
        for each in ours:
            assert 0 <= each["refunded_minor"] <= each["captured_minor"] <= each["authorised_minor"]


def _plain(told: Any) -> Any:
    """Without what is each merchant's own."""
    if isinstance(told, list):
        return [_plain(each) for each in told]
    if isinstance(told, dict):
        return {name: _plain(value) for name, value in told.items() if name not in LEFT_OUT}
    return told


@pytest.mark.parametrize("seed", range(2))
async def test_any_sequence_ends_at_the_same_cents_in_batches_and_one_by_one(shop: Any, twin: Any, seed: int) -> None:
    life = Life(shop, twin, seed)
    await life.begin()
    for _ in range(30):
        await life.step()
    await life.compare()
    await life.end()
    await life.compare()
    for row in await shop.fetch(SUMS):
        assert row["charged_minor"] + row["adjusted_minor"] == 0, "nothing is left that costs something"
        assert row["captured_minor"] == row["refunded_minor"], "and all that was taken went back"
    accounts = await shop.fetch(
        "SELECT currency, sum(CASE side WHEN 'd' THEN minor ELSE -minor END)::bigint AS left, account FROM ("
        " SELECT debit AS account, currency, amount_minor AS minor, 'd' AS side FROM money_posting WHERE merchant_id = $1"
        " UNION ALL SELECT credit, currency, amount_minor, 'c' FROM money_posting WHERE merchant_id = $1) AS ends"
        " GROUP BY currency, account"
    )
    for currency in CURRENCIES:
        mine = {row["account"]: row["left"] for row in accounts if row["currency"] == currency}
        assert sum(mine.values()) == 0
        assert mine["receivable"] == 0 and mine.get("disputed", 0) == 0
        kept = -mine.get("tender:store_credit", 0)
        assert sum(left for name, left in mine.items() if name.startswith("tender:")) == 0
        assert kept == sum(
            left
            for name, left in mine.items()
            if name in ("tender:card", "tender:paid_elsewhere", "tender:bank_transfer")
        )
    await shop.check_books()
    await twin.check_books()
