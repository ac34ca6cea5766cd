"""What a merchant says to a bank that took money back: evidence put together from the order, passed on by the deadline, or giving in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lading.adapters.payments.twin import close_dispute, open_dispute
from lading.entrypoints.files import Files
from lading.entrypoints.paying import Accounts
from lading.entrypoints.worker.disputing import Disputes
from lading.views.payment_troubles import DisputesQuery, disputes
from tests.operations.test_calculated_taxes import balances
from tests.operations.test_payments import placed
from tests.twins import Paid
from tests.twins import paid as at_the_twin

WORDS = "The neighbor signed for it."


@dataclass
class Disputed:
    """An order of 40.00 whose bank took it back; what the twin knows of it."""

    there: Paid
    files: Files
    number: str
    dispute: dict[str, Any]
    ahead: timedelta = timedelta()

    @property
    def named(self) -> dict[str, Any]:
        return {"order": self.number, "tender": 1, "reference": self.dispute["id"]}

    async def pass_on(self) -> int:
        """What is due is passed on, as if hours had passed."""
        self.ahead += timedelta(hours=2)
        shop = self.there.shop
        worker = Disputes(shop.database, shop.executor, Accounts(providers={"acme": self.there.stripe}), self.files)
        return await worker.call(shop.merchant_id, "shop", datetime.now(UTC) + self.ahead)

    async def unanswered(self) -> list[str]:
        async with self.there.shop.database.read(self.there.shop.merchant_id) as tx:
            return [each.reference for each in (await disputes(tx, DisputesQuery(status="unanswered"))).items]

    async def told(self) -> list[tuple[str, str, str | None]]:
        rows = await self.there.shop.fetch("SELECT * FROM dispute_answer WHERE merchant_id = $1 ORDER BY number")
        return [(row["task"], row["status"], row["code"]) for row in rows]


@pytest.fixture
async def disputed(shop: Any, tmp_path: Path) -> AsyncIterator[Disputed]:
    async with at_the_twin(shop) as there:
        customer = {"name": "Ada Meyer", "email": "ada@example.com"}
        home = {"country": "DE", "name": "Ada Meyer", "line1": "Elbweg 7", "city": "Hamburg", "postal_code": "20457"}
        number = await placed(shop, customer=customer, ship_to=home)
        await shop.do("payments.authorise", order=number, provider="acme", method="pm_card_visa")
        await there.work()
        await shop.do("payments.capture", order=number)
        await there.work()
        await there.deliver()
        (intent,) = there.account.intents
        yield Disputed(there, Files(tmp_path, shop.database), number, open_dispute(there.account, intent, 4000))


async def sent_and_billed(shop: Any, number: str) -> None:
    """It leaves before the bank says anything, is delivered and billed."""
    await shop.do("orders.release", order=number)
    await shop.do("fulfillment-orders.pick", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.pack", fulfillment_order=f"{number}-F1")
    await shop.do("parcels.ship", parcel=f"{number}-P1", carrier="DHL", tracking_number="JD0001")
    await shop.do("parcels.track", parcel=f"{number}-P1", status="delivered", occurred_at="2026-11-20T10:30:00Z")
    await shop.do("invoices.issue", order=number, bill="all")


async def one(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_evidence_is_put_together_from_the_order_and_counts_once_whatever_goes_wrong(disputed: Disputed) -> None:
    there, shop, number = disputed.there, disputed.there.shop, disputed.number
    await sent_and_billed(shop, number)
    await there.deliver()
    mail = await disputed.files.keep(shop.merchant_id, one(b"%PDF-1.4 a mail"), "application/pdf")
    assert await disputed.unanswered() == [disputed.dispute["id"]]
    given = {"words": WORDS, "files": [{"sha256": mail.sha256, "purpose": "customer_communication"}]}
    (preview,) = await shop.preview("disputes.answer", [shop.envelope("disputes.answer", disputed.named | given)])
    answered = await shop.do("disputes.answer", **disputed.named, **given)
    assert answered == preview
    assert [(each["what"], each["name"]) for each in answered["evidence"]] == [
        ("parcel", f"{number}-P1"), ("invoice", "INV-000001"), ("file", "customer_communication"), ("words", ""),
    ]  # fmt: skip
    assert answered["evidence"][0]["tracking"] == "DHL JD0001" and answered["evidence"][0]["delivered_at"]
    assert await disputed.unanswered() == []
    refusal = await shop.refusal("disputes.accept", **disputed.named)
    assert refusal["name"] == "answer_to_dispute_awaited"
    there.account.dials.answers = ["down", "ok", "ok", "lost"]
    for _ in range(3):
        await disputed.pass_on()
    assert await disputed.told() == [("evidence", "succeeded", None)] and await disputed.pass_on() == 0
    known = there.account.disputes[disputed.dispute["id"]]
    evidence = known["evidence"]
    assert (known["status"], known["evidence_details"]["submission_count"]) == ("under_review", 1)
    assert evidence["uncategorized_text"] == f"{WORDS}\nDHL JD0001 was delivered on 2026-11-20 at 10:30 UTC."
    assert evidence["shipping_address"] == "Ada Meyer, Elbweg 7, 20457, Hamburg, DE"
    assert (evidence["customer_name"], evidence["shipping_tracking_number"]) == ("Ada Meyer", "JD0001")
    assert evidence["product_description"] == "4 × MUG"
    named = {there.account.files[evidence[each]]["filename"] for each in ("receipt", "customer_communication")}
    assert named == {"invoice-INV-000001.pdf", "customer_communication.pdf"}
    assert (await shop.refusal("disputes.answer", **disputed.named, words="More."))[
        "name"
    ] == "dispute_answered_already"
    journal = await shop.fetch("SELECT data::text AS data FROM event WHERE merchant_id = $1")
    assert not any("neighbor" in row["data"] for row in journal), "what people write is never in the journal"
    close_dispute(there.account, known, "won")
    await there.deliver()
    assert await balances(shop, number) == {"sales": "-40.00", "tender:card": "40.00"}
    assert (await shop.refusal("disputes.answer", **disputed.named))["name"] == "dispute_closed"
    await shop.check_books()


async def test_who_gives_in_has_lost_and_the_money_is_an_expense_once(disputed: Disputed) -> None:
    there, shop = disputed.there, disputed.there.shop
    await there.deliver()
    assert (await shop.refusal("disputes.answer", **disputed.named))["name"] == "nothing_to_show"
    wrong = {"files": [{"sha256": "0" * 64}]}
    assert (await shop.refusal("disputes.answer", **disputed.named, **wrong))["name"] == "unknown_file"
    await shop.do("disputes.accept", **disputed.named)
    there.account.dials.answers, there.account.dials.webhooks_twice = ["lost"], True
    await disputed.pass_on()
    assert await disputed.told() == [("accept", "pending", None)]
    await disputed.pass_on()
    assert await disputed.told() == [("accept", "succeeded", None)]
    for _ in range(2):
        assert await balances(shop, disputed.number) == {"chargebacks": "40.00", "sales": "-40.00"}
        await there.deliver()
    await shop.check_books()


async def test_a_bank_that_decides_while_it_is_answered_is_heard_and_the_answer_says_why_not(
    disputed: Disputed,
) -> None:
    """The webhook and the answer meet: both orders end at the same cents, and evidence that came too late is no success."""
    there, shop = disputed.there, disputed.there.shop
    await there.deliver()
    await shop.do("disputes.answer", **disputed.named, words=WORDS)
    close_dispute(there.account, disputed.dispute, "lost")
    await asyncio.gather(there.deliver(), disputed.pass_on())
    assert await disputed.told() == [("evidence", "failed", "dispute_not_open")]
    assert await balances(shop, disputed.number) == {"chargebacks": "40.00", "sales": "-40.00"}
    assert await disputed.unanswered() == []
    await shop.check_books()


async def test_evidence_that_comes_after_the_deadline_is_refused(disputed: Disputed) -> None:
    there, shop = disputed.there, disputed.there.shop
    disputed.dispute["evidence_details"]["due_by"] = int(datetime(2026, 1, 2, tzinfo=UTC).timestamp())
    there.account.events.clear()
    there.account.tell("charge.dispute.created", disputed.dispute)
    await there.deliver()
    refusal = await shop.refusal("disputes.answer", **disputed.named, words=WORDS)
    assert refusal["message"].endswith("was taken until 2026-01-02 00:00 UTC.")
